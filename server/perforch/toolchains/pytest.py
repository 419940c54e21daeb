"""pytest: how to run given tests of a project with it, whatever the project's configuration says."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from perforch.core.survey import TestId

NAME = "pytest"


def argv(python: Path, probe: Path, arguments: Iterable[str] = ()) -> tuple[str, ...]:
    """The command; `arguments` are the project's own. Test ids go into the plan: there may be thousands."""
    # The root is pinned so that a test has the same id however few are run.
    return (str(python), str(probe / "perforch_run.py"), NAME, *arguments, "--rootdir=.")


def files_of(tests: Iterable[TestId]) -> tuple[str, ...]:
    """The files that hold these tests, in the tests' order."""
    return tuple(dict.fromkeys(test.partition("::")[0] for test in tests))


def arguments_of(words: Sequence[str]) -> tuple[str, ...] | None:
    """The arguments in a configured command like `python -m pytest -q tests/unit`; None for any other command."""
    for at, word in enumerate(words):
        if Path(word).name in {"pytest", "py.test"} and (at == 0 or words[at - 1] in {"-m", "run"}):
            return tuple(words[at + 1 :])
    return None
