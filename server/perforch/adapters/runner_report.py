"""Reads the probe's report from a folder in which the tests could write, too."""

import asyncio
import os
import stat
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from perforch.toolchains import probed

LARGEST_BYTES = 512 << 20
LOOK_SECONDS = 0.2
Progress = Callable[[int, int], None]  # how many tests are done, of how many: 0 while that is not known


def told(_done: int, _total: int) -> None:
    """Nobody wants to know."""


def account_of(report: Path, key: str) -> probed.Account:
    return probed.read(_content(report), key)


@asynccontextmanager
async def watching(report: Path, on_progress: Progress) -> AsyncIterator[None]:
    """Tell how far the tests are while the block runs."""
    task = asyncio.ensure_future(_watch(report, on_progress))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _watch(report: Path, on_progress: Progress) -> None:
    count = probed.Count()
    at = 0
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        new = _content(report, at)
        at += len(new)
        if count.add(new):
            on_progress(count.done, count.total)


def _content(report: Path, start: int = 0) -> bytes:
    """What stands in the file from `start` on; nothing if it is not there, or is no ordinary file."""
    try:
        # Not through a link, and without waiting for the other end of a pipe.
        descriptor = os.open(report, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except OSError:
        return b""
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return b""
        file.seek(start)
        return file.read(LARGEST_BYTES)
