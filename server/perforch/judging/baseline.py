"""The baseline: what the tests say of the code as it is, and which tasks follow from that."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import PurePosixPath

from perforch.core.ports import Trial
from perforch.core.proposal import Declined, Reason
from perforch.core.survey import Ending, FailedTest, Outcome, RanTest, Survey, TestId
from perforch.core.task import Concerned, Target, Workspace
from perforch.judging import triage
from perforch.judging.suspects import suspects
from perforch.judging.triage import Cause

NAMED_SUSPECTS = 3
REPEAT_SECONDS = 10.0  # for running failing and concerned tests once more (rule 4)
# Where the suite is long a whole fix shall take at most 2.5 runs of it: the baseline, the proof, and in the remaining
# half of a run everything else. What is repeated of the tests that pass then gets what the search leaves.
LONG_SUITE_SECONDS = 20.0
SEARCH_SECONDS = 9.5
LEAST_REPEAT_SECONDS = 0.5
START_SECONDS = 20.0  # for starting and collecting tests on a busy machine
HANGING = "TestTimeout"  # the probe's own exception


@dataclass(frozen=True, slots=True)
class Baseline:
    """One run of the whole suite. `flaky` changed their mind when repeated; `selected` are the tests the user named."""

    survey: Survey
    flaky: frozenset[TestId] = frozenset()
    selected: frozenset[TestId] | None = None

    @property
    def failing(self) -> tuple[RanTest, ...]:
        """The stable failures."""
        return tuple(run for run in self.survey.runs if run.outcome.is_bad and run.test not in self.flaky)

    @property
    def relevant(self) -> tuple[RanTest, ...]:
        """The stable failures that were asked about."""
        return tuple(run for run in self.failing if self.selected is None or run.test in self.selected)


Functions = Callable[[PurePosixPath], Sequence[Target]]


def unusable(survey: Survey) -> Declined | None:
    """Why nothing can be learnt from this run, if so."""
    tail = survey.output.strip()[-1500:]
    match survey.ending:
        case Ending.ENVIRONMENT:
            return _declined("environment", f"the tests cannot be started: {tail}")
        case Ending.NOTHING_COLLECTED:
            return _declined("no-tests", "no tests were found, so nothing can be proven; see `perforch doctor`")
        case Ending.TIMEOUT if not survey.failures:
            text = "the tests did not finish in time; raise test.timeout_s in perforch.toml, or name tests with --test"
            return _declined("timeout", f"{text}\n{tail}")
        case Ending.CRASHED if not survey.failures:
            return _declined("crash", f"the test process died before it had reported anything useful\n{tail}")
        case Ending.DISAGREES if not survey.failures:
            return _declined(
                "environment", f"the tests pass, but the test command fails for a reason of its own\n{tail}"
            )
        case _:
            return None


def to_fix(baseline: Baseline, target: Target) -> Concerned | Declined:
    """The tests that a fix of the named target owes, or why there is nothing to fix."""
    if not baseline.relevant:
        return _nothing_fails(baseline)
    entering = [run for run in baseline.relevant if target.key in run.entered]
    if not entering:
        return _elsewhere(baseline, target)
    blamed = [run for run in entering if triage.cause(run) is Cause.CODE]
    if not blamed:
        return triage.declined(entering[0], triage.cause(entering[0]))
    return concerned(baseline, target, blamed)


def to_generate(baseline: Baseline, target: Target) -> Concerned:
    """The tests that a new body owes: those that fail and enter the target."""
    return concerned(baseline, target, [run for run in baseline.relevant if target.key in run.entered])


def to_refine(baseline: Baseline, target: Target) -> Concerned | Declined:
    """The tests that hold a faster version to what the target does now: they must pass, and enter it."""
    entering = [run for run in baseline.survey.runs if target.key in run.entered]
    failing = [run for run in baseline.failing if target.key in run.entered]
    if failing:
        text = f"{failing[0].test} enters {target.function} and fails; fix it first: `perforch fix`"
        return _declined("fails", text)
    if not any(run.outcome is Outcome.PASSED for run in entering):
        text = f"no passing test enters {target.function}, so nothing would show that a faster version does the same"
        return _declined("no-tests", text)
    return concerned(baseline, target, [])


def to_localise(
    baseline: Baseline, functions: Functions, file: PurePosixPath | None
) -> tuple[tuple[Target, Concerned], ...] | Declined:
    """The suspects of the first failing test that is about code, each with what its fix owes."""
    if not baseline.relevant:
        return _nothing_fails(baseline)
    for run in baseline.relevant:
        if triage.cause(run) is not Cause.CODE:
            continue
        found = suspects(run, baseline.survey.runs, functions)
        in_file = tuple(target for target in found if file is None or target.file == file)
        if in_file:
            return tuple((target, concerned(baseline, target, _entering(baseline, target))) for target in in_file)
    first = baseline.relevant[0]
    why = triage.cause(first)
    if why is not Cause.CODE:
        return triage.declined(first, why)
    where = f" in {file}" if file else ""
    return _declined("no-suspect", f"{first.test} fails, but it enters no function{where} that could be repaired")


def concerned(baseline: Baseline, target: Target, blamed: Sequence[RanTest]) -> Concerned:
    """What bears on the target: `blamed` are the failures that it answers for."""
    owed = {run.test for run in blamed}
    return Concerned(
        failing=tuple(_failure(run) for run in blamed),
        entering=tuple(run.test for run in baseline.survey.runs if target.key in run.entered and _counts(run)),
        unrelated=tuple(run.test for run in baseline.failing if run.test not in owed),
        flaky=tuple(sorted(baseline.flaky)),
        collected=tuple(run.test for run in baseline.survey.runs),
        passing=_passing(baseline),
        lost=tuple(failure.test for failure in baseline.survey.collection),
        suite_seconds=_total(baseline.survey),
        seconds=_seconds_of_each(baseline.survey),
    )


def uncollectable(survey: Survey, target: Target) -> Concerned:
    """What a fix owes when modules cannot be collected because of the target."""
    blamed = tuple(failure for failure in survey.collection if _ends_in(failure, target))
    others = tuple(failure.test for failure in survey.collection if failure not in blamed)
    passing = tuple(run.test for run in survey.runs if run.outcome is Outcome.PASSED)
    return Concerned(
        uncollected=blamed,
        lost=others,
        collected=passing,
        passing=passing,
        suite_seconds=_total(survey),
        seconds=_seconds_of_each(survey),
    )


def blamed_place(failure: FailedTest) -> tuple[PurePosixPath, int] | None:
    """The last workspace frame of a failed collection: the file and line that broke it."""
    return (PurePosixPath(failure.frames[-1].file), failure.frames[-1].line) if failure.frames else None


def _ends_in(failure: FailedTest, target: Target) -> bool:
    place = blamed_place(failure)
    return place is not None and place[0] == target.file


def _passing(baseline: Baseline) -> tuple[TestId, ...]:
    ended_well = (run.test for run in baseline.survey.runs if run.outcome is Outcome.PASSED)
    return tuple(test for test in ended_well if test not in baseline.flaky)


def _total(survey: Survey) -> float:
    return sum(run.seconds for run in survey.runs)


def _seconds_of_each(survey: Survey) -> dict[TestId, float]:
    return {run.test: run.seconds for run in survey.runs if not _hangs(run)}


def _entering(baseline: Baseline, target: Target) -> list[RanTest]:
    return [run for run in baseline.relevant if target.key in run.entered and triage.cause(run) is Cause.CODE]


def _counts(run: RanTest) -> bool:
    return run.outcome in {Outcome.PASSED, Outcome.FAILED, Outcome.ERROR}


def _failure(run: RanTest) -> FailedTest:
    return run.failure or FailedTest(run.test, "", f"the test {run.outcome}", "")


def _nothing_fails(baseline: Baseline) -> Declined:
    if baseline.flaky:
        names = ", ".join(sorted(baseline.flaky)[:5])
        return _declined("flaky", f"no test fails reliably; these changed their mind when repeated: {names}")
    passed = sum(run.outcome is Outcome.PASSED for run in baseline.survey.runs)
    scope = "the selected tests" if baseline.selected is not None else "the tests"
    return _declined("already-passes", f"{scope} pass already ({passed} passed): there is nothing to fix")


def _elsewhere(baseline: Baseline, target: Target) -> Declined:
    first = baseline.relevant[0]
    why = triage.cause(first)
    if why is not Cause.CODE and len(baseline.relevant) == 1:
        return triage.declined(first, why)
    entered = ", ".join(sorted(first.entered)[:NAMED_SUSPECTS]) or "no function of the workspace"
    text = f"{target.function} is not entered by any failing test; {first.test} fails, and enters {entered}"
    return _declined("not-about-target", text + "; run `perforch fix` without a function to look for the culprit")


def _declined(code: str, text: str) -> Declined:
    return Declined(Reason(code, text))


def to_repeat(baseline: Baseline, target: Target | None) -> tuple[TestId, ...]:
    """The failing and concerned tests, failing ones first, quick ones first, as many as the time allows.

    Of tests that hang only the quickest is repeated: a loop that does not end is the same loop in all of them.
    """
    concerned_runs = [run for run in baseline.survey.runs if target is not None and target.key in run.entered]
    failing = [run for run in baseline.relevant if target is None or target.key in run.entered]
    hanging = sorted((run for run in failing if _hangs(run)), key=_seconds)
    others = sorted((run for run in failing if not _hangs(run)), key=_seconds)
    owed = _fitting((*others, *hanging[:1]), REPEAT_SECONDS)
    passing = sorted((run for run in concerned_runs if run not in failing and not _hangs(run)), key=_seconds)
    left = REPEAT_SECONDS - sum(run.seconds for run in owed)
    return tuple(run.test for run in (*owed, *_fitting(passing, min(left, _for_passing(_total(baseline.survey))))))


def _for_passing(suite_seconds: float) -> float:
    """How long tests that pass may be repeated."""
    if suite_seconds < LONG_SUITE_SECONDS:
        return REPEAT_SECONDS
    return max(LEAST_REPEAT_SECONDS, 0.5 * suite_seconds - SEARCH_SECONDS)


def _fitting(runs: Iterable[RanTest], seconds: float) -> tuple[RanTest, ...]:
    """The first of them that take so long together."""
    found = tuple(runs)
    totals = accumulate(run.seconds for run in found)
    return tuple(run for run, total in zip(found, totals, strict=True) if total <= seconds)


def repetition(workspace: Workspace, baseline: Baseline, chosen: tuple[TestId, ...]) -> Trial:
    """The chosen tests once more."""
    each = _seconds_of_each(baseline.survey)
    slowest = max((each[test] for test in chosen if test in each), default=0.0)
    return Trial(workspace, chosen, REPEAT_SECONDS + START_SECONDS, slowest=slowest)


def _hangs(run: RanTest) -> bool:
    return run.failure is not None and run.failure.exception == HANGING


def _seconds(run: RanTest) -> float:
    return run.seconds


def with_repeat(baseline: Baseline, repeat: Survey) -> Baseline:
    """The baseline with those tests marked flaky that ended otherwise when run once more."""
    again = repeat.outcomes
    changed = {
        run.test for run in baseline.survey.runs if run.test in again and again[run.test].is_bad != run.outcome.is_bad
    }
    return replace(baseline, flaky=baseline.flaky | changed)
