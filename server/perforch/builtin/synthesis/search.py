"""The search: costs go up by one, until something does what all the examples show."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from perforch.builtin.synthesis.comprehension import Comprehensions
from perforch.builtin.synthesis.expression import Constant, Expression
from perforch.builtin.synthesis.goal import Goal
from perforch.builtin.synthesis.problem import Problem, grammar_of, literals_of
from perforch.builtin.synthesis.scope import Grammar, Scope, of_variable

_MOST = 400_000  # expressions kept: some 300 MB at worst
_DEAREST = 60
_SLICE = 0.01  # seconds of computing between two chances for others
_LEVELS_AFTER = 4  # rivals of the first hit cost little more than it
_LEAST_AFTER = 0.3  # seconds for finding them
_SHARE_AFTER = 1.0  # of the time that the first hit took


@dataclass(frozen=True, slots=True)
class Outcome:
    """What reached the goal, cheapest first, and what reached part of it."""

    problem: Problem
    goal: Goal
    cost: int  # the last level that was begun


async def search(problem: Problem, deadline: float, clock: Callable[[], float]) -> Outcome:
    """Ends by the deadline; lets others run every few milliseconds."""
    goal = Goal(problem.kind, problem.results, len(problem.parameters))
    grammar = grammar_of(problem)
    scope = _scope(grammar, problem, goal)
    nested = Comprehensions(scope, grammar, len(problem.parameters))
    resumed = clock()
    for _ in _levels(scope, nested, goal, clock):
        now = clock()
        if now >= deadline:
            break
        if now - resumed > _SLICE:
            await asyncio.sleep(0)
            resumed = clock()
    return Outcome(problem, goal, scope.cost)


def _scope(grammar: Grammar, problem: Problem, goal: Goal) -> Scope:
    own = goal.all_parameters
    scope = Scope(grammar, own, _MOST, goal.notice)
    for place, parameter in enumerate(problem.parameters):
        scope.add(of_variable(place, parameter.name, parameter.kind, parameter.values))
    for literal in literals_of(problem):
        values = (literal.value,) * len(problem.results)
        scope.add(Expression(literal.kind, literal.cost, values, Constant(literal.value)))
    return scope


def _levels(scope: Scope, nested: Comprehensions, goal: Goal, clock: Callable[[], float]) -> Iterator[None]:
    """Ends a level after that of the first hit, or when some time has gone by since."""
    begun, first_at, last_level = clock(), 0.0, _DEAREST
    while scope.cost < last_level and not scope.is_full:
        for _ in _level(scope, nested):
            yield
            if goal.whole_hits and not first_at:
                first_at, last_level = clock(), scope.cost + _LEVELS_AFTER
            if first_at and clock() - first_at > max(_LEAST_AFTER, _SHARE_AFTER * (first_at - begun)):
                return


def _level(scope: Scope, nested: Comprehensions) -> Iterator[None]:
    yield from scope.advance()
    yield from nested.advance()
    yield
