"""What cannot be swapped is imported anew: slower, but right."""

from pathlib import Path

import pytest
from bench_workspace import Case, Edit, opened, results

pytestmark = pytest.mark.slow

TEST = "from m import *\n\ndef test_bad():\n    assert {bad}\n\ndef test_good():\n    assert {good}\n"


def case(source: str, function: str, bad: str, good: str) -> Case:
    return Case(source, TEST.format(bad=bad, good=good), function, ["test_bad"], ["test_good"])


CASES = {
    "a function whose work is done at import": (
        case(
            "def f(x):\n    return x - 1\n\nTABLE = [f(n) for n in range(5)]\n", "f", "TABLE[1] == 2", "TABLE[0] != 0"
        ),
        Edit("x - 1", "x + 1"),
        Edit("x - 1", "x"),
    ),
    "a decorator that does its work at import": (
        case(
            "def deco(function):\n    return lambda x: -function(x)\n\n@deco\ndef f(x):\n    return x + 1\n",
            "deco",
            "f(1) == 2",
            "f(-1) == 0",
        ),
        Edit("lambda x: -function(x)", "function"),
        Edit("lambda x: -function(x)", "lambda x: 0"),
    ),
    "a change of the decorators": (
        case("class A:\n    def f(x):\n        return x + 1\n", "A.f", "A().f(1) == 2", "A.f(0) != 0"),
        Edit("def f", "@staticmethod\n    def f"),
        Edit("x + 1", "x"),
    ),
    "a method that needs super now": (
        case(
            "class A:\n    def f(self, x): return x + 1\n\nclass B(A):\n    def f(self, x):\n        return x\n",
            "B.f",
            "B().f(1) == 2",
            "B().f(0) is not None",
        ),
        Edit("return x", "return super().f(x)"),
        Edit("return x", "return None"),
    ),
}


@pytest.mark.parametrize("name", CASES)
async def test_a_right_candidate_is_plausible_and_a_wrong_one_is_not(name: str, tmp_path: Path) -> None:
    broken, right, wrong = CASES[name]
    good, bad = await results(broken, tmp_path, [right, wrong])
    assert good.is_plausible(1)
    assert not bad.is_plausible(1)


@pytest.mark.parametrize("runner", ["pytest", "unittest"])
async def test_a_module_that_cannot_be_imported_is_repaired(runner: str, tmp_path: Path) -> None:
    test = "import unittest\nfrom m import f\n\nclass T(unittest.TestCase):\n    def test_f(self):\n        assert f(1) == 2\n"
    source = "def f(x):\n    return x + y\n\nFIRST = f(0)\n"
    name = "test_m.py" if runner == "pytest" else "test_m"
    broken = Case(source, test, "f", [], runner=runner, uncollected=[name])
    async with opened(broken, tmp_path) as (bench, task):
        assert bench.profile.failing == (name,)
        codes = [task.target.source.replace("y", new) for new in ("2", "1", "z", "(")]
        found = {tried.mutant: tried async for tried in bench.evaluate(codes)}
        assert await bench.observe(codes) == ((), (), (), ())
    assert [found[number].is_plausible(1) for number in range(4)] == [False, True, False, False]


async def test_a_hazard_on_the_slow_way_does_no_harm(tmp_path: Path) -> None:
    broken, right, _ = CASES["a function whose work is done at import"]
    hazards = ["import os; os._exit(0)", "raise SystemExit", "return f(x)"]
    found = await results(broken, tmp_path, [*(Edit("return x - 1", hazard) for hazard in hazards), right], workers=1)
    assert [tried.is_plausible(1) for tried in found] == [False, False, False, True]
