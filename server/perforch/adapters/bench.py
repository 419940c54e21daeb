"""A workbench in the sandbox: candidates go to the project's own interpreter, and what became of them comes back."""

import asyncio
import contextlib
import json
import logging
import os
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path
from typing import Protocol

from perforch.adapters import bench_wire as wire
from perforch.adapters.bench_wire import Fields
from perforch.adapters.commands import Command, Rlimits
from perforch.adapters.copies import Copies
from perforch.adapters.sandbox import Running, Sandbox
from perforch.core.errors import SandboxUnavailable, WorkbenchUnavailable
from perforch.core.ports import Profile, Tried
from perforch.core.survey import TestId
from perforch.core.task import Task, Workspace
from perforch.toolchains import pytest, unittest

log = logging.getLogger(__name__)

PROGRAM = Path(__file__).parent.parent / "probe" / "evaluate.py"
WALL_SECONDS = 3600.0  # a bench is closed by its user; this is for a user that is gone
READY_SECONDS = 240.0  # the import of the tests and the profile
OUTPUT_CHARACTERS = 500
PIECE = 64  # candidates per message


@dataclass(frozen=True, slots=True)
class Invocation:
    """How the tests of a workspace are run: by which Python and framework, with the project's own arguments."""

    python: Path
    runner: str  # the NAME of a toolchain: pytest or unittest
    environment: Mapping[str, str]
    readable: tuple[Path, ...] = ()
    arguments: tuple[str, ...] = ()
    folders: tuple[str, ...] = (".",)  # where unittest discovers
    caches: Path | None = None  # what the baseline left, for the copy


class Invocations(Protocol):
    """Knows each workspace's invocation; raises ToolMissing."""

    async def invocation(self, workspace: Workspace) -> Invocation: ...


class SandboxedWorkbench:
    """Opens benches, each a program of its own in a copy of its own."""

    def __init__(self, copies: Copies, sandbox: Sandbox, invocations: Invocations, workers: int | None = None) -> None:
        self._copies = copies
        self._sandbox = sandbox
        self._invocations = invocations
        self._workers = workers or len(os.sched_getaffinity(0))

    @asynccontextmanager
    async def open(self, task: Task, start: str) -> AsyncIterator["SandboxedBench"]:
        """A bench on which `start` is the present code. Raises WorkbenchUnavailable."""
        if not (task.tests.failing or task.tests.uncollected):
            raise WorkbenchUnavailable(f"no failing test concerns {task.target.function}: there is nothing to repair")
        invocation = await self._invocations.invocation(task.workspace)
        changes = {task.target.file: wire.started(task, start)}
        async with (
            self._copies.open(task.workspace, changes, invocation.caches) as copy,
            self._sandbox.start(_command(task, invocation), copy) as running,
        ):
            bench = SandboxedBench(running)
            try:
                job = wire.search(task, start)
                await bench.prepare({**job, **_how(invocation, job["tests"]), "workers": self._workers})
                yield bench
            finally:
                await bench.close()


def _command(task: Task, invocation: Invocation) -> Command:
    return Command(
        argv=(str(invocation.python), str(PROGRAM)),
        cwd=task.workspace.root.resolve(),
        environment={**invocation.environment, "PYTHONDONTWRITEBYTECODE": "1"},
        readable=(*invocation.readable, PROGRAM.parent),
        rlimits=Rlimits(wall_seconds=WALL_SECONDS),
    )


def _how(invocation: Invocation, tests: Sequence[TestId]) -> Fields:
    is_pytest = invocation.runner != unittest.NAME
    return {
        "runner": invocation.runner,
        "arguments": invocation.arguments,
        "files": pytest.files_of(tests) if is_pytest else (),
        "folders": invocation.folders,
    }


class SandboxedBench:
    """One open bench. One evaluation at a time; `observe` may come in between."""

    def __init__(self, running: Running) -> None:
        self._running = running
        self._profile: Profile | None = None
        self._inputs: tuple[str, ...] = ()
        self._runs = count(1)
        self._messages: asyncio.Queue[Fields | None] = asyncio.Queue()
        self._observed: asyncio.Queue[Fields | None] = asyncio.Queue()
        self._reading: asyncio.Task[None] | None = None

    @property
    def profile(self) -> Profile:
        assert self._profile is not None, "a bench is prepared before it is handed out"
        return self._profile

    @property
    def inputs(self) -> Sequence[str]:
        return self._inputs

    async def prepare(self, job: Fields) -> None:
        """Raises WorkbenchUnavailable, with the evaluator's reason."""
        await self._send(job)
        try:
            async with asyncio.timeout(READY_SECONDS):
                answer = await self._read()
        except TimeoutError:
            raise WorkbenchUnavailable("the tests take too long to be imported and run in process") from None
        if answer is None:
            raise WorkbenchUnavailable(await self._last_words())
        if "unavailable" in answer:
            raise WorkbenchUnavailable(str(answer["unavailable"]))
        self._profile = wire.profile(answer["profile"])
        self._reading = asyncio.create_task(self._sort_messages())

    async def close(self) -> None:
        """End the program and everything that it has started."""
        self._running.kill()
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.wait([self._reading])
        with contextlib.suppress(SandboxUnavailable):
            ended = await self._running.wait()
            log.debug("the evaluator ended: %s", ended.output[-OUTPUT_CHARACTERS:])

    async def evaluate(self, codes: Iterable[str]) -> AsyncGenerator[Tried]:
        """Try each text in the target's place.

        One that took too long may come a second time, with the result of a longer try: only while none was plausible.
        Texts are told apart by their bytecode over the bench's whole life. Raises WorkbenchUnavailable.
        """
        run = next(self._runs)
        numbered = enumerate(codes)
        await self._send({"begin": run})
        try:
            while (message := await self._next(self._messages)).get("ended") is None or message["run"] != run:
                if message["run"] != run:
                    continue
                for fields in message.get("tried", ()):
                    yield wire.tried(fields)
                await self._feed(run, numbered, message.get("want", 0))
            for fields in message.get("tried", ()):
                yield wire.tried(fields)
        finally:
            await self._send({"stop": run})

    async def observe(self, codes: Sequence[str]) -> Sequence[Sequence[str]]:
        """One list of digests per code; empty lists where calls cannot be recorded and repeated."""
        await self._send({"observe": list(codes)})
        answer = (await self._next(self._observed))["observed"]
        self._inputs = tuple(answer["inputs"])
        return tuple(tuple(digests) for digests in answer["digests"])

    async def _feed(self, run: int, numbered: Iterator[tuple[int, str]], want: int) -> None:
        """Send what is wanted, in pieces, so that work can begin at once and the loop is not held up."""
        while want > 0:
            piece = list(islice(numbered, min(PIECE, want)))
            if piece:
                await self._send({"try": piece, "run": run})
            if len(piece) < min(PIECE, want):
                await self._send({"end": run})
                return
            want -= len(piece)
            await asyncio.sleep(0)

    async def _sort_messages(self) -> None:
        while (message := await self._read()) is not None:
            await (self._observed if "observed" in message else self._messages).put(message)
        for queue in (self._messages, self._observed):
            await queue.put(None)

    async def _next(self, queue: "asyncio.Queue[Fields | None]") -> Fields:
        message = await queue.get()
        if message is None:
            await queue.put(None)
            raise WorkbenchUnavailable(await self._last_words())
        return message

    async def _read(self) -> Fields | None:
        line = await self._running.reader.readline()
        if not line.endswith(b"\n"):
            return None
        message: Fields = json.loads(line)
        return message

    async def _send(self, message: Fields) -> None:
        with contextlib.suppress(ConnectionError):  # its end is noticed by whoever reads
            self._running.writer.write(wire.packed(message))
            await self._running.writer.drain()

    async def _last_words(self) -> str:
        self._running.kill()
        ended = await self._running.wait()
        said = ended.output.strip()[-OUTPUT_CHARACTERS:]
        return f"the program that runs the tests in process has ended with status {ended.status}. {said}"
