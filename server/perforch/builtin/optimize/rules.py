"""All rules, in the order in which they are tried: the later ones work on what the earlier ones have made."""

from perforch.builtin.optimize import (
    branching,
    calls,
    collecting,
    counting,
    divisors,
    ends,
    folding,
    indices,
    invariants,
    membership,
    numbers,
    recursion,
    searching,
    texts,
)
from perforch.builtin.optimize.rule import Rule

RULES: tuple[Rule, ...] = (
    *recursion.RULES,
    *searching.RULES,
    *counting.RULES,
    *ends.RULES,
    *indices.RULES,
    *branching.RULES,
    *divisors.RULES,
    *numbers.RULES,
    *folding.RULES,
    *collecting.RULES,
    *calls.RULES,
    *texts.RULES,
    *membership.RULES,
    *invariants.RULES,
)
SHORT: tuple[Rule, ...] = calls.SHORT  # of use only now and then
