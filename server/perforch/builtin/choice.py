"""Which of the plausible mutants to answer with: small edits first, and those that most others agree with."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import exp

from perforch.builtin.frontier import Mutant
from perforch.core.ports import Bench

MOST_ANSWERS = 3
_MOST_OBSERVED = 40
_AGREEMENT = 0.15  # how much cheaper a mutant counts when all others behave like it; it decides between equals
_PER_TOKEN = 0.02
_SMALL = 3  # tokens: a changed operator is two, one gone and one new
_TOKEN = re.compile(r"\w+|[^\w\s]+")

Behaviour = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chosen:
    """An answer; `differs_on` is an input on which it behaves differently from the best one, if one is known."""

    mutant: Mutant
    differs_on: str | None


@dataclass(frozen=True, slots=True)
class Observed:
    """A plausible mutant, what it costs as a repair, and what it did on each input."""

    mutant: Mutant
    price: float
    behaviour: Behaviour


async def choose(bench: Bench, start: str, found: Sequence[Mutant]) -> list[Chosen]:
    """Up to three, best first: those that behave differently before those that seem to be the same."""
    prices = {mutant.code: price(start, mutant) for mutant in found}
    cheapest = sorted(found, key=lambda mutant: prices[mutant.code])[:_MOST_OBSERVED]
    if len(cheapest) == 1:
        return [Chosen(cheapest[0], None)]
    digests = await bench.observe([mutant.code for mutant in cheapest])
    observed = [
        Observed(mutant, prices[mutant.code], tuple(seen)) for mutant, seen in zip(cheapest, digests, strict=True)
    ]
    return rank(observed, bench.inputs)


def rank(observed: Sequence[Observed], inputs: Sequence[str]) -> list[Chosen]:
    """The cheapest mutant of each behaviour, then the others, as what was observed need not be all that is tested.

    A behaviour that more and cheaper mutants share costs less.
    """
    votes: defaultdict[Behaviour, float] = defaultdict(float)
    for one in observed:
        votes[one.behaviour] += exp(-one.price)
    total = sum(votes.values())
    ordered = sorted(observed, key=lambda one: one.price - _AGREEMENT * votes[one.behaviour] / total)
    best: dict[Behaviour, Mutant] = {}
    for one in ordered:
        best.setdefault(one.behaviour, one.mutant)
    first = ordered[0].behaviour
    distinct = [Chosen(mutant, _difference(first, behaviour, inputs)) for behaviour, mutant in best.items()]
    others = [Chosen(one.mutant, None) for one in ordered if best[one.behaviour] is not one.mutant]
    return [*distinct, *others][:MOST_ANSWERS]


def price(start: str, mutant: Mutant) -> float:
    """The cost of the change, and something for every token that is gone or new; what only moved is free."""
    old, new = Counter(_TOKEN.findall(start)), Counter(_TOKEN.findall(mutant.code))
    changed = (new - old).total() + (old - new).total()
    return mutant.cost + _PER_TOKEN * max(0, changed - _SMALL)


def _difference(one: Behaviour, other: Behaviour, inputs: Sequence[str]) -> str | None:
    return next((text for text, a, b in zip(inputs, one, other, strict=False) if a != b), None)
