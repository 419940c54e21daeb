"""Every rung of the ladder that this machine has, for tests that hold on all of them."""

import os
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath

import pytest

from perforch.adapters.commands import Command, Finished, Rlimits
from perforch.adapters.copies import Copies, Copy
from perforch.adapters.guard_plan import Rung
from perforch.adapters.sandbox import Sandbox
from perforch.adapters.sandbox_probe import LADDER, probe
from perforch.core.errors import SandboxUnavailable
from perforch.core.task import Workspace

PYTHON = str(Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}")
READABLE = (Path(sys.base_prefix),)
PATH = {"PATH": "/usr/bin:/bin"}


@dataclass(frozen=True)
class Place:
    """A workspace of the test's own, and a sandbox of one rung for it."""

    sandbox: Sandbox
    copies: Copies
    root: Path

    def put(self, **files: str) -> None:
        for name, text in files.items():
            path = self.root / name.replace("__", "/").replace("_dot_", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def command(self, *argv: str, environment: Mapping[str, str] = PATH, **limits: float) -> Command:
        return Command(argv, self.root, environment, READABLE, Rlimits(**{"wall_seconds": 20.0, **limits}))

    async def shell(self, copy: Copy, script: str, **limits: float) -> Finished:
        return await self.sandbox.run(self.command("/bin/sh", "-c", script, **limits), copy)

    async def python(self, copy: Copy, script: str, **limits: float) -> Finished:
        return await self.sandbox.run(self.command(PYTHON, "-c", script, **limits), copy)

    @asynccontextmanager
    async def copy(self, changes: Mapping[str, str] | None = None) -> AsyncIterator[Copy]:
        texts = {PurePosixPath(name): text for name, text in (changes or {}).items()}
        async with self.copies.open(Workspace(self.root), texts) as copy:
            yield copy

    async def once(self, script: str, **limits: float) -> Finished:
        async with self.copy() as copy:
            return await self.shell(copy, script, **limits)


@cache
def sandbox_of(rung: Rung) -> Sandbox | str:
    try:
        return probe("process", (rung,))
    except SandboxUnavailable as trouble:
        return str(trouble)


def place_on(rung: Rung, folder: Path) -> Iterator[Place]:
    found = sandbox_of(rung)
    if isinstance(found, str):
        pytest.skip(found)
    root = folder / "workspace"
    root.mkdir()
    (folder / "copies").mkdir()
    copies = Copies(found, folder / "copies")
    yield Place(found, copies, root)
    copies.close()


def rungs() -> "list[object]":
    """The best rung of this machine counts as fast, so that `make check` sees it; the others are slow."""
    best = next(rung for rung in LADDER if not isinstance(sandbox_of(rung), str))
    return [rung if rung == best else pytest.param(rung, marks=pytest.mark.slow) for rung in LADDER]


def alive(marker: str) -> list[str]:
    """The command lines of living processes that contain the marker."""
    lines = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            line = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            state = (process / "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if marker in line and state != "Z" and process.name != str(os.getpid()):
            lines.append(line)
    return lines


def wait_until(condition: Callable[[], object], seconds: float = 5.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return bool(condition())
