"""The rule of what counts as faster: how often it is wrong, and how soon it is right, on simulated machines."""

import math
from collections import Counter
from collections.abc import Callable
from random import Random
from statistics import median

import pytest

from perforch.core import stats
from perforch.core.stats import Faster, Indistinguishable, Outcome, Slower
from perforch.core.student import t_quantile

Noise = Callable[[Random], float]


def quiet(rng: Random) -> float:
    return rng.gauss(0.0, 0.035)


def spiky(rng: Random) -> float:
    """A machine on which every tenth measurement is disturbed."""
    return rng.gauss(0.0, 0.03) + (rng.expovariate(4.0) * rng.choice((-1, 1)) if rng.random() < 0.1 else 0.0)


def measured(true_ratio: float, noise: Noise, rng: Random) -> Outcome:
    ratios: list[float] = []
    while True:
        ratios.append(true_ratio * math.exp(noise(rng)))
        outcome = stats.decide(ratios)
        if outcome is not None:
            return outcome


def simulated(true_ratio: float, noise: Noise, trials: int) -> list[Outcome]:
    rng = Random(20)
    return [measured(true_ratio, noise, rng) for _ in range(trials)]


def kinds(outcomes: list[Outcome]) -> Counter[type]:
    return Counter(type(outcome) for outcome in outcomes)


@pytest.mark.parametrize(
    ("tail", "freedom", "expected"),
    [(0.025, 1, 12.7062), (0.025, 10, 2.2281), (0.0005, 4, 8.6103), (0.01, 30, 2.4573), (0.05, 1000, 1.6464)],
)
def test_quantiles_agree_with_the_printed_tables(tail: float, freedom: int, expected: float) -> None:
    assert t_quantile(tail, freedom) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("noise", [quiet, spiky])
def test_the_same_program_is_never_faster(noise: Noise) -> None:
    assert kinds(simulated(1.0, noise, 1500))[Faster] == 0


@pytest.mark.parametrize("noise", [quiet, spiky])
def test_a_gain_at_the_bar_is_accepted_in_about_one_of_a_hundred(noise: Noise) -> None:
    assert kinds(simulated(1.0 - stats.MIN_GAIN, noise, 1500))[Faster] <= 24  # 15 and what chance adds


@pytest.mark.parametrize(("true_ratio", "share", "pairs"), [(0.8, 1.0, 8), (0.9, 0.99, 12), (0.95, 0.93, 27)], ids=str)
def test_true_gains_are_found_soon(true_ratio: float, share: float, pairs: int) -> None:
    outcomes = simulated(true_ratio, quiet, 400)
    assert kinds(outcomes)[Faster] >= share * len(outcomes)
    assert median(outcome.pairs for outcome in outcomes) <= pairs


def test_true_gains_are_found_on_a_disturbed_machine_too() -> None:
    assert kinds(simulated(0.8, spiky, 300))[Faster] >= 295


def test_a_slower_program_is_called_slower_and_never_faster() -> None:
    outcomes = kinds(simulated(1.05, quiet, 400))
    assert outcomes[Faster] == 0
    assert outcomes[Slower] >= 200
    assert kinds(simulated(1.3, quiet, 100)) == {Slower: 100}


def test_the_same_program_is_given_up_early() -> None:
    assert median(outcome.pairs for outcome in simulated(1.0, quiet, 400)) <= 18


def test_the_interval_holds_the_true_ratio_as_often_as_it_says() -> None:
    rng = Random(5)
    hits = 0
    for _ in range(1000):
        ratio = stats.ratio_of([0.9 * math.exp(spiky(rng)) for _ in range(12)])
        hits += ratio.low <= 0.9 <= ratio.high
    assert hits >= 935


def test_nothing_is_said_between_looks() -> None:
    assert [stats.decide([0.5] * count) for count in (1, 4, 6, 7, 9)] == [None] * 5
    assert stats.decide([0.5] * 5) == Faster(stats.ratio_of([0.5] * 5), 5)


def test_at_the_last_look_there_is_an_answer_however_noisy_the_machine() -> None:
    outcomes = simulated(0.97, lambda rng: rng.gauss(0.0, 0.6), 50)
    assert all(isinstance(outcome, Indistinguishable) for outcome in outcomes if outcome.pairs == stats.MOST_PAIRS)
    assert max(outcome.pairs for outcome in outcomes) == stats.MOST_PAIRS


def test_one_wild_pair_does_not_hide_a_gain_once_there_are_eight() -> None:
    ratios = [0.8, 0.81, 0.79, 0.8, 0.82, 0.78, 0.8, 5.0]
    assert stats.located(ratios).mean == pytest.approx(math.log(0.8), abs=0.02)


def test_a_loss_is_proven_only_beyond_its_tolerance() -> None:
    ratios = [1.2, 1.21, 1.19, 1.2, 1.22]
    assert stats.is_worse(ratios, tolerance=0.1)
    assert not stats.is_worse(ratios, tolerance=0.2)
    assert not stats.is_confirmed(ratios)
    assert stats.is_confirmed([0.98, 0.97, 0.98, 0.97, 0.98])
