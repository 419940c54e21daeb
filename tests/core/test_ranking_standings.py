import pytest

from perforch.core.standings import Table, strengths


def order(tables: list[Table], anchors: dict[str, float] | None = None) -> str:
    found = strengths(tables, anchors or {})
    return "".join(sorted(found, key=lambda model: -found[model]))


@pytest.mark.parametrize(
    ("why", "tables", "expected"),
    [
        ("one table", [[("a", 9.0), ("b", 5.0), ("c", 1.0)]], "abc"),
        ("scales do not matter", [[("a", 0.3), ("b", 0.2)], [("b", 90.0), ("c", 10.0)]], "abc"),
        (
            "the best of a weak table is not better than the last of a strong one that it links to",
            [[("a", 3.0), ("b", 2.0), ("c", 1.0)], [("c", 99.0), ("d", 50.0), ("e", 1.0)]],
            "abcde",
        ),
        ("the majority of tables decides", [[("a", 1.0), ("b", 2.0)], *[[("a", 2.0), ("b", 1.0)]] * 2], "ab"),
    ],
)
def test_only_who_beats_whom_within_a_table_counts(why: str, tables: list[Table], expected: str) -> None:
    assert order(tables) == expected, why


def test_a_tie_makes_equals() -> None:
    found = strengths([[("a", 5.0), ("b", 5.0), ("c", 1.0)]], {})
    assert found["a"] == pytest.approx(found["b"], abs=1e-3)


def test_the_names_of_one_family_do_not_beat_themselves() -> None:
    assert order([[("a", 9.0), ("a", 1.0), ("b", 0.5)]]) == "ab"


def test_tables_that_share_no_model_are_held_together_by_what_is_known_from_elsewhere() -> None:
    tables: list[Table] = [[("a", 9.0), ("b", 5.0)], [("c", 9.0), ("d", 5.0)]]
    assert order(tables, {"a": 1.0, "b": 0.0, "c": 9.0, "d": 8.0}) == "cdab"
