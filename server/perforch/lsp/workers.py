"""Each job runs in a process of its own: the loop never waits for it, and a cancelled one leaves nothing behind."""

import asyncio
import contextlib
import json
import logging
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from perforch.lsp import typed
from perforch.lsp.jobs import End, Job, Line, Refused, Told, end_of

# -P: the folder that the server was started in, mostly the workspace, is no place to import our own modules from.
COMMAND = (sys.executable, "-P", "-m", "perforch.lsp.worker")
PATIENCE_SECONDS = 1.5  # between asking a worker to end its sandboxes and killing it; their guards then end them
MOST_LINE_BYTES = 128 << 20
Listen = Callable[[Told], None]
log = logging.getLogger(__name__)


@dataclass(slots=True)
class Workers:
    """Runs jobs, one at a time for each folder; the others wait their turn."""

    command: tuple[str, ...] = COMMAND
    _turns: dict[str, asyncio.Lock] = field(default_factory=dict)
    _running: set[asyncio.Task[End]] = field(default_factory=set)

    def is_busy(self, root: str) -> bool:
        """Whether a job for this folder would have to wait."""
        return root in self._turns and self._turns[root].locked()

    async def run(self, job: Job, listen: Listen) -> End:
        """The job's end; when cancelled, returns at once while the worker is ended behind our back."""
        task = asyncio.get_running_loop().create_task(self._in_turn(job, listen))
        self._running.add(task)
        task.add_done_callback(self._finished)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            task.cancel()
            raise

    async def close(self) -> None:
        """End every worker, and return when they are gone."""
        for task in self._running:
            task.cancel()
        if self._running:
            await asyncio.wait(self._running)

    def _finished(self, task: "asyncio.Task[End]") -> None:
        self._running.discard(task)
        if not task.cancelled() and task.exception():
            log.error("a worker could not be run", exc_info=task.exception())

    async def _in_turn(self, job: Job, listen: Listen) -> End:
        async with self._turns.setdefault(job.origin.root, asyncio.Lock()):
            worker = await _started(self.command)
            try:
                return await _conversation(worker, job, listen)
            finally:
                await asyncio.shield(asyncio.ensure_future(_ended(worker)))


async def _started(command: tuple[str, ...]) -> asyncio.subprocess.Process:
    """Start a worker; a cancellation meanwhile ends it again."""
    starting = asyncio.ensure_future(
        asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            cwd=Path(sys.executable).anchor,
            start_new_session=True,
            limit=MOST_LINE_BYTES,
        )
    )
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        await _ended(await starting)
        raise


async def _conversation(worker: asyncio.subprocess.Process, job: Job, listen: Listen) -> End:
    """Hand over the job and listen until its end. Its input stays open: when we die, it closes."""
    assert worker.stdin is not None
    assert worker.stdout is not None
    worker.stdin.write(json.dumps(typed.write(job)).encode() + b"\n")
    with contextlib.suppress(ConnectionError):
        await worker.stdin.drain()
    async for content in worker.stdout:
        line = typed.read(Line, json.loads(content), "worker")
        if line.told:
            listen(line.told)
        end = end_of(line)
        if end is not None:
            return end
    status = await worker.wait()
    return Refused(f"the worker ended unexpectedly (status {status}); the log says more", is_fault_of_ours=True)


async def _ended(worker: asyncio.subprocess.Process) -> None:
    """Ask the worker to end what it started, then kill it and its group."""
    if worker.stdin is not None:
        worker.stdin.close()
    if worker.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            worker.terminate()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(worker.wait(), PATIENCE_SECONDS)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(worker.pid, signal.SIGKILL)
    await worker.wait()
