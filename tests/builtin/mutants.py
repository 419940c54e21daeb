"""Mutants of a function's text, without a workbench: for looking at what the operators make."""

from collections.abc import Iterator, Mapping, Sequence

from perforch.builtin.frontier import Base, Frontier, Mutant
from perforch.builtin.operators.base import Ground
from perforch.builtin.reading import Reading, read
from perforch.builtin.scope import collect
from perforch.builtin.source import parse
from perforch.builtin.surroundings import survey
from perforch.builtin.terms import Kinds


def reading_of(code: str, types: Mapping[str, str] | None = None) -> Reading:
    return read(parse(code), kinds(types or {}))


def kinds(types: Mapping[str, str]) -> dict[str, Kinds]:
    return {name: frozenset(names.split()) for name, names in types.items()}


def mutants(
    code: str,
    types: Mapping[str, str] | None = None,
    file: str = "",
    function: str = "f",
    texts: Sequence[str] = (),
) -> Iterator[Mutant]:
    """Cheapest first, with every line equally suspicious."""
    reading = reading_of(code, types)
    ground = Ground(reading, collect(reading, survey(file or code, function), texts))
    frontier = Frontier(code)
    frontier.add(Base(ground, lambda _: 1.0))
    return frontier
