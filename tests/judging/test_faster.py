"""What is accepted as better, and what is said of the rest: on scripted machines."""

from dataclasses import replace
from random import Random

import pytest
from scripted_bout import ScriptedBout, ScriptedLaboratory, Version, recorded

from fakes import TextSources, task
from perforch.core.candidate import Candidate
from perforch.core.comparison import Comparison
from perforch.core.errors import LaboratoryUnavailable
from perforch.core.measurement import Objective
from perforch.core.task import Stage
from perforch.core.verdict import Failed, Fault
from perforch.judging.equivalence import NotComparable
from perforch.judging.faster import Aim, Refinement

OLD = Version()
CODE = "def double(x):\n    return 2 * x"


def refinement(*bouts: ScriptedBout | LaboratoryUnavailable, aim: Aim | None = None) -> Refinement:
    return Refinement(ScriptedLaboratory(list(bouts)), TextSources({}), Random(3), aim or Aim())


async def judged(new: Version, noise: float = 0.03, aim: Aim | None = None, **more: object) -> Comparison | Failed:
    bout = ScriptedBout(OLD, new, recorded(), noise, **more)  # type: ignore[arg-type]
    return await refinement(bout, aim=aim).better(task(Stage.REFINE, ()), Candidate(CODE, "m", Stage.REFINE))


def costing(share: float) -> Version:
    return replace(OLD, cost=lambda n: share * 0.0004)


@pytest.mark.parametrize("share", [0.1, 0.8, 0.9])
async def test_a_real_gain_is_accepted_with_its_interval_and_workload(share: float) -> None:
    comparison = await judged(costing(share))
    assert isinstance(comparison, Comparison)
    assert comparison.cpu_time.low < share < comparison.cpu_time.high < 1.0
    assert comparison.pairs >= 5
    assert comparison.workload == (
        "12 calls recorded from the tests and grown up to 64-fold; the same results on 186 inputs"
    )


@pytest.mark.parametrize(
    ("share", "said"), [(1.0, "not distinguishable"), (0.99, "not distinguishable"), (1.1, "it is slower")]
)
async def test_no_gain_is_not_accepted(share: float, said: str) -> None:
    verdict = await judged(costing(share))
    assert isinstance(verdict, Failed)
    assert verdict.fault is Fault.NOT_FASTER
    assert verdict.evidence.startswith(said)
    assert "pairs)" in verdict.evidence


async def test_a_machine_too_noisy_to_decide_is_said_to_be_so() -> None:
    verdict = await judged(costing(0.95), noise=0.6)
    assert isinstance(verdict, Failed)
    assert verdict.evidence.startswith("this machine is too noisy to decide (a single pair is off by")


@pytest.mark.parametrize(
    ("new", "said"),
    [
        (replace(costing(0.5), process_seconds=0.2), "the whole process takes more CPU time"),
        (replace(costing(0.5), import_seconds=0.02), "importing its module takes more CPU time"),
        (replace(costing(0.5), memory=30e6), "it needs more memory at its peak"),
        (replace(costing(0.1), cold_cost=OLD.cost), "only repeated calls are faster"),
    ],
    ids=["whole process", "import", "memory", "memo"],
)
async def test_a_gain_that_is_paid_for_elsewhere_is_not_accepted(new: Version, said: str) -> None:
    verdict = await judged(new)
    assert isinstance(verdict, Failed)
    assert verdict.fault is Fault.NOT_FASTER
    assert said in verdict.evidence


async def test_a_gain_on_known_inputs_alone_is_not_accepted() -> None:
    seen: set[int] = set()

    def cost(n: int) -> float:
        if len(seen) < 12:
            seen.add(n)
        return 0.0001 if n in seen else 0.0004

    def cost_where_measured(n: int) -> float:
        return cost(n) if n >= 10**6 else 0.0004

    verdict = await judged(replace(OLD, cost=cost_where_measured))
    assert isinstance(verdict, Failed)
    assert verdict.evidence.startswith("no gain on 12 calls with inputs not used before, grown")


async def test_other_results_while_it_is_measured_are_a_difference() -> None:
    verdict = await judged(replace(costing(0.1), returned="nothing"))
    assert isinstance(verdict, Failed)
    assert (verdict.fault, "while it was measured" in verdict.evidence) == (Fault.DIFFERENT, True)


async def test_less_memory_counts_where_that_is_the_objective() -> None:
    slim = replace(OLD, memory=15e6)
    assert isinstance(await judged(slim, aim=Aim(Objective.MEMORY)), Comparison)
    assert isinstance(await judged(slim), Failed)
    assert isinstance(await judged(replace(slim, cost=costing(1.3).cost), aim=Aim(Objective.MEMORY)), Failed)
    assert isinstance(await judged(replace(slim, cost=costing(0.8).cost), aim=Aim(Objective.BALANCED)), Comparison)


async def test_state_that_outlives_a_call_is_refused_before_anything_is_measured() -> None:
    verdict = await judged(costing(0.1), keeps="it changes MEMO, which outlives a call")
    assert isinstance(verdict, Failed)
    assert verdict.fault is Fault.DIFFERENT


async def test_the_old_version_is_studied_once_for_all_its_candidates() -> None:
    bouts = [ScriptedBout(OLD, costing(1.0), recorded()), ScriptedBout(OLD, costing(0.5), recorded(3))]
    laboratory = ScriptedLaboratory([*bouts])
    judge = Refinement(laboratory, TextSources({}), Random(3))
    asked = task(Stage.REFINE, ())
    verdicts = [await judge.better(asked, Candidate(CODE, "m", Stage.REFINE)) for _ in bouts]
    assert [type(verdict) for verdict in verdicts] == [Failed, Comparison]
    assert [recording is None for _, recording in laboratory.opened] == [True, False]


async def test_a_machine_that_cannot_compare_is_the_environments_fault() -> None:
    judge = refinement(LaboratoryUnavailable("it is gone"))
    verdict = await judge.better(task(Stage.REFINE, ()), Candidate(CODE, "m", Stage.REFINE))
    assert verdict == Failed(Fault.ENVIRONMENT, "the two versions cannot be compared: it is gone")


async def test_a_gain_comes_with_the_lines_that_took_the_time_before() -> None:
    comparison = await judged(costing(0.5))
    assert isinstance(comparison, Comparison)
    assert [(each.line, each.share, each.text) for each in comparison.hot_lines] == [(2, 0.99, "return x + 1")]


async def test_a_gain_stands_though_nobody_can_say_where_the_time_went() -> None:
    comparison = await judged(costing(0.5), hot_lines=None)
    assert isinstance(comparison, Comparison)
    assert comparison.hot_lines == ()


async def test_what_is_found_out_for_a_question_is_not_found_out_again_for_its_answer() -> None:
    bouts = [ScriptedBout(OLD, OLD, recorded()), ScriptedBout(OLD, costing(0.5), recorded(3))]
    laboratory = ScriptedLaboratory([*bouts])
    judge = Refinement(laboratory, TextSources({}), Random(3))
    asked = task(Stage.REFINE, ())
    hurried = replace(asked, limits=replace(asked.limits, seconds=20.0))
    hot = await judge.hot_lines(hurried, asked.target.source)
    comparison = await judge.better(asked, Candidate(CODE, "m", Stage.REFINE))
    assert isinstance(comparison, Comparison)
    assert comparison.hot_lines == hot != ()
    assert [bout.traced for bout in bouts] == [1, 0]
    assert [recording is None for _, recording in laboratory.opened] == [True, False]


async def test_a_question_without_hot_lines_is_better_than_none() -> None:
    asked = task(Stage.REFINE, ())
    assert await refinement(LaboratoryUnavailable("gone")).hot_lines(asked, asked.target.source) == ()


async def test_what_cannot_be_compared_is_looked_at_once_for_all_models() -> None:
    asked, laboratory = (
        task(Stage.REFINE, ()),
        ScriptedLaboratory([ScriptedBout(OLD, OLD, recorded(0, complaint="no test"))]),
    )
    judge = Refinement(laboratory, TextSources({}), Random(3))
    for _ in range(3):
        found = await judge.hot_lines(asked, asked.target.source)
        assert isinstance(found, NotComparable)
        assert found.reason == "no call of it could be recorded: no test"
    assert len(laboratory.opened) == 1
