"""Functions are found from examples, are written as people write them, and are shown only where much speaks for them."""

import ast
import asyncio
import time
from itertools import count
from textwrap import indent

import pytest

from perforch.builtin.synthesis.confidence import is_confident, signs
from perforch.builtin.synthesis.expression import Expression
from perforch.builtin.synthesis.problem import Problem, problem_of, prose_of
from perforch.builtin.synthesis.search import Outcome, search
from perforch.builtin.synthesis.values import Unsupported
from perforch.builtin.synthesis.writing import body_of
from perforch.core.examples import documented


def problem(signature: str, docstring: str) -> Problem:
    (function,) = ast.parse(f"{signature}:\n    pass").body
    assert isinstance(function, ast.FunctionDef)
    parameters = [argument.arg for argument in function.args.args]
    examples = documented(docstring, function.name, parameters)
    assert examples, "the docstring of the test has examples"
    return problem_of(function, examples, prose_of(docstring, function.name))


async def outcome(signature: str, docstring: str, seconds: float = 3.0) -> Outcome:
    # In CPU time, so that a busy machine finds the same.
    return await search(problem(signature, docstring), time.process_time() + seconds, time.process_time)


def best(found: Outcome) -> Expression:
    hits = found.goal.whole_hits
    assert hits, f"nothing was found up to a cost of {found.cost}"
    return min(hits, key=lambda hit: signs(hit, found.problem, found.goal).rank)


def written(expression: Expression, *names: str) -> str:
    return body_of(expression, set(names)).text


FOUND = [
    ("def f(words)", "Longest of the words.\n>>> f(['zz', 'ccc', 'a'])\n'ccc'", "return max(words, key=len)"),
    ("def f(numbers)", "The positive numbers.\n>>> f([1, -2, 0, 7])\n[1, 7]", "return [number for number in numbers if number > 0]"),
    ("def f(low, high)", "Numbers between low and high inclusive.\n>>> f(2, 4)\n[2, 3, 4]\n>>> f(5, 5)\n[5]", "return list(range(low, high + 1))"),
    ("def f(name)", "Greeting 'hello ' before the name.\n>>> f('x')\n'hello x'\n>>> f('yz')\n'hello yz'", "return 'hello ' + name"),
    ("def f(prices: dict)", "Total of the values.\n>>> f({'a': 2, 'b': 5})\n7", "return sum(prices.values())"),
]  # fmt: skip

HARDER = [
    ("def f(numbers)", "Sum of the squares.\n>>> f([1, 2, 4])\n21\n>>> f([3])\n9", "return sum(number ** 2 for number in numbers)"),
    ("def f(text)", "Count the upper case letters.\n>>> f('aBCd')\n2\n>>> f('x')\n0\n>>> f('HEllO')\n3", "return len([char for char in text if char.isupper()])"),
    ("def f(a, b)", "Elements common to both lists, sorted.\n>>> f([5, 1, 2, 2], [5, 7, 2])\n[2, 5]", "return [number for number in sorted(b) if number in a]"),
    ("def f(left, right)", "Product of corresponding elements.\n>>> f([1, 2], [3, 5])\n[3, 10]", "return [first * second for first, second in zip(left, right)]"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("signature", "docstring", "body"), [*FOUND, *(pytest.param(*each, marks=pytest.mark.slow) for each in HARDER)]
)
async def test_a_function_is_found_and_written_as_people_would(signature: str, docstring: str, body: str) -> None:
    found = await outcome(signature, docstring)
    assert written(best(found), *(each.name for each in found.problem.parameters)) == body


@pytest.mark.slow
async def test_what_is_written_does_what_the_search_believes() -> None:
    for signature, docstring, _ in [*FOUND, *HARDER]:
        found = await outcome(signature, docstring)
        names = [each.name for each in found.problem.parameters]
        for hit in found.goal.hits:
            body = body_of(hit, set(names))
            space: dict[str, object] = {}
            lines = "\n    ".join(body.text.splitlines())
            exec("\n".join([*body.imports, f"def f({', '.join(names)}):", f"    {lines}"]), space)
            f = space["f"]
            assert callable(f)
            for example in documented(docstring, "f", names):
                assert f(*example.arguments) == example.result, body.text


async def test_what_the_documentation_speaks_of_is_thought_of_first() -> None:
    examples = ">>> f(7)\nTrue\n>>> f(9)\nFalse\n>>> f(11)\nTrue"
    told = await outcome("def f(n)", f"Whether n is a prime number.\n{examples}")
    assert written(best(told), "n") == "return n > 1 and all(n % divisor for divisor in range(2, math.isqrt(n) + 1))"
    untold = await outcome("def f(n)", f"Whether n is fine.\n{examples}", seconds=0.5)
    assert is_confident(signs(best(told), told.problem, told.goal))
    assert not is_confident(signs(best(untold), untold.problem, untold.goal))


async def test_what_it_needs_is_imported() -> None:
    found = await outcome("def f(a, b)", "Greatest common divisor.\n>>> f(12, 18)\n6\n>>> f(3, 5)\n1")
    body = body_of(best(found), {"a", "b"})
    assert (body.text, body.imports) == ("return math.gcd(a, b)", ("import math",))


@pytest.mark.parametrize(
    ("docstring", "confident"),
    [
        ("The largest number.\n>>> f([3, 9, 4])\n9\n>>> f([1, 2, -5])\n2", True),
        ("Reversed.\n>>> f([3, 9, 4])\n[4, 9, 3]", True),
        ("Something odd about it.\n>>> f([3, 9, 4])\n3", False),
        ("Whether it is fine.\n>>> f([3, 9, 4])\nTrue\n>>> f([1, 2, 5])\nFalse", False),
    ],
)
async def test_only_what_the_documentation_explains_is_believed(docstring: str, confident: bool) -> None:
    found = await outcome("def f(numbers)", docstring, seconds=1)
    assert is_confident(signs(best(found), found.problem, found.goal)) == confident


async def test_a_function_that_ignores_a_parameter_is_not_believed() -> None:
    found = await outcome("def f(numbers, other)", "The sum.\n>>> f([3, 9], 1)\n12\n>>> f([5], 1)\n5", seconds=0.5)
    ignoring = [hit for hit in found.goal.hits if written(hit, "numbers", "other") == "return sum(numbers)"]
    assert ignoring
    assert not is_confident(signs(ignoring[0], found.problem, found.goal))


async def test_pieces_with_variables_of_their_own_hide_no_parameter() -> None:
    found = await outcome("def f(d)", "List of divisors.\n>>> f(6)\n[1, 2, 3, 6]\n>>> f(5)\n[1, 5]")
    assert written(best(found), "d") == "return [d2 for d2 in range(1, d + 1) if d % d2 == 0]"


async def test_a_helper_with_variables_of_its_own_hides_no_parameter() -> None:
    found = await outcome("def fibonacci(a)", "Number a of Fibonacci.\n>>> fibonacci(10)\n55\n>>> fibonacci(7)\n13")
    space: dict[str, object] = {}
    exec("def fibonacci(a):\n" + indent(written(best(found), "a", "fibonacci"), "    "), space)
    function = space["fibonacci"]
    assert callable(function)
    assert [function(n) for n in (0, 1, 9)] == [0, 1, 34]


async def test_names_in_use_are_left_alone() -> None:
    found = await outcome("def f(number, numbers)", "Add number to each.\n>>> f(2, [1, 5])\n[3, 7]\n>>> f(1, [1])\n[2]")
    names = {"number", "numbers"}
    assert body_of(best(found), names).text == "return [number2 + number for number2 in numbers]"


async def test_the_same_question_has_the_same_answers() -> None:
    signature, docstring, _ = FOUND[0]
    first, again = [await outcome(signature, docstring, seconds=20) for _ in range(2)]
    assert [written(hit, "words") for hit in first.goal.hits[:5]] == [
        written(hit, "words") for hit in again.goal.hits[:5]
    ]


async def test_large_numbers_and_long_texts_are_not_computed() -> None:
    begun = time.process_time()
    found = await outcome("def f(n, text)", "Power and repeat.\n>>> f(99999, 'ab')\n'unknown'", seconds=0.3)
    assert not found.goal.hits
    assert time.process_time() - begun < 1


async def test_others_run_while_it_searches_and_it_can_be_cancelled() -> None:
    searching = asyncio.create_task(outcome("def f(text)", ">>> f('abc')\n'zqx'", seconds=30))
    longest, last = 0.0, time.thread_time()
    for _ in range(15):
        await asyncio.sleep(0)
        longest, last = max(longest, time.thread_time() - last), time.thread_time()
    searching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await searching
    assert longest < 0.5  # a collection of garbage may fall into it


async def test_a_search_ends_at_its_deadline() -> None:
    ticks = count()
    found = await search(problem("def f(text)", ">>> f('abc')\n'zqx'"), 200, lambda: float(next(ticks)))
    assert not found.goal.hits


def test_examples_that_cannot_be_computed_with_are_refused() -> None:
    with pytest.raises(Unsupported, match="bytes"):
        problem("def f(a)", "f([b'x']) == 1")
