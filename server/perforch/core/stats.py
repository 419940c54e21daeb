"""Whether a program is faster than another, from pairs of measurements: it is said only when it is sure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from perforch.core.comparison import Ratio
from perforch.core.student import t_quantile

# With a lower bar, identical programs are accepted more than once in 100 (tests/core/test_stats.py).
MIN_GAIN = 0.02
SHOWN_TAIL = 0.025  # of the interval that users see: 95 % of confidence
FUTILE_TAIL = 0.05
CONFIRMED_TAIL = 0.05
WORSE_TAIL = 0.01  # a veto is as sure as this
WINSORISED_SHARE = 1 / 8  # of the pairs, at either end


@dataclass(frozen=True, slots=True)
class Look:
    """After so many pairs we may accept, with this chance of being wrong; all looks together stay below 1 %."""

    pairs: int
    tail: float


LOOKS = (Look(5, 0.0005), Look(8, 0.001), Look(12, 0.0015), Look(18, 0.002), Look(27, 0.0025), Look(40, 0.0025))
MOST_PAIRS = LOOKS[-1].pairs


@dataclass(frozen=True, slots=True)
class Faster:
    """The new program uses less, by more than MIN_GAIN."""

    ratio: Ratio
    pairs: int


@dataclass(frozen=True, slots=True)
class Indistinguishable:
    """No gain above MIN_GAIN was shown, and no loss. `noise`: the spread of a single pair's ratio, 0.05 for 5 %."""

    ratio: Ratio
    pairs: int
    noise: float


@dataclass(frozen=True, slots=True)
class Slower:
    """The new program uses more."""

    ratio: Ratio
    pairs: int


Outcome = Faster | Indistinguishable | Slower


def decide(ratios: Sequence[float], min_gain: float = MIN_GAIN) -> Outcome | None:
    """What the pairs so far say; None: more are needed. `ratios` are new over old, one per pair, in order.

    To be asked after every pair. Sequential paired test on winsorised logarithms; the looks share the total error.
    """
    look = next((each for each in LOOKS if each.pairs == len(ratios)), None)
    if look is None:
        return None
    location = located(ratios)
    shown = location.interval(SHOWN_TAIL)
    bar = math.log1p(-min_gain)
    if location.high(look.tail) < bar:
        return Faster(shown, look.pairs)
    if location.low(FUTILE_TAIL) > bar or look is LOOKS[-1]:
        if shown.low > 1.0:
            return Slower(shown, look.pairs)
        return Indistinguishable(shown, look.pairs, location.noise)
    return None


def ratio_of(ratios: Sequence[float]) -> Ratio:
    """The mean ratio with the interval that users see."""
    return located(ratios).interval(SHOWN_TAIL)


def is_confirmed(ratios: Sequence[float]) -> bool:
    """Whether there is a gain at all: asked once, for a winner on inputs not used so far."""
    return located(ratios).high(CONFIRMED_TAIL) < 0.0


def is_worse(ratios: Sequence[float], tolerance: float) -> bool:
    """Whether the new program is proven to use more than the old one and `tolerance` (0.1 for 10 %)."""
    return located(ratios).low(WORSE_TAIL) > math.log1p(tolerance)


@dataclass(frozen=True, slots=True)
class Location:
    """A mean of logarithms, its standard error, and its degrees of freedom."""

    mean: float
    error: float
    freedom: int
    noise: float  # the standard deviation of one value

    def low(self, tail: float) -> float:
        return self.mean - _quantile(tail, self.freedom) * self.error

    def high(self, tail: float) -> float:
        return self.mean + _quantile(tail, self.freedom) * self.error

    def interval(self, tail: float) -> Ratio:
        """As ratios; `tail` is left out at either end."""
        return Ratio(math.exp(self.mean), math.exp(self.low(tail)), math.exp(self.high(tail)))


def located(ratios: Sequence[float]) -> Location:
    """The winsorised mean of the logarithms of at least two ratios, which are above 0.

    The error is Dixon and Tukey's (Technometrics 10, 1968): that of the winsorised values, widened for those replaced.
    """
    values = sorted(math.log(ratio) for ratio in ratios)
    count, cut = len(values), int(len(values) * WINSORISED_SHARE)
    kept = [min(max(value, values[cut]), values[count - 1 - cut]) for value in values]
    mean = math.fsum(kept) / count
    deviation = math.sqrt(math.fsum((value - mean) ** 2 for value in kept) / (count - 1))
    freedom = count - 2 * cut - 1
    widened = deviation * (count - 1) / freedom
    return Location(mean, widened / math.sqrt(count), freedom, widened)


@cache
def _quantile(tail: float, freedom: int) -> float:
    return t_quantile(tail, freedom)
