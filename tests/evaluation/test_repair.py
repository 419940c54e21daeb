"""Every task of a suite goes through the same door, and whatever becomes of it is a row of the report."""

import asyncio
import json
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

import pytest

from perforch.core.errors import ToolMissing
from perforch.core.events import Asking, Judging, Searching
from perforch.core.ports import Listener, Model, Question
from perforch.core.proposal import NoProposal, Proposal, Reason
from perforch.core.task import Category, Concerned, Request, Span, Stage, Target, Task
from perforch.core.verdict import Evidence, Level, Passed
from perforch.evaluation.repair import Plan, repair
from perforch.evaluation.repair_report import RepairReport, Unrepaired, as_json, as_table
from perforch.evaluation.repair_workers import each
from perforch.evaluation.suites_task import SuiteTask

FILE = PurePosixPath("twice.py")
BROKEN = "def twice(n):\n    return n + 2"
RIGHT = "def twice(n):\n    return n * 2"


def suite_task(name: str) -> SuiteTask:
    text = f"import os\n\n\n{BROKEN}\n"
    return SuiteTask(
        name,
        "python",
        {FILE: text, PurePosixPath("tests/note"): name},
        FILE,
        "twice",
        BROKEN,
        RIGHT,
        f"import os\nimport math\n\n\n{RIGHT}\n",
    )


def task_of(request: Request) -> Task:
    text = (request.workspace.root / FILE).read_text(encoding="utf-8")
    start = text.index(BROKEN)
    span = Span(start, start + len(BROKEN), 4, 5)
    target = Target(
        FILE, "twice", "python", span, span, 4, "twice(n)", "", None, BROKEN, ("import os",), 10, is_stub=False
    )
    return Task(request.workspace, target, text, request.stage, Category.MATHS, Concerned(), request.limits)


def proven(level: Level = Level.PROVEN) -> Passed:
    return Passed(Evidence(level, 1, 1, (), (), (), None, (), "process"))


async def believing(
    request: Request, models: Sequence[Model], listener: Listener, level: Level
) -> Proposal | NoProposal:
    """Takes whatever the first model says for proven, unless it is what was there before."""
    assert request.stage is Stage.FIX
    assert request.function == "twice"
    task = task_of(request)
    listener.on(Asking(task, Stage.FIX, models[0].name, 1, 1))
    answer = await models[0].answer(Question(task, Stage.FIX, task.target.source))
    assert isinstance(answer, tuple)
    listener.on(Judging(models[0].name, Stage.FIX))
    if answer[0].code == task.target.source:
        return NoProposal(Reason("nothing-proven", "no candidate passed"), task, ())
    return Proposal(task, answer[0], proven(level), "", (), ())


async def searching(request: Request, models: Sequence[Model], listener: Listener) -> Proposal | NoProposal:
    """What happens depends on the task's name, which is in its workspace."""
    task = task_of(request)
    match (request.workspace.root / "tests" / "note").read_text(encoding="utf-8"):
        case "error":
            raise ToolMissing("'pytest' is not installed; install it")
        case "crash":
            os._exit(3)
        case "busy":
            end = time.process_time() + 0.3
            while time.process_time() < end:
                pass
    for tried in (10, 20):
        listener.on(Searching(tried, 0, 0.1))
    listener.on(Asking(task, Stage.FIX, "builtin", 2, 5))
    listener.on(Searching(7, 0, 0.1))
    return NoProposal(Reason("nothing-proven", "nothing\nat all"), None, ())


def plan(model: str, workers: int = 1) -> Plan:
    return Plan("toys", "python", model, seconds=5.0, workers=workers)


@dataclass
class Seen:
    done: list[tuple[str, int]]


def evaluate(names: Sequence[str], solve: Callable[..., object], how: Plan) -> tuple[RepairReport, Seen]:
    seen = Seen([])
    tasks = [suite_task(name) for name in names]
    report = asyncio.run(
        repair(tasks, solve, how, lambda result, count: seen.done.append((result.task_id, count)))  # type: ignore[arg-type]
    )
    return report, seen


@pytest.mark.slow
def test_the_reference_repairs_all_and_the_unchanged_code_none() -> None:
    solve = partial(believing, level=Level.PROVEN)
    right, seen = evaluate(["a", "b"], solve, plan("reference"))
    assert (right.proven, seen.done) == (2, [("a", 1), ("b", 2)])
    first = as_json(right)["tasks"][0]  # type: ignore[index]
    assert first["code"] == f"import os\nimport math\n\n\n{RIGHT}\n"
    assert (first["outcome"], first["model"], first["candidates_tried"]) == ("proposal", "reference", 1)
    unchanged, _ = evaluate(["a", "b"], solve, plan("unchanged"))
    assert unchanged.proven == 0


@pytest.mark.slow
def test_a_proposal_that_is_only_static_is_not_counted_as_proven() -> None:
    report, _ = evaluate(["a"], partial(believing, level=Level.STATIC), plan("reference"))
    assert report.proven == 0
    assert "static" in as_table(report)


@pytest.mark.slow
def test_one_task_that_ends_badly_does_not_end_the_others() -> None:
    report, _ = evaluate(["error", "crash", "fine", "busy"], searching, plan("builtin", workers=2))
    reasons = [task.ending.reason.code for task in report.tasks if isinstance(task.ending, Unrepaired)]
    assert reasons == ["error", "crash", "nothing-proven", "nothing-proven"]
    assert [task.task_id for task in report.tasks] == ["error", "crash", "fine", "busy"]
    error = as_json(report)["tasks"][0]  # type: ignore[index]
    assert error["reason"] == {"code": "error", "text": "'pytest' is not installed; install it"}


@pytest.mark.slow
def test_effort_counts_every_search_and_the_task_s_own_processor_time() -> None:
    report, _ = evaluate(["fine", "busy"], searching, plan("builtin"))
    fine, busy = (task.effort for task in report.tasks)
    assert fine.candidates == 27
    assert fine.cpu_seconds < 0.2 <= busy.cpu_seconds <= busy.seconds + 0.1


def test_the_json_object_has_the_fields_that_scripts_depend_on() -> None:
    report = RepairReport("toys", "python", 1.0, ())
    assert json.loads(json.dumps(as_json(report))) == {
        "experiment": "repair",
        "suite": "toys",
        "language": "python",
        "total": 0,
        "seconds": 1.0,
        "proven": 0,
        "tasks": [],
    }


async def waiting(note: str) -> str:
    """Never ends by itself; says in two files that it began and that it was told to stop."""
    Path(note).with_suffix(".began").touch()
    try:
        await asyncio.sleep(60)
    finally:
        Path(note).with_suffix(".ended").touch()
    return note


@pytest.mark.slow
async def test_an_interrupt_lets_every_worker_clean_up(tmp_path: Path) -> None:
    notes = [str(tmp_path / name) for name in ("a", "b")]
    done: list[object] = []
    running = asyncio.create_task(each(notes, waiting, 2, lambda index, result: done.append(result)))
    while len(list(tmp_path.glob("*.began"))) < 2:
        await asyncio.sleep(0.02)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert len(list(tmp_path.glob("*.ended"))) == 2
    assert done == []
