"""Two versions of a target side by side, each in a sandbox and copy of its own, measured in turns."""

import asyncio
import contextlib
import itertools
import json
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from perforch.adapters import bench_wire
from perforch.adapters import profiler_wire as wire
from perforch.adapters.bench import Invocation, Invocations
from perforch.adapters.commands import Command, Rlimits
from perforch.adapters.copies import Copies, Copy
from perforch.adapters.profiler_wire import Fields
from perforch.adapters.sandbox import Running, Sandbox
from perforch.core.calls import Behaviour, Call, Patience, Recording, Side, Versions, Workload
from perforch.core.errors import LaboratoryUnavailable, SandboxUnavailable
from perforch.core.hot_lines import LineCount
from perforch.core.measurement import Sample
from perforch.core.task import Task
from perforch.toolchains import pytest, unittest

log = logging.getLogger(__name__)

PROGRAM = Path(__file__).parent.parent / "probe" / "measure.py"
WALL_SECONDS = 3600.0  # a bout is closed by its user; this is for a user that is gone
ANSWER_SECONDS = 600.0
OUTPUT_CHARACTERS = 500
GO_ON: Fields = {"turn": "begins"}


class SandboxedLaboratory:
    """Fills the port Laboratory for Python workspaces."""

    def __init__(self, copies: Copies, sandbox: Sandbox, invocations: Invocations) -> None:
        self._copies = copies
        self._sandbox = sandbox
        self._invocations = invocations

    @asynccontextmanager
    async def open(
        self, task: Task, versions: Versions, recording: Recording | None = None
    ) -> AsyncIterator["SandboxedBout"]:
        """Raises LaboratoryUnavailable; a target whose calls cannot be recorded is a complaint of the recording."""
        invocation = await self._invocations.invocation(task.workspace)
        async with AsyncExitStack() as stack:
            sides = {
                side: await stack.enter_async_context(self._station(task, text, invocation))
                for side, text in ((Side.OLD, versions.old_file), (Side.NEW, versions.new_file))
            }
            if recording is None:
                answer = await sides[Side.OLD].ask({"capture": _capture(task, versions.old, invocation)})
                recording = wire.recording(answer["captured"])
            yield SandboxedBout(sides, recording, versions)

    @asynccontextmanager
    async def _station(self, task: Task, text: str, invocation: Invocation) -> AsyncIterator["Station"]:
        changed = {task.target.file: text}
        async with (
            self._copies.open(task.workspace, changed, invocation.caches) as copy,
            station(self._sandbox, _command(task, invocation), copy) as opened,
        ):
            yield opened


@asynccontextmanager
async def station(sandbox: Sandbox, command: Command, copy: Copy) -> AsyncIterator["Station"]:
    """The measuring program in a copy, until it is no longer needed."""
    async with sandbox.start(command, copy) as running:
        try:
            yield Station(running)
        finally:
            running.kill()
            with contextlib.suppress(SandboxUnavailable):
                ended = await running.wait()
                log.debug("the profiler ended: %s", ended.output[-OUTPUT_CHARACTERS:])


def _command(task: Task, invocation: Invocation) -> Command:
    # Bytecode is kept, as it is where the program is used; each side has its own.
    environment = {name: value for name, value in invocation.environment.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return Command(
        argv=(str(invocation.python), str(PROGRAM)),
        cwd=task.workspace.root.resolve(),
        environment={**environment, "PYTHONHASHSEED": "0"},
        readable=(*invocation.readable, PROGRAM.parent),
        rlimits=Rlimits(wall_seconds=WALL_SECONDS),
    )


def _capture(task: Task, old: str, invocation: Invocation) -> Fields:
    job = bench_wire.job(task, old)
    is_pytest = invocation.runner != unittest.NAME
    return {
        **job,
        "runner": invocation.runner,
        "arguments": invocation.arguments,
        "files": pytest.files_of(job["tests"]) if is_pytest else (),
        "folders": invocation.folders,
        "workers": 1,
    }


class Station:
    """One version's fork server in its sandbox: one question at a time."""

    def __init__(self, running: Running) -> None:
        self._running = running

    async def ask(self, message: Fields) -> Fields:
        """Raises LaboratoryUnavailable."""
        with contextlib.suppress(ConnectionError):  # its end is noticed when we read
            self._running.writer.write(bench_wire.packed(message))
            await self._running.writer.drain()
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                line = await self._running.reader.readline()
        except (TimeoutError, ValueError) as error:  # a ValueError is a line beyond all limits
            raise LaboratoryUnavailable(f"the measuring program does not answer: {error}") from None
        if not line.endswith(b"\n"):
            raise LaboratoryUnavailable(await self._last_words())
        answer: Mapping[str, object] = json.loads(line)
        return answer

    async def _last_words(self) -> str:
        self._running.kill()
        ended = await self._running.wait()
        said = ended.output.strip()[-OUTPUT_CHARACTERS:]
        return f"the measuring program has ended with status {ended.status}. {ended.trouble} {said}"


async def in_turns(messages: Mapping[Station, Fields]) -> Mapping[Station, Fields]:
    """The stations' answers to their messages; only one works at a time, in this order, each until its turn is over.

    Raises LaboratoryUnavailable.
    """
    answers: dict[Station, Fields] = {}
    said = dict(messages)
    while said:
        for one, message in list(said.items()):
            answer = await one.ask(message)
            if "turn" in answer:
                said[one] = GO_ON
            else:
                answers[one] = answer
                del said[one]
    return answers


class SandboxedBout:
    """Fills the port Bout. Never do both versions run at once."""

    def __init__(self, sides: Mapping[Side, Station], recording: Recording, versions: Versions) -> None:
        self._sides = sides
        self._recording = recording
        self._versions = versions
        self._processors = itertools.count()

    @property
    def recording(self) -> Recording:
        return self._recording

    async def kept(self) -> str | None:
        answer = await self._sides[Side.OLD].ask({"state": [self._versions.old, self._versions.new]})
        return wire.reason(answer["state"])

    async def varied(self, calls: Sequence[Call], count: int, seed: int) -> Sequence[Call]:
        answer = await self._ask(Side.OLD, {"vary": wire.packed_calls(calls), "count": count, "seed": seed})
        return wire.calls(answer["calls"])

    async def grown(self, calls: Sequence[Call], seed: int) -> Sequence[Call]:
        answer = await self._ask(Side.OLD, {"grow": wire.packed_calls(calls), "seed": seed})
        return wire.calls(answer["calls"])

    async def behaviours(self, side: Side, calls: Sequence[Call], patience: Patience) -> Sequence[Behaviour]:
        message = {"behave": wire.packed_calls(calls), "limit": patience.call_seconds, "total": patience.seconds}
        answer = await self._ask(side, message)
        return wire.behaviours(answer["behaviours"])

    async def sample(self, side: Side, workload: Workload) -> Sample | str:
        answer = await self._ask(side, {"sample": wire.work(workload)})
        return wire.sample(answer["sample"])

    async def pair(self, workload: Workload, first: Side) -> Mapping[Side, Sample | str]:
        sides = sorted(self._sides, key=lambda side: side is not first)
        message = self._located(wire.turns(workload, next(self._processors)))
        answers = await in_turns({self._sides[side]: message for side in sides})
        return {side: wire.sample(answers[self._sides[side]]["sample"]) for side in sides}

    async def lines(self, workload: Workload, lines: range) -> Sequence[LineCount]:
        message = {"trace": wire.work(workload), "lines": [lines.start, lines.stop - 1]}
        answer = await self._ask(Side.OLD, message)
        return wire.line_counts(answer["lines"])

    async def _ask(self, side: Side, message: Fields) -> Fields:
        return await self._sides[side].ask(self._located(message))

    def _located(self, message: Fields) -> Fields:
        return {**message, "place": json.loads(self._recording.place)}
