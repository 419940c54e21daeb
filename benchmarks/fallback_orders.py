"""How good is the first choice, and does the conditional order help? Random pools of recorded models.

    python benchmarks/fallback_orders.py --data DIR [--suite NAME] [--pools N] [--band LOW HIGH]

Pools of five to eight models whose pass@1 lies in the band; each eighth of the tasks is tried with an order that was
learnt on the rest. Prints what both orders solve within one to five tries, and after five the difference in points
and in calls a task, with bootstrap intervals of 90 % over tasks: where they hold 0, chance makes such differences.
"""

import argparse
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from statistics import fmean

from perforch.app import standings
from perforch.evaluation.replay import RECORDED_SUITES, load_recording, outcomes_of
from perforch.evaluation.routing import TRIES, Order, Outcomes, Split, Tried, try_orders

FOLDS = 8
RESAMPLES = 1000
SHOWN = (Order.STATIC, Order.CONDITIONAL)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--suite", choices=RECORDED_SUITES, default="completions-leetcode-python")
    parser.add_argument("--pools", type=int, default=150)
    parser.add_argument("--band", type=float, nargs=2, default=(0.3, 0.85), metavar=("LOW", "HIGH"))
    options = parser.parse_args()
    outcomes = outcomes_of(load_recording(options.suite, options.data), {})
    rng = Random(7)  # noqa: S311 - nothing secret is made of it
    models = _within(outcomes, *options.band)
    pools = [rng.sample(models, min(len(models), rng.randint(5, 8))) for _ in range(options.pools)]
    splits = [list(_folds(outcomes.limited_to(pool), rng)) for pool in pools]
    tried = [one for folds in splits for split in folds for one in _tried(split)]
    print(f"{options.suite}: {len(pools)} pools of {len(models)} models")
    for order in SHOWN:
        within = [fmean(one.within[tries] for one in tried if one.order is order) for tries in range(TRIES)]
        calls = fmean(one.calls for one in tried if one.order is order)
        print(f"  {order:<12}" + "".join(f"{share:8.2%}" for share in within) + f"{calls:8.3f} calls a task")
    hindsight = fmean(map(_best_in_hindsight, splits))
    first = fmean(one.within[0] for one in tried if one.order is Order.STATIC)
    print(f"  first try, against the best single model in hindsight: {100.0 * (first - hindsight):+.2f} points,")
    plain = fmean(map(_best_in_learning, splits))
    print(f"  where whoever was best in learning comes to {100.0 * (plain - hindsight):+.2f}")
    _print_difference("after five tries, points", [100.0 * one for one in _differences(tried, solved=True)], rng)
    _print_difference("calls a task", _differences(tried, solved=False), rng)


def _within(outcomes: Outcomes, low: float, high: float) -> list[str]:
    """The models whose share of solved tasks lies there."""
    shares = {model: fmean(outcomes.solves(model, task) for task in outcomes.places) for model in outcomes.solved}
    return sorted(model for model, share in shares.items() if low <= share <= high)


def _folds(outcomes: Outcomes, rng: Random) -> Iterator[Split]:
    tasks = sorted(outcomes.places)
    rng.shuffle(tasks)
    for fold in range(FOLDS):
        test = set(tasks[fold::FOLDS])
        yield Split(_only(outcomes, [task for task in tasks if task not in test]), _only(outcomes, sorted(test)))


def _only(outcomes: Outcomes, tasks: Sequence[str]) -> Outcomes:
    return Outcomes(outcomes.solved, {task: outcomes.places[task] for task in tasks})


def _tried(split: Split) -> Iterator[Tried]:
    return (one for one in try_orders(split, standings()) if one.order in SHOWN)


def _best_in_hindsight(folds: Sequence[Split]) -> float:
    """The share of all tasks that the best single model of a pool solves."""
    return max(
        fmean(fold.test.solves(model, task) for fold in folds for task in fold.test.places)
        for model in folds[0].test.solved
    )


def _best_in_learning(folds: Sequence[Split]) -> float:
    """The share that is solved where each fold asks the model that solved most of what was learnt from."""
    return fmean(fold.test.solves(_best(fold.learn), task) for fold in folds for task in fold.test.places)


def _best(outcomes: Outcomes) -> str:
    return max(outcomes.solved, key=lambda model: sum(outcomes.solves(model, task) for task in outcomes.places))


def _differences(tried: Sequence[Tried], *, solved: bool) -> list[float]:
    """Conditional less static, per task, averaged over the pools."""
    signs, found = {Order.CONDITIONAL: 1.0, Order.STATIC: -1.0}, defaultdict[str, float](float)
    pools = len(tried) / len({one.task for one in tried}) / len(SHOWN)
    for one in tried:
        found[one.task] += signs[one.order] * (one.within[-1] if solved else one.calls) / pools
    return list(found.values())


def _print_difference(what: str, values: Sequence[float], rng: Random) -> None:
    means = sorted(fmean(rng.choices(values, k=len(values))) for _ in range(RESAMPLES))
    low, high = means[RESAMPLES // 20], means[-RESAMPLES // 20 - 1]
    print(f"  conditional less static, {what}: {fmean(values):+.3f} [{low:+.3f}, {high:+.3f}]")


if __name__ == "__main__":
    main()
