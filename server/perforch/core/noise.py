"""What a machine adds to every measurement by itself, and how small a gain can still be proven on it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from perforch.core import measurement, stats
from perforch.core.measurement import Objective, Pair
from perforch.core.student import t_quantile

MISSED_TAIL = 0.1  # a gain that "can be proven" is found nine times out of ten


@dataclass(frozen=True, slots=True)
class Noise:
    """`spread`: the standard deviation of the ratio of two identical runs, 0.02 for 2 %. `date` is ISO 8601."""

    spread: float
    pairs: int
    date: str

    @property
    def provable_gain(self) -> float:
        """The smallest gain that the rule of core/stats.py mostly proves in as many pairs as it takes at most."""
        pairs = stats.MOST_PAIRS
        freedom = pairs - 2 * int(pairs * stats.WINSORISED_SHARE) - 1
        quantiles = t_quantile(stats.LOOKS[-1].tail, freedom) + t_quantile(MISSED_TAIL, freedom)
        bar = math.log1p(-stats.MIN_GAIN)
        return -math.expm1(bar - quantiles * self.spread / math.sqrt(pairs))

    @property
    def in_words(self) -> str:
        return (
            f"a pair of identical runs differs by {100 * self.spread:.1f} % (one standard deviation); gains from about "
            f"{math.ceil(100 * self.provable_gain)} % can be proven in at most {stats.MOST_PAIRS} pairs"
        )


def noise_of(pairs: Sequence[Pair], date: str) -> Noise:
    """Of pairs of the same program, at least three."""
    found = stats.located(measurement.scores(pairs, Objective.TIME))
    return Noise(found.noise, len(pairs), date)
