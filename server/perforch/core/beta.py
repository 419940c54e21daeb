"""Quantiles of the Beta distribution, for credible intervals, with the standard library alone."""

import math

_CLOSE = 1e-10
_ROUNDS = 200


def beta_interval(mean: float, strength: float, level: float = 0.90) -> tuple[float, float]:
    """The central credible interval of Beta(mean * strength, (1 - mean) * strength)."""
    a, b = mean * strength, (1.0 - mean) * strength
    tail = (1.0 - level) / 2.0
    return beta_quantile(tail, a, b), beta_quantile(1.0 - tail, a, b)


def beta_quantile(probability: float, a: float, b: float) -> float:
    """By bisection on the distribution function; a and b above 0."""
    low, high = 0.0, 1.0
    for _ in range(50):
        middle = (low + high) / 2.0
        if beta_cdf(middle, a, b) < probability:
            low = middle
        else:
            high = middle
    return (low + high) / 2.0


def beta_cdf(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function (Numerical Recipes, 3rd edition, section 6.4)."""
    if x <= 0.0 or x >= 1.0:
        return 0.0 if x <= 0.0 else 1.0
    if x > (a + 1.0) / (a + b + 2.0):
        return 1.0 - beta_cdf(1.0 - x, b, a)
    log_front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    return math.exp(log_front) * _continued_fraction(x, a, b) / a


def _continued_fraction(x: float, a: float, b: float) -> float:
    """Lentz's method; x is on the side on which it converges fast."""
    c, d = 1.0, 1.0 / _not_zero(1.0 - (a + b) * x / (a + 1.0))
    result = d
    for m in range(1, _ROUNDS):
        even = m * (b - m) * x / ((a + 2 * m - 1.0) * (a + 2 * m))
        d, c = 1.0 / _not_zero(1.0 + even * d), _not_zero(1.0 + even / c)
        result *= d * c
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1.0))
        d, c = 1.0 / _not_zero(1.0 + odd * d), _not_zero(1.0 + odd / c)
        result *= d * c
        if abs(d * c - 1.0) < _CLOSE:
            break
    return result


def _not_zero(value: float) -> float:
    return value if abs(value) > 1e-300 else 1e-300
