"""Values have kinds, by which it is known what fits together."""

import ast

import pytest

from perforch.builtin.synthesis.values import Table, annotated, bindings, filled, frozen, kind_of_all, same


@pytest.mark.parametrize(
    ("values", "annotation", "kind"),
    [
        ([1, 2], "", "int"),
        ([1, 2.5], "", "float"),
        ([1], "float", "float"),
        ([[], [1]], "", "[int]"),
        ([[]], "List[str]", "[str]"),
        ([[]], "", "[?]"),
        ([[1, "a"]], "", "[any]"),
        ([None, 3], "Optional[int]", "int"),
        ([(1, "a")], "", "(int,str)"),
        ([{"a": [1]}], "", "{str:[int]}"),
        ([{1, 2}], "set[int]", "{int}"),
        ([[1, True]], "", "[any]"),
        ([3], "str", "int"),
        (["x"], "'str'", "str"),
    ],
)
def test_kinds_are_what_all_examples_have_in_common(values: list[object], annotation: str, kind: str) -> None:
    node = ast.parse(annotation, mode="eval").body if annotation else None
    assert kind_of_all(values, node) == kind


@pytest.mark.parametrize("annotation", ["list", "Callable[[int], str]", "int | None", "Tuple[int, ...]", "a.b"])
def test_an_annotation_that_says_too_little_says_nothing(annotation: str) -> None:
    assert annotated(ast.parse(annotation, mode="eval").body) is None


@pytest.mark.parametrize(
    ("patterns", "kinds", "gives", "result"),
    [
        (["[a]", "a"], ["[int]", "int"], "a", "int"),
        (["[a]", "a"], ["[int]", "str"], "a", None),
        (["num", "num"], ["int", "float"], "num", "float"),
        (["num", "num"], ["int", "int"], "num", "int"),
        (["num"], ["bool"], "num", None),
        (["[ord]"], ["[[int]]"], "ord", "[int]"),
        (["[ord]"], ["[bool]"], "ord", None),
        (["{a:b}"], ["{str:[int]}"], "[(a,b)]", "[(str,[int])]"),
        (["{a}"], ["{str:int}"], "a", None),
        (["seq"], ["(int,int)"], "bool", None),
    ],
)
def test_pieces_fit_where_their_patterns_match(
    patterns: list[str], kinds: list[str], gives: str, result: str | None
) -> None:
    known: dict[str, str] | None = {}
    for pattern, kind in zip(patterns, kinds, strict=True):
        known = bindings(pattern, kind, known) if known is not None else None
    assert (None if known is None else filled(gives, known)) == result


@pytest.mark.parametrize(
    ("ours", "wanted", "equal"),
    [
        (0.1 + 0.2, 0.3, True),
        (2.0, 2, True),
        (True, 1, False),
        (True, 1.0, False),
        ((1, 2.0), (1, 2.0000000001), True),
        ((1,), (1, 2), False),
        (10**400, 1.0, False),
        ("1", 1, False),
        (Table({"a": 1}), Table({"a": 1}), True),
    ],
)
def test_results_are_compared_as_a_test_would(ours: object, wanted: object, *, equal: bool) -> None:
    assert same(ours, wanted) == equal


def test_values_cannot_change_and_can_be_told_apart() -> None:
    value = frozen([{"a": [1, {2}]}, (3,)])
    assert value == (Table({"a": (1, frozenset({2}))}), (3,))
    assert hash(value) == hash(frozen([{"a": [1, {2}]}, (3,)]))
