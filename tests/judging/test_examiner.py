"""What follows from the baseline, and what makes an answer proven: the rules, with scripted runs of tests."""

from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest

from fakes import FASTER, Remembering, ScriptedRefiner, ScriptedRunner, TextSources, failed, ran, survey
from perforch.adapters.syntax import TreeSitterSyntax
from perforch.core.candidate import Candidate
from perforch.core.comparison import Comparison
from perforch.core.errors import FunctionNotFound, UsageError
from perforch.core.proposal import Declined
from perforch.core.survey import Ending, FailedTest, Frame, Outcome, RanTest, Survey, TestId
from perforch.core.task import Category, Request, Stage, Task, Workspace
from perforch.core.verdict import Failed, Fault, Level, Passed, Verdict
from perforch.judging.examiner import Examiner

TEXT = '''"""Sums."""
import math


def double(x):
    """Twice x."""
    return x + 1


def half(x):
    return x / 2
'''
DOUBLE, HALF = "mod.py:5", "mod.py:10"
GOOD = 'def double(x):\n    """Twice x."""\n    return x * 2'
BAD = Outcome.FAILED
BASELINE = survey(ran("t1", BAD, enters=[DOUBLE]), ran("t2", enters=[HALF]), ran("t3", enters=[DOUBLE]))


def examiner(
    *surveys: Survey, fingerprints: tuple[str, ...] = (), refined: Comparison | Failed = FASTER
) -> tuple[Examiner, ScriptedRunner]:
    refiner = ScriptedRefiner(refined)
    runner = ScriptedRunner(list(surveys), list(fingerprints))
    sources = TextSources({"mod.py": TEXT})
    return Examiner(runner, TreeSitterSyntax(), sources, lambda _: Category.MATHS, refiner, Remembering()), runner


def request(function: str | None = "double", *, tests: tuple[str, ...] = (), stage: Stage = Stage.FIX) -> Request:
    file = PurePosixPath("mod.py") if function else None
    return Request(Workspace(Path("/w")), stage, file, function, tests=tests)


async def examined(asked: Request, *surveys: Survey) -> tuple[Task, ...] | Declined:
    return await examiner(*surveys)[0].examine(asked)


async def judged(code: str, *surveys: Survey, baseline: Survey = BASELINE) -> tuple[Verdict, ScriptedRunner]:
    """The verdict on `code` in the place of `double`; the surveys are those of its own runs."""
    repeat = (baseline,) if baseline.runs else ()
    judge, runner = examiner(baseline, *repeat, *surveys)
    tasks = await judge.examine(request())
    assert not isinstance(tasks, Declined)
    return await judge.judge(tasks[0], Candidate(code, "m", Stage.FIX)), runner


def passing(**also: RanTest) -> Survey:
    runs = {"t1": ran("t1", enters=[DOUBLE]), "t2": ran("t2", enters=[HALF]), "t3": ran("t3", enters=[DOUBLE])}
    return survey(*(runs | also).values())


# What there is to do


async def test_the_named_function_owes_the_failing_tests_that_enter_it() -> None:
    tasks = await examined(request(), BASELINE, BASELINE)
    assert isinstance(tasks, tuple)
    assert tasks[0].tests.failing_ids == ("t1",)
    assert tasks[0].tests.entering == ("t1", "t3")


async def test_without_a_function_the_most_suspicious_come_first() -> None:
    both = survey(ran("t1", BAD, enters=[DOUBLE, HALF]), ran("t2", enters=[HALF]), ran("t3", enters=[HALF]))
    tasks = await examined(request(None), both, both)
    assert isinstance(tasks, tuple)
    assert [task.target.function for task in tasks] == ["double", "half"]


@pytest.mark.parametrize(
    ("runs", "code", "says"),
    [
        ([ran("t1", enters=[DOUBLE])], "already-passes", "nothing to fix"),
        ([ran("t1", BAD, enters=[HALF])], "not-about-target", HALF),
        (
            [ran("t1", BAD, enters=[DOUBLE], exception="gaierror", message="Name or service not known")],
            "environment",
            "network",
        ),
        (
            [ran("t1", BAD, enters=[DOUBLE], exception="ModuleNotFoundError", message="No module named 'x'")],
            "environment",
            "install",
        ),
        (
            [ran("t1", BAD, enters=[DOUBLE], exception="KeyError", message="'TOKEN'", text="os.environ['TOKEN']")],
            "environment",
            "test.environment",
        ),
    ],
    ids=["passes", "elsewhere", "network", "module", "variable"],
)
async def test_a_request_that_is_not_about_the_code_is_declined(runs: list[RanTest], code: str, says: str) -> None:
    declined = await examined(request(), survey(*runs), survey(*runs))
    assert isinstance(declined, Declined)
    assert declined.reason.code == code
    assert says in declined.reason.text


async def test_a_test_that_breaks_before_it_reaches_any_code_is_the_tests_own_fault() -> None:
    broken = survey(ran("t1", BAD, exception="NameError", message="name 'x'", frames=(Frame("test_mod.py", 3, "t1"),)))
    declined = await examined(request(None), broken, broken)
    assert isinstance(declined, Declined)
    assert declined.reason.code == "test-broken"


async def test_a_test_that_changes_its_mind_is_flaky_and_proves_nothing() -> None:
    again = survey(ran("t1", enters=[DOUBLE]))
    declined = await examined(request(), BASELINE, again)
    assert isinstance(declined, Declined)
    assert declined.reason.code == "flaky"
    assert "t1" in declined.reason.text


@pytest.mark.parametrize(
    ("ending", "code"),
    [
        (Ending.NOTHING_COLLECTED, "no-tests"),
        (Ending.ENVIRONMENT, "environment"),
        (Ending.TIMEOUT, "timeout"),
        (Ending.CRASHED, "crash"),
        (Ending.DISAGREES, "environment"),
    ],
)
async def test_a_run_from_which_nothing_can_be_learnt_is_declined(ending: Ending, code: str) -> None:
    declined = await examined(request(), survey(ending=ending, output="boom"))
    assert isinstance(declined, Declined)
    assert declined.reason.code == code


async def test_only_the_selected_tests_count() -> None:
    two = survey(ran("a::t1", BAD, enters=[DOUBLE]), ran("a::t2", BAD, enters=[DOUBLE]))
    tasks = await examined(request(tests=("a::t2",)), two, two)
    assert isinstance(tasks, tuple)
    assert tasks[0].tests.failing_ids == ("a::t2",)
    assert tasks[0].tests.unrelated == ("a::t1",)


async def test_a_selector_that_names_nothing_is_wrong_use() -> None:
    with pytest.raises(UsageError, match="no test is called 'nope'"):
        await examined(request(tests=("nope",)), BASELINE)


async def test_an_unknown_function_is_refused_before_any_test_runs() -> None:
    judge, runner = examiner()
    with pytest.raises(FunctionNotFound):
        await judge.examine(request("doubel"))
    assert runner.trials == []


async def test_collection_that_breaks_in_the_target_is_code() -> None:
    failure = FailedTest(
        TestId("test_mod.py"), "TypeError", "no", "", (Frame("test_mod.py", 1, ""), Frame("mod.py", 7, "double"))
    )
    tasks = await examined(request(None), survey(ending=Ending.NOT_COLLECTED, collection=(failure,)))
    assert isinstance(tasks, tuple)
    assert tasks[0].target.function == "double"


async def test_collection_that_breaks_elsewhere_is_declined() -> None:
    failure = FailedTest(TestId("test_mod.py"), "NameError", "no", "", (Frame("test_mod.py", 1, ""),))
    declined = await examined(request(), survey(ending=Ending.NOT_COLLECTED, collection=(failure,)))
    assert isinstance(declined, Declined)
    assert declined.reason.code == "cannot-collect"


# What is proven


async def test_an_answer_is_proven_when_the_failing_tests_pass_and_enter_it() -> None:
    verdict, runner = await judged(GOOD, passing())
    assert isinstance(verdict, Passed)
    assert verdict.evidence.failed_before == ("t1",)
    assert verdict.evidence.tests_entering_target == 2
    assert "x * 2" in runner.trials[-1].changes[PurePosixPath("mod.py")]


@pytest.mark.parametrize(
    ("after", "fault"),
    [
        (passing(t1=ran("t1", BAD, enters=[DOUBLE])), Fault.TEST),
        (passing(t2=ran("t2", BAD, enters=[HALF])), Fault.TEST),
        (passing(t1=ran("t1", Outcome.SKIPPED)), Fault.MISSING_TEST),
        (passing(t3=ran("t3", Outcome.SKIPPED)), Fault.MISSING_TEST),
        (passing(t1=ran("t1", Outcome.XFAILED, enters=[DOUBLE])), Fault.MISSING_TEST),
        (survey(ran("t1", enters=[DOUBLE])), Fault.MISSING_TEST),
        (survey(ran("renamed", enters=[DOUBLE]), ran("t2"), ran("t3")), Fault.MISSING_TEST),
        (passing(t1=ran("t1"), t3=ran("t3", enters=[DOUBLE])), Fault.TEST),
        (survey(ending=Ending.TIMEOUT), Fault.TIMEOUT),
        (survey(ending=Ending.CRASHED), Fault.CRASH),
        (survey(ending=Ending.DISAGREES), Fault.TAMPERED),
        (survey(*passing().runs, tampered=("tests/conftest.py",)), Fault.TAMPERED),
        (survey(*passing().runs, collection=(FailedTest(TestId("m"), "E", "", ""),)), Fault.COLLECT),
    ],
    ids=[
        *("still fails", "breaks another", "skips the failing one", "skips one that passed", "expects the failure"),
        *("a test is gone", "a test is renamed", "not entered", "hangs", "dies", "forged", "tampered", "uncollected"),
    ],
)
async def test_anything_less_is_not_proven(after: Survey, fault: Fault) -> None:
    verdict, _ = await judged(GOOD, after)
    assert isinstance(verdict, Failed)
    assert verdict.fault is fault


async def test_a_broken_test_is_told_apart_from_one_that_still_fails() -> None:
    verdict, _ = await judged(GOOD, passing(t1=ran("t1", BAD, enters=[DOUBLE]), t3=ran("t3", BAD, enters=[DOUBLE])))
    assert isinstance(verdict, Failed)
    assert (verdict.failing, verdict.broken) == ({"t1", "t3"}, {"t3"})


async def test_a_test_that_failed_before_and_is_not_about_the_target_may_go_on_failing() -> None:
    other = ran("t9", BAD, enters=[HALF])
    verdict, _ = await judged(GOOD, passing(t9=other), baseline=survey(*BASELINE.runs, other))
    assert isinstance(verdict, Passed)
    assert verdict.evidence.failed_after == ("t9",)


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("def double(x):\n    return (x", Fault.PARSE),
        ("def triple(x):\n    return x * 2", Fault.PARSE),
        ("def double(x):\n    import sys\n    return x * 2", Fault.TAMPERED),
        ("def double(x):\n    import os\n    os._exit(0)", Fault.TAMPERED),
    ],
)
async def test_some_answers_are_refused_without_running_anything(code: str, fault: Fault) -> None:
    verdict, runner = await judged(code)
    assert isinstance(verdict, Failed)
    assert verdict.fault is fault
    assert len(runner.trials) == 2  # the baseline and its repeat


@pytest.mark.parametrize(
    ("others", "passing", "repeated"),
    [
        (0.1, 3.0, ("t1", "t3")),
        (0.1, 9.0, ("t1",)),
        (18.0, 3.0, ("t1",)),
        (18.0, 0.4, ("t1", "t3")),
        (30.0, 3.0, ("t1", "t3")),
    ],
)
async def test_of_a_long_suite_less_is_repeated(others: float, passing: float, repeated: tuple[str, ...]) -> None:
    seconds = {"t1": 2.0, "t2": others, "t3": passing}
    baseline = survey(*(replace(run, seconds=seconds[run.test]) for run in BASELINE.runs))
    judge, runner = examiner(baseline, baseline)
    await judge.examine(request())
    assert runner.trials[-1].tests == repeated


@pytest.mark.parametrize(("slow", "first"), [(["t2"], ("t1", "t3")), (["t1", "t2", "t3"], ("t1",))])
async def test_a_slow_suite_runs_the_quick_concerned_tests_first(slow: list[str], first: tuple[str, ...]) -> None:
    long = survey(*(replace(run, seconds=10.0) if run.test in slow else run for run in BASELINE.runs))
    wrong = survey(*(run for run in passing(t1=ran("t1", BAD, enters=[DOUBLE])).runs if run.test in first))
    verdict, runner = await judged(GOOD, wrong, baseline=long)
    assert isinstance(verdict, Failed)
    assert runner.trials[-1].tests == first


async def test_tests_that_are_known_to_be_slow_get_their_time_and_hanging_ones_do_not_stretch_it() -> None:
    hanging = replace(ran("t1", BAD, enters=[DOUBLE], exception="TestTimeout"), seconds=10.0)
    slow = replace(ran("t2", enters=[HALF]), seconds=8.0)
    good = ran("t3", enters=[DOUBLE])
    concerned = survey(ran("t1", enters=[DOUBLE]), good)
    verdict, runner = await judged(GOOD, concerned, passing(), baseline=survey(hanging, slow, good))
    assert isinstance(verdict, Passed)
    given = [(trial.tests, trial.slowest) for trial in runner.trials]
    assert given[1:] == [(("t1",), 0.0), (("t1", "t3"), 0.01), (None, 8.0)]


async def test_what_can_be_collected_only_now_must_pass_where_it_enters_the_target() -> None:
    lost = FailedTest(TestId("test_more.py"), "TypeError", "no", "", (Frame("test_more.py", 1, ""),))
    baseline = replace(BASELINE, ending=Ending.NOT_COLLECTED, collection=(lost,))
    for enters, expected in (([DOUBLE], Failed), ([HALF], Passed)):
        after = survey(*passing().runs, ran("test_more.py::t", BAD, enters=enters))
        verdict, _ = await judged(GOOD, after, baseline=baseline)
        assert isinstance(verdict, expected)
        if isinstance(verdict, Failed):
            assert verdict.failing == {"test_more.py::t"}


async def test_a_repaired_collection_is_proven_only_if_the_body_matters() -> None:
    failure = FailedTest(TestId("test_mod.py"), "TypeError", "no", "", (Frame("mod.py", 7, "double"),))
    broken = survey(ending=Ending.NOT_COLLECTED, collection=(failure,))
    collected = survey(ran("test_mod.py::t", enters=[DOUBLE]))
    for without_body, expected in ((survey(ran("test_mod.py::t", BAD)), Passed), (collected, Failed)):
        verdict, runner = await judged(GOOD, collected, without_body, baseline=broken)
        assert isinstance(verdict, expected)
        assert "the body was replaced" in runner.trials[-1].changes[PurePosixPath("mod.py")]


async def test_a_task_is_current_until_files_change() -> None:
    judge, _ = examiner(BASELINE, BASELINE, fingerprints=("one", "one", "two"))
    tasks = await judge.examine(request())
    assert isinstance(tasks, tuple)
    assert await judge.is_current(tasks[0])
    assert not await judge.is_current(tasks[0])


# What has no tests

EXAMPLE = "test_perforch_examples.py::Examples::test_1"


@pytest.mark.parametrize(
    ("after", "level"),
    [
        (survey(ran(EXAMPLE, enters=[DOUBLE])), Level.STATIC),
        (survey(ran(EXAMPLE, BAD)), None),
        (survey(ending=Ending.CRASHED), None),
    ],
)
async def test_a_body_that_no_test_enters_is_never_called_proven(after: Survey, level: Level | None) -> None:
    judge, runner = examiner(survey(ending=Ending.NOTHING_COLLECTED), after)
    tasks = await judge.examine(request(stage=Stage.GENERATE))
    assert isinstance(tasks, tuple)
    verdict = await judge.judge(tasks[0], Candidate(GOOD, "m", Stage.GENERATE))
    assert (verdict.evidence.level if isinstance(verdict, Passed) else None) == level
    assert PurePosixPath("test_perforch_examples.py") in runner.trials[-1].changes


# What is better


async def test_what_has_no_tests_is_not_called_faster_without_a_comparison() -> None:
    no_calls = failed(fault=Fault.DIFFERENT)
    judge, _ = examiner(
        survey(ending=Ending.NOTHING_COLLECTED), survey(ran(EXAMPLE, enters=[DOUBLE])), refined=no_calls
    )
    tasks = await judge.examine(request(stage=Stage.GENERATE))
    assert isinstance(tasks, tuple)
    assert await judge.judge(tasks[0], Candidate(GOOD, "m", Stage.REFINE)) == no_calls


@pytest.mark.parametrize("refined", [FASTER, failed(fault=Fault.NOT_FASTER), failed(fault=Fault.DIFFERENT)])
async def test_a_refinement_that_passes_must_also_be_the_same_and_better(refined: Comparison | Failed) -> None:
    judge, _ = examiner(passing(), passing(), passing(), refined=refined)
    tasks = await judge.examine(request(stage=Stage.REFINE))
    assert isinstance(tasks, tuple)
    verdict = await judge.judge(tasks[0], Candidate(GOOD, "m", Stage.REFINE))
    assert verdict == refined if isinstance(refined, Failed) else isinstance(verdict, Passed)
    assert not isinstance(verdict, Passed) or verdict.comparison == FASTER


@pytest.mark.parametrize(
    ("runs", "code"),
    [
        ([ran("t1", BAD, enters=[DOUBLE]), ran("t3", enters=[DOUBLE])], "fails"),
        ([ran("t2", enters=[HALF])], "no-tests"),
    ],
)
async def test_only_a_function_that_passing_tests_enter_is_refined(runs: list[RanTest], code: str) -> None:
    declined = await examined(request(stage=Stage.REFINE), survey(*runs), survey(*runs))
    assert isinstance(declined, Declined)
    assert declined.reason.code == code
