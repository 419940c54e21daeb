"""One piece that expressions are put together from: how it is written, what it takes and gives, and what it does."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

from perforch.builtin.synthesis.values import Kind, Value
from perforch.builtin.terms import Binds

_MODULE = re.compile(r"\b(math|itertools|statistics)\.")


class Cost(IntEnum):
    """How unlikely a piece is, roughly in bits; a piece that is rare is meant for sure where it is spoken of."""

    RARE_TOLD = 1
    TOLD = 2
    VARIABLE = 2
    USUAL = 4
    SELDOM = 6
    RARE = 10


@dataclass(frozen=True, slots=True, eq=False)
class Component:
    """`text` is a template; `{0:each}` is a place where any iterable will do.

    `function` may fail, but is quick and makes no large values. Where the documentation matches `words` the piece costs
    less. `helper` is the text of a function that `text` calls.
    """

    text: str
    takes: tuple[Kind, ...]
    gives: Kind
    function: Callable[..., Value]
    cost: Cost
    binds: Binds = Binds.ATOM
    words: str = ""
    commutes: bool = False
    helper: str = ""
    doubles: bool = False  # whether the same expression twice makes sense

    @property
    def imports(self) -> str:
        """The import line that the text needs, or nothing."""
        module = _MODULE.search(f"{self.text} {self.helper}")
        if module:
            return f"import {module.group(1)}"
        return "from collections import Counter" if "Counter(" in self.text else ""


def piece(
    text: str,
    signature: str,
    function: Callable[..., Value],
    words: str = "",
    cost: Cost = Cost.USUAL,
) -> Component:
    """A piece whose text is a call, a display, or something else that needs no parentheses."""
    takes, gives = signature.split(" -> ")
    return Component(text, tuple(takes.split()), gives, function, cost, words=words)


def seldom(text: str, signature: str, function: Callable[..., Value], words: str = "") -> Component:
    """A piece of everyday use, but less so."""
    return piece(text, signature, function, words, Cost.SELDOM)


def rare(text: str, signature: str, function: Callable[..., Value], words: str) -> Component:
    """A piece that is hardly ever meant unless the documentation says so."""
    return piece(text, signature, function, words, Cost.RARE)
