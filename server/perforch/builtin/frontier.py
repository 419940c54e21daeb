"""Which mutant to try next: the likeliest change at the most suspicious line, built only when its turn comes."""

import heapq
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count, islice
from typing import TypeVar

from perforch.builtin.operators import (
    assignments,
    branches,
    calls,
    conditions,
    constants,
    headers,
    insertions,
    names,
    statements,
    symbols,
    values,
)
from perforch.builtin.operators.base import Change, Changes, Ground, Operator, Spot
from perforch.builtin.reading import Site
from perforch.builtin.source import FunctionNode
from perforch.core.edits import splice

PlaceT = TypeVar("PlaceT", Site, Spot, FunctionNode)

AT_SITES: tuple[Operator[Site], ...] = (
    *symbols.OPERATORS,
    *constants.OPERATORS,
    *names.OPERATORS,
    *calls.OPERATORS,
    *values.OPERATORS,
    *conditions.OPERATORS,
    *headers.OPERATORS,
)
AT_ROWS: tuple[Operator[Spot], ...] = (
    *statements.OPERATORS,
    *branches.OPERATORS,
    *assignments.OPERATORS,
    *insertions.OPERATORS,
)
EVERYWHERE: tuple[Operator[FunctionNode], ...] = headers.EVERYWHERE

Progress = tuple[int, int]  # failing tests that pass; lines further into the failing tests
NO_PROGRESS: Progress = (0, 0)

UNSUSPECTED = 1.2  # what a line's innocence costs: as much as going from a likely operator to an unlikely one
_FOR_UNREAD = 0.4
_WORD = re.compile(r"[^\W\d]\w*")
_AT_ONCE = 48  # changes that are drawn from an operator before others get their turn


@dataclass(frozen=True, slots=True)
class Mutant:
    """A changed text of the target: `cost` is its place in the order, `notes` what was done."""

    code: str
    cost: float
    line: int
    notes: tuple[str, ...]
    progress: Progress = NO_PROGRESS  # of what it was made from

    @property
    def note(self) -> str:
        return ", and ".join(self.notes)


@dataclass(frozen=True, slots=True)
class Base:
    """A text to change: the start, or a mutant that got part of the way."""

    ground: Ground
    suspicion: Callable[[int], float]  # of a line of the text, 0 to 1
    cost: float = 0.0
    notes: tuple[str, ...] = ()
    progress: Progress = NO_PROGRESS


@dataclass(frozen=True, slots=True)
class _Source:
    """An operator at a place, and what is left of its changes there."""

    base: Base
    name: str
    line: int
    floor: float
    changes: Changes

    @property
    def penalty(self) -> float:
        return self.base.cost + UNSUSPECTED * (1 - self.base.suspicion(self.line))


@dataclass(frozen=True, slots=True)
class _Unopened:
    """An operator at all of its places: a long function has tens of thousands of pairs, and few are ever reached."""

    sources: Callable[[], Iterator[_Source]]


@dataclass(frozen=True, slots=True)
class _Pending:
    source: _Source
    change: Change


_Entry = _Unopened | _Source | _Pending


class Frontier:
    """An iterator of mutants, cheapest first, each text once; bases may be added while it runs."""

    def __init__(self, start: str) -> None:
        self._heap: list[tuple[float, int, _Entry]] = []
        self._serial = count()
        self._seen = {hash(start)}

    def add(self, base: Base) -> None:
        reading = base.ground.reading
        spots = [Spot(block, index) for block in reading.blocks for index in range(len(block.rows))]
        lines = [spot.row.line for spot in spots]
        self._open(base, EVERYWHERE, [reading.function], [1])
        self._open(base, AT_SITES, reading.sites, [site.line for site in reading.sites])
        self._open(base, AT_ROWS, spots, lines)

    def _open(
        self, base: Base, operators: Sequence[Operator[PlaceT]], places: Sequence[PlaceT], lines: Sequence[int]
    ) -> None:
        for operator in operators:
            sources = partial(_sources, base, operator, places, lines)
            self._push(base.cost + operator.floor, _Unopened(sources))

    def __iter__(self) -> "Frontier":
        return self

    def __next__(self) -> Mutant:
        while self._heap:
            cost, _, entry = heapq.heappop(self._heap)
            match entry:
                case _Unopened(sources):
                    for source in sources():
                        self._push(source.floor + source.penalty, source)
                case _Source():
                    self._draw(entry)
                case _Pending(source, change):
                    code = splice(source.base.ground.reading.text, change.splices)
                    if self._is_new(code):
                        return _mutant(code, cost, source)
        raise StopIteration

    def _draw(self, source: _Source) -> None:
        drawn = list(islice(source.changes, _AT_ONCE))
        for change in drawn:
            cost = change.cost + source.penalty - _bonus(source.base.ground, change)
            self._push(cost, _Pending(source, change))
        if len(drawn) == _AT_ONCE:
            self._push(drawn[-1].cost + source.penalty, source)

    def _push(self, cost: float, entry: _Entry) -> None:
        heapq.heappush(self._heap, (cost, next(self._serial), entry))

    def _is_new(self, code: str) -> bool:
        key = hash(code)
        if key in self._seen:
            return False
        self._seen.add(key)
        return True


def _sources(
    base: Base, operator: Operator[PlaceT], places: Sequence[PlaceT], lines: Sequence[int]
) -> Iterator[_Source]:
    for place, line in zip(places, lines, strict=True):
        yield _Source(base, operator.name, line, operator.floor, operator.changes(base.ground, place))


def _bonus(ground: Ground, change: Change) -> float:
    """A change that uses what nothing has used so far is likelier than others."""
    unread = ground.scope.unread
    uses = unread and any(not unread.isdisjoint(_WORD.findall(part.text)) for part in change.splices)
    return _FOR_UNREAD if uses else 0.0


def _mutant(code: str, cost: float, source: _Source) -> Mutant:
    return Mutant(code, cost, source.line, (*source.base.notes, source.name), source.base.progress)
