"""Expressions, with what they come to on every example."""

from dataclasses import dataclass
from enum import StrEnum

from perforch.builtin.synthesis.component import Component
from perforch.builtin.synthesis.values import Kind, Value, Vector
from perforch.builtin.terms import Binds

LOCALS = 4  # variables of one comprehension: up to three elements side by side, and the index
INDEX = 3  # the place of the index among them


@dataclass(frozen=True, slots=True)
class Variable:
    """A parameter, or a name that a comprehension binds; `place` is its bit in `uses`."""

    place: int
    name: str  # of parameters; those of comprehensions get theirs when they are written


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal."""

    value: Value

    @property
    def text(self) -> str:
        return repr(self.value)

    @property
    def binds(self) -> Binds:
        negative = isinstance(self.value, int | float) and self.value < 0
        return Binds.SIGN if negative else Binds.ATOM


class Form(StrEnum):
    """What is made of the elements of a source and an expression over them."""

    MAP = "map"
    FILTER = "filter"
    SORT = "sorted"
    MOST = "max"
    LEAST = "min"


@dataclass(frozen=True, slots=True)
class Each:
    """A comprehension, or a function with a key: its parts are the source and the body."""

    form: Form
    first: int  # the place of its first variable
    variables: int  # how many elements are side by side


Maker = Variable | Constant | Component | Each


@dataclass(frozen=True, slots=True, eq=False)
class Expression:
    """`uses` has a bit for every variable that is free in it; `is_total` says that it failed on no example."""

    kind: Kind
    cost: int
    values: Vector
    maker: Maker
    parts: tuple["Expression", ...] = ()
    uses: int = 0
    is_total: bool = True

    def constants(self) -> tuple[Constant, ...]:
        """The literals in it, from left to right."""
        if isinstance(self.maker, Constant):
            return (self.maker,)
        return tuple(constant for part in self.parts for constant in part.constants())
