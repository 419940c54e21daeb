"""The pure parts of measuring: portraits of values, calls as bytes, larger inputs, and what outlives a call."""

import datetime as dt
import fractions
import sys
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any, NamedTuple

import pytest

PROBE = Path(__file__).parent.parent.parent / "server" / "perforch" / "probe"


@pytest.fixture(autouse=True)
def _modules(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The probe's modules find each other beside themselves, as in the project's interpreter."""
    monkeypatch.syspath_prepend(PROBE)
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if name.startswith(("evaluate_", "measure_")):
            del sys.modules[name]


def load(name: str) -> ModuleType:
    return __import__(name)


@dataclass
class Point:
    x: float
    y: object = None


class Pair(NamedTuple):
    one: int
    other: object


def drawn(value: object) -> tuple[object, ...]:
    portrait = load("measure_portrait").Portrait()
    portrait.add(value)
    return portrait.shape, portrait.floats, portrait.is_opaque


SHARED: list[int] = [1]
MOMENT = dt.datetime(2024, 1, 2, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, True),
        (1, 1.0),
        (0.1 + 0.2, 0.3),
        (0.0, -0.0),
        ("1", b"1"),
        ([1, 2], (1, 2)),
        ([[1], [2]], [[1, 2], []]),
        ([], [[]]),
        ({1, 2}, frozenset({1, 2})),
        ({1, 2}, {1, 2.0, 3}),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({"a": 1}, OrderedDict(a=1)),
        ({"a": 1}, Counter(a=1)),
        (Point(1.0), Point(2.0)),
        (Point(1.0, [1]), Point(1.0, (1,))),
        (Pair(1, 2), (1, 2)),
        ([SHARED, SHARED], [[1], [1]]),
        (deque([1]), deque([1], maxlen=3)),
        (MOMENT, MOMENT.replace(second=1)),
        (fractions.Fraction(1, 3), fractions.Fraction(1, 4)),
        (None, "None"),
        (int, "int"),
        (len, min),
    ],
)
def test_values_that_differ_have_other_portraits(one: object, other: object) -> None:
    assert drawn(one) != drawn(other)
    assert not drawn(one)[2]


@pytest.mark.parametrize(
    "make",
    [
        lambda: {"b": [1, 2.5], "a": {"x", "y", "z"}},
        lambda: Point(float("nan"), [Pair(1, "é\ud800")]),
        lambda: Counter("mississippi"),
        lambda: iter([1, 2, 3]),
        lambda: [MOMENT, deque([1, 2]), range(3), slice(1), 3 + 4j, ...],
    ],
)
def test_equal_values_have_the_same_portrait(make: Callable[[], object]) -> None:
    assert drawn(make()) == drawn(make())


def test_a_value_that_contains_itself_or_is_very_deep_can_be_drawn() -> None:
    loop: list[object] = []
    loop.append(loop)
    chain: Point | None = None
    for _ in range(2000):
        chain = Point(1.0, chain)
    assert drawn(loop) != drawn([[]])
    assert drawn(chain) != drawn(Point(1.0))


def test_what_cannot_be_looked_into_is_opaque() -> None:
    with Path(__file__).open(encoding="utf-8") as file:
        for value in (lambda: 1, (x for x in [1]), file):
            assert drawn([value])[2]


def test_arguments_travel_as_bytes_lambdas_and_objects_included() -> None:
    calls = load("measure_calls")
    offset = 3

    def add(x: int) -> int:
        return x + offset

    text = calls.packed(([Point(1.0, [2]), add, lambda x: add(x) * len(Pair._fields)], {"key": {1: "a"}}))
    (point, first, second), keyword = calls.unpacked(text)
    again = calls.unpacked(text)[0][0]
    assert (point, first(1), second(1), keyword) == (Point(1.0, [2]), 4, 8, {"key": {1: "a"}})
    assert again == point
    assert again is not point


def test_what_cannot_be_copied_is_said_to_be_so() -> None:
    calls = load("measure_calls")
    for value in ((x for x in [1]), sys._getframe(), "x" * (2 << 20)):
        with pytest.raises(calls.Uncopyable):
            calls.packed(([value], {}))


def grown(positional: list[object], factor: int = 8) -> list[Any] | None:
    call = load("measure_inputs").grown(lambda: (list(positional), {}), factor, Random(3))
    return None if call is None else call[0]


def test_containers_grow_and_keep_what_functions_rely_on() -> None:
    found = grown([[1, 3, 5], "ab", {"x": 1}, 2, (1, 2)])
    assert found is not None
    numbers, text, table, count, pair = found
    assert len(numbers) > 12
    assert numbers == sorted(set(numbers))
    assert text == "ab" * (len(text) // 2)
    assert len(text) >= 16
    assert (count, pair) == (2, (1, 2))
    assert table["x"] == 1


def test_a_text_of_several_parts_grows_by_more_parts() -> None:
    found = grown(["three one"])
    assert found is not None
    assert set(found[0].split(" ")) == {"three", "one"}


def test_numbers_grow_only_where_nothing_else_does() -> None:
    found = grown([3, True])
    assert found is not None
    assert found[0] >= 24
    assert found[1] is True
    assert grown([None, ()]) is None


def test_variants_have_the_types_of_what_they_vary() -> None:
    inputs, rng = load("measure_inputs"), Random(1)
    sample = ([[1, 2], "text", {"k": (1.5, True)}, {3}], {"flag": True})
    found = [inputs.varied(lambda: ([*sample[0]], {**sample[1]}), rng) for _ in range(200)]
    found = [call for call in found if call is not None]
    assert all([type(value) for value in call[0]] == [list, str, dict, set] for call in found)
    assert len({repr(call) for call in found}) > 150
    assert inputs.varied(lambda: ([object()], {}), rng) is None


KEEPS = "def f(n):\n    return sum(range(n))"
STATE = {
    "a global": "def f(n):\n    global seen\n    seen = n\n    return n",
    "a cache around it": "@cache\ndef f(n):\n    return n",
    "a call around it": "@lru_cache(maxsize=None)\ndef f(n):\n    return n",
    "a default that is a memo": "def f(n, memo={}):\n    return memo.setdefault(n, n)",
    "a default that was computed": "def f(n, *, table=make()):\n    return table[n]",
    "an attribute of its own": "def f(n):\n    f.memo[n] = n\n    return n",
    "reading an attribute of its own": "def f(n):\n    return f.memo.get(n, n)",
    "an attribute of its own by name": "def f(n):\n    return getattr(f, 'memo', n)",
    "a module's attribute": "def f(n):\n    math.memo = n\n    return n",
    "an item of a global": "def f(n):\n    MEMO[n] = n\n    return n",
    "deleting an item of a global": "def f(n):\n    del MEMO[n]\n    return n",
    "a method of a global": "def f(n):\n    MEMO.append(n)\n    return n",
    "a global by another name": "def f(n):\n    memo = MEMO\n    memo[n] = n\n    return n",
    "a global by a name among others": "def f(n):\n    memo, key = MEMO, n\n    memo[key] = n\n    return n",
    "items of a global": "def f(n):\n    for row in MEMO:\n        row.append(n)\n    return n",
    "a method of a global, taken aside": "def f(n):\n    put = MEMO.setdefault\n    put(n, n)\n    return n",
    "a global by a third name": "def f(n):\n    if (memo := MEMO.table) is not None:\n        other = memo\n        other.add(n)\n    return n",
    "its class": "def f(self, n):\n    self.__class__.memo = n\n    return n",
    "its type": "def f(self, n):\n    type(self).memo[n] = n\n    return n",
    "its object": "def f(self, n):\n    self.memo = n\n    return n",
    "the class it is called on": "def f(cls, n):\n    cls.memo[n] = n\n    return n",
    "an outer name": "def f(n):\n    nonlocal seen\n    seen = n\n    return n",
    "within an inner function": "def f(n):\n    def g():\n        MEMO[n] = n\n    g()\n    return n",
    "another function beside it": "MEMO = {}\ndef f(n):\n    return MEMO.get(n, n)",
}
HARMLESS = {
    "its own list": "def f(n):\n    found = []\n    found.append(n)\n    found[0] = 1\n    return found",
    "a cache within the call": "def f(n):\n    @cache\n    def g(k):\n        return k if k < 2 else g(k - 1) + g(k - 2)\n    return g(n)",
    "a counter of an inner function": "def f(n):\n    count = 0\n    def g():\n        nonlocal count\n        count += 1\n    g()\n    return count",
    "an argument": "def f(xs, n=0, *, sign=-1, pair=(1, 'a')):\n    xs.append(n)\n    xs[0] = sign\n    return xs",
    "functions of modules": "def f(a, b):\n    return operator.add(a, np.append(a, b))",
    "loop variables": "def f(rows):\n    for row in rows:\n        row[0] = 1\n    return [x.append(1) for x in rows]",
}


def kept(after: str, before: str = KEEPS) -> str | None:
    reason: str | None = load("measure_state").kept(before, after)
    return reason


@pytest.mark.parametrize("code", STATE.values(), ids=STATE.keys())
def test_what_outlives_a_call_is_refused(code: str) -> None:
    assert kept(code)


@pytest.mark.parametrize("code", HARMLESS.values(), ids=HARMLESS.keys())
def test_what_ends_with_the_call_is_not(code: str) -> None:
    assert kept(code) is None


@pytest.mark.parametrize("name", [name for name in STATE if name != "another function beside it"])
def test_what_the_old_version_kept_the_new_one_may_keep(name: str) -> None:
    assert kept(STATE[name].replace("return n", "return n + 0"), before=STATE[name]) is None
