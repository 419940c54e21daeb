"""The story, told with scripted models: fallback, drafts, rollback, acceptance."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from fakes import PASSED, PASSED_FASTER, Remembering, ScriptedJudge, ScriptedModel, ScriptedModels, failed, task
from perforch import pipeline
from perforch.core.candidate import Answer, NoAnswer
from perforch.core.events import Asking, Judged
from perforch.core.ports import Question
from perforch.core.proposal import Declined, NoProposal, Proposal, Reason
from perforch.core.task import Request, Stage, Task, Workspace
from perforch.core.verdict import Fault, Verdict
from perforch.pipeline import Policy, Solution, Strategy

NO_KEY = NoAnswer("b", Fault.PROVIDER, "no key")


def scripted(**answers: str | Sequence[str] | NoAnswer) -> list[ScriptedModel]:
    """One model per keyword, each with one answer."""
    return [ScriptedModel(name, [(answer,) if isinstance(answer, str) else answer]) for name, answer in answers.items()]


async def solved(
    models: Sequence[ScriptedModel],
    verdicts: Mapping[str, Verdict],
    tasks: tuple[Task, ...] | Declined | None = None,
    policy: Policy | None = None,
    current: Sequence[bool] = (),
) -> tuple[Proposal | NoProposal, ScriptedModels, Remembering]:
    memory, listener = ScriptedModels(models), Remembering()
    judge = ScriptedJudge((task(),) if tasks is None else tasks, verdicts, list(current))
    outcome = await Solution(judge, memory, listener, policy or Policy()).find(
        Request(Workspace(Path("/nowhere")), Stage.FIX)
    )
    return outcome, memory, listener


async def test_the_first_proven_answer_is_proposed_with_its_diff_and_trail() -> None:
    outcome, memory, _ = await solved(scripted(a="wrong", b="right"), {"right": PASSED})
    assert isinstance(outcome, Proposal)
    assert outcome.candidate.model == "b"
    assert "+right" in outcome.diff
    assert [attempt.model for attempt in outcome.trail] == ["a", "b"]
    assert memory.learnt == list(outcome.trail)


async def test_later_models_are_not_asked_once_something_is_proven() -> None:
    models = scripted(a="right", b="right")
    await solved(models, {"right": PASSED})
    assert models[1].asked == []


async def test_no_model_but_the_last_may_take_all_the_time() -> None:
    """One that hangs must not be the only one that is asked."""
    models = scripted(a="wrong", b="wrong", c="wrong")
    await solved(models, {}, (replace(task(), limits=replace(task().limits, seconds=100.0)),))
    seconds = [model.asked[0].task.limits.seconds for model in models]
    whole = models[0].asked[0].task.limits.test_seconds  # the request's own limit is as long by default
    assert seconds[0] <= 0.5 * whole
    assert seconds[1] <= 0.5 * whole < seconds[2]


async def test_a_model_that_gives_no_answer_leaves_time_for_the_next_where_one_answer_is_judged() -> None:
    models = scripted(a=NO_KEY, b="right")
    await solved(models, {"right": PASSED}, policy=Policy(fix_tries=1))
    first, second = (model.asked[0].task.limits.seconds for model in models)
    assert first <= 0.5 * task().limits.seconds < second


async def test_at_most_five_fixers_are_asked() -> None:
    outcome, _, listener = await solved(scripted(**dict.fromkeys("abcdefg", "wrong")), {})
    assert isinstance(outcome, NoProposal)
    assert len(outcome.trail) == 5
    assert sum(isinstance(event, Asking) for event in listener.events) == 5


async def test_a_model_that_gives_no_answer_does_not_use_up_a_try() -> None:
    outcome, _, _ = await solved(
        scripted(a=NO_KEY, b="wrong", c="right"), {"right": PASSED}, policy=Policy(fix_tries=2)
    )
    assert isinstance(outcome, Proposal)
    assert [attempt.candidate is None for attempt in outcome.trail] == [True, False, False]


async def test_the_next_fixer_is_told_what_was_tried_and_how_it_failed() -> None:
    models = scripted(a="wrong", b="right")
    await solved(models, {"right": PASSED})
    (attempt,) = models[1].asked[0].earlier
    assert attempt.candidate is not None
    assert attempt.candidate.code == "wrong"


@pytest.mark.parametrize(
    ("verdict", "start"),
    [
        (failed("t1"), "half"),
        (failed("t1", "t2"), None),
        (failed("t1", broken=["t3"]), None),
        (failed(fault=Fault.PARSE), None),
        (failed(fault=Fault.TAMPERED), None),
    ],
    ids=[
        "fewer fail: kept",
        "as many fail: rolled back",
        "breaks one: rolled back",
        "no code: rolled back",
        "tampered",
    ],
)
async def test_a_fix_is_kept_as_the_next_start_only_if_it_fails_fewer_tests(
    verdict: Verdict, start: str | None
) -> None:
    models = scripted(a="half", b="right")
    both = task(failing=("t1", "t2"))
    await solved(models, {"right": PASSED, "half": verdict}, (both,))
    assert models[1].asked[0].start == (start or both.target.source)


async def test_a_generated_draft_that_fails_is_handed_to_the_fixers() -> None:
    models = [ScriptedModel("a", [("draft",), ("right",)])]
    outcome, _, _ = await solved(models, {"right": PASSED}, (task(Stage.GENERATE),))
    assert isinstance(outcome, Proposal)
    assert [question.stage for question in models[0].asked] == [Stage.GENERATE, Stage.FIX]
    assert models[0].asked[1].start == "draft"


async def test_generate_asks_one_model_and_needs_no_fixer_when_it_passes() -> None:
    models = scripted(a="right", b="never")
    outcome, _, _ = await solved(models, {"right": PASSED}, (task(Stage.GENERATE),))
    assert isinstance(outcome, Proposal)
    assert len(outcome.trail) == 1


async def test_refine_takes_the_first_proven_gain() -> None:
    models = scripted(a="same speed", b="fast", c="faster")
    verdicts = {"same speed": failed(fault=Fault.NOT_FASTER), "fast": PASSED_FASTER, "faster": PASSED_FASTER}
    outcome, _, _ = await solved(models, verdicts, (task(Stage.REFINE, failing=()),))
    assert isinstance(outcome, Proposal)
    assert outcome.candidate.code == "fast"
    assert outcome.verdict.comparison is not None


async def test_refine_without_a_gain_proposes_nothing() -> None:
    outcome, _, _ = await solved(scripted(a="slow"), {}, (task(Stage.REFINE, failing=()),))
    assert isinstance(outcome, NoProposal)
    assert outcome.reason.code == "nothing-proven"


async def test_a_fix_stands_when_refining_it_gains_nothing() -> None:
    models = [ScriptedModel("a", [("right",), ("slower",)])]
    verdicts = {"right": PASSED, "slower": failed(fault=Fault.NOT_FASTER)}
    outcome, _, _ = await solved(models, verdicts, policy=Policy(refine_after=True))
    assert isinstance(outcome, Proposal)
    assert outcome.candidate.code == "right"
    assert len(outcome.trail) == 2


async def test_a_fix_is_not_lost_when_the_time_ends_while_something_faster_is_looked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Thinking(ScriptedModel):
        async def answer(self, question: Question) -> Answer:
            if question.stage is Stage.REFINE:
                await asyncio.sleep(3600)
            return await super().answer(question)

    monkeypatch.setattr(pipeline, "PROOF_SECONDS", 0.0)
    fix = replace(task(), limits=replace(task().limits, seconds=0.2))
    request = Request(Workspace(Path("/nowhere")), Stage.FIX, limits=fix.limits)
    judge = ScriptedJudge((fix,), {"right": PASSED})
    models = ScriptedModels([Thinking("a", [("right",)])])
    outcome = await Solution(judge, models, Remembering(), Policy(refine_after=True)).find(request)
    assert isinstance(outcome, Proposal)
    assert outcome.candidate.code == "right"


async def test_the_reason_is_not_that_of_a_model_that_cannot_work_here() -> None:
    models = scripted(a=NoAnswer("a", Fault.TEST, "no mutant passes"), b=NoAnswer("b", Fault.ENVIRONMENT, "not Rust"))
    outcome, _, _ = await solved(models, {})
    assert isinstance(outcome, NoProposal)
    assert "no mutant passes" in outcome.reason.text


async def test_best_of_n_asks_everyone_and_takes_the_shortest_proof() -> None:
    outcome, _, _ = await solved(
        scripted(a="right but long", b="wrong", c="right"),
        {"right but long": PASSED, "right": PASSED},
        policy=Policy(strategy=Strategy.BEST_OF_N),
    )
    assert isinstance(outcome, Proposal)
    assert (outcome.candidate.code, len(outcome.trail)) == ("right", 3)


async def test_other_proven_candidates_that_behave_differently_become_alternatives() -> None:
    answer = ["right", "other", "the same", "another wrong one"]
    outcome, _, _ = await solved(scripted(a=answer), {"right": PASSED, "other": PASSED, "the same": PASSED})
    assert isinstance(outcome, Proposal)
    assert [alternative.candidate.code for alternative in outcome.alternatives] == ["other"]


async def test_nothing_more_is_measured_once_a_refinement_is_proven() -> None:
    models = scripted(a=["slow", "fast", "faster"])
    verdicts = {"fast": PASSED_FASTER, "faster": PASSED_FASTER}
    outcome, _, _ = await solved(models, verdicts, (task(stage=Stage.REFINE),))
    assert isinstance(outcome, Proposal)
    assert [attempt.candidate.code for attempt in outcome.trail if attempt.candidate] == ["slow", "fast"]
    assert outcome.alternatives == ()


async def test_a_second_candidate_of_an_answer_is_tried_when_the_first_fails() -> None:
    outcome, _, _ = await solved(scripted(a=["wrong", "right"]), {"right": PASSED})
    assert isinstance(outcome, Proposal)
    assert outcome.candidate.code == "right"


async def test_a_declined_request_says_why_and_asks_nobody() -> None:
    models = scripted(a="right")
    outcome, _, _ = await solved(models, {}, Declined(Reason("no-tests", "no tests were found")))
    assert isinstance(outcome, NoProposal)
    assert (outcome.reason.code, models[0].asked) == ("no-tests", [])


async def test_the_next_suspect_is_tried_when_nothing_is_proven_for_the_first() -> None:
    models = [ScriptedModel("a", [("wrong",), ("right",)])]
    outcome, _, _ = await solved(models, {"right": PASSED}, (task(), task()), Policy(fix_tries=1))
    assert isinstance(outcome, Proposal)


async def test_files_that_change_meanwhile_start_it_again_once() -> None:
    models = [ScriptedModel("a", [("right",), ("right",)])]
    outcome, _, _ = await solved(models, {"right": PASSED}, current=[False, True])
    assert isinstance(outcome, Proposal)
    assert len(models[0].asked) == 2


async def test_files_that_keep_changing_end_it_honestly() -> None:
    models = [ScriptedModel("a", [("right",), ("right",)])]
    outcome, _, _ = await solved(models, {"right": PASSED}, current=[False, False])
    assert isinstance(outcome, NoProposal)
    assert outcome.reason.code == "workspace-changed"


async def test_every_attempt_is_told_to_the_listener() -> None:
    outcome, _, listener = await solved(scripted(a="wrong", b=NO_KEY, c="right"), {"right": PASSED})
    assert [event.attempt for event in listener.events if isinstance(event, Judged)] == list(outcome.trail)
