"""A copy of everything that tests may need, for machines and workspaces where no overlay can be had."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from perforch.adapters.copies_layers import FullLayer, stamp_of
from perforch.adapters.ignoring import Rules

# An ignored file may still be needed (`.env`, generated modules); build products are larger, or many.
LARGEST_IGNORED_BYTES = 1 << 20
ALL_IGNORED_BYTES = 64 << 20
LARGEST_FILE_BYTES = 256 << 20
LARGEST_HISTORY_BYTES = 4 << 20  # of .git: some tests and build tools ask for the version
REBUILT = frozenset({".mypy_cache", ".ruff_cache", ".pytest_cache", ".tox", ".nox", ".hypothesis"})
LINKED = frozenset({"node_modules"})


@dataclass(slots=True)
class _Job:
    """One copy in the making. `links`: whether linked folders get a symbolic link, or a mount later."""

    root: Path
    top: Path
    links: bool
    is_cancelled: Callable[[], bool]
    linked: list[PurePosixPath] = field(default_factory=list)
    stamps: dict[PurePosixPath, tuple[int, int]] = field(default_factory=dict)
    ignored_bytes: int = 0


def copy_everything(job_root: Path, top: Path, links: bool, is_cancelled: Callable[[], bool]) -> FullLayer:  # noqa: FBT001 - of the one caller
    """Copy the workspace at `job_root` to `top`. Never hard links: tools write in place.

    Virtual environments and node_modules are not copied; with `links` they become symbolic links, otherwise empty
    folders on which the originals are mounted.
    """
    job = _Job(job_root, top, links, is_cancelled)
    top.mkdir()
    _copy_folder(job, PurePosixPath(), Rules(), is_ignored=False)
    return FullLayer(job_root, top, tuple(job.linked), job.stamps)


def _copy_folder(job: _Job, folder: PurePosixPath, rules: Rules, *, is_ignored: bool) -> None:
    rules = rules.within(folder, job.root)
    for entry in _entries(job.root / folder):
        if job.is_cancelled():
            return
        path = folder / entry.name
        if entry.is_symlink():
            _copy_link(job, path)
        elif entry.is_dir():
            inner_ignored = is_ignored or rules.ignore(path, "/")
            _copy_or_link_folder(job, path, rules, is_ignored=inner_ignored)
        elif entry.is_file():
            _copy_file(job, path, is_ignored=is_ignored or rules.ignore(path, ""))


def _copy_or_link_folder(job: _Job, path: PurePosixPath, rules: Rules, *, is_ignored: bool) -> None:
    source = job.root / path
    if job.top.is_relative_to(source):
        return  # our own temporary folder lies within the workspace
    if path.name in REBUILT or (path.name == ".git" and not _is_small(source)):
        return
    if path.name in LINKED or (source / "pyvenv.cfg").is_file():
        job.linked.append(path)
        if job.links:
            (job.top / path).symlink_to(source)
        else:
            (job.top / path).mkdir()
        return
    (job.top / path).mkdir()
    _copy_folder(job, path, rules, is_ignored=is_ignored)
    shutil.copystat(source, job.top / path)
    (job.top / path).chmod(source.stat().st_mode | 0o700)


def _copy_link(job: _Job, path: PurePosixPath) -> None:
    """A link into the workspace becomes one into the copy, so that nothing is written through it."""
    text = (job.root / path).readlink()
    if text.is_absolute() and text.is_relative_to(job.root):
        text = Path(os.path.relpath(text, (job.root / path).parent))
    (job.top / path).symlink_to(text)
    _stamp(job, path)


def _copy_file(job: _Job, path: PurePosixPath, *, is_ignored: bool) -> None:
    source, target = job.root / path, job.top / path
    size = source.stat().st_size
    if size > LARGEST_FILE_BYTES:
        return
    if is_ignored:
        job.ignored_bytes += size
        if size > LARGEST_IGNORED_BYTES or job.ignored_bytes > ALL_IGNORED_BYTES:
            return
    try:
        shutil.copy2(source, target)
    except (PermissionError, FileNotFoundError):
        return  # what we cannot read, the tests cannot read either; or it is gone by now
    target.chmod(target.stat().st_mode | 0o600)
    _stamp(job, path)


def _stamp(job: _Job, path: PurePosixPath) -> None:
    if stamp := stamp_of(job.top / path):
        job.stamps[path] = stamp


def _is_small(folder: Path) -> bool:
    total = 0
    for place, _, files in os.walk(folder):
        for name in files:
            total += os.lstat(os.path.join(place, name)).st_size  # noqa: PTH118 - os.walk speaks in strings
            if total > LARGEST_HISTORY_BYTES:
                return False
    return True


def _entries(folder: Path) -> Iterator["os.DirEntry[str]"]:
    try:
        yield from sorted(os.scandir(folder), key=lambda entry: entry.name)
    except PermissionError:
        return
