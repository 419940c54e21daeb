"""What an operator is: for a place in the target, the changes worth trying there, cheap ones first."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from perforch.builtin.reading import Reading, Site
from perforch.builtin.rows import Block, Row
from perforch.builtin.scope import Scope
from perforch.builtin.source import Source
from perforch.builtin.terms import Term
from perforch.core.edits import Splice

PlaceT_contra = TypeVar("PlaceT_contra", contravariant=True)


@dataclass(frozen=True, slots=True)
class Ground:
    """A target and the material to change it with."""

    reading: Reading
    scope: Scope

    @property
    def source(self) -> Source:
        return self.reading.source


@dataclass(frozen=True, slots=True)
class Spot:
    """A statement, as a member of its block."""

    block: Block
    index: int

    @property
    def row(self) -> Row:
        return self.block.rows[self.index]

    @property
    def is_last(self) -> bool:
        return self.index + 1 == len(self.block.rows)


@dataclass(frozen=True, slots=True)
class Change:
    """Splices on the target's text, and how far from likely they are (1 is very likely, 4 is hardly)."""

    cost: float
    splices: tuple[Splice, ...]


Changes = Iterator[Change]


@dataclass(frozen=True, slots=True)
class Operator(Generic[PlaceT_contra]):
    """`name` completes the sentence "the fix is ..."; `floor` is not above the cost of its cheapest change."""

    name: str
    floor: float
    changes: Callable[[Ground, PlaceT_contra], Changes]


def put(ground: Ground, site: Site, cost: float, new: Term) -> Change:
    """The change that puts another expression in a site's place."""
    return Change(cost, ground.reading.put(site, new))
