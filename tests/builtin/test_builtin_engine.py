"""The embedded engine answers with proven-looking repairs, best first, or says why it cannot."""

import asyncio
import time
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from dataclasses import replace

import pytest
from exec_bench import Events, ExecBench, ExecWorkbench, question

from perforch.builtin.engine import Builtin
from perforch.core.candidate import Candidate, NoAnswer
from perforch.core.events import Searching
from perforch.core.ports import Tried
from perforch.core.task import Span, Stage
from perforch.core.verdict import Fault

SMALLER = "def f(a):\n    return a if a < 3 else 3"
UNSOLVABLE = "def f(a):\n    return a"


async def asked(bench: ExecBench | None, code: str, stage: Stage = Stage.FIX, language: str = "python") -> object:
    engine = Builtin(ExecWorkbench(bench), Events(), seconds=20)
    return await engine.answer(question(code, stage, language))


def candidates(answer: object) -> tuple[Candidate, ...]:
    assert isinstance(answer, tuple), answer
    return answer


async def test_a_repair_is_found_and_says_what_it_is() -> None:
    code = "def f(a, b):\n    return a - b  # the sum"
    bench = ExecBench({"sum": lambda f: f(2, 3) == 5 and f(7, 1) == 8, "zero": lambda f: f(4, 0) == 4}, code)
    best = candidates(await asked(bench, code))[0]
    assert best.code == "def f(a, b):\n    return a + b  # the sum"
    assert best.note == "another arithmetic operator"
    assert (best.model, best.stage, best.cost_usd) == ("builtin", Stage.FIX, 0.0)


async def test_a_repair_in_two_places_is_found_step_by_step() -> None:
    code = "def f(a, b):\n    x = a - 1\n    y = b - 1\n    return (x, y)"
    checks = {
        "both": lambda f: f(5, 7) == (6, 8),
        "first": lambda f: f(5, 7)[0] == 6,
        "second": lambda f: f(1, 1)[1] == 2,
    }
    best = candidates(await asked(ExecBench(checks, code), code))[0]
    assert best.code == "def f(a, b):\n    x = a + 1\n    y = b + 1\n    return (x, y)"
    assert best.note.count(", and ") == 1


async def test_a_mutant_that_breaks_a_passing_test_is_no_answer() -> None:
    code = "def f(a):\n    return a > 3"
    checks = {"three": lambda f: f(3) is True, "two": lambda f: f(2) is False, "four": lambda f: f(4) is True}
    for candidate in candidates(await asked(ExecBench(checks, code), code)):
        space: dict[str, object] = {}
        exec(candidate.code, space)
        f = space["f"]
        assert callable(f)
        assert [f(2), f(3), f(4)] == [False, True, True]


async def test_alternatives_behave_differently_and_say_on_what() -> None:
    bench = ExecBench({"three": lambda f: f(4) == 4}, SMALLER, arguments=list(range(8)))
    first, *others = candidates(await asked(bench, SMALLER))
    assert first.differs_on is None
    assert 1 <= len(others) <= 2
    assert all(other.differs_on is not None and other.differs_on.startswith("f(") for other in others)


async def test_progress_is_reported() -> None:
    events = Events()
    bench = ExecBench({"four": lambda f: f(4) == 4}, SMALLER)
    await Builtin(ExecWorkbench(bench), events, seconds=20).answer(question(SMALLER))
    last = events.seen[-1]
    assert isinstance(last, Searching)
    assert last.tried == len(bench.tried)
    assert last.plausible > 0


async def test_a_search_without_result_ends_in_time_and_says_how_much_was_tried() -> None:
    bench = ExecBench({"never": lambda f: False}, UNSOLVABLE)
    begun = time.monotonic()
    answer = await Builtin(ExecWorkbench(bench), Events(), seconds=0.5).answer(question(UNSOLVABLE))
    assert time.monotonic() - begun < 2
    assert isinstance(answer, NoAnswer)
    assert answer.fault is Fault.TEST
    assert str(len(bench.tried)) in answer.text


@pytest.mark.parametrize(
    ("stage", "seconds", "note"),
    [
        pytest.param(Stage.FIX, 1.5, "fits the examples", marks=pytest.mark.slow),
        (Stage.REFINE, 20, "another way to do the same (relies on that its arguments are such as in the tests)"),
    ],
)
async def test_where_nothing_else_helps_a_body_that_fits_the_examples_is_offered(
    stage: Stage, seconds: float, note: str
) -> None:
    docstring = (
        "The sum of the numbers.\n\n    >>> f([1, 2, 3])\n    6\n    >>> f([])\n    0\n    >>> f([4, 7])\n    11\n    "
    )
    code = f'def f(a: list) -> int:\n    """{docstring}"""\n    return 5'
    asked = question(code, stage)
    start = code.index("return")
    target = replace(asked.task.target, docstring=docstring, body=Span(start, len(code), 8, 8))
    bench = ExecBench({"never": lambda f: False}, code)
    engine = Builtin(ExecWorkbench(bench), Events(), seconds=seconds)
    best = candidates(await engine.answer(replace(asked, task=replace(asked.task, target=target))))[0]
    assert (best.stage, best.note) == (stage, note)
    assert best.code.endswith("return sum(a)")


async def test_a_cancelled_search_stops_at_once_and_closes_its_bench() -> None:
    class Slow(ExecBench):
        async def evaluate(self, codes: Iterable[str]) -> AsyncGenerator[Tried, None]:
            async with aclosing(super().evaluate(codes)) as results:
                async for tried in results:
                    await asyncio.sleep(0.01)
                    yield tried

    bench = Slow({"never": lambda f: False}, UNSOLVABLE)
    search = asyncio.create_task(asked(bench, UNSOLVABLE))
    await asyncio.sleep(0.2)
    search.cancel()
    with pytest.raises(asyncio.CancelledError):
        await search
    assert bench.tried
    assert bench.is_closed


async def test_what_was_found_counts_when_the_bench_breaks_down() -> None:
    code = "def f(a, b):\n    return a - b"
    bench = ExecBench({"sum": lambda f: f(2, 3) == 5}, code, fails_after=40)
    assert candidates(await asked(bench, code))[0].code.endswith("a + b")


@pytest.mark.parametrize(
    ("code", "stage", "language", "fault", "words"),
    [
        ("def f(:", Stage.FIX, "python", Fault.PARSE, "cannot read"),
        ("func f() {}", Stage.FIX, "go", Fault.ENVIRONMENT, "repairs Python, not go"),
        (UNSOLVABLE, Stage.REFINE, "python", Fault.NOT_FASTER, "none of the embedded rules applies"),
        (UNSOLVABLE, Stage.FIX, "python", Fault.ENVIRONMENT, "cannot be imported in process"),
    ],
)
async def test_what_it_cannot_do_it_says(code: str, stage: Stage, language: str, fault: Fault, words: str) -> None:
    answer = await asked(None, code, stage, language)
    assert isinstance(answer, NoAnswer)
    assert answer.fault is fault
    assert words in answer.text


async def test_tests_that_do_not_fail_in_process_are_nothing_to_search_for() -> None:
    answer = await asked(ExecBench({"fine": lambda f: True}, UNSOLVABLE), UNSOLVABLE)
    assert isinstance(answer, NoAnswer)
    assert answer.fault is Fault.ENVIRONMENT
