"""A rule: what it is called, what it relies on, and where it applies."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from perforch.builtin.optimize.code import Code, Rewrite

Apply = Callable[[Code], Iterator[Rewrite]]


@dataclass(frozen=True, slots=True)
class Rule:
    """`apply` gives the places where the rule applies, one rewrite each; only one of them is taken at a time.

    `relies_on` names what must hold and cannot be read from the text; empty where the rule is exact.
    `weight` orders rules by how much they usually gain.
    """

    name: str
    apply: Apply
    relies_on: str = ""
    weight: int = 1
