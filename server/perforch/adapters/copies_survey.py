"""A look at a workspace before it becomes the lower layer of an overlay."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

# Folders that tests read but do not write, and that hold most of a workspace's files: not looked into.
UNVISITED = frozenset({".git", "node_modules", ".venv", "venv"})
OBSERVED_FILES = 200_000  # looking takes about a second then, which is too long to find out more


def why_no_overlay(root: Path) -> str | None:
    """What an overlay could not cope with, or None.

    A file whose owner or group has no number in the user namespace cannot be copied up ("Value too large for
    defined data type"), and what is mounted within the workspace is not seen through the overlay.
    """
    user, group, device = os.geteuid(), os.getegid(), root.stat().st_dev
    for count, entry in enumerate(_entries(root)):
        found = entry.stat(follow_symlinks=False)
        if (found.st_uid, found.st_gid) != (user, group):
            return f"{entry.path} belongs to another user or group"
        if found.st_dev != device:
            return f"{entry.path} is mounted from elsewhere"
        if stat.S_ISDIR(found.st_mode) and not os.access(entry.path, os.R_OK | os.X_OK):
            return f"{entry.path} cannot be read"
        if count >= OBSERVED_FILES:
            break
    top = root.stat()
    return None if (top.st_uid, top.st_gid) == (user, group) else f"{root} belongs to another user or group"


def _entries(folder: Path | str) -> Iterator["os.DirEntry[str]"]:
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        yield entry
        if entry.is_dir(follow_symlinks=False) and entry.name not in UNVISITED:
            yield from _entries(entry.path)
