"""When FILE::FUNCTION means a test, and when it means the code to work on."""

from pathlib import Path, PurePosixPath

import pytest

from perforch.core.survey import TestId
from perforch.core.task import Request, Stage, Workspace
from perforch.judging import selection

PLAIN = "tests/test_time.py::test_now"
IN_CLASS = "tests/test_time.py::TestDay::test_first[1.5-a.b]"
DOCTESTS = ("src/clock/time.py::clock.time", "src/clock/time.py::clock.time.now")
OF_TOP_LEVEL = ("time.py::time", "time.py::time.now")
LIKE_ITS_FILE = "tests/test_one.py::test_one"


@pytest.mark.parametrize(
    ("file", "function", "selectors"),
    [
        ("tests/test_time.py", "test_now", ("tests/test_time.py::test_now",)),
        ("tests/test_time.py", "TestDay.test_first", ("tests/test_time.py::TestDay::test_first",)),
        ("tests/test_time.py", None, ("tests/test_time.py",)),
        ("tests/test_time.py", "helper", ("tests/test_time.py",)),
        ("src/clock/time.py", "now", ()),
        ("src/clock/time.py", None, ()),
        ("time.py", "now", ()),
        ("tests/test_one.py", "test_one", ("tests/test_one.py::test_one",)),
        ("tests/test_one.py", None, ("tests/test_one.py",)),
        ("src/clock/other.py", "now", ()),
        (None, None, ()),
    ],
)
def test_a_file_of_tests_names_tests_and_one_with_examples_in_its_docstrings_does_not(
    file: str | None, function: str | None, selectors: tuple[str, ...]
) -> None:
    path = PurePosixPath(file) if file else None
    request = Request(Workspace(Path("/home/ada/clock")), Stage.FIX, file=path, function=function)
    tests = [TestId(test) for test in (PLAIN, IN_CLASS, *DOCTESTS, *OF_TOP_LEVEL, LIKE_ITS_FILE)]
    assert selection.tests_named(request, tests) == selectors
