"""unittest: how to run given tests of a project with it, where there is no pytest."""

from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise
from pathlib import Path, PurePosixPath

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


def arguments_of(words: Sequence[str]) -> tuple[str, ...] | None:
    """The start folder in a configured command like `python -m unittest discover -s tests`; None for any other."""
    module = next((at for at, word in enumerate(words) if word == NAME and at and words[at - 1] == "-m"), None)
    if module is None:
        return None
    rest = words[module + 1 :]
    starts = [word for before, word in pairwise(rest) if before in {"-s", "--start-directory"}]
    return tuple(starts)
