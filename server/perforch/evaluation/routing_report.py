"""What a routing experiment found, with intervals: most differences are a task or two, and chance makes such too."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from random import Random
from statistics import fmean
from typing import TypeVar

from perforch.evaluation.routing import TRIES, Order, Outcomes, Split, Standings, Tried, try_orders

RESAMPLES = 600  # the ends of a 90 % interval then stand on 30 samples each
LEVEL = 0.90

Interval = tuple[float, float]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Measured:
    """A mean over tasks, and its bootstrap interval over tasks."""

    mean: float
    interval: Interval


@dataclass(frozen=True, slots=True)
class OrderReport:
    """`after[k - 1]`: the share of tasks solved within k tries."""

    after: tuple[Measured, ...]
    calls_per_task: Measured
    calls_per_solved: float
    first_try_above_best: Measured  # negative: below the best single model
    of_oracle: Measured  # after TRIES, as a share of what the oracle solves


@dataclass(frozen=True, slots=True)
class RoutingReport:
    """`pass_at_1` and `best_single` are of the test tasks, so the best is chosen in hindsight."""

    suite: str
    pool: str
    language: str
    learnt_from: str
    total: int
    seconds: float
    pass_at_1: Mapping[str, float]
    oracle: float
    orders: Mapping[Order, OrderReport]
    conditional_above_static: Measured  # after TRIES

    @property
    def best_model(self) -> str:
        return max(self.pass_at_1, key=lambda model: self.pass_at_1[model])

    def as_json(self) -> dict[str, object]:
        """The stable object of the command line; every `interval` is a bootstrap of 90 % over tasks."""
        return {
            "experiment": "routing",
            "suite": self.suite,
            "pool": self.pool,
            "language": self.language,
            "learnt_from": self.learnt_from,
            "total": self.total,
            "seconds": round(self.seconds, 2),
            "models": dict(self.pass_at_1),
            "best_model": self.best_model,
            "best_single": self.pass_at_1[self.best_model],
            "oracle": self.oracle,
            "conditional_above_static": _as_json(self.conditional_above_static),
            "orders": {str(order): _order_as_json(report) for order, report in self.orders.items()},
        }


@dataclass(frozen=True, slots=True)
class Experiment:
    """What was tried on what, for the report's head."""

    suite: str
    pool: str
    language: str
    learnt_from: str


@dataclass(frozen=True, slots=True)
class _Averages:
    """One order at one task, averaged over the splits that tested it."""

    within: tuple[float, ...]
    calls: float


def measure(
    experiment: Experiment, test: Outcomes, splits: Iterable[Split], standings: Standings, clock: Callable[[], float]
) -> RoutingReport:
    """Try all orders on all splits; `test` holds all tasks that they test. Takes no chances: seeded throughout."""
    started = clock()
    averages = _averages(tried for split in splits for tried in try_orders(split, standings))
    tasks = sorted(test.places)
    pass_at_1 = {model: fmean(test.solves(model, task) for task in tasks) for model in test.solved}
    best = max(pass_at_1, key=lambda model: pass_at_1[model])
    hindsight = _Hindsight([test.solves(best, task) for task in tasks], [test.solvers(task) > 0 for task in tasks])
    last = {order: [averages[order, task].within[-1] for task in tasks] for order in Order}
    above = [one - other for one, other in zip(last[Order.CONDITIONAL], last[Order.STATIC], strict=True)]
    return RoutingReport(
        experiment.suite,
        experiment.pool,
        experiment.language,
        experiment.learnt_from,
        total=len(tasks),
        seconds=clock() - started,
        pass_at_1=pass_at_1,
        oracle=fmean(hindsight.oracle),
        orders={order: _order_report([averages[order, task] for task in tasks], hindsight) for order in Order},
        conditional_above_static=_measured(above),
    )


@dataclass(frozen=True, slots=True)
class _Hindsight:
    """Per task, whether the best single model solved it, and whether any did."""

    best: Sequence[bool]
    oracle: Sequence[bool]


def _order_as_json(report: OrderReport) -> dict[str, object]:
    tries = {str(number): measured for number, measured in enumerate(report.after, 1)}
    return {
        "after": {number: measured.mean for number, measured in tries.items()},
        "after_intervals": {number: measured.interval for number, measured in tries.items()},
        "calls_per_task": report.calls_per_task.mean,
        "calls_per_task_interval": report.calls_per_task.interval,
        "calls_per_solved": report.calls_per_solved if isfinite(report.calls_per_solved) else None,
        "first_try_above_best_single": _as_json(report.first_try_above_best),
        "share_of_oracle": _as_json(report.of_oracle),
    }


def _as_json(measured: Measured) -> dict[str, object]:
    return {"mean": measured.mean, "interval": measured.interval}


def _averages(tried: Iterable[Tried]) -> Mapping[tuple[Order, str], _Averages]:
    grouped: dict[tuple[Order, str], list[Tried]] = defaultdict(list)
    for one in tried:
        grouped[one.order, one.task].append(one)
    return {
        key: _Averages(
            tuple(fmean(one.within[tries] for one in group) for tries in range(TRIES)),
            fmean(one.calls for one in group),
        )
        for key, group in grouped.items()
    }


def _order_report(tasks: Sequence[_Averages], hindsight: _Hindsight) -> OrderReport:
    solved = sum(task.within[-1] for task in tasks)
    above = [task.within[0] - best for task, best in zip(tasks, hindsight.best, strict=True)]
    return OrderReport(
        tuple(_measured([task.within[tries] for task in tasks]) for tries in range(TRIES)),
        _measured([task.calls for task in tasks]),
        sum(task.calls for task in tasks) / solved if solved else float("inf"),
        _measured(above),
        _of_oracle([task.within[-1] for task in tasks], hindsight.oracle),
    )


def _measured(values: Sequence[float]) -> Measured:
    return Measured(fmean(values), _bootstrap(values, fmean))


def _of_oracle(solved: Sequence[float], oracle: Sequence[bool]) -> Measured:
    pairs = list(zip(solved, oracle, strict=True))
    return Measured(_share(pairs), _bootstrap(pairs, _share))


def _share(pairs: Sequence[tuple[float, bool]]) -> float:
    """Of what the oracle solves; all of it where that is nothing."""
    solvable = sum(oracle for _, oracle in pairs)
    return sum(solved for solved, _ in pairs) / solvable if solvable else 1.0


def _bootstrap(tasks: Sequence[T], statistic: Callable[[Sequence[T]], float]) -> Interval:
    """The percentile interval over resampled tasks."""
    rng = Random(0)  # noqa: S311 - nothing secret is made of it
    found = sorted(statistic(rng.choices(tasks, k=len(tasks))) for _ in range(RESAMPLES))
    tail = int(RESAMPLES * (1.0 - LEVEL) / 2.0)
    return found[tail], found[-1 - tail]
