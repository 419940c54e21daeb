"""Which lines of a function are charged for the time that it takes, and how often each ran."""

import inspect
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

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


def busy(turns: int) -> int:
    return sum(range(turns))


def recursive(depth: int) -> int:
    if depth == 0:
        return busy(20_000)
    return recursive(depth - 1) + 1


def lazy(count: int) -> Iterator[int]:
    for _ in range(count):
        yield busy(2_000)


def nested(count: int) -> int:
    def inner(turns: int) -> int:
        return busy(turns)

    return sum(inner(2_000) for _ in range(count))


CASES = {"recursion": (recursive, 20, 1), "generator": (lazy, 30, 30), "inner function": (nested, 30, 30)}


@pytest.mark.parametrize(("function", "argument", "hits"), CASES.values(), ids=CASES.keys())
def test_time_is_charged_to_the_line_that_calls_what_takes_it(
    function: Callable[[int], object], argument: int, hits: int
) -> None:
    lines, first = inspect.getsourcelines(function)
    tracer = __import__("measure_lines").Tracer(str(Path(__file__).resolve()), first, first + len(lines) - 1)
    tracer.watch(lambda: iterated(function(argument)))
    found = {lines[line - first].strip(): (seconds, count) for line, seconds, count in tracer.counts()}
    hottest = max(found, key=lambda text: found[text][0])
    assert "busy" in hottest
    assert found[hottest][1] == hits
    assert all(text in map(str.strip, lines) for text in found)


def iterated(result: object) -> list[object]:
    return list(result) if isinstance(result, Iterator) else [result]
