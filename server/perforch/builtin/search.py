"""The search: try mutants in the order of the frontier, build on those that got part of the way, know when to stop."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, aclosing, nullcontext
from dataclasses import dataclass, field

from perforch.builtin.focus import Suspicion, carried_over, suspicion_of_start
from perforch.builtin.frontier import NO_PROGRESS, Base, Frontier, Mutant, Progress
from perforch.builtin.operators.base import Ground
from perforch.builtin.reading import read
from perforch.builtin.scope import collect
from perforch.builtin.source import parse
from perforch.builtin.surroundings import Surroundings
from perforch.core.errors import WorkbenchUnavailable
from perforch.core.events import Searching
from perforch.core.ports import Bench, Listener, Tried

_STRIDE = 800  # mutants tried before the next partial fix is built on
_MOST_PARTIAL = 16
_MOST_PAIRED = 150  # cheap mutants that are built on when no partial fix is left
_MOST_EDITS = 3  # a repair of more would hardly be what a human means
_PARTIAL_SHARE = 0.55  # of a partial fix's cost counts for what is built on it: it has already proven something
_AFTER_FIRST = 300  # mutants that are tried at least after the first plausible one
_MOST_FOUND = 60
_REPORT_S = 0.25


@dataclass(frozen=True, slots=True)
class Start:
    """What a search begins with: the text, the file around it, and the texts of the failures."""

    code: str
    around: Surroundings
    texts: Sequence[str]


@dataclass(frozen=True, slots=True)
class Partial:
    """A mutant that got further than what it was made from, and broke nothing."""

    progress: Progress
    mutant: Mutant

    @property
    def promise(self) -> tuple[int, int, float]:
        return (*self.progress, -self.mutant.cost)


@dataclass(slots=True)
class Hunt:
    """A search on its way."""

    begun: float
    tried: int = 0
    found: list[Mutant] = field(default_factory=list)
    first_at: float = 0.0
    tried_at_first: int = 0
    partial: list[Partial] = field(default_factory=list)
    mild: list[Mutant] = field(default_factory=list)  # ran, and broke nothing
    built_on: int = 0
    reported: float = 0.0


@dataclass(frozen=True, slots=True)
class Searcher:
    """The fixed parts of a search."""

    bench: Bench
    start: Start
    listener: Listener
    clock: Callable[[], float]
    deadline: float

    async def run(self) -> Hunt:
        """Ends by the deadline with what was found until then; raises SyntaxError if the start has one."""
        hunt = Hunt(begun=self.clock())
        frontier = Frontier(self.start.code)
        base = await asyncio.to_thread(self._base, self.start.code)
        frontier.add(base)
        try:
            async with asyncio.timeout(max(0.0, self.deadline - self.clock())):
                while not self._is_over(hunt):
                    await self._round(hunt, frontier, base.suspicion)
                    if not await self._build_on_next(hunt, frontier, base.suspicion):
                        break
        except TimeoutError:
            pass  # what was found so far counts
        except WorkbenchUnavailable:
            if not hunt.found:
                raise
        self.listener.on(Searching(hunt.tried, len(hunt.found), self.clock() - hunt.begun))
        return hunt

    async def _round(self, hunt: Hunt, frontier: Frontier, suspicion: Suspicion) -> None:
        """Until the frontier is exhausted or the search is over."""
        submitted: list[Mutant] = []
        failing = len(self.bench.profile.failing)
        async with _closing(self.bench.evaluate(self._codes(hunt, frontier, submitted))) as results:
            async for tried in results:
                self._note(hunt, submitted[tried.mutant], tried, failing)
                if self._is_over(hunt):
                    return
                if not hunt.found and hunt.tried > _STRIDE * (hunt.built_on + 1):
                    await self._build_on_next(hunt, frontier, suspicion)

    def _codes(self, hunt: Hunt, frontier: Frontier, submitted: list[Mutant]) -> Iterator[str]:
        for mutant in frontier:
            if self._is_over(hunt):
                return
            submitted.append(mutant)
            yield mutant.code

    def _note(self, hunt: Hunt, mutant: Mutant, tried: Tried, failing: int) -> None:
        if not tried.ran:
            return
        now = self.clock()
        hunt.tried += 1
        if tried.is_plausible(failing):
            if not hunt.found:
                hunt.first_at, hunt.tried_at_first = now, hunt.tried
            hunt.found.append(mutant)
        elif not tried.timed_out and not tried.broken:
            progress = (tried.passed, tried.reached)
            if progress > mutant.progress and len(mutant.notes) < _MOST_EDITS:
                hunt.partial.append(Partial(progress, mutant))
            elif len(mutant.notes) == 1 and len(hunt.mild) < _MOST_PAIRED:
                hunt.mild.append(mutant)
        if now - hunt.reported > _REPORT_S:
            hunt.reported = now
            self.listener.on(Searching(hunt.tried, len(hunt.found), now - hunt.begun))

    def _is_over(self, hunt: Hunt) -> bool:
        now = self.clock()
        if now >= self.deadline or len(hunt.found) >= _MOST_FOUND:
            return True
        if not hunt.found:
            return False
        until_first, since = hunt.first_at - hunt.begun, now - hunt.first_at
        is_enough = since > max(0.5, 0.5 * until_first) and hunt.tried - hunt.tried_at_first >= _AFTER_FIRST
        return is_enough or since > max(3.0, until_first)

    async def _build_on_next(self, hunt: Hunt, frontier: Frontier, suspicion: Suspicion) -> bool:
        """Adds the mutants of the most promising partial fix, or of a harmless mutant; False when none is left."""
        hunt.built_on += 1
        if hunt.found:
            return False
        if hunt.partial and hunt.built_on <= _MOST_PARTIAL:
            best = max(hunt.partial, key=lambda partial: partial.promise)
            hunt.partial.remove(best)
            chosen, progress, share = best.mutant, best.progress, _PARTIAL_SHARE
        elif hunt.mild:
            chosen, progress, share = hunt.mild.pop(0), NO_PROGRESS, 1.0
        else:
            return False
        try:
            base = await asyncio.to_thread(self._base, chosen.code)
        except SyntaxError:  # a mutant that this Python cannot read, though the project's can
            return True
        moved = carried_over(suspicion, self.start.code, chosen.code)
        frontier.add(Base(base.ground, moved, chosen.cost * share, chosen.notes, progress))
        return True

    def _base(self, code: str) -> Base:
        source = parse(code)
        reading = read(source, self.bench.profile.types)
        ground = Ground(reading, collect(reading, self.start.around, self.start.texts))
        return Base(ground, suspicion_of_start(self.bench.profile, source))


def _closing(results: AsyncIterator[Tried]) -> AbstractAsyncContextManager[AsyncIterator[Tried]]:
    return aclosing(results) if isinstance(results, AsyncGenerator) else nullcontext(results)
