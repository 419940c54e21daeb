"""How small a gain can be proven on a machine of known noise."""

import math
from random import Random

import pytest

from perforch.core.measurement import Pair, Sample
from perforch.core.noise import Noise, noise_of
from perforch.core.stats import Faster, decide


def sample(seconds: float) -> Sample:
    return Sample(seconds, seconds, 0.01, seconds + 0.02, 2e7, 2e7)


def share_found(gain: float, spread: float, rng: Random, trials: int = 120) -> float:
    return sum(is_found(gain, spread, rng) for _ in range(trials)) / trials


def is_found(gain: float, spread: float, rng: Random) -> bool:
    ratios: list[float] = []
    while (outcome := decide(ratios)) is None:
        ratios.append((1 - gain) * math.exp(rng.gauss(0, spread)))
    return isinstance(outcome, Faster)


@pytest.mark.parametrize("spread", [0.01, 0.035, 0.08])
def test_the_gain_that_can_be_proven_mostly_is_and_half_of_it_mostly_is_not(spread: float) -> None:
    gain = Noise(spread, 12, "").provable_gain
    assert share_found(gain, spread, Random(1)) > 0.8
    assert share_found(gain / 2, spread, Random(2)) < 0.4


def test_a_quiet_machine_still_cannot_prove_less_than_the_rule_demands() -> None:
    assert Noise(0.0, 12, "").provable_gain == pytest.approx(0.02)


def test_the_spread_is_that_of_a_pair() -> None:
    rng = Random(3)
    pairs = [Pair(sample(0.05), sample(0.05 * math.exp(rng.gauss(0, 0.04)))) for _ in range(200)]
    noise = noise_of(pairs, "2026-11-21")
    assert noise.spread == pytest.approx(0.04, rel=0.2)
    assert noise.pairs == 200
