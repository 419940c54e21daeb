"""What a task cost: candidates that were tried, and processor time, children included."""

import resource
from dataclasses import dataclass, field

from perforch.core.events import Asking, Event, Judging, Searching


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


def cpu_seconds() -> float:
    """Processor time of this process and of all its children that have ended and were waited for."""
    usages = (resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)
