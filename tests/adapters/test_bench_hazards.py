"""Candidates may do whatever they like: each gets its own verdict, and the others theirs."""

from pathlib import Path

import pytest
from bench_workspace import Case, Edit, opened, results

from perforch.core.errors import WorkbenchUnavailable

pytestmark = pytest.mark.slow

SOURCE = """
import os, sys, time

STATE = []

def f(x):
    return x - 1
"""
TESTS = """
from m import f, STATE

def test_f():
    assert f(1) == 2

def test_g():
    assert f(5) == 6

def test_zero():
    assert STATE == [] and f(0) != 0
"""
CASE = Case(SOURCE, TESTS, "f", ["test_f", "test_g"], ["test_zero"])
RETURN = "return x - 1"
RIGHT = Edit(RETURN, "return x + 1")

HAZARDS = {
    "a loop": "while True: x += 1",
    "a loop that catches everything": "while True:\n        try:\n            while True: x += 1\n        except BaseException: pass",
    "a loop in C": "return len(str(7 ** (10 ** 8)))",
    "a sleep": "time.sleep(600)",
    "an exit": "os._exit(0)",
    "a polite exit": "sys.exit(0)",
    "an interrupt": "raise KeyboardInterrupt",
    "a signal": "os.kill(os.getpid(), 9)",
    "too much memory": "return len(bytearray(1 << 40))",
    "memory that grows": "x = [x]\n    while True: x += x",
    "endless recursion": "return f(x)",
    "a fork": "os.fork(); return 7",
    "closed descriptors": "os.closerange(0, 200)",
    "a closed stdout": "sys.stdout.close(); print(x)",
    "much output": "print('x' * 10000000); return 7",
}


@pytest.mark.parametrize("name", HAZARDS)
async def test_a_hazard_is_a_failed_candidate_and_the_next_ones_are_still_tried(name: str, tmp_path: Path) -> None:
    edits = [
        Edit(RETURN, "return 3"),
        Edit(RETURN, HAZARDS[name]),
        Edit(RETURN, "return 4"),
        RIGHT,
        Edit(RETURN, "return 5"),
    ]
    found = await results(CASE, tmp_path, edits, workers=1)
    assert [tried.is_plausible(2) for tried in found] == [False, False, False, True, False]
    assert all(tried.ran for tried in found)


@pytest.mark.parametrize("hazard", ["a loop", "a loop in C", "a sleep"])
async def test_what_never_ends_has_timed_out(hazard: str, tmp_path: Path) -> None:
    (tried,) = await results(CASE, tmp_path, [Edit(RETURN, HAZARDS[hazard])])
    assert tried.timed_out


async def test_what_one_candidate_leaves_behind_does_not_harm_the_next(tmp_path: Path) -> None:
    spoiling = [Edit(RETURN, f"STATE.append({number}); return 0") for number in range(40)]
    found = await results(CASE, tmp_path, [*spoiling, RIGHT], workers=1)
    assert found[-1].is_plausible(2)


async def test_a_spoiled_module_is_noticed_where_all_tests_fail_anyhow(tmp_path: Path) -> None:
    source = "STATE = {'x': 2}\n\ndef f(x):\n    STATE[x]\n"
    case = Case(source, "from m import f\n\ndef test_f():\n    assert f('x') == 2\n", "f", ["test_f"])
    spoiling = [Edit("STATE[x]", f"STATE.pop(x, {number})") for number in range(40)]
    found = await results(case, tmp_path, [*spoiling, Edit("STATE[x]", "return STATE[x]")], workers=1)
    assert found[-1].is_plausible(1)


async def test_data_of_the_tests_that_a_candidate_has_blown_up_is_not_kept(tmp_path: Path) -> None:
    tests = "from m import f\n\nDATA = [1]\n\ndef test_f():\n    assert f(DATA) == 2\n"
    case = Case("def f(x):\n    return sum(x)\n", tests, "f", ["test_f"])
    growing = [Edit("return sum(x)", f"for i in x: x.append(i)\n    return {number}") for number in range(3)]
    found = await results(case, tmp_path, [*growing, Edit("sum(x)", "sum(x) + 1")], workers=1)
    assert found[-1].is_plausible(1)


async def test_what_only_works_because_of_an_earlier_candidate_is_not_plausible(tmp_path: Path) -> None:
    helped = "return x + 1 if getattr(os, 'helped', 0) else 0"
    found = await results(CASE, tmp_path, [Edit(RETURN, "os.helped = 1; return 0"), Edit(RETURN, helped)], workers=1)
    assert not found[1].is_plausible(2)


async def test_a_target_with_a_memory_of_its_own_is_tried_in_new_workers(tmp_path: Path) -> None:
    source = "MEMORY = {}\n\ndef f(x):\n    if x not in MEMORY:\n        MEMORY[x] = x - 1\n    return MEMORY[x]\n"
    case = Case(source, "from m import f\n\ndef test_f():\n    assert f(1) == 2\n", "f", ["test_f"])
    wrong = [Edit("x - 1", f"x - {number}") for number in range(2, 6)]
    found = await results(case, tmp_path, [*wrong, Edit("x - 1", "x + 1")], workers=1)
    assert found[-1].is_plausible(1)


async def test_a_candidate_that_needs_longer_gets_a_second_try_while_nothing_else_works(tmp_path: Path) -> None:
    slow = Edit(RETURN, "end = time.thread_time() + 0.05\n    while time.thread_time() < end: pass\n    return x + 1")
    async with opened(CASE, tmp_path, workers=1) as (bench, task):
        found = [tried async for tried in bench.evaluate([slow.of(task.target.source)])]
    assert [tried.timed_out for tried in found] == [True, False]
    assert found[-1].is_plausible(2)


async def test_how_far_a_failing_test_gets_is_counted(tmp_path: Path) -> None:
    tests = "from m import f\n\ndef test_f():\n    assert f(1) == 2\n    assert f(2) == 4\n    assert f(3) == 9\n"
    case = Case("def f(x):\n    return x - 1\n", tests, "f", ["test_f"])
    edits = [Edit("x - 1", new) for new in ("x + 5", "x + 1", "x * 2", "x * x if x > 1 else 2")]
    assert [tried.reached for tried in await results(case, tmp_path, edits)] == [0, 1, 2, 2]


async def test_the_same_bytecode_is_run_once(tmp_path: Path) -> None:
    edits = [Edit(RETURN, "return x * 3"), Edit(RETURN, "return (x * 3)"), Edit(RETURN, "return x - 1  # as it was")]
    found = await results(CASE, tmp_path, edits, workers=1)
    assert [tried.ran for tried in found] == [True, False, False]


async def test_a_test_that_fails_only_in_company_is_named_as_the_reason(tmp_path: Path) -> None:
    case = Case(
        "def f(x):\n    return x + 1\n", "from m import f\n\ndef test_f():\n    assert f(1) == 2\n", "f", ["test_f"]
    )
    with pytest.raises(WorkbenchUnavailable, match="No failing test fails in process"):
        async with opened(case, tmp_path):
            pass
