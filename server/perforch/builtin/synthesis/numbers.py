"""The pieces that work on numbers and truth values."""

import math
import operator
from dataclasses import replace

from perforch.builtin.synthesis import safe
from perforch.builtin.synthesis.component import Component, Cost, piece, rare, seldom
from perforch.builtin.terms import Binds

_PRIME = """\
def is_prime(number):
    return number > 1 and all(number % divisor for divisor in range(2, math.isqrt(number) + 1))
"""
_FACTORS = """\
def prime_factors(number):
    factors, divisor = [], 2
    while divisor * divisor <= number:
        while number % divisor == 0:
            factors.append(divisor)
            number //= divisor
        divisor += 1
    return [*factors, number] if number > 1 else factors
"""
_FIBONACCI = """\
def fibonacci(number):
    a, b = 0, 1
    for _ in range(number):
        a, b = b, a + b
    return a
"""
_BASE = """\
def in_base(number, base):
    digits = ""
    while True:
        number, digit = divmod(number, base)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
        if not number:
            return digits
"""
_COLLATZ = """\
def collatz(number):
    sequence = [number]
    while number != 1:
        number = number // 2 if number % 2 == 0 else 3 * number + 1
        sequence.append(number)
    return sequence
"""


def arithmetic() -> tuple[Component, ...]:
    """Operators and functions of one, two or three numbers."""
    sums = (
        _commuting("{0} + {1}", "num num -> num", operator.add, Binds.SUM, "sum|add|plus|total|increas"),
        _infix("{0} - {1}", "num num -> num", operator.sub, Binds.SUM, "difference|subtract|minus|less|left|remain"),
        _infix("{0} + 1", "int -> int", lambda a: a + 1, Binds.SUM),
        _infix("{0} - 1", "int -> int", lambda a: a - 1, Binds.SUM),
    )
    products = (
        _commuting("{0} * {1}", "num num -> num", safe.product, Binds.PRODUCT, "product|multipl|times|area"),
        _infix("{0} // {1}", "int int -> int", operator.floordiv, Binds.PRODUCT, "divid|half|quotient|integer part"),
        _infix("{0} / {1}", "num num -> float", operator.truediv, Binds.PRODUCT, "divi|average|mean|half|ratio|area"),
        _infix("{0} % {1}", "num num -> num", operator.mod, Binds.PRODUCT, "modul|remainder|divisib|decimal part|mod"),
        _infix("{0} / 2", "num -> float", lambda a: a / 2, Binds.PRODUCT, "half|area|triangle|average"),
        _infix("{0} ** {1}", "int int -> int", safe.integer_power, Binds.POWER, "power|exponent|raised"),
        _infix("{0} ** {1}", "float num -> float", safe.power, Binds.POWER, "power|exponent|raised"),
        _infix("{0} ** 2", "num -> num", lambda a: safe.product(a, a), Binds.POWER, "squar|pythag|right.angle"),
        _infix("{0} ** 3", "num -> num", lambda a: safe.product(a, a * a), Binds.POWER, "cube|cubic"),
        _infix("{0} ** 0.5", "num -> float", lambda a: safe.power(a, 0.5), Binds.POWER, "square root|distance|heron"),
    )
    functions = (
        piece("abs({0})", "num -> num", abs, "absolute|distance|differ|magnitude|close"),
        replace(piece("max({0}, {1})", "num num -> num", max, "max|larg|great|bigger"), commutes=True),
        replace(piece("min({0}, {1})", "num num -> num", min, "min|small|less"), commutes=True),
        piece("round({0})", "float -> int", round, "round|nearest"),
        seldom("round({0}, {1})", "float int -> float", safe.rounded, "round|decimal"),
        piece("int({0})", "float -> int", int, "integer|truncat|decimal"),
        seldom("math.ceil({0})", "float -> int", math.ceil, "ceil|round|upward"),
        seldom("math.floor({0})", "float -> int", math.floor, "floor|round|downward|integer part"),
        rare("math.isqrt({0})", "int -> int", math.isqrt, "square root|perfect square|sqrt"),
    )
    return (*sums, *products, *functions)


def number_theory() -> tuple[Component, ...]:
    """What is meant only where the documentation names it."""
    digit = "digit"
    return (
        rare("math.gcd({0}, {1})", "int int -> int", math.gcd, "common divisor|gcd|simplif|fraction"),
        rare("math.lcm({0}, {1})", "int int -> int", math.lcm, "common multiple|lcm"),
        rare("math.factorial({0})", "int -> int", safe.factorial, "factorial|permutation|!"),
        rare("math.comb({0}, {1})", "int int -> int", _combinations, "combination|binomial|choose"),
        _helped(_PRIME, "is_prime({0})", "int -> bool", safe.is_prime, "prime"),
        _helped(_FACTORS, "prime_factors({0})", "int -> [int]", safe.prime_factors, "factor"),
        rare("[d for d in range(1, {0} + 1) if {0} % d == 0]", "int -> [int]", safe.divisors, "divisor|divide|factor"),
        _helped(_FIBONACCI, "fibonacci({0})", "int -> int", safe.fibonacci, "fib"),
        _helped(_COLLATZ, "collatz({0})", "int -> [int]", safe.collatz, "collatz"),
        _helped(_BASE, "in_base({0}, {1})", "int int -> str", safe.in_base, "base"),
        rare("[int(d) for d in str(abs({0}))]", "int -> [int]", lambda a: tuple(map(int, str(abs(a)))), digit),
        rare("pow({0}, {1}, {2})", "int int int -> int", safe.modular_power, "modul"),
        rare("bin({0})[2:]", "int -> str", lambda a: f"{a:b}", "binary|bit|base"),
        rare("int({0}, 2)", "str -> int", lambda a: int(a, 2), "binary|bit"),
        replace(_infix("{0} ^ {1}", "int int -> int", operator.xor, Binds.BIT_XOR, "xor"), cost=Cost.RARE),
        replace(_infix("{0} & {1}", "int int -> int", operator.and_, Binds.BIT_AND, "bit"), cost=Cost.RARE),
        replace(_infix("{0} | {1}", "int int -> int", operator.or_, Binds.BIT_OR, "bit"), cost=Cost.RARE),
        replace(_infix("{0} << {1}", "int int -> int", _shifted, Binds.SHIFT, "bit|shift"), cost=Cost.RARE),
    )


def logic() -> tuple[Component, ...]:
    """Comparisons and what connects them."""
    more, less = (
        "great|larg|more than|above|exceed|over|bigger",
        "less|small|below|fewer|under|close|increas|order|sort",
    )
    same = "equal|same|match|palindrom|correspond|identical"
    even, odd = "even|divisib|multiple", "odd"
    return (
        _compare("{0} < {1}", "num num -> bool", operator.lt, f"{more}|{less}"),
        _compare("{0} <= {1}", "num num -> bool", operator.le, f"{more}|{less}|most|least|between|monoton"),
        _compare("{0} < {1}", "str str -> bool", operator.lt, "alphabetical|lexico"),
        replace(_compare("{0} == {1}", "a a -> bool", operator.eq, same), commutes=True),
        _compare("{0} == {1}", "float int -> bool", operator.eq, same),
        replace(
            _compare("{0} != {1}", "a a -> bool", operator.ne, "differ|not equal|xor|distinct|unequal"), commutes=True
        ),
        _compare("{0} > 0", "num -> bool", lambda a: a > 0, "positive"),
        _compare("{0} < 0", "num -> bool", lambda a: a < 0, "negative|below zero"),
        _compare("{0} == 0", "num -> bool", lambda a: a == 0, "zero"),
        _compare("{0} % 2 == 0", "int -> bool", lambda a: a % 2 == 0, even),
        _compare("{0} % 2 == 1", "int -> bool", lambda a: a % 2 == 1, odd),
        _compare("{0} % {1} == 0", "int int -> bool", lambda a, b: a % b == 0, "divisib|multiple"),
        replace(_infix("{0} and {1}", "bool bool -> bool", lambda a, b: a and b, Binds.AND, "and|both"), commutes=True),
        replace(_infix("{0} or {1}", "bool bool -> bool", lambda a, b: a or b, Binds.OR, "or|either"), commutes=True),
        _infix("not {0}", "bool -> bool", operator.not_, Binds.NOT),
        seldom("isinstance({0}, int)", "any -> bool", lambda a: isinstance(a, int), "integer"),
        seldom("isinstance({0}, str)", "any -> bool", lambda a: isinstance(a, str), "string"),
        choice(),
    )


def choice() -> Component:
    """One value or the other."""
    return replace(_infix("{1} if {0} else {2}", "bool a a -> a", _chosen, Binds.TEST), cost=Cost.RARE)


def _infix(text: str, signature: str, function: object, binds: Binds, words: str = "") -> Component:
    assert callable(function)
    return replace(piece(text, signature, function, words), binds=binds)


def _commuting(text: str, signature: str, function: object, binds: Binds, words: str) -> Component:
    return replace(_infix(text, signature, function, binds, words), commutes=True, doubles=True)


def _compare(text: str, signature: str, function: object, words: str) -> Component:
    return _infix(text, signature, function, Binds.COMPARE, words)


def _helped(helper: str, text: str, signature: str, function: object, words: str) -> Component:
    assert callable(function)
    return replace(rare(text, signature, function, words), helper=helper)


def _combinations(n: int, k: int) -> int:
    if n > 60:
        raise ValueError("too large")
    return math.comb(n, k)


def _shifted(number: int, bits: int) -> int:
    if bits > 40:
        raise ValueError("too large")
    return number << bits


def _chosen(condition: bool, first: object, second: object) -> object:  # noqa: FBT001  # it is the value of a condition
    return first if condition else second
