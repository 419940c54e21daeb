"""Which functions a pytest test enters, in every form that functions and tests take."""

from pathlib import Path

import pytest
from probe_examples import ENTERS, OUTCOMES, PROJECT
from probe_runs import Run, chosen, lay_out, line_of, run_pytest

from perforch.core.survey import Ending

pytestmark = pytest.mark.slow

FORMS = "tests/test_forms.py::"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lay_out(tmp_path_factory.mktemp("project"), PROJECT)


@pytest.fixture(scope="module")
def run(project: Path) -> Run:
    return run_pytest(project)


def test_the_run_is_complete_and_agrees_with_its_exit_status(run: Run) -> None:
    assert (run.ending, run.status) == (Ending.FINISHED, 1), run.output
    assert run.account.end is not None
    assert run.account.end.ran == len(run.account.collected) == len(run.account.runs)


@pytest.mark.parametrize("test", ENTERS)
def test_a_test_enters_exactly_the_functions_that_it_runs(run: Run, project: Path, test: str) -> None:
    at_import = {
        line_of(project, "src/shop/basket.py", "def doubled"),
        line_of(project, "src/shop/registry.py", "def "),
    }
    expected = {line_of(project, "src/shop/basket.py", header) for header in ENTERS[test]}
    assert run.entered(FORMS + test) == expected | at_import


def test_a_function_called_at_import_is_entered_by_the_tests_that_import_its_caller(run: Run, project: Path) -> None:
    register = line_of(project, "src/shop/registry.py", "def register")
    assert register in run.entered("tests/test_module_level.py::test_other")


def test_what_runs_at_collection_counts_for_all_tests_of_the_module_and_no_other(run: Run, project: Path) -> None:
    items = line_of(project, "src/shop/basket.py", "def items")
    static = line_of(project, "src/shop/basket.py", "def static")
    assert {items, static} <= run.entered("tests/test_module_level.py::test_other")
    assert not {items, static} & run.entered("tests/test_unrelated.py::test_unrelated")


@pytest.mark.parametrize(("test", "outcome"), OUTCOMES.items())
def test_outcomes_of_setup_call_and_teardown_become_one(run: Run, test: str, outcome: str) -> None:
    assert run.outcomes[FORMS + test] == outcome


def test_a_failure_says_what_went_wrong_and_where_in_the_workspace(run: Run) -> None:
    failure = run[FORMS + "test_operator_raises"].failure
    assert failure is not None
    assert (failure.exception, failure.message) == ("ValueError", "nothing to add")
    assert [(frame.file, frame.function) for frame in failure.frames] == [
        ("tests/test_forms.py", "test_operator_raises"),
        ("src/shop/basket.py", "__add__"),
    ]
    assert 'raise ValueError("nothing to add")' in failure.text


def test_only_the_chosen_tests_run_under_the_same_names_and_tell_the_lines_asked_for(project: Path) -> None:
    key = line_of(project, "src/shop/basket.py", "def __add__")
    line = int(key.partition(":")[2])
    tests = (FORMS + "test_parametrised[[x]::y]", FORMS + "Old::test_old", FORMS + "test_operator_raises")
    run = run_pytest(project, plan=chosen(project, *tests, "tests/test_forms.py::test_that_is_gone", lines_of=key))
    assert {each.test for each in run.account.runs} == set(tests)
    assert run.ending is Ending.FINISHED
    assert run[FORMS + "test_operator_raises"].lines == {line, line + 1, line + 2}
