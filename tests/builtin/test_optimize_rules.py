"""Every rule applies where it should, changes nothing that can be seen, and leaves the rest of the text alone."""

import ast
import copy
from collections.abc import Callable

import pytest
from rewrite_examples import BESIDE, EXAMPLES, Example

from perforch.builtin.optimize.code import Code
from perforch.builtin.optimize.offering import MOST_OFFERED, note, offers
from perforch.builtin.optimize.rewriting import Rewritten, rewritten
from perforch.builtin.optimize.rules import RULES, SHORT

KEPT = "a function's value is kept until its arguments change"  # needs a second function, and has a test of its own


def everything(text: str) -> Rewritten:
    return rewritten(text, text, [*RULES, *SHORT])


def run(text: str, imports: tuple[str, ...]) -> Callable[..., object]:
    space: dict[str, Callable[..., object]] = {}
    exec("\n".join((*imports, text)), space)
    return space["f"]


def behaviour(function: Callable[..., object], given: tuple[object, ...]) -> object:
    arguments = copy.deepcopy(given)
    try:
        return repr((function(*arguments), arguments))
    except (ArithmeticError, LookupError, TypeError, ValueError, RecursionError) as error:
        return type(error)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.rule)
def test_a_rule_applies_and_changes_nothing_that_can_be_seen(example: Example) -> None:
    found = everything(example.text)
    assert example.rule in [rule.name for rule in found.rules], found.text
    assert example.after in found.text
    old, new = run(example.text, ()), run(found.text, found.imports)
    for given in example.given:
        assert behaviour(old, given) == behaviour(new, given), given


def test_every_rule_has_an_example() -> None:
    shown = {example.rule for example in EXAMPLES} | {KEPT}
    assert {rule.name for rule in (*RULES, *SHORT)} == shown


def test_a_value_of_the_function_beside_it_is_kept_until_its_arguments_change() -> None:
    lines = BESIDE.strip("\n").split("\n")
    text = "\n".join(lines[4:])
    found = rewritten(text, BESIDE, RULES)
    assert "if value(xs, centre) * known > 0:" in found.text
    assert found.text.count("known = value(xs, begin)") == 2
    old, new = (run("\n".join([*lines[:4], code]), ()) for code in (text, found.text))
    assert old([1.0, 2.0]) == new([1.0, 2.0])


@pytest.mark.parametrize(
    "text",
    [
        "def f(xs, sum):\n    total = 0\n    for x in xs:\n        total += x\n    return total + sum",
        "def f(xs):\n    found = []\n    for x in xs:\n        found.append(x)\n    return found, x",
        "def f(xs):\n    found = []\n    for x in xs:\n        found.append(len(found))\n    return found",
        "def f(xs, ys):\n    for x in xs:\n        while len(ys) < x:\n            ys.append(x)\n    return ys",
        "def f(n):\n    for d in range(2, n):\n        if n % d == 0:\n            return d",
        "def f(xs):\n    for i in range(len(xs)):\n        xs[i] = xs[i] + 1\n    return xs",
        "def f(n):\n    if n:\n        print(n)\n        return f(n - 1) or f(n - 2)",
        "def f(xs: list, ys):\n    for x in ys:\n        if x in xs:\n            xs.remove(x)\n    return xs",
        "def f(xs):\n    return sorted(xs, reverse=True)[0]",
        "def f(a, b):\n    return [a for x in b if x in (yield)]",
        "def f(xs):\n    return f'{sum(x + 1 for x in xs)} of {len(xs)}'",
        "def f(n):\n    class C:\n        def m(self):\n            return n\n    return C()",
        "def f(xs, n):\n    rows = []\n    for x in xs:\n        rows.append(list(n))\n        n.append(x)\n    return rows",
        "def f(xs):\n    for i, x in enumerate(list(xs)):\n        xs.remove(x)\n    return xs",
    ],
)
def test_a_rule_keeps_away_from_what_looks_alike(text: str) -> None:
    assert everything(text).text == text


def test_the_rest_of_the_text_stays_as_it_is() -> None:
    text = (
        "def f(xs,\n      limit = 3):   # odd  spacing\n"
        '    """Doc."""\n    # a comment\n    y = { "a":1 }\n    return sum(x   for x in xs if x<limit) ,y\n'
    ).rstrip("\n")
    found = everything(text)
    assert found.text == text.replace("sum(x   for x in xs if x<limit)", "sum([x for x in xs if x < limit])")


def test_a_method_keeps_its_indentation() -> None:
    text = "def f(self, xs):\n        found = []\n        for x in xs:\n            found.append(x + 1)\n        return found"
    module = f"class C:\n    {text}\n"
    found = rewritten(f"    {text}", module, RULES)
    assert found.text == "    def f(self, xs):\n        found = [x + 1 for x in xs]\n        return found"


def test_a_name_of_the_module_is_not_taken_for_another() -> None:
    module = "def isqrt(n):\n    return n\n\n\n"
    text = next(each.text for each in EXAMPLES if each.rule == "divisors are looked for up to the root")
    assert rewritten(text, module + text, RULES).text == text


def test_offers_are_different_and_begin_with_everything_together() -> None:
    text = (
        "def f(xs):\n    found = []\n    for x in xs:\n        if x in ['a', 'b', 'c']:\n            found.append(x.upper())\n"
        "    return sorted(list(found))"
    )
    found = offers(text, text)
    assert 2 <= len(found) <= MOST_OFFERED
    assert len({each.text for each in found}) == len(found)
    assert found[0].text == rewritten(text, text, RULES).text
    assert "relies on that the items can be hashed" in note(found[0])


def test_offers_for_what_no_rule_knows_are_none() -> None:
    assert offers("def f(a):\n    return a", "") == ()


def test_fresh_names_are_free() -> None:
    text = "def f(xs, item):\n    element = 1\n    return xs"
    assert Code(text, ast.parse(text)).fresh("item", "element") == "element2"
