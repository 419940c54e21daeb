"""The order of the search: likely edits at suspicious lines first, and nothing built before its turn."""

import re
import time
from itertools import islice

from mutants import kinds, mutants, reading_of

from perforch.builtin.focus import carried_over, suspicion_of_start
from perforch.builtin.frontier import Base, Frontier
from perforch.builtin.operators.base import Ground
from perforch.builtin.scope import collect
from perforch.builtin.source import parse
from perforch.builtin.surroundings import Surroundings, survey
from perforch.core.ports import Profile
from perforch.core.survey import TestId

CODE = "def f(a, b):\n    x = a < b\n    y = a < b\n    return x or y"


def profile(failing: set[int], passing: set[int]) -> Profile:
    bad, good = TestId("bad"), TestId("good")
    return Profile((bad,), (good,), {}, {bad: frozenset(failing), good: frozenset(passing)}, {})


def test_suspicious_lines_come_first() -> None:
    reading = reading_of(CODE)
    frontier = Frontier(CODE)
    suspicion = suspicion_of_start(profile({3, 4}, {2, 4}), parse(CODE))
    frontier.add(Base(Ground(reading, collect(reading, Surroundings(), [])), suspicion))
    assert [mutant.line for mutant in islice(frontier, 4)] == [3, 3, 3, 3]


def test_without_lines_every_line_is_suspicious() -> None:
    suspicion = suspicion_of_start(profile(set(), set()), parse(CODE))
    assert [suspicion(line) for line in range(1, 5)] == [1.0] * 4


def test_the_lines_of_one_statement_share_their_suspicion() -> None:
    code = "def f(a):\n    if (a and\n            1):\n        return 2\n    return 3"
    suspicion = suspicion_of_start(profile({2, 5}, set()), parse(code))
    assert suspicion(3) == suspicion(2) == 1.0
    assert suspicion(4) == 0.0


def test_a_changed_line_keeps_its_neighbours_suspicion_in_place() -> None:
    after = carried_over(
        lambda line: {2: 0.9, 3: 0.1}.get(line, 0.0), CODE, CODE.replace("x = a < b", "x = 1\n    z = 2")
    )
    assert after(4) == 0.1
    assert after(5) == 0.0


def test_no_mutant_comes_twice_and_none_is_the_start() -> None:
    codes = [mutant.code for mutant in mutants(CODE, {"a": "int", "b": "int"})]
    assert len(codes) == len(set(codes))
    assert CODE not in codes


def test_the_cheapest_come_first_but_for_small_inversions() -> None:
    costs = [mutant.cost for mutant in islice(mutants(CODE), 300)]
    assert costs[0] <= 1.05
    assert all(cost >= max(costs[:index], default=0) - 0.5 for index, cost in enumerate(costs))


def test_the_first_mutant_of_a_long_function_comes_at_once() -> None:
    body = "".join(f"    if a < {n} and b[{n}:] != c:\n        a += b.index({n})\n" for n in range(60))
    code = f"def f(a, b, c):\n{body}    return a"
    reading = reading_of(code, {"a": "int", "b": "list", "c": "list"})
    ground = Ground(reading, collect(reading, Surroundings(), []))
    begun = time.process_time()
    frontier = Frontier(code)
    frontier.add(Base(ground, lambda _: 1.0))
    next(frontier)
    assert time.process_time() - begun < 0.25


def test_what_nothing_has_used_is_used_first() -> None:
    code = "def f(a, b, c):\n    return a + b"
    first = next(mutant for mutant in mutants(code, {"a": "int", "b": "int", "c": "int"}) if "variable" in mutant.note)
    assert "c" in first.code.partition("return")[2]


def test_names_of_a_comprehension_stay_inside_it() -> None:
    codes = [mutant.code for mutant in mutants("def f(a):\n    b = [item for item in a]\n    return a")]
    assert not any(code.endswith("return item") for code in codes)


def test_names_bound_in_a_comprehension_and_outside_are_used_anywhere() -> None:
    code = "def f(a):\n    b = [x for x in a]\n    for x in a:\n        b.append(a)\n    return b"
    assert any("b.append(x)" in mutant.code for mutant in mutants(code))


def test_the_file_around_a_method_is_material() -> None:
    file = (
        "import os\nLIMIT = 3\nclass Low(Exception): pass\nclass A:\n    size = 0\n    def g(self):\n        self.name = 'n'\n"
        "    @property\n    def width(self): return 1\n    def f(self): pass\n"
    )
    around = survey(file, "A.f")
    assert around.methods == ("g", "width", "f")
    assert set(around.attributes) == {"name", "width"}
    assert "Low" in around.exceptions
    assert "LIMIT" in around.constants
    assert around.modules == ("os",)


def test_a_file_that_cannot_be_read_offers_nothing() -> None:
    assert survey("def f(:", "f") == Surroundings()


def test_types_prune_what_cannot_be_meant() -> None:
    code = "def f(a, b):\n    return a + 1"
    typed = sum(1 for _ in mutants(code, {"a": "int", "b": "list"}))
    assert typed < sum(1 for _ in mutants(code, {"a": "int", "b": "int"}))
    assert kinds({"a": "int NoneType"})["a"] == {"int", "NoneType"}


def test_a_constant_is_replaced_rather_than_joined_to_a_condition() -> None:
    code = "def f(a):\n    if a < 0:\n        return False\n    return True"
    lines = [mutant.code.split("\n")[-1] for mutant in islice(mutants(code, {"a": "int"}), 2000)]
    assert "    return a == 0" in lines
    assert not [line for line in lines if re.search(r"\b(True|False) (and|or)\b|\b(and|or) (True|False)\b", line)]
