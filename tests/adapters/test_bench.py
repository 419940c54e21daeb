"""A bench as the search uses it: a stream of candidates, stopped at any time, and behaviours to compare."""

import asyncio
import itertools
import os
from contextlib import aclosing
from pathlib import Path

import pytest
from bench_workspace import Case, opened

from perforch.core.errors import WorkbenchUnavailable

SOURCE = 'def f(x, y=1):\n    """Sum."""\n    return x - y\n'
TESTS = "from m import f\n\ndef test_f():\n    assert f(1) == 2\n\ndef test_zero():\n    assert f(0) != 0\n"
CASE = Case(SOURCE, TESTS, "f", ["test_f"], ["test_zero"])


def processes_about(text: str) -> list[int]:
    """The processes whose command line or working folder mentions `text`."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                about = entry.joinpath("cmdline").read_bytes().decode(errors="replace") + str(
                    entry.joinpath("cwd").readlink()
                )
            except OSError:
                continue
            if text in about:
                found.append(int(entry.name))
    return found


@pytest.mark.slow
async def test_a_bench_tries_observes_stops_and_leaves_nothing_behind(tmp_path: Path) -> None:
    async with opened(CASE, tmp_path) as (bench, task):
        start = task.target.source
        profile = bench.profile
        assert (profile.failing, profile.passing) == (("test_m.py::test_f",), ("test_m.py::test_zero",))
        assert profile.lines == {"test_m.py::test_f": {3}, "test_m.py::test_zero": {3}}
        assert profile.types == {"x": {"int"}, "y": {"int"}}

        endless = (start.replace("x - y", f"x - y - {number}") for number in itertools.count(1))
        async with aclosing(bench.evaluate(endless)) as results:
            first = [await anext(results) for _ in range(300)]
        assert all(tried.ran and not tried.is_plausible(1) for tried in first)

        right = [start.replace("x - y", new) for new in ("x + y", "y + x", "x * 2 or 1 - 2")]
        found = {tried.mutant: tried async for tried in bench.evaluate(right)}
        assert [found[number].is_plausible(1) for number in range(3)] == [True, True, True]

        behaviours = await bench.observe([start, *right])
        assert [len(behaviour) for behaviour in behaviours] == [len(bench.inputs)] * 4
        assert behaviours[1] == behaviours[2]
        assert behaviours[1] != behaviours[0]
        assert behaviours[1] != behaviours[3]
        assert bench.inputs[0] == "f(1, 1)"
    assert processes_about(str(tmp_path)) == []


@pytest.mark.slow
async def test_a_cancelled_search_leaves_nothing_running(tmp_path: Path) -> None:
    async def search() -> None:
        async with opened(CASE, tmp_path, workers=1) as (bench, task):
            looping = (
                task.target.source.replace("return x - y", f"return len(str(7 ** (10 ** 8 + {number})))")
                for number in itertools.count()
            )
            async for _ in bench.evaluate(looping):
                started.set()

    started = asyncio.Event()
    searching = asyncio.create_task(search())
    await started.wait()
    assert processes_about(str(tmp_path))
    searching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await searching
    assert processes_about(str(tmp_path)) == []


async def test_without_a_failing_test_there_is_no_bench(tmp_path: Path) -> None:
    with pytest.raises(WorkbenchUnavailable, match="no failing test concerns f"):
        async with opened(Case(SOURCE, TESTS, "f", []), tmp_path):
            pass
