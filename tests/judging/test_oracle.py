"""What the code as it is tells whoever looks for another way to do the same."""

from dataclasses import replace
from random import Random

from scripted_bout import ScriptedBout, ScriptedLaboratory, Version, recorded

from fakes import TextSources, task
from perforch.core.calls import Behaviour, Call, Ending
from perforch.core.errors import LaboratoryUnavailable
from perforch.core.task import Stage
from perforch.judging import oracle
from perforch.judging.equivalence import Known, Specimen
from perforch.judging.faster import Refinement

OLD = Version()


def known(number: int, **other: object) -> Known:
    behaviour = Behaviour(Ending.RETURNED, shown=str(2 * number))
    return Known(Call(str(number), f"f({number})"), replace(behaviour, **other))  # type: ignore[arg-type]


def test_recorded_calls_and_variants_are_told_in_turns() -> None:
    specimen = Specimen((known(1), known(2)), (known(10), known(11), known(12)), (known(1000),), (known(2000),))
    told = ["f(1) == 2", "f(10) == 20", "f(2) == 4", "f(11) == 22", "f(12) == 24"]
    assert oracle.assertions(specimen) == tuple(f"assert {each}" for each in told)


def test_calls_whose_result_is_not_all_that_they_do_are_left_out() -> None:
    others = (known(1, mutates=True), known(2, is_lazy=True), known(3, ending=Ending.RAISED), known(4))
    assert oracle.assertions(Specimen(others, (), (), ())) == ("assert f(4) == 8",)


def test_there_are_not_more_than_help() -> None:
    assert len(oracle.assertions(Specimen(tuple(map(known, range(500))), (), (), ()))) == oracle.MOST


async def test_the_code_is_studied_once_for_its_assertions_and_for_the_candidates() -> None:
    laboratory = ScriptedLaboratory([ScriptedBout(OLD, OLD, recorded()), ScriptedBout(OLD, OLD, recorded(3))])
    judge = Refinement(laboratory, TextSources({}), Random(3))
    asked = task(Stage.REFINE, ())
    told = await judge.assertions(asked, asked.target.source)
    await judge.hot_lines(asked, asked.target.source)
    assert {"assert f(0) == 0", "assert f(3) == 6", "assert f(1000) == 2000"} <= set(told)
    assert [recording is None for _, recording in laboratory.opened] == [True, False]


async def test_what_cannot_be_compared_tells_nothing() -> None:
    asked = task(Stage.REFINE, ())
    for bout in (ScriptedBout(OLD, OLD, recorded(0, complaint="no test")), LaboratoryUnavailable("gone")):
        judge = Refinement(ScriptedLaboratory([bout]), TextSources({}), Random(3))
        assert await judge.assertions(asked, asked.target.source) == ()
