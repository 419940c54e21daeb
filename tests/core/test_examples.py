"""Examples are read from documentation, however people write them, and nothing is read that is not one."""

import pytest

from perforch.core.examples import Example, documented


def read(text: str, parameters: str = "a") -> list[tuple[tuple[object, ...], object]]:
    return [(example.arguments, example.result) for example in documented(text, "f", parameters.split())]


@pytest.mark.parametrize(
    ("text", "arguments", "result"),
    [
        (">>> f([1, 2])\n3", ([1, 2],), 3),
        (">>> f('a')\n'b'", ("a",), "b"),
        (">>> f(2) == True", (2,), True),
        ("f('x') == 'y'", ("x",), "y"),
        ("f(-1.5) -> 2", (-1.5,), 2),
        ("f(3) => [1, [2]]", (3,), [1, [2]]),
        ("f(3) ==> (1, None)", (3,), (1, None)),
        ("f(3) ➞ {'a': 1}", (3,), {"a": 1}),
        ("f(3) = 4.", (3,), 4),
        ("f(3) returns 'three'", (3,), "three"),
        ("f(3) should return True.", (3,), True),
        ("`f(3)` is false", (3,), False),
        ("f(3)  # returns 'x'", (3,), "x"),
        ("f(3)  # 9", (3,), 9),
        ("For f([0, -1]), the output should be 'none':", ([0, -1],), "none"),
        ("f('a)b', ) == 1", ("a)b",), 1),
        (">>> f(1)\r\n'a'\r\n", (1,), "a"),
        ("f([1,\n   2]) == [3,\n   4]", ([1, 2],), [3, 4]),
        ("f(a=7) == 1", (7,), 1),
        ("self.f(7) == 1", (7,), 1),
    ],
)
def test_a_call_and_its_result_are_an_example(text: str, arguments: tuple[object, ...], result: object) -> None:
    assert read(f"Does something.\n\n    {text}\n") == [(arguments, result)]


@pytest.mark.parametrize(
    ("text", "parameters", "arguments", "result"),
    [
        ('For n = "AB" the output should be 1.', "n", ("AB",), 1),
        ("Input: nums = [1, 2], k = 3\nOutput: 4\nExplanation: as 1 + 2 is 3", "nums k", ([1, 2], 3), 4),
        ("Input: [1, 2]\nOutput: 4", "nums", ([1, 2],), 4),
        ("For N = 150, the sum will be 6 the output should be '110'.", "N", (150,), "110"),
        ("arr = [2, 1]\n-> sort arr -> [1, 2]\nreturn ['One', 'Two']", "arr", ([2, 1],), ["One", "Two"]),
        ("- [1, 2], 3 -> 6", "a b", ([1, 2], 3), 6),
        ("renamed(1) == 2", "a", (1,), 2),
    ],
)
def test_an_example_need_not_be_a_call_of_the_function(
    text: str, parameters: str, arguments: tuple[object, ...], result: object
) -> None:
    assert read(text, parameters) == [(arguments, result)]


@pytest.mark.parametrize(
    "text",
    [
        "Returns 3 for f(x).",
        "f(x) == 3",
        "f(1, 2) == 3",
        "f(2) = 1 + (2 / 2)",
        "f(3) == 0.333...",
        "f(3) is rather large",
        "f(3",
        "g(1) == 2, h(2) == 3",
        ">>> f(3)\nTraceback (most recent call last):\nValueError",
        ">>> round(f(3), 2)\n0.5",
        "Nothing at all.",
        "",
    ],
)
def test_what_is_no_example_is_not_read(text: str) -> None:
    assert read(text) == []


def test_every_example_is_read_once_and_in_order() -> None:
    text = ">>> f(1)\n2\n>>> f(3)\n4\nThus f(1) == 2."
    assert read(text) == [((1,), 2), ((3,), 4)]


def test_an_example_that_contradicts_another_is_not_overlooked() -> None:
    """A body that fits the first ones must not be said to fit the documentation."""
    assert read(">>> f(1)\n2\n>>> f(1)\n9\n") == [((1,), 2), ((1,), 9)]


def test_an_example_can_be_written_as_a_call_again() -> None:
    assert Example(([1], "a"), 2).call("f") == "f([1], 'a')"
