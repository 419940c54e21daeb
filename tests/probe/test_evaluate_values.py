"""The pure parts of the in-process evaluator: inputs, portraits, bytecode keys and how far a test got."""

import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from types import ModuleType

import pytest

PROBE = Path(__file__).parent.parent.parent / "server" / "perforch" / "probe"


@pytest.fixture(autouse=True)
def _modules(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The probe's modules find each other beside themselves, as in the project's interpreter."""
    monkeypatch.syspath_prepend(PROBE)
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if name.startswith("evaluate_"):
            del sys.modules[name]


def load(name: str) -> ModuleType:
    return __import__(name)


VALUES = [3, -1, True, 2.5, "text", "", b"ab", [1, 2, 3], [[1], [2, 3]], [], (1, "a"), {"a": 1}, {1, 2}, frozenset({1})]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_changed_input_keeps_its_type(value: object) -> None:
    mutated = load("evaluate_inputs").mutated
    changed = [mutated(value, Random(seed)) for seed in range(50)]
    assert {type(new) for new in changed} == {type(value)}
    assert any(new != value for new in changed) or value in ([], ())


def test_inputs_are_varied_without_touching_the_samples() -> None:
    samples = [([[3, 1, 2], "abc"], {"n": 1})]
    found = load("evaluate_inputs").varied(samples, Random(0))
    assert found[0] == ([[3, 1, 2], "abc"], {"n": 1})
    assert len(found) > 90
    assert found == load("evaluate_inputs").varied(samples, Random(0))


def test_what_cannot_be_changed_gives_only_the_samples() -> None:
    samples = [([object()], {})]
    assert load("evaluate_inputs").varied(samples, Random(0)) == samples


class Plain:
    def __init__(self, x: int) -> None:
        self.x = x


SAME = [
    ({1, 2, 3}, {3, 2, 1}),
    (0.1 + 0.2, 0.3),
    (Plain(1), Plain(1)),
    ([Plain(1)], [Plain(1)]),
]
DIFFERENT = [([1], (1,)), (1, True), (1, 1.5), (Plain(1), Plain(2)), ("1", 1), ({"a": 1}, {"a": 2})]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_equal_results_have_one_portrait(one: object, other: object) -> None:
    portrait = load("evaluate_observe").portrait
    assert portrait(one) == portrait(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different_results_have_different_portraits(one: object, other: object) -> None:
    portrait = load("evaluate_observe").portrait
    assert portrait(one) != portrait(other)


PROGRESS = [
    ([["test", 3]], [["test", 5]], 2),
    ([["test", 3]], [["test", 2]], 0),
    ([["test", 3], ["check", 20]], [["test", 3], ["check", 24]], 4),
    ([["test", 3], ["check", 20]], [["test", 3], ["other", 40]], 0),
    ([["test", 3]], [], 0),
    ([], [["test", 3]], 0),
]


@pytest.mark.parametrize(("before", "now", "lines"), PROGRESS)
def test_progress_is_counted_in_lines_of_the_same_function(
    before: list[list[object]], now: list[list[object]], lines: int
) -> None:
    assert load("evaluate_clock").progress(before, now) == lines


KEYS = [
    ("return x + 1", "return (x + 1)  # a comment", True),
    ("return x + 1", "return x + 1.0", False),
    ("return x == 1", "return x == True", False),
    ("return x + y", "return y + x", False),
    ("return [n for n in x]", "return [k for k in x]", False),
    ("return lambda: x", "return lambda: (x)", True),
]


@pytest.mark.parametrize(("one", "other", "is_same"), KEYS)
def test_candidates_are_the_same_when_their_bytecode_is(one: str, other: str, is_same: bool) -> None:
    key = load("evaluate_source").code_key
    codes = [compile(f"def f(x, y):\n    {body}\n", "f.py", "exec") for body in (one, other)]
    assert (key(codes[0]) == key(codes[1])) is is_same


def test_a_hash_is_new_once_and_for_all_workers() -> None:
    board = load("evaluate_shared").Board(2)
    assert [board.is_new(key) for key in (7, -7, 7, 0, 0, 1 << 60)] == [True, True, False, True, False, True]


def test_results_are_read_back_as_they_were_written() -> None:
    shared = load("evaluate_shared")
    board = shared.Board(2)
    place, other = board.place(0), board.place(1)
    result = shared.Result(shared.RAN | shared.BROKEN, 3, 65535)
    place.put(300, result)
    place.deadline = 12.5
    assert (place.get(300), place.done, place.good, place.deadline) == (result, 301, 0, 12.5)
    assert (other.done, other.deadline) == (0, 0.0)
    place.all_good()
    assert place.good == 301
    place.clear()
    assert (place.done, place.good, place.deadline) == (0, 0, 0.0)
