"""Which tests the user's selectors name."""

from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from perforch.core.errors import UsageError
from perforch.core.survey import TestId
from perforch.core.task import Request

SHOWN_NAMES = 5


def selected(selectors: Iterable[str], tests: Sequence[TestId]) -> tuple[TestId, ...]:
    """The tests that the selectors name: a file or folder, a class, a test, one parameter set, or a test's bare name.

    Raises UsageError for a selector that names nothing.
    """
    chosen: dict[TestId, None] = {}
    for selector in selectors:
        named = [test for test in tests if _names(selector.removeprefix("./"), test)]
        if not named:
            raise UsageError(_unknown(selector, tests))
        chosen |= dict.fromkeys(named)
    return tuple(chosen)


def tests_named(request: Request, tests: Sequence[TestId]) -> tuple[str, ...]:
    """The selector that a request's FILE[::FUNCTION] amounts to, where that file holds tests: Fix never edits those.

    Examples in docstrings are tests, too, but they stand in the code that they are about.
    """
    file = str(request.file)
    held = [test for test in tests if test == file or test.startswith(f"{file}::")]
    if request.file is None or all(_is_doctest(test, request.file) for test in held):
        return ()
    named = (request.function or "").replace(".", "::")
    selector = f"{file}::{named}" if named else file
    return (selector,) if any(_names(selector, test) for test in tests) else (file,)


def _is_doctest(test: TestId, file: PurePosixPath) -> bool:
    """By pytest they are named after the module and what is in it, with dots: `pkg/code.py::pkg.code.function`.

    Examples of a module that lies in no package are named like the file; so is a function in `test_one.py`, but that
    is called as tests are.
    """
    name = test.partition("::")[2].partition("[")[0]
    return "." in name or (name == file.stem and not name.startswith("test"))


def _names(selector: str, test: TestId) -> bool:
    if test == selector or test.startswith(tuple(selector.rstrip("/") + mark for mark in ("::", "[", "/", "."))):
        return True
    bare = test.partition("[")[0]
    return bare.endswith(("::" + selector, "." + selector)) or test.endswith("::" + selector)


def _unknown(selector: str, tests: Sequence[TestId]) -> str:
    shown = ", ".join(tests[:SHOWN_NAMES]) + (", ..." if len(tests) > SHOWN_NAMES else "")
    return f"no test is called {selector!r}; this workspace's tests are named like {shown or 'nothing: there are none'}"
