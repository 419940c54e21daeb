"""Quantiles of Student's t distribution, for confidence bounds, with the standard library alone."""

import math

from perforch.core.beta import beta_quantile


def t_quantile(tail: float, freedom: int) -> float:
    """The value that a t-distributed variable exceeds with probability `tail`, which is below one half.

    By the identity between t and Beta: the squared sine of its angle is Beta(freedom / 2, 1 / 2) distributed.
    """
    x = beta_quantile(2.0 * tail, freedom / 2.0, 0.5)
    return math.sqrt(freedom * (1.0 - x) / x)
