"""Work spread over processes of ours, one job at a time in each, so that what a job costs can be told from the others.

A worker lives by its pipe: when the pipe closes, because all is done, because we were interrupted or because we are
gone, it cancels what it is doing, lets it clean up, and ends.
"""

import asyncio
import signal
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, TypeVar

J = TypeVar("J")
R = TypeVar("R")

GRACE_SECONDS = 5.0  # for a worker to clean up after its pipe has closed


@dataclass(frozen=True, slots=True)
class Crash:
    """The worker ended without a result: a fault of ours or a lack of memory, not an ending of the job."""

    text: str
    seconds: float


async def each(
    jobs: Sequence[J],
    work: Callable[[J], Awaitable[R]],
    workers: int,
    done: Callable[[int, R | Crash], None],
) -> None:
    """Do `work`, which has to be picklable, on every job; `done` is told each job's index and result as it is ready."""
    waiting = deque(enumerate(jobs))
    async with asyncio.TaskGroup() as group:
        for _ in range(min(workers, len(jobs))):
            group.create_task(_drive(waiting, work, done))


async def all_of(
    jobs: Sequence[J],
    work: Callable[[J], Awaitable[R]],
    workers: int,
    crashed: Callable[[J, Crash], R],
    progress: Callable[[R, int], None],
) -> tuple[R, ...]:
    """The results in the order of the jobs, `crashed` ones too; `progress` is told each, and how many there are."""
    results: dict[int, R] = {}

    def done(index: int, ended: R | Crash) -> None:
        results[index] = crashed(jobs[index], ended) if isinstance(ended, Crash) else ended
        progress(results[index], len(results))

    await each(jobs, work, workers, done)
    return tuple(results[index] for index in sorted(results))


async def _drive(
    waiting: deque[tuple[int, J]], work: Callable[[J], Awaitable[R]], done: Callable[[int, R | Crash], None]
) -> None:
    """Keep one worker busy; a new one takes the place of one that crashed."""
    while waiting:
        async with _worker(work) as connection:
            while waiting:
                index, job = waiting.popleft()
                result: R | Crash = await _result_of(connection, job)
                done(index, result)
                if isinstance(result, Crash):
                    break


async def _result_of(connection: Connection, job: J) -> Any:  # what comes through a pipe has no type of its own
    started = time.monotonic()
    try:
        connection.send(job)
        await _readable(connection)
        return connection.recv()
    except (EOFError, OSError):
        return Crash(
            "the process that worked on it ended unexpectedly; see above for its error", time.monotonic() - started
        )


@asynccontextmanager
async def _worker(work: Callable[[J], Awaitable[R]]) -> AsyncIterator[Connection]:
    """Our end of the pipe to a new process; on leaving, the process ends."""
    context = get_context("spawn")  # a fork would hold copies of the other workers' pipes, and of the event loop
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, work))
    process.start()
    theirs.close()
    try:
        yield ours
    finally:
        ours.close()
        await asyncio.to_thread(process.join, GRACE_SECONDS)
        if process.is_alive():
            process.kill()
            process.join()
        process.close()


def _serve(connection: Connection, work: Callable[[J], Awaitable[R]]) -> None:
    """The worker's life."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # one from the terminal reaches us all; the pipe tells what to do
    asyncio.run(_jobs(connection, work))


async def _jobs(connection: Connection, work: Callable[[J], Awaitable[R]]) -> None:
    try:
        while True:
            await _readable(connection)
            result = await _unless_closed(connection, work(connection.recv()))
            connection.send(result)
    except (EOFError, OSError):
        return


async def _unless_closed(connection: Connection, working: Awaitable[R]) -> R:
    """The result; while we work, the only thing that can come through the pipe is its end."""
    job = asyncio.ensure_future(working)
    closed = asyncio.ensure_future(_readable(connection))
    try:
        await asyncio.wait({job, closed}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        job.cancel()
        closed.cancel()
        await asyncio.wait({job, closed})  # the watch on the pipe has to end before the next one begins
    if job.cancelled():
        raise EOFError
    return job.result()


async def _readable(connection: Connection) -> None:
    """Returns when something can be received: a message, or the end of the pipe."""
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    loop.add_reader(connection.fileno(), ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(connection.fileno())
