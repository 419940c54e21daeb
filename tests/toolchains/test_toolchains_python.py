"""What the Python toolchains know without running anything."""

from pathlib import Path, PurePosixPath

import pytest

from perforch.core.errors import SettingsError
from perforch.core.survey import TestId
from perforch.toolchains import pytest as pytest_tool
from perforch.toolchains import python_tests, test_commands, unittest
from perforch.toolchains.python_tests import Style
from perforch.toolchains.test_commands import TestCommand


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (None, TestCommand()),
        ("pytest", TestCommand("pytest")),
        ("pytest -q 'tests/a b'", TestCommand("pytest", ("-q", "tests/a b"))),
        ("python3.12 -m pytest tests/unit", TestCommand("pytest", ("tests/unit",))),
        ("poetry run pytest -k fast", TestCommand("pytest", ("-k", "fast"))),
        (".venv/bin/pytest tests", TestCommand("pytest", ("tests",))),
        ("API=1 MODE=test python -m pytest", TestCommand("pytest", (), {"API": "1", "MODE": "test"})),
        ("python -m unittest", TestCommand("unittest")),
        ("python -m unittest discover -s tests -v", TestCommand("unittest", ("tests",))),
    ],
)
def test_a_configured_command_is_understood(command: str | None, expected: TestCommand) -> None:
    assert test_commands.parse(command) == expected


@pytest.mark.parametrize("command", ["make test", "tox -e pytest", "cat pytest", "pytest 'open", "", "python -m nose"])
def test_any_other_command_is_an_error_that_says_what_to_write(command: str) -> None:
    with pytest.raises(SettingsError, match=r"test\.command"):
        test_commands.parse(command)


@pytest.mark.parametrize(
    ("path", "bears"),
    [
        ("tests/test_a.py", True),
        ("pkg/test_a.py", True),
        ("pkg/a_test.py", True),
        ("tests/data/expected.json", True),
        ("conftest.py", True),
        ("pkg/conftest.py", True),
        ("pyproject.toml", True),
        ("sitecustomize.py", True),
        ("lib/x.pth", True),
        ("pkg/latest.py", False),
        ("pkg/contest.py", False),
        ("README.md", False),
        ("tests/__pycache__/test_a.cpython-311.pyc", False),
    ],
)
def test_which_changed_files_cast_doubt_on_a_run(path: str, *, bears: bool) -> None:
    assert python_tests.bears_on_tests(PurePosixPath(path)) is bears


@pytest.mark.parametrize(
    ("texts", "style"),
    [
        (["import unittest\nclass T(unittest.TestCase): ..."], Style.UNITTEST),
        (["class T(TestCase): ...", "import pytest\n"], Style.PYTEST),
        (["class T(TestCase): ...", "def test_a(): ..."], Style.PYTEST),
        (["async def test_a(): ..."], Style.PYTEST),
        (["X = 1"], Style.NONE),
        ([], Style.NONE),
    ],
)
def test_what_tests_are_written_for(texts: list[str], style: Style) -> None:
    assert python_tests.style_of(texts) is style


def test_files_of_chosen_tests_come_once_and_in_order() -> None:
    tests = [TestId("b/test_b.py::T::test[x::y z]"), TestId("a.py::test"), TestId("b/test_b.py::test_2")]
    assert pytest_tool.files_of(tests) == ("b/test_b.py", "a.py")


def test_discovery_begins_where_no_package_leads() -> None:
    files = [PurePosixPath(name) for name in ("test_top.py", "pkg/test_in.py", "tests/test_x.py", "a/b/test_y.py")]
    packages = {PurePosixPath("pkg"), PurePosixPath("a/b")}
    assert unittest.folders_of(files, packages) == (".", "a/b", "tests")


def test_no_test_id_goes_through_the_command_line() -> None:
    argv = pytest_tool.argv(Path("/env/bin/python"), Path("/probe"), ("-q",))
    assert argv == ("/env/bin/python", "/probe/perforch_run.py", "pytest", "-q", "--rootdir=.")
