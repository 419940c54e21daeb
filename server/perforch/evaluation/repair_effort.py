"""What a task cost: candidates that were tried, and processor time, children included."""

import asyncio
import resource
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import psutil

from perforch.core.events import Asking, Event, Judging, Searching

SAMPLING_SECONDS = 0.2  # what a look costs is 1 ms per child or so


@dataclass(slots=True)
class Counter:
    """A listener that counts candidates: those of a search as it tells them, else those that were judged."""

    _finished: int = 0
    _searched: int = field(default=0)
    _judged: int = field(default=0)

    @property
    def candidates(self) -> int:
        return self._finished + max(self._searched, self._judged)

    def on(self, event: Event) -> None:
        match event:
            case Asking():
                self._finished, self._searched, self._judged = self.candidates, 0, 0
            case Searching(tried=tried):
                self._searched = max(self._searched, tried)
            case Judging():
                self._judged += 1
            case _:
                pass


class CpuMeter:
    """Processor time of this process and its children while it is open.

    The kernel adds up children that were waited for, but forgets those that ended with their sandbox; looking at the
    living ones now and then misses the short ones. Each is a lower bound, and the larger one is what we tell.
    """

    def __init__(self) -> None:
        self._seen: dict[tuple[int, float], float] = {}
        self._own = _seconds(resource.RUSAGE_SELF)
        self._waited = _seconds(resource.RUSAGE_CHILDREN)

    @property
    def seconds(self) -> float:
        own = _seconds(resource.RUSAGE_SELF) - self._own
        return own + max(_seconds(resource.RUSAGE_CHILDREN) - self._waited, sum(self._seen.values()))

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Look at the children until the block ends."""
        watching = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            watching.cancel()
            await asyncio.wait({watching})

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(SAMPLING_SECONDS)
            for child in psutil.Process().children(recursive=True):
                with suppress(psutil.Error):  # it has ended meanwhile
                    times = child.cpu_times()
                    self._seen[child.pid, child.create_time()] = times.user + times.system


def _seconds(who: int) -> float:
    usage = resource.getrusage(who)
    return usage.ru_utime + usage.ru_stime
