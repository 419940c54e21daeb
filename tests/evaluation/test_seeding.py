"""Seeded bugs are single edits that change the program and nothing around it."""

import ast
from random import Random

import pytest

from perforch.evaluation.seeding import seeded
from perforch.evaluation.seeding_edits import edits_of
from perforch.evaluation.seeding_text import Offsets

PROGRAM = '''\
"""A module; é is two bytes in UTF-8."""


class Basket:
    """Holds things."""

    def cheap(self, limit, strict=True):
        """All that cost less: 'é' < limit."""
        found = []
        for name, price in self.prices.items():
            if price < limit and not name.startswith("_"):  # é: <
                found.append(name)
            elif strict:
                continue
            limit -= 1
        return sorted(found[1:], reverse=True)


def outer(a, b):
    def inner():
        return max(a, b) + 1

    return inner()
'''


def kinds_in(source: str) -> dict[str, set[str]]:
    function = ast.parse(source).body[0]
    assert isinstance(function, ast.FunctionDef)
    found: dict[str, set[str]] = {}
    for edit in edits_of(function, Offsets(source)):
        found.setdefault(edit.kind, set()).add(source[: edit.start] + edit.text + source[edit.end :])
    return found


@pytest.mark.parametrize(
    ("line", "kind", "expected"),
    [
        ("return a < b", "comparison", "return a <= b"),
        ("return a not  in b", "comparison", "return a in b"),
        ("return (a) - (b)", "operator", "return (a) + (b)"),
        ("a += b", "operator", "a -= b"),
        ("return a and b", "and-or", "return a or b"),
        ("return not a", "dropped-not", "return a"),
        ("return a[b]", "off-by-one", "return a[b + 1]"),
        ("return a + 1", "off-by-one", "return a + 2"),
        ("return b'x', 'x'", "constant", "return b'x', ''"),
        ("return a[b:]", "slice", "return a[b + 1:]"),
        ("return f(a,  b)", "swapped-arguments", "return f(b,  a)"),
        ("return a.lower()", "wrong-method", "return a.upper()"),
        ("return max(a, 2)", "wrong-method", "return min(a, 2)"),
        ("if a: b = 1", "negated-condition", "if not (a): b = 1"),
        ("print(a)", "removed-statement", "pass"),
        ("return a", "missing-return", "a"),
        ("while a: break", "break-continue", "while a: continue"),
        ("return a", "wrong-variable", "return b"),
    ],
)
def test_each_kind_of_bug_is_seeded(line: str, kind: str, expected: str) -> None:
    head = "def f(a, b):\n    "
    assert head + expected + "\n" in kinds_in(head + line + "\n")[kind]


def test_a_default_is_changed() -> None:
    assert "def f(a=2):\n    return a\n" in kinds_in("def f(a=1):\n    return a\n")["default"]


@pytest.mark.parametrize("seed", range(60))
def test_a_bug_changes_one_place_in_the_function_that_it_names(seed: int) -> None:
    bug = seeded(PROGRAM, Random(seed))
    assert bug is not None
    assert bug.function in {"Basket.cheap", "outer"}
    at = next(index for index, (old, new) in enumerate(zip(PROGRAM, bug.text + " ", strict=False)) if old != new)
    assert bug.line <= PROGRAM.count("\n", 0, at) + 1 <= bug.line + bug.before.count("\n") + 1
    assert len(bug.text) - len(PROGRAM) == len(bug.after) - len(bug.before)
    assert ast.get_docstring(ast.parse(bug.text)) == ast.get_docstring(ast.parse(PROGRAM))
    assert "All that cost less: 'é' < limit." in bug.text


def test_the_same_seed_gives_the_same_bug() -> None:
    assert seeded(PROGRAM, Random(7)) == seeded(PROGRAM, Random(7))


def test_a_file_without_functions_has_nothing_to_break() -> None:
    assert seeded("X = 1 < 2\n", Random(0)) is None
