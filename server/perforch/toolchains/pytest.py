"""pytest: how to run given tests of a project with it, whatever the project's configuration says."""

import shlex
from collections.abc import Iterable
from pathlib import Path

from perforch.core.survey import TestId

NAME = "pytest"


def argv(python: Path, probe: Path, arguments: Iterable[str] = (), *, collect_only: bool = False) -> tuple[str, ...]:
    """The command; `arguments` are the project's own. Test ids go into the plan: there may be thousands."""
    only = ("--collect-only",) if collect_only else ()
    # The root is pinned so that a test has the same id however few are run.
    return (str(python), str(probe / "perforch_run.py"), NAME, *arguments, "--rootdir=.", *only)


def files_of(tests: Iterable[TestId]) -> tuple[str, ...]:
    """The files that hold these tests, in the tests' order."""
    return tuple(dict.fromkeys(test.partition("::")[0] for test in tests))


def arguments_of(command: str) -> tuple[str, ...] | None:
    """The arguments in a configured command like `python -m pytest -q tests/unit`; None for any other command."""
    words = shlex.split(command)
    for at, word in enumerate(words):
        if Path(word).name in {"pytest", "py.test"} and (at == 0 or words[at - 1] in {"-m", "run"}):
            return tuple(words[at + 1 :])
    return None


def is_named_by(test: TestId, selector: str) -> bool:
    """Whether a user's selector means this test: a file, a folder, a node id, or the bare name of a test."""
    base = test.partition("[")[0]
    path = selector.removeprefix("./").rstrip("/")
    below = path in {"", "."} or test.startswith((path + "/", path + "::", path + "["))
    return test == path or below or base.rpartition("::")[2] == selector
