"""The two ways to have a throw-away copy: an overlay that holds only the changes, or everything once more."""

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

Laid = Mapping[PurePosixPath, bytes]  # what we ourselves have written over the workspace
_OPAQUE = "user.overlay.opaque"


@dataclass(frozen=True, slots=True)
class OverlayLayer:
    """The workspace stays where it is, as the lowest layer; what the run writes goes to `top`."""

    workspace: Path
    caches: tuple[Path, ...]
    top: Path
    work: Path

    def present(self, file: PurePosixPath) -> Path:
        """Where the file's present text is."""
        return self.top / file if (self.top / file).exists() else self.workspace / file

    def modified(self, laid: Laid) -> Iterator[PurePosixPath]:
        for file, content in laid.items():
            if not _holds(self.top / file, content):
                yield file
        yield from self._changed_below(PurePosixPath(), laid)

    def _changed_below(self, folder: PurePosixPath, laid: Laid) -> Iterator[PurePosixPath]:
        for entry in os.scandir(self.top / folder):
            path = folder / entry.name
            original = self.workspace / path
            if path in laid or not os.path.lexists(original):
                continue
            if entry.is_dir(follow_symlinks=False) and original.is_dir():
                yield from self._changed_below(path, laid)
                if _is_opaque(entry.path):
                    yield from (file for file in _files_below(self.workspace, path) if not self._is_in_top(file))
            elif not _same_file(self.top / path, original):
                yield from _files_below(self.workspace, path)

    def _is_in_top(self, file: PurePosixPath) -> bool:
        return os.path.lexists(self.top / file)


@dataclass(frozen=True, slots=True)
class FullLayer:
    """Everything copied to `top`, except the folders that are `linked` to the workspace's own.

    `stamps` says when each copied file was last touched by us: nobody can set a file's change time.
    """

    workspace: Path
    top: Path
    linked: tuple[PurePosixPath, ...]
    stamps: dict[PurePosixPath, tuple[int, int]] = field(default_factory=dict)

    def present(self, file: PurePosixPath) -> Path:
        return self.top / file

    def modified(self, laid: Laid) -> Iterator[PurePosixPath]:
        for file, content in laid.items():
            if not _holds(self.top / file, content):
                yield file
        for file, stamp in self.stamps.items():
            copied = self.top / file
            if file not in laid and stamp_of(copied) != stamp and not _same_file(copied, self.workspace / file):
                yield file


Layer = OverlayLayer | FullLayer


def stamp_of(path: Path) -> tuple[int, int] | None:
    try:
        found = path.lstat()
    except OSError:
        return None
    return found.st_ctime_ns, found.st_size


def _holds(path: Path, content: bytes) -> bool:
    try:
        return not path.is_symlink() and path.read_bytes() == content
    except OSError:
        return False


def _same_file(path: Path, original: Path) -> bool:
    """Whether both are regular files of the same content, or links to the same place."""
    try:
        if path.is_symlink() or original.is_symlink():
            return path.readlink() == original.readlink()
        kinds = {stat.S_IFMT(path.stat().st_mode), stat.S_IFMT(original.stat().st_mode)}
        return kinds == {stat.S_IFREG} and path.read_bytes() == original.read_bytes()
    except OSError:
        return False


def _is_opaque(folder: str) -> bool:
    """The run removed the whole folder and made a new one: nothing of the old one shows through."""
    try:
        return os.getxattr(folder, _OPAQUE) == b"y"
    except OSError:
        return False


def _files_below(root: Path, path: PurePosixPath) -> Iterator[PurePosixPath]:
    """The files at `path`, be it a folder or itself a file."""
    place = root / path
    if place.is_symlink() or not place.is_dir():
        yield path
        return
    for folder, _, files in os.walk(place):
        yield from (PurePosixPath(os.path.relpath(os.path.join(folder, name), root)) for name in files)  # noqa: PTH118 - os.walk speaks in strings
