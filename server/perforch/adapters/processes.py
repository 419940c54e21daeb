"""Starts a guard for each sandboxed run, and never leaves before the guard has ended all of it."""

import asyncio
import marshal
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

from perforch.adapters.guard_plan import Plan, Report

_PACKAGE_PARENT = str(Path(__file__).parents[2])
# -I and -S: nothing from the user's environment or site-packages gets into the process that outlives the others.
_GUARD = (
    sys.executable,
    *("-I", "-S", "-c"),
    f"import sys; sys.path.append({_PACKAGE_PARENT!r}); from perforch.adapters.guard import main; main()",
)
_STOP = b"stop"
T = TypeVar("T")


class GuardLost(Exception):
    """The guard itself was killed, or could not start; the kernel has killed the program with it."""


class Guarded:
    """A run under guard. The guard's standard input is the lifeline: when this process dies, it closes."""

    def __init__(self, process: asyncio.subprocess.Process, plan: Plan) -> None:
        self._process = process
        self._report = asyncio.ensure_future(_report_of(process, plan))

    async def report(self) -> Report:
        """How it ended; raises GuardLost."""
        return await asyncio.shield(self._report)

    def stop(self) -> None:
        lifeline = self._process.stdin
        if lifeline is not None and not self._report.done() and not lifeline.is_closing():
            lifeline.write(_STOP)

    async def ended(self) -> None:
        """Return only when nothing of the run is left, however often we are cancelled meanwhile."""
        self.stop()
        await outlasting(self._report)


async def outlasting(job: "asyncio.Future[T]") -> None:
    """Wait until the job is done, result or not; a cancellation passes only then."""
    cancelled = False
    while not job.done():
        try:
            await asyncio.wait([job])
        except asyncio.CancelledError:
            cancelled = True
    if cancelled:
        raise asyncio.CancelledError


@asynccontextmanager
async def guarded(plan: Plan, descriptors: Sequence[int] = ()) -> AsyncIterator[Guarded]:
    """Start the run; at the end of the block all its processes are gone. `descriptors` go to guard and program."""
    starting = asyncio.ensure_future(_start(plan, descriptors))
    try:
        guard = await asyncio.shield(starting)
    except asyncio.CancelledError:
        await (await starting).ended()
        raise
    try:
        yield guard
    finally:
        await guard.ended()


def run_guarded(plan: Plan) -> Report:
    """The same for callers that have no event loop yet; waits until the run is over."""
    # The plan's own deadline bounds the wait; closing the input would count as our death, so it stays open.
    with subprocess.Popen(
        _GUARD, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={}, start_new_session=True
    ) as guard:
        assert guard.stdin is not None
        assert guard.stdout is not None
        guard.stdin.write(_message(plan))
        guard.stdin.flush()
        return _parsed(guard.stdout.read())


async def _start(plan: Plan, descriptors: Sequence[int]) -> Guarded:
    process = await asyncio.create_subprocess_exec(
        *_GUARD,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={},
        start_new_session=True,  # a Ctrl-C at the terminal is for the owner, who then ends the run in order
        pass_fds=descriptors,
    )
    assert process.stdin is not None
    process.stdin.write(_message(plan))
    return Guarded(process, plan)


async def _report_of(process: asyncio.subprocess.Process, plan: Plan) -> Report:
    assert process.stdin is not None
    assert process.stdout is not None
    content = await process.stdout.read()
    await process.wait()
    process.stdin.close()
    if not content:
        _end_orphans(plan)
    return _parsed(content)


def _end_orphans(plan: Plan) -> None:
    """Bubblewrap's first process in the sandbox asks to die with its parent; a parent killed just before leaves it."""
    wanted = (plan["bubblewrap"].encode(), plan["remove"].encode())
    for process in Path("/proc").glob("[0-9]*"):
        try:
            line = (process / "cmdline").read_bytes()
            if line.startswith(wanted[0] + b"\0") and wanted[1] in line:
                os.kill(int(process.name), signal.SIGKILL)
        except OSError:
            continue  # it has just ended


def _message(plan: Plan) -> bytes:
    content = marshal.dumps(plan)  # type: ignore[arg-type]  # a TypedDict is a dict; typeshed knows only the latter
    return len(content).to_bytes(8, "little") + content


def _parsed(content: bytes) -> Report:
    if not content:
        raise GuardLost("ended: its guard was killed from outside, as when memory runs out")
    report: Report = marshal.loads(content)  # noqa: S302 - written by our own guard, whose pipe no program inherits
    return report
