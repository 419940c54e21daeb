"""Computations that could be long or large, with bounds; beyond them they raise ValueError."""

import itertools
import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from perforch.builtin.synthesis.values import Table, Value

_LARGEST = 10**15
_LONGEST = 2_000
_LONGEST_RANGE = 400
_MOST_PAIRED = 40
_MOST_STARTS = 200
_LARGEST_FACTORED = 10**7
_LARGEST_LISTED = 5_000
Number = int | float


def bounded(number: Number) -> Number:
    if not -_LARGEST <= number <= _LARGEST:
        raise ValueError("too large")
    return number


def limited(values: Sequence[Value]) -> Sequence[Value]:
    if len(values) > _LONGEST:
        raise ValueError("too long")
    return values


def number_of(text: str) -> Number:
    return bounded(int(text))


def product(left: Number, right: Number) -> Number:
    return bounded(left * right)


def power(base: Number, exponent: Number) -> Number:
    if abs(exponent) > 40 or abs(base) > 10**6:
        raise ValueError("too large")
    result = base**exponent
    if isinstance(result, complex):
        raise ValueError("complex")
    return bounded(result)


def integer_power(base: int, exponent: int) -> Number:
    if exponent < 0:
        raise ValueError("a fraction")
    return power(base, exponent)


def modular_power(base: int, exponent: int, modulus: int) -> int:
    if exponent < 0:
        raise ValueError("an inverse")
    return pow(base, exponent, modulus)


def rounded(number: Number, digits: int) -> Number:
    """Of a whole number, a power of ten with so many digits would be computed."""
    if abs(digits) > 20:
        raise ValueError("too many digits")
    return round(number, digits)


def product_of(numbers: Iterable[Number]) -> Number:
    result: Number = 1
    for number in numbers:
        result = product(result, number)
    return result


def repeated(values: str | tuple[Value, ...], times: int) -> Sequence[Value]:
    if len(values) * times > _LONGEST:
        raise ValueError("too long")
    return values * times


def joined_with(separator: str, texts: Sequence[str]) -> str:
    if not all(isinstance(text, str) for text in texts):
        raise ValueError("not texts")
    return str(limited(separator.join(texts)))


def replaced(text: str, old: str, new: str) -> str:
    return str(limited(text.replace(old, new)))


def nth(values: Sequence[Value], index: int) -> Value:
    if index < -len(values):
        raise ValueError("beyond the start")
    return values[index]


def numbers_in(*bounds: int) -> tuple[int, ...]:
    numbers = range(*bounds)
    if len(numbers) > _LONGEST_RANGE:
        raise ValueError("too long")
    return tuple(numbers)


def factorial(number: int) -> int:
    if number > 15:
        raise ValueError("too large")
    return math.factorial(number)


def is_prime(number: int) -> bool:
    _check_factored(number)
    return number > 1 and all(number % divisor for divisor in range(2, math.isqrt(number) + 1))


def divisors(number: int) -> tuple[int, ...]:
    if number > _LARGEST_LISTED:
        raise ValueError("too large")
    return tuple(divisor for divisor in range(1, number + 1) if number % divisor == 0)


def prime_factors(number: int) -> tuple[int, ...]:
    _check_factored(number)
    factors, divisor = [], 2
    while divisor * divisor <= number:
        while number % divisor == 0:
            factors.append(divisor)
            number //= divisor
        divisor += 1
    return (*factors, number) if number > 1 else tuple(factors)


def fibonacci(number: int) -> int:
    if number > 60:
        raise ValueError("too large")
    a, b = 0, 1
    for _ in range(number):
        a, b = b, a + b
    return a


def in_base(number: int, base: int) -> str:
    if not 2 <= base <= 36 or number < 0:
        raise ValueError("no such base")
    digits = ""
    while True:
        number, digit = divmod(number, base)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
        if not number:
            return digits


def collatz(number: int) -> tuple[int, ...]:
    if not 0 < number < _LARGEST_FACTORED:
        raise ValueError("no such sequence")
    sequence = [number]
    while number != 1:
        number = number // 2 if number % 2 == 0 else 3 * number + 1
        sequence.append(number)
    return tuple(sequence)


def groups_of(size: int) -> Callable[[Sequence[Value]], tuple[Value, ...]]:
    """All combinations of so many elements."""

    def groups(values: Sequence[Value]) -> tuple[Value, ...]:
        if len(values) > (_MOST_PAIRED if size == 2 else _MOST_PAIRED // 3):
            raise ValueError("too many")
        return tuple(itertools.combinations(values, size))

    return groups


def substrings(text: str) -> tuple[str, ...]:
    if len(text) > _MOST_PAIRED:
        raise ValueError("too long")
    return tuple(text[start:end] for start in range(len(text)) for end in range(start + 1, len(text) + 1))


def prefixes(text: str) -> tuple[str, ...]:
    if len(text) > _MOST_STARTS:
        raise ValueError("too long")
    return tuple(text[:end] for end in range(1, len(text) + 1))


def suffixes(text: str) -> tuple[str, ...]:
    if len(text) > _MOST_STARTS:
        raise ValueError("too long")
    return tuple(text[start:] for start in range(len(text)))


def subarrays(values: Sequence[Value]) -> tuple[Value, ...]:
    if len(values) > _MOST_PAIRED:
        raise ValueError("too long")
    return tuple(values[start:end] for start in range(len(values)) for end in range(start + 1, len(values) + 1))


def running(combine: Callable[..., Value]) -> Callable[[Sequence[Value]], tuple[Value, ...]]:
    return lambda values: tuple(itertools.accumulate(values, combine))


def mean(numbers: Sequence[Number]) -> float:
    return sum(numbers) / len(numbers)


def median(numbers: Sequence[Number]) -> Number:
    ordered, middle = sorted(numbers), len(numbers) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def flat(lists: Iterable[Sequence[Value]]) -> Sequence[Value]:
    return limited(tuple(itertools.chain.from_iterable(lists)))


def counted(values: Sequence[Value]) -> Table:
    return Table(Counter(values))


def most_common(values: Sequence[Value]) -> Value:
    return Counter(values).most_common(1)[0][0]


def _check_factored(number: int) -> None:
    if number > _LARGEST_FACTORED:
        raise ValueError("too large")
