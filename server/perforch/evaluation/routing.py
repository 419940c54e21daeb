"""How good is Memory's order? Measured on recorded outcomes: who would have been asked, and what would have come of it.

Each model has answered each task once. An order is learnt from some tasks and tried on others; it asks at most five
models per task, stops at the first that solves it, and is compared with the best single model (chosen in hindsight), a
random order, asking five models every time, and the oracle that always asks the right one.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import comb
from random import Random

from perforch.core.belief import Knowledge
from perforch.core.experience import Experience, experience_of
from perforch.core.fallback import Fallback, Ordering, asked_in_turn
from perforch.core.observation import Observation, Place, Standing
from perforch.core.ranking import rank
from perforch.core.task import Stage

TRIES = 5
ROUNDS = 200  # random halves: between seeds the averages then differ by less than a fifth of a task

Standings = Mapping[tuple[Stage, str], Standing]


class Order(StrEnum):
    """`static`: by posterior mean; `conditional`: by P(success | the earlier ones failed).

    Both give up when core/fallback.py says so. `exhaustive`: always the first five of the static order, all of them.
    """

    STATIC = "static"
    CONDITIONAL = "conditional"
    RANDOM = "random"
    EXHAUSTIVE = "exhaustive"


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Which models solved which tasks, and what is known of the tasks beforehand; an absent answer solves nothing."""

    solved: Mapping[str, Mapping[str, bool]]  # by model and task
    places: Mapping[str, Place]  # by task

    def limited_to(self, models: Iterable[str]) -> "Outcomes":
        return Outcomes({model: self.solved[model] for model in models}, self.places)

    def solves(self, model: str, task: str) -> bool:
        return self.solved[model].get(task, False)

    def solvers(self, task: str) -> int:
        return sum(self.solves(model, task) for model in self.solved)


@dataclass(frozen=True, slots=True)
class Split:
    """Learn from the one, try on the other; in cross-validation both are tasks of the same data."""

    learn: Outcomes
    test: Outcomes


@dataclass(frozen=True, slots=True)
class Tried:
    """One order at one task: the chance to be solved within 1, 2, ... TRIES, and the expected number of calls."""

    order: Order
    task: str
    within: tuple[float, ...]
    calls: float


def halves(outcomes: Outcomes, rounds: int = ROUNDS, seed: int = 0) -> Iterator[Split]:
    """Random halves of the tasks, each used both ways."""
    tasks, rng = sorted(outcomes.places), Random(seed)  # noqa: S311 - nothing secret is made of it
    for _ in range(rounds // 2):
        rng.shuffle(tasks)
        one, other = _only(outcomes, tasks[: len(tasks) // 2]), _only(outcomes, tasks[len(tasks) // 2 :])
        yield Split(one, other)
        yield Split(other, one)


def try_orders(split: Split, standings: Standings) -> Iterator[Tried]:
    """What becomes of every test task in every order."""
    known = Knowledge(learnt_from(split.learn), standings)
    by_place = {place: _orders(tuple(split.test.solved), place, known) for place in set(split.test.places.values())}
    for task, place in split.test.places.items():
        orders = by_place[place]
        yield _one_by_one(Order.STATIC, orders.static, split.test, task)
        yield _one_by_one(Order.CONDITIONAL, orders.conditional, split.test, task)
        yield _all_at_once(orders.exhaustive, split.test, task)
        yield _at_random(split.test, task)


def learnt_from(outcomes: Outcomes) -> Experience:
    """As if every model had been asked first at every task, as profiling does."""
    return experience_of(
        Observation(
            id=f"{model}/{task}",
            model=model,
            place=outcomes.places[task],
            success=outcomes.solves(model, task),
            date="",
            source="recorded",
            seconds=0.0,
            task=task,
        )
        for model in outcomes.solved
        for task in outcomes.places
    )


def _only(outcomes: Outcomes, tasks: Sequence[str]) -> Outcomes:
    kept = dict.fromkeys(tasks)
    return Outcomes(
        {
            model: {task: success for task, success in results.items() if task in kept}
            for model, results in outcomes.solved.items()
        },
        {task: outcomes.places[task] for task in kept},
    )


@dataclass(frozen=True, slots=True)
class _Orders:
    """Whom to ask at a place, in order."""

    static: Sequence[str]
    conditional: Sequence[str]
    exhaustive: Sequence[str]


def _orders(models: Sequence[str], place: Place, known: Knowledge) -> _Orders:
    static = asked_in_turn(models, place, known, Ordering(fallback=Fallback.STATIC))
    conditional = asked_in_turn(models, place, known, Ordering(fallback=Fallback.CONDITIONAL))
    every = (static, conditional, rank(models, place, known))
    return _Orders(*([one.model for one in order][:TRIES] for order in every))


def _one_by_one(order: Order, models: Sequence[str], outcomes: Outcomes, task: str) -> Tried:
    """Until one solves it."""
    solved_at = next((number for number, model in enumerate(models) if outcomes.solves(model, task)), None)
    calls = len(models) if solved_at is None else solved_at + 1
    within = tuple(float(solved_at is not None and solved_at <= tries) for tries in range(TRIES))
    return Tried(order, task, within, float(calls))


def _all_at_once(models: Sequence[str], outcomes: Outcomes, task: str) -> Tried:
    return Tried(
        Order.EXHAUSTIVE, task, _one_by_one(Order.EXHAUSTIVE, models, outcomes, task).within, float(len(models))
    )


def _at_random(outcomes: Outcomes, task: str) -> Tried:
    """Expected over all orders of the models, one by one until one solves it."""
    models, solvers = len(outcomes.solved), outcomes.solvers(task)
    # The chance that a random choice of so many models holds no solver.
    unsolved = [comb(models - solvers, tries) / comb(models, tries) for tries in range(min(TRIES, models) + 1)]
    within = [1.0 - chance for chance in unsolved[1:]]
    return Tried(Order.RANDOM, task, tuple(within + within[-1:] * (TRIES - len(within))), sum(unsolved[:-1]))
