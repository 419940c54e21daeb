"""Examples are read from the source of tests, in the ways in which people write tests."""

import pytest

from perforch.core.tested import asserted


def read(source: str, parameters: str = "a b") -> list[tuple[tuple[object, ...], object]]:
    return [(example.arguments, example.result) for example in asserted(source, "f", parameters.split())]


@pytest.mark.parametrize(
    ("source", "examples"),
    [
        ("def test_it():\n    assert f(1, 2) == 3", [((1, 2), 3)]),
        ("assert m.f(1, b=2) == 3", [((1, 2), 3)]),
        ("assert 3 == f(1, 2), 'message'", [((1, 2), 3)]),
        ("assert f(1, 2) is True", [((1, 2), True)]),
        ("assert f(1, 2)\nassert not f(2, 1)", [((1, 2), True), ((2, 1), False)]),
        ("def test_it():\n    x = [1]\n    assert f(x, (x, 2)) == -1", [(([1], ([1], 2)), -1)]),
        ("def test_it():\n    assert f(1, 2) == pytest.approx(0.3, abs=0.1)", [((1, 2), 0.3)]),
        ("class T(TestCase):\n    def test_it(self):\n        self.assertEqual(f(1, 2), [3])", [((1, 2), [3])]),
        ("def test_it(self):\n    self.assertTrue(f(1, 2))\n    self.assertFalse(f(3, 4))", [((1, 2), True), ((3, 4), False)]),
        ("def test_it():\n    for a, b, c in [(1, 2, 3), (4, 5, 9)]:\n        assert f(a, b) == c", [((1, 2), 3), ((4, 5), 9)]),
        (
            "@pytest.mark.parametrize('a, b, c', [(1, 2, 3), pytest.param(4, 5, 9, id='x')])\ndef test_it(a, b, c):\n    assert f(a, b) == c",
            [((1, 2), 3), ((4, 5), 9)],
        ),
        (
            "CASES = [((1, 2), 3)]\n@mark.parametrize(['given', 'c'], CASES)\ndef test_it(given, c):\n    x, y = given\n    assert f(x, y) == c",
            [((1, 2), 3)],
        ),
        ("@pytest.mark.parametrize('c', [3])\ndef test_it(c):\n    assert f(1, 2) == c", [((1, 2), 3)]),
    ],
)  # fmt: skip
def test_what_a_test_expects_is_an_example(source: str, examples: list[tuple[tuple[object, ...], object]]) -> None:
    assert read(source) == examples


@pytest.mark.parametrize(
    "source",
    [
        "assert f(x, 2) == 3",
        "assert f(1, 2) == g(3)",
        "assert f(1) == 3",
        "assert f(1, 2, c=3) == 3",
        "assert f(1, 2) != 3",
        "assert g(1, 2) == 3",
        "assert f(*x) == 3",
        "with raises(ValueError):\n    f(1, 2)",
        "def broken(:",
        "",
    ],
)
def test_what_is_not_wholly_known_is_not_read(source: str) -> None:
    assert read(source) == []
