"""The files of a Python workspace that bear on its tests: what they hold, and whether they have changed."""

import contextlib
import functools
import os
import stat
import time
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path, PurePosixPath

from perforch.core.task import Workspace
from perforch.toolchains import python_tests, unittest
from perforch.toolchains.python_tests import Style

UNRELATED_FOLDERS = frozenset(
    {
        *(".git", ".hg", ".svn", ".venv", "venv", "node_modules", "__pycache__", ".pytest_cache", ".mypy_cache"),
        *(".ruff_cache", ".hypothesis", ".tox", ".nox", ".eggs", ".idea", ".vscode", "site-packages"),
    }
)
UNRELATED_SUFFIXES = (".pyc", ".pyo", ".swp", "~")
LARGEST_HASHED_BYTES = 8 << 20  # of a larger file only size and time are looked at
FRESH_SECONDS = 2.0  # a file changed this recently may change again within the resolution of its time


class Projects:
    """Looks at workspaces; what has been read once is read again only after a change."""

    def __init__(self) -> None:
        self._digests: dict[str, tuple[tuple[int, int, int], bytes]] = {}

    def fingerprint(self, workspace: Workspace) -> str:
        """Changes whenever a file that bears on the tests changes; unsaved text counts as if it were saved."""
        total = blake2b(digest_size=16)
        unsaved = {
            str(workspace.root / file): _hash(text.encode(errors="surrogateescape"))
            for file, text in workspace.unsaved.items()
            if not file.name.endswith(UNRELATED_SUFFIXES)
        }
        saved = {entry.path: entry for entry in _entries(workspace.root)}
        for path in sorted({*saved, *unsaved}):
            total.update(os.fsencode(path) + b"\0" + (unsaved.get(path) or self._digest(saved[path])))
        return total.hexdigest()

    def test_files(self, workspace: Workspace) -> tuple[PurePosixPath, ...]:
        """The Python files that hold tests by their name."""
        return tuple(filter(python_tests.is_test_file, _python_files(workspace)))

    def style(self, workspace: Workspace, files: tuple[PurePosixPath, ...]) -> Style:
        """What the tests in these files are written for."""
        return python_tests.style_of(_text(workspace, file) for file in files)

    def discovery(self, workspace: Workspace) -> tuple[str, ...]:
        """The folders in which unittest must begin to look for tests."""
        files = _python_files(workspace)
        packages = {file.parent for file in files if file.name == "__init__.py"}
        return unittest.folders_of(filter(python_tests.is_test_file, files), packages)

    def _digest(self, entry: "os.DirEntry[str]") -> bytes:
        found = entry.stat(follow_symlinks=False)
        if stat.S_ISLNK(found.st_mode):
            return _hash(os.fsencode(os.readlink(entry.path)))  # noqa: PTH115 - the link's text as it is
        state = (found.st_size, found.st_mtime_ns, found.st_ino)
        known = self._digests.get(entry.path)
        if known is not None and known[0] == state:
            return known[1]
        digest = _content(entry.path, found)
        if time.time() - found.st_mtime > FRESH_SECONDS:
            self._digests[entry.path] = (state, digest)
        return digest


def _python_files(workspace: Workspace) -> tuple[PurePosixPath, ...]:
    """In order, unsaved ones included."""
    saved = (_relative(entry, workspace) for entry in _entries(workspace.root))
    return tuple(sorted({file for file in (*saved, *workspace.unsaved) if file.suffix == ".py"}))


def _relative(entry: "os.DirEntry[str]", workspace: Workspace) -> PurePosixPath:
    return PurePosixPath(entry.path[len(str(workspace.root)) + 1 :].replace(os.sep, "/"))


def _entries(folder: Path | str) -> Iterator["os.DirEntry[str]"]:
    """Files and links below a folder in a fixed order, without what no test looks at."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if entry.is_dir(follow_symlinks=False):
            if entry.name not in UNRELATED_FOLDERS and not _is_environment(entry.path):
                yield from _entries(entry.path)
        elif not entry.name.endswith(UNRELATED_SUFFIXES) and not _is_our_output(entry):
            yield entry


def _is_our_output(entry: "os.DirEntry[str]") -> bool:
    """What we print goes there: `perforch fix > out.txt` in the workspace changes it all the time."""
    return any(os.path.samestat(entry.stat(follow_symlinks=False), ours) for ours in _outputs())


@functools.cache
def _outputs() -> tuple[os.stat_result, ...]:
    """The regular files among standard output and error."""
    found = []
    for number in (1, 2):
        with contextlib.suppress(OSError):
            found.append(os.fstat(number))
    return tuple(status for status in found if stat.S_ISREG(status.st_mode))


def _is_environment(folder: str) -> bool:
    return Path(folder, "pyvenv.cfg").exists() or Path(folder, "conda-meta").exists()


def _content(path: str, found: os.stat_result) -> bytes:
    if not stat.S_ISREG(found.st_mode) or found.st_size > LARGEST_HASHED_BYTES:
        return _hash(f"{found.st_mode} {found.st_size} {found.st_mtime_ns}".encode("ascii"))
    try:
        return _hash(Path(path).read_bytes())
    except OSError as error:
        return _hash(str(error.errno).encode("ascii"))


def _hash(content: bytes) -> bytes:
    return blake2b(content, digest_size=16).digest()


def _text(workspace: Workspace, file: PurePosixPath) -> str:
    unsaved = workspace.unsaved.get(file)
    if unsaved is not None:
        return unsaved
    try:
        return (workspace.root / file).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
