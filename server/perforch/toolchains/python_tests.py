"""Which files of a Python workspace are tests or bear on them, and what kind of tests they hold."""

import re
from collections.abc import Iterable
from enum import StrEnum
from pathlib import PurePosixPath

# Regular expressions on the path below the root; the probe, in the project's own interpreter, uses the same ones.
TEST_FILES = (
    r"(^|/)test[^/]*\.py$",
    r"(^|/)[^/]*_tests?\.py$",
    r"(^|/)conftest\.py$",
    r"(^|/)tests?/",
)
CONFIGURATION = frozenset(
    {
        "pytest.ini",
        ".pytest.ini",
        "pytest.toml",
        ".pytest.toml",
        "tox.ini",
        "setup.cfg",
        "setup.py",
        "pyproject.toml",
        "sitecustomize.py",
        "usercustomize.py",
    }
)
_TESTS = re.compile("|".join(TEST_FILES))
_PYTEST_STYLE = re.compile(r"^(?:async )?def test_|^\s*(?:import|from)\s+pytest\b", re.MULTILINE)
_UNITTEST_STYLE = re.compile(r"\bTestCase\b")


class Style(StrEnum):
    """What a workspace's tests are written for."""

    PYTEST = "pytest"
    UNITTEST = "unittest"
    NONE = "none"


def is_test_file(path: PurePosixPath) -> bool:
    return _TESTS.search(str(path)) is not None


def bears_on_tests(path: PurePosixPath) -> bool:
    """Whether a change of this file by a run casts doubt on the run: tests, their data and their configuration."""
    if "__pycache__" in path.parts or path.suffix in {".pyc", ".pyo"}:
        return False
    return is_test_file(path) or path.name in CONFIGURATION or path.suffix == ".pth"


def style_of(texts: Iterable[str]) -> Style:
    """One pytest-style file suffices to need pytest; unittest is enough where every test is a TestCase."""
    found = Style.NONE
    for text in texts:
        if _PYTEST_STYLE.search(text):
            return Style.PYTEST
        if _UNITTEST_STYLE.search(text):
            found = Style.UNITTEST
    return found
