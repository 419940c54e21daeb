"""Runs programs where they can do no harm, as strictly as this machine allows, and says how strictly that is."""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from perforch.adapters import sandbox_view
from perforch.adapters.commands import Command, Finished, Rlimits
from perforch.adapters.guard_plan import Plan, Report, Rung
from perforch.adapters.machine import Machine
from perforch.adapters.processes import Guarded, GuardLost, guarded
from perforch.core.errors import SandboxUnavailable

if TYPE_CHECKING:
    from perforch.adapters.copies import Copy

CHANNEL = "PERFORCH_CHANNEL"
LEVELS: Mapping[Rung, str] = {
    "bubblewrap": "namespaces",
    "unshare": "namespaces",
    "landlock": "landlock",
    "process": "process",
}
_KILLED = -9
_LINE_BYTES = 16 << 20  # the longest line on a worker's channel
_EXCESS = {
    "processes": "ended: it started more processes than the limit allows",
    "disk": "ended: the disk was nearly full",
}


class Running:
    """A long-lived program, with a channel of lines in both directions on descriptors of its own."""

    def __init__(self, guard: Guarded, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self._guard = guard

    async def wait(self) -> Finished:
        return await _finished(self._guard)

    def kill(self) -> None:
        """End it and all that it has started; `wait` then says when that is done."""
        self._guard.stop()


@dataclass(frozen=True, slots=True)
class Sandbox:
    """One rung of the ladder. `reasons`: what it uses, and why it is none better."""

    rung: Rung
    machine: Machine
    reasons: tuple[str, ...] = ()
    has_overlay: bool = False

    @classmethod
    def probe(cls, minimum: str) -> "Sandbox":
        """The strictest that this machine allows; raises SandboxUnavailable where that is less than `minimum`."""
        from perforch.adapters.sandbox_probe import probe  # noqa: PLC0415 - the ladder tries out sandboxes itself

        return probe(minimum)

    @property
    def level(self) -> str:
        return LEVELS[self.rung]

    @property
    def hides_original(self) -> bool:
        """Whether the copy can stand at the workspace's own path."""
        return self.level == "namespaces"

    async def run(self, command: Command, copy: "Copy") -> Finished:
        """Until it ends, or until a limit or a cancellation ends it; raises SandboxUnavailable.

        A copy is for one program at a time.
        """
        async with guarded(self.plan(command, copy)) as guard:
            return await _finished(guard)

    @asynccontextmanager
    async def start(self, command: Command, copy: "Copy") -> AsyncIterator[Running]:
        """A worker. The program finds its descriptors in PERFORCH_CHANNEL: "<read>,<write>"."""
        async with _channel() as channel:
            plan = self.plan(command, copy)
            plan["environment"][CHANNEL] = f"{channel.read_end},{channel.write_end}"
            plan["keep_open"] = [channel.read_end, channel.write_end]
            async with guarded(plan, plan["keep_open"]) as guard:
                channel.hand_over()
                yield Running(guard, channel.reader, channel.writer)

    def plan(self, command: Command, copy: "Copy") -> Plan:
        """Everything that the guard must know. `unshare` and `bubblewrap` mount; landlock grants; `process` trusts."""
        inside = self.hides_original
        home, temporary = (
            (sandbox_view.INSIDE_HOME, sandbox_view.INSIDE_TEMPORARY) if inside else (copy.home, copy.temporary)
        )
        folders = {"HOME": str(home), "TMPDIR": str(temporary)}
        environment = {name: copy.translated(value) for name, value in command.environment.items()}
        if self.rung == "process" and copy.has_linked_folders:
            folders["PYTHONDONTWRITEBYTECODE"] = "1"  # the links lead to the user's own virtual environment
        is_landlock = self.rung == "landlock"
        return {
            "rung": self.rung,
            "argv": [copy.translated(word) for word in command.argv],
            "cwd": copy.translated(str(command.cwd)),
            "environment": environment | folders,
            "keep_open": [],
            "wall_seconds": command.rlimits.wall_seconds,
            "output_bytes": command.rlimits.output_bytes,
            "limits": _kernel_limits(command.rlimits),
            "processes": command.rlimits.processes,
            "uid": self.machine.uid,
            "gid": self.machine.gid,
            "overlay": sandbox_view.overlay(copy),
            "mounts": sandbox_view.mounts(self.machine, command, copy) if inside else [],
            "stage": str(copy.stage),
            "bubblewrap": self.machine.bubblewrap or "",
            "readable": sandbox_view.landlock_readable(self.machine, command, copy) if is_landlock else [],
            "writable": sandbox_view.landlock_writable(copy) if is_landlock else [],
            "remove": str(copy.folder),
        }


async def _finished(guard: Guarded) -> Finished:
    try:
        return finished(await guard.report())
    except GuardLost as lost:
        return Finished(_KILLED, timed_out=False, output="", seconds=0.0, cpu_seconds=0.0, trouble=str(lost))


def finished(report: Report) -> Finished:
    """Raises SandboxUnavailable where the program was never started."""
    if report["status"] is None and report["trouble"]:
        said = report["output"].decode(errors="replace").strip()
        raise SandboxUnavailable(
            f"the sandbox could not be set up: {report['trouble']} {said}; `perforch doctor` says what this machine has"
        )
    return Finished(
        status=_KILLED if report["status"] is None else report["status"],
        timed_out=report["ending"] == "timeout",
        output=report["output"].decode(errors="replace"),
        seconds=report["seconds"],
        cpu_seconds=report["cpu_seconds"],
        trouble=_EXCESS.get(report["ending"], ""),
    )


def _kernel_limits(rlimits: Rlimits) -> dict[str, int]:
    # DATA, not AS: what a program may fill, not what it may reserve. The JVM, Go and V8 reserve far more
    # address space than they ever use, and do not start under a limit of that.
    wanted = {"CPU": rlimits.cpu_seconds, "DATA": rlimits.memory_bytes, "FSIZE": rlimits.file_bytes, "CORE": 0}
    return {name: value for name, value in wanted.items() if value is not None}


class _Channel:
    """Both ends of both pipes, until the program has inherited its own."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, ends: tuple[int, int]) -> None:
        self.reader = reader
        self.writer = writer
        self.read_end, self.write_end = ends
        self._is_ours = True

    def hand_over(self) -> None:
        """Close our copies of the program's ends, so that its death is seen as the end of the file."""
        if self._is_ours:
            self._is_ours = False
            os.close(self.read_end)
            os.close(self.write_end)


@asynccontextmanager
async def _channel() -> AsyncIterator[_Channel]:
    loop = asyncio.get_running_loop()
    program_read, our_write = os.pipe()
    our_read, program_write = os.pipe()
    reader = asyncio.StreamReader(limit=_LINE_BYTES)
    reading, _ = await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(our_read, "rb", buffering=0)
    )
    writing, flow = await loop.connect_write_pipe(
        lambda: asyncio.streams.FlowControlMixin(loop), os.fdopen(our_write, "wb", buffering=0)
    )
    channel = _Channel(reader, asyncio.StreamWriter(writing, flow, reader, loop), (program_read, program_write))
    try:
        yield channel
    finally:
        channel.hand_over()
        if not writing.is_closing():  # the program's death may have closed it already
            writing.abort()
        reading.close()
        # The transports close their descriptors in the loop's next turn.
        await asyncio.sleep(0)
