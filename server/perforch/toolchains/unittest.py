"""unittest: how to run given tests of a project with it, where there is no pytest."""

import shlex
from collections.abc import Collection, Iterable
from itertools import pairwise
from pathlib import Path, PurePosixPath

from perforch.core.survey import TestId

NAME = "unittest"


def argv(python: Path, probe: Path, folders: Iterable[str] = ()) -> tuple[str, ...]:
    """The command; it discovers from `folders`, else from those of the plan."""
    return (str(python), str(probe / "perforch_run.py"), NAME, *folders)


def folders_of(test_files: Iterable[PurePosixPath], packages: Collection[PurePosixPath]) -> tuple[str, ...]:
    """Where discovery must begin to find these files: the root, and folders that no chain of packages ties to it."""
    found = ["."]
    for file in sorted(test_files):
        folder = file.parent
        if folder != PurePosixPath() and not all(part in packages for part in (folder, *folder.parents[:-1])):
            found.append(str(folder))
    return tuple(dict.fromkeys(found))


def arguments_of(command: str) -> tuple[str, ...] | None:
    """The start folder in a configured command like `python -m unittest discover -s tests`; None for any other."""
    words = shlex.split(command)
    if NAME not in words or words[words.index(NAME) - 1] != "-m":
        return None
    rest = words[words.index(NAME) + 1 :]
    starts = [word for before, word in pairwise(rest) if before in {"-s", "--start-directory"}]
    return tuple(starts)


def is_named_by(test: TestId, selector: str) -> bool:
    """Whether a user's selector means this test: a file, a module, a class, a dotted name, or a method's bare name."""
    dotted = selector.removesuffix(".py").removeprefix("./").strip("/").replace("/", ".").replace("::", ".")
    plain = f".{test}."
    return f".{dotted}." in plain if dotted else True
