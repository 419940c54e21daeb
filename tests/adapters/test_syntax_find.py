"""Finding the function that the user means, and saying which ones there are."""

from pathlib import PurePosixPath

import pytest

from perforch.adapters.syntax import TreeSitterSyntax
from perforch.core.errors import AmbiguousFunction, FunctionNotFound, UsageError

SYNTAX = TreeSitterSyntax()
FILE = PurePosixPath("shapes.py")
TEXT = """\
class Shape:
    @property
    def area(self):
        return self._area

    @area.setter
    def area(self, value):
        self._area = value

    def scale(self, factor):
        def apply(x):
            return x * factor
        return apply(self.area)


class Circle(Shape):
    def scale(self, factor):
        return factor


def distance(a, b):
    return abs(a - b)


LIMIT = 3
"""


def found_line(function: str | None, line: int | None) -> int:
    return SYNTAX.find(FILE, TEXT, function, line).def_line


@pytest.mark.parametrize(
    ("function", "line", "def_line"),
    [
        ("distance", None, 21),
        ("distance", 1, 21),  # the line is a hint
        ("Shape.scale", None, 10),
        ("Shape::scale", None, 10),
        ("Circle#scale()", None, 17),
        ("apply", None, 11),
        ("Shape.scale.apply", None, 11),
        ("scale.apply", None, 11),
        ("area", 4, 3),
        ("Shape.area", 6, 7),
        ("scale", 17, 17),
        (None, 2, 3),
        (None, 12, 11),
        (None, 13, 10),
        (None, 21, 21),
    ],
)
def test_a_function_is_found_by_name_or_line(function: str | None, line: int | None, def_line: int) -> None:
    assert found_line(function, line) == def_line


@pytest.mark.parametrize(
    ("function", "line", "says"),
    [
        ("Shape.area", None, ["2 functions named Shape.area", "(line 3)", "(line 7)"]),
        ("scale", None, ["Shape.scale (line 10)", "Circle.scale (line 17)", "dotted name"]),
        ("scale", 21, ["Shape.scale (line 10)"]),
        (None, None, ["6 functions", "distance (line 21)"]),
    ],
)
def test_an_ambiguous_name_lists_what_it_may_mean(function: str | None, line: int | None, says: list[str]) -> None:
    with pytest.raises(AmbiguousFunction) as raised:
        found_line(function, line)
    for part in says:
        assert part in str(raised.value)


@pytest.mark.parametrize(
    ("function", "line", "says"),
    [
        ("distanc", None, ["'distanc'", "distance", "dotted"]),
        ("Circle.scal", None, ["Circle.scale"]),
        ("qqq", None, ["it has Shape.area"]),
        ("", None, ["no function ''"]),
        (None, 25, ["line 25", "distance (line 21)"]),
        (None, 99, ["line 99"]),
    ],
)
def test_a_missing_function_is_named_with_those_that_are_near(
    function: str | None, line: int | None, says: list[str]
) -> None:
    with pytest.raises(FunctionNotFound) as raised:
        found_line(function, line)
    for part in says:
        assert part in str(raised.value)


def test_a_file_without_functions_says_so() -> None:
    with pytest.raises(FunctionNotFound, match="no functions"):
        SYNTAX.find(FILE, "x = 1\n", "f", None)


def test_a_file_of_another_language_names_those_that_are_read() -> None:
    with pytest.raises(UsageError, match=r"notes\.md.*\.py"):
        SYNTAX.find(PurePosixPath("notes.md"), "def f(): pass", "f", None)


def test_operators_are_found_as_they_are_called() -> None:
    text = "struct A { bool operator<(A b) { return 1; } int operator()(int x) { return x; } };"
    assert SYNTAX.find(PurePosixPath("a.cpp"), text, "A::operator()", None).function == "A.operator()"
    assert SYNTAX.find(PurePosixPath("a.cpp"), text, "operator<", None).function == "A.operator<"
