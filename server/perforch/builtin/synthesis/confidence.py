"""How far a program that fits the examples can be believed to be what was meant."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from perforch.builtin.synthesis.component import Component, Cost
from perforch.builtin.synthesis.expression import Expression, Variable
from perforch.builtin.synthesis.goal import Goal
from perforch.builtin.synthesis.problem import Problem, grammar_of
from perforch.builtin.terms import Binds

_PASSED_OVER = 3  # bits against a program that has no use for anything special that the documentation speaks of

_EVIDENCE_PER_BIT = 2.5  # selectivity overstates what examples say: expressions are not independent of each other


@dataclass(frozen=True, slots=True)
class Signs:
    """What speaks for and against a program, in bits where a figure is a cost.

    `unexplained` is what its pieces cost of which the documentation does not speak; `passes_over` says that the
    documentation speaks of something special, and the program has no use for any of it; `selective` is how unlikely it
    is that an expression is right on all examples by chance, judged by how many of those tried were right on each;
    `rivals` is how many examples could be left out one at a time so that a cheaper or equally cheap expression would
    have been right on the others.
    """

    cost: int
    unexplained: int
    passes_over: bool
    selective: float
    rivals: int
    examples: int
    is_whole: bool
    chooses: bool  # between two expressions, with so few examples mostly by chance

    @property
    def rank(self) -> tuple[int, int]:
        """Lower is better."""
        return self.cost + _PASSED_OVER * self.passes_over, self.unexplained


def is_confident(signs: Signs) -> bool:
    """Whether the program may be shown to a user on the strength of its examples alone.

    Either the documentation speaks of every piece of it, or the examples say much more than its pieces cost; and not
    most of the examples were needed, each alone, to rule out something that is no dearer.
    """
    if not is_plausible(signs):
        return False
    if not signs.unexplained:
        return True
    return signs.examples > 1 and not signs.rivals and signs.selective >= _EVIDENCE_PER_BIT * signs.unexplained


def is_plausible(signs: Signs) -> bool:
    """Whether the program is worth a judge's time, who knows of many more cases than the examples."""
    return signs.is_whole and not signs.chooses and 2 * signs.rivals <= signs.examples


def signs(expression: Expression, problem: Problem, goal: Goal) -> Signs:
    used = set(_words(expression))
    special = {
        priced.component.words
        for priced in grammar_of(problem).priced
        if priced.component.cost is Cost.RARE and priced.cost < Cost.RARE
    }
    return Signs(
        cost=expression.cost,
        unexplained=unexplained(expression),
        passes_over=bool(special) and not special & used,
        selective=sum(math.log2((goal.considered + 1) / (right + 1)) for right in goal.right),
        rivals=_rivals(expression, goal),
        examples=len(goal.values),
        chooses=_chooses(expression),
        is_whole=expression.uses & goal.all_parameters == goal.all_parameters,
    )


def unexplained(expression: Expression) -> int:
    """The cost of the pieces that are not told of."""
    own = expression.cost - sum(part.cost for part in expression.parts)
    is_told = own < Cost.USUAL or isinstance(expression.maker, Variable)
    return (0 if is_told else own) + sum(map(unexplained, expression.parts))


def _chooses(expression: Expression) -> bool:
    is_choice = isinstance(expression.maker, Component) and expression.maker.binds is Binds.TEST
    return is_choice or any(map(_chooses, expression.parts))


def _words(expression: Expression) -> Iterator[str]:
    if isinstance(expression.maker, Component):
        yield expression.maker.words
    for part in expression.parts:
        yield from _words(part)


def _rivals(expression: Expression, goal: Goal) -> int:
    count = 0
    for place in range(len(goal.values)):
        others = goal.everywhere & ~(1 << place)
        rival = goal.parts.get(others)
        count += rival is not None and rival.cost <= expression.cost
    return count
