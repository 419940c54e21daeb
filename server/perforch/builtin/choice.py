"""Which of the plausible mutants to answer with: small edits first, and those that most others agree with."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import exp

from perforch.builtin.frontier import Mutant
from perforch.core.ports import Bench

MOST_ANSWERS = 3
_MOST_OBSERVED = 40
_AGREEMENT = 0.6  # how much cheaper a mutant counts when all others behave like it
_PER_CHARACTER = 0.004
_SMALL = 8  # characters; below, one edit is as small as another

Behaviour = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chosen:
    """An answer; `differs_on` is an input on which it behaves differently from the best one."""

    mutant: Mutant
    differs_on: str | None


async def choose(bench: Bench, found: Sequence[Mutant]) -> list[Chosen]:
    """Up to three that behave differently, best first."""
    candidates = sorted(found, key=_price)[:_MOST_OBSERVED]
    if len(candidates) == 1:
        return [Chosen(candidates[0], None)]
    observed = await bench.observe([mutant.code for mutant in candidates])
    return rank(candidates, [tuple(digests) for digests in observed], bench.inputs)


def rank(candidates: Sequence[Mutant], behaviours: Sequence[Behaviour], inputs: Sequence[str]) -> list[Chosen]:
    """One mutant for each behaviour, the cheapest; behaviours that more and cheaper mutants share come first."""
    votes: defaultdict[Behaviour, float] = defaultdict(float)
    for mutant, behaviour in zip(candidates, behaviours, strict=True):
        votes[behaviour] += exp(-mutant.cost)
    total = sum(votes.values())
    ordered = sorted(
        zip(candidates, behaviours, strict=True),
        key=lambda pair: _price(pair[0]) - _AGREEMENT * votes[pair[1]] / total,
    )
    best: dict[Behaviour, Mutant] = {}
    for mutant, behaviour in ordered:
        best.setdefault(behaviour, mutant)
    first = ordered[0][1]
    chosen = list(best.items())[:MOST_ANSWERS]
    return [Chosen(mutant, _difference(first, behaviour, inputs)) for behaviour, mutant in chosen]


def _price(mutant: Mutant) -> float:
    return mutant.cost + _PER_CHARACTER * max(0, mutant.size - _SMALL)


def _difference(one: Behaviour, other: Behaviour, inputs: Sequence[str]) -> str | None:
    return next((text for text, a, b in zip(inputs, one, other, strict=False) if a != b), None)
