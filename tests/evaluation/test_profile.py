"""Profiling: one answer per task and stage, what is remembered of it, and what is not."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import PurePosixPath

import pytest

from fakes import FASTER, PASSED, failed, task
from perforch.core.errors import SandboxUnavailable, UsageError
from perforch.core.proposal import Attempt, NoProposal, Proposal, Reason
from perforch.core.task import Request, Stage
from perforch.core.verdict import Fault, Verdict
from perforch.evaluation.profile import (
    Job,
    Opened,
    Outcome,
    Plan,
    Result,
    Unanswered,
    default_stages,
    jobs_of,
    observation,
    profile,
    stubbed,
)
from perforch.evaluation.profile_report import ProfileReport, as_json, as_table, stage_reports
from perforch.evaluation.suites_task import SuiteTask
from perforch.pipeline import Policy

COFFE = "efficiency-coffe-python"
FILE = PurePosixPath("solution.py")
TEXT = 'def helper():\n    return 1\n\n\ndef twice(n):\n    """Double it."""\n    m = n + 2\n    return m\n'
BOTH = (Stage.GENERATE, Stage.FIX)
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def suite_task(name: str = "t1") -> SuiteTask:
    return SuiteTask(name, "python", {FILE: TEXT}, FILE, "twice", "", "", "")


@dataclass
class Script:
    """A product whose attempts are given by stage; it remembers what it was asked."""

    verdicts: dict[Stage, list[Verdict]]
    asked: list[tuple[Stage, Policy, str]] = field(default_factory=list)

    async def solve(self, request: Request, policy: Policy) -> Proposal | NoProposal:
        self.asked.append((request.stage, policy, (request.workspace.root / FILE).read_text(encoding="utf-8")))
        trail = tuple(
            Attempt("m", stage, None, verdict, 0.01, 2.0) for stage in Stage for verdict in self.verdicts.get(stage, [])
        )
        return NoProposal(Reason("nothing-proven", "nothing was proven"), task(request.stage) if trail else None, trail)

    @property
    def opened(self) -> Opened:
        @asynccontextmanager
        async def opened() -> AsyncIterator[object]:
            yield self.solve

        return opened  # type: ignore[return-value]  # the generator's type is wider than what it yields


async def results(verdicts: dict[Stage, list[Verdict]], start: Stage = Stage.GENERATE) -> list[Result]:
    found: list[Result] = []
    plan = Plan("humaneval-x", BOTH, 5.0)
    await profile([Job(suite_task(), start)], plan, Script(verdicts).opened, 1, found.extend)
    return found


async def test_every_stage_that_was_tried_is_an_outcome_and_a_fixed_draft_says_so() -> None:
    draft, fixed = await results({Stage.GENERATE: [failed("t1")], Stage.FIX: [PASSED]})
    assert isinstance(draft, Outcome)
    assert isinstance(fixed, Outcome)
    assert [(one.stage, one.success, one.is_of_draft) for one in (draft, fixed)] == [
        (Stage.GENERATE, False, False),
        (Stage.FIX, True, True),
    ]
    kept = [observation(one, "m", "humaneval-x", NOW) for one in (draft, fixed)]
    assert [(one.place.stage, one.success, one.after, one.task) for one in kept] == [
        (Stage.GENERATE, False, 0, "humaneval-x/t1"),
        (Stage.FIX, True, 1, "humaneval-x/t1"),
    ]
    assert (kept[0].model, kept[0].source, kept[0].date) == ("m", "humaneval-x", "2026-01-02T03:04:05+00:00")


async def test_several_readings_of_one_answer_are_one_trial() -> None:
    (one,) = await results({Stage.GENERATE: [failed("t1"), PASSED]})
    assert isinstance(one, Outcome)
    assert (one.success, one.cost_usd, one.seconds) == (True, 0.02, 2.0)


@pytest.mark.parametrize("fault", [Fault.PROVIDER, Fault.ENVIRONMENT])
async def test_a_call_that_failed_says_nothing_of_the_models_skill(fault: Fault) -> None:
    (one,) = await results({Stage.GENERATE: [failed(fault=fault)]})
    assert isinstance(one, Unanswered)


async def test_an_answer_that_cannot_be_read_is_the_models_failure() -> None:
    (one,) = await results({Stage.GENERATE: [failed(fault=Fault.PARSE)]})
    assert isinstance(one, Outcome)
    assert not one.success


async def test_a_task_that_cannot_be_worked_on_is_told_with_its_reason() -> None:
    (one,) = await results({})
    assert isinstance(one, Unanswered)
    assert one.why == "nothing was proven"


@pytest.mark.parametrize(
    ("suite", "stages", "start", "tries"),
    [
        ("humaneval-x", BOTH, Stage.GENERATE, (1, 1)),
        ("humaneval-x", (Stage.GENERATE,), Stage.GENERATE, (1, 0)),
        ("humanevalfix", BOTH, Stage.GENERATE, (1, 0)),
        ("humanevalfix", BOTH, Stage.FIX, (1, 1)),
        (COFFE, (Stage.REFINE,), Stage.REFINE, (1, 0)),
    ],
)
def test_drafts_are_fixed_only_where_there_are_no_bugs_to_fix(
    suite: str, stages: tuple[Stage, ...], start: Stage, tries: tuple[int, int]
) -> None:
    policy = Plan(suite, stages, 5.0).policy(start)
    assert (policy.generate_tries, policy.fix_tries) == tries


@pytest.mark.parametrize(
    ("suite", "stages", "expected"),
    [
        ("humaneval-x", BOTH, "generate"),
        ("humanevalfix", BOTH, "generate fix"),
        ("humanevalfix", (Stage.FIX,), "fix"),
        (COFFE, (Stage.REFINE,), "refine"),
    ],
)
def test_a_suites_tasks_are_worked_on_once_per_stage_that_they_start_at(
    suite: str, stages: Sequence[Stage], expected: str
) -> None:
    assert " ".join(job.stage for job in jobs_of(suite, [suite_task()], stages)) == expected


@pytest.mark.parametrize(
    ("suite", "stage", "message"),
    [
        ("quixbugs", Stage.FIX, "takes one of"),
        ("humaneval-x", Stage.FIX, "humanevalfix"),
        ("humanevalfix", Stage.REFINE, f"use {COFFE}"),
        (COFFE, Stage.GENERATE, "use humaneval-x, humanevalfix"),
    ],
)
def test_what_a_suite_cannot_tell_is_the_users_error(suite: str, stage: Stage, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        jobs_of(suite, [suite_task()], [stage])


async def test_optimize_starts_from_the_working_program_and_its_gain_is_remembered() -> None:
    script = Script({Stage.REFINE: [failed(fault=Fault.NOT_FASTER), replace(PASSED, comparison=FASTER)]})
    found: list[Result] = []
    jobs = jobs_of(COFFE, [suite_task()], default_stages(COFFE))
    plan = Plan(COFFE, default_stages(COFFE), 5.0)
    await profile(jobs, plan, script.opened, 1, found.extend)
    ((stage, policy, text),) = script.asked
    assert (stage, policy.refine_tries, text) == (Stage.REFINE, 1, TEXT)
    (one,) = found
    assert isinstance(one, Outcome)
    kept = observation(one, "m", COFFE, NOW)
    assert (kept.place.stage, kept.success, kept.gain, kept.task) == (Stage.REFINE, True, 2.0, f"{COFFE}/t1")
    report = ProfileReport(COFFE, "python", 1.0, {"m": stage_reports(found)}, 1)
    figures = as_json(report)["models"]
    assert isinstance(figures, dict)
    assert (figures["m"]["refine@1"]["share"], figures["m"]["refine@1"]["median_gain"]) == (1.0, 2.0)
    assert "divided by 2.00" in as_table(report)


async def test_generate_starts_from_a_stub_and_fix_from_the_bug() -> None:
    script = Script({})
    jobs = jobs_of("humanevalfix", [suite_task()], BOTH)
    await profile(jobs, Plan("humanevalfix", BOTH, 5.0), script.opened, 1, lambda _: None)
    stub = TEXT.replace("    m = n + 2\n    return m\n", "    raise NotImplementedError\n")
    assert [(stage, text) for stage, _, text in script.asked] == [(Stage.GENERATE, stub), (Stage.FIX, TEXT)]


@pytest.mark.parametrize(
    ("text", "stub"),
    [
        ("def f(n):\n    return n\n", "def f(n):\n    raise NotImplementedError\n"),
        ('def f(n):\n    "d"\n    return n\n\nX = 1\n', 'def f(n):\n    "d"\n    raise NotImplementedError\n\nX = 1\n'),
        ('def f(n):\n    "d"\n', 'def f(n):\n    "d"\n    raise NotImplementedError\n'),
        ("def f(\n    n,\n):\n  return (\n    n)\n", "def f(\n    n,\n):\n  raise NotImplementedError\n"),
    ],
)
def test_a_stub_keeps_all_but_the_statements(text: str, stub: str) -> None:
    assert stubbed(replace(suite_task(), files={FILE: text})).files == {FILE: stub}


async def test_what_keeps_the_product_from_opening_is_told_once() -> None:
    @asynccontextmanager
    async def opened() -> AsyncIterator[object]:
        raise SandboxUnavailable("no sandbox here")
        yield

    plan, jobs = Plan("humaneval-x", BOTH, 5.0), [Job(suite_task(), Stage.GENERATE)] * 3
    with pytest.raises(SandboxUnavailable, match="no sandbox"):
        await profile(jobs, plan, opened, 2, lambda _: None)  # type: ignore[arg-type]  # never yields a solver


async def test_the_report_counts_answers_and_tells_how_sure_they_make_us() -> None:
    found = [*await results({Stage.GENERATE: [failed("t1")], Stage.FIX: [PASSED]})] * 3
    found += await results({Stage.GENERATE: [failed(fault=Fault.PROVIDER)]})
    report = ProfileReport("humaneval-x", "python", 1.0, {"m": stage_reports(found)}, 6)
    figures = as_json(report)["models"]
    assert isinstance(figures, dict)
    generate, fix = figures["m"]["pass@1"], figures["m"]["fix@1"]
    assert (generate["successes"], generate["trials"], generate["unanswered"], generate["share"]) == (0, 3, 1, 0.0)
    assert (fix["successes"], fix["trials"], fix["unanswered"], fix["share"]) == (3, 3, 0, 1.0)
    assert (fix["low"], generate["high"]) == pytest.approx((0.05**0.25, 1 - 0.05**0.25))  # of Beta(4, 1), Beta(1, 4)
    text = as_table(report)
    assert "3 of 3" in text
    assert "1 without an answer to judge" in text
