"""Whatever shape a target has, the workbench swaps candidates in and tells right from wrong."""

from pathlib import Path

import pytest
from bench_workspace import Case, Edit, results

pytestmark = pytest.mark.slow

CHECK = "from m import *\n\ndef test_bad():\n    assert {bad}\n\ndef test_good():\n    assert {good}\n"


def case(source: str, function: str, bad: str, good: str) -> Case:
    return Case(source, CHECK.format(bad=bad, good=good), function, ["test_bad"], ["test_good"])


CASES = {
    "a function": (case("def f(x):\n    return x - 1\n", "f", "f(1) == 2", "f(0) != 0"), "x - 1", "x + 1", "x"),
    "a method that calls super": (
        case(
            """
            class A:
                def f(self, x):
                    return x

            class B(A):
                def f(self, x):
                    return super().f(x) - 1
            """,
            "B.f",
            "B().f(1) == 2",
            "B().f(0) != 0",
        ),
        "super().f(x) - 1",
        "super().f(x) + 1",
        "x",
    ),
    "a method that need not call super": (
        case(
            "class A:\n    def f(self, x): return 5\n\nclass B(A):\n    def f(self, x):\n        return super().f(x)\n",
            "B.f",
            "B().f(1) == 2",
            "B().f(0) != 0",
        ),
        "super().f(x)",
        "x + 1",
        "x",
    ),
    "a method with a private name": (
        case(
            "class A:\n    def __init__(self): self.__n = 1\n    def f(self, x):\n        return self.__n - x\n",
            "A.f",
            "A().f(1) == 2",
            "A().f(5) != 1",
        ),
        "self.__n - x",
        "self.__n + x",
        "self.__n",
    ),
    "a class method": (
        case(
            "class A:\n    K = 1\n    @classmethod\n    def f(cls, x):\n        return x - cls.K\n",
            "A.f",
            "A.f(1) == 2",
            "A.f(0) != 0",
        ),
        "x - cls.K",
        "x + cls.K",
        "x",
    ),
    "a static method": (
        case(
            "class A:\n    @staticmethod\n    def f(x):\n        return x - 1\n", "A.f", "A().f(1) == 2", "A.f(0) != 0"
        ),
        "x - 1",
        "x + 1",
        "x",
    ),
    "a property": (
        case(
            "class A:\n    x = 1\n    @property\n    def f(self):\n        return self.x - 1\n",
            "A.f",
            "A().f == 2",
            "A().f is not None",
        ),
        "self.x - 1",
        "self.x + 1",
        "None",
    ),
    "a nested function": (
        case(
            "def f(x):\n    n = 1\n    def g(y):\n        return y - n\n    return g(x)\n",
            "f.g",
            "f(1) == 2",
            "f(0) != 0",
        ),
        "y - n",
        "y + n",
        "y",
    ),
    "the closure that a decorator has made": (
        case(
            """
            import functools

            def deco(function):
                @functools.wraps(function)
                def wrapper(*args):
                    return function(*args) - 1
                return wrapper

            @deco
            def f(x):
                return x
            """,
            "deco.wrapper",
            "f(1) == 2",
            "f(0) != 0",
        ),
        "function(*args) - 1",
        "function(*args) + 1",
        "function(*args)",
    ),
    "a coroutine": (
        case(
            "import asyncio\n\nasync def f(x):\n    return x - 1\n",
            "f",
            "asyncio.run(f(1)) == 2",
            "asyncio.run(f(0)) != 0",
        ),
        "x - 1",
        "x + 1",
        "x",
    ),
    "a generator": (
        case("def f(x):\n    yield x - 1\n", "f", "list(f(1)) == [2]", "list(f(0)) != [0]"),
        "yield x - 1",
        "yield x + 1",
        "yield x",
    ),
    "a function that is wrapped": (
        case(
            """
            import functools

            def deco(function):
                return functools.wraps(function)(lambda *args: function(*args))

            @deco
            @deco
            def f(x):
                return x - 1
            """,
            "f",
            "f(1) == 2",
            "f(0) != 0",
        ),
        "x - 1",
        "x + 1",
        "return x",
    ),
    "a function with a cache": (
        case(
            "import functools\n\n@functools.lru_cache(None)\ndef f(x):\n    return x - 1\n",
            "f",
            "f(1) == 2",
            "f(0) != 0",
        ),
        "x - 1",
        "x + 1",
        "return x",
    ),
    "a method of a data class": (
        case(
            "from dataclasses import dataclass\n\n@dataclass(frozen=True)\nclass A:\n    x: int\n    def f(self):\n        return self.x - 1\n",
            "A.f",
            "A(1).f() == 2",
            "A(0).f() != 0",
        ),
        "self.x - 1",
        "self.x + 1",
        "self.x",
    ),
    "a function with other defaults": (
        case("N = 1\n\ndef f(x, n=-N, *, m=0):\n    return x + n + m\n", "f", "f(1) == 2", "f(0) != 0"),
        "n=-N",
        "n=N",
        "n=0",
    ),
    "a function in a block": (
        case(
            "import sys\n\nif sys.version_info < (3,):\n    pass\nelif True:\n    try:\n        def f(x):\n            return x - 1\n    finally:\n        pass\n",
            "f",
            "f(1) == 2",
            "f(0) != 0",
        ),
        "x - 1",
        "x + 1",
        "return x",
    ),
}


@pytest.mark.parametrize("name", CASES)
async def test_a_right_candidate_is_plausible_and_a_wrong_one_is_not(name: str, tmp_path: Path) -> None:
    broken, old, right, wrong = CASES[name]
    # An edit that replaces a whole return statement is given without its keyword.
    edits = [Edit(old, right), Edit(old, wrong.removeprefix("return "))]
    good, bad = await results(broken, tmp_path, edits)
    assert good.is_plausible(1)
    assert bad.ran
    assert bad.passed == 0
