"""How many functions of a suite get a proven gain, each worked on as a user's workspace would be."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from perforch.core.edits import apply
from perforch.core.errors import PerfOrchError
from perforch.core.ports import Listener
from perforch.core.proposal import NoProposal, Proposal, Reason
from perforch.core.task import Limits, Request, Stage, Workspace
from perforch.evaluation.optimize_report import Optimized, OptimizeReport, TaskResult, Unchanged
from perforch.evaluation.repair import laid_out
from perforch.evaluation.repair_effort import Counter
from perforch.evaluation.repair_workers import Crash, all_of
from perforch.evaluation.suites_task import SuiteTask

TEST_SECONDS = 120.0  # one run of a task's tests: under stress they take their time


@dataclass(frozen=True, slots=True)
class Checked:
    """How a request ended; `differs` tells on which input, not seen before, a proposal behaves in another way."""

    outcome: Proposal | NoProposal
    differs: str | None = None


Solve = Callable[[Request, Listener], Awaitable[Checked]]
"""The product's own path; called in other processes, so a function of a module, or a partial of one."""
Progress = Callable[[TaskResult, int], None]  # a finished task, and how many are finished by now


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured: `model` is the one name that was asked for, `seconds` the time for each task."""

    suite: str
    language: str
    model: str
    seconds: float
    workers: int


async def optimize(tasks: Sequence[SuiteTask], solve: Solve, plan: Plan, progress: Progress) -> OptimizeReport:
    """Work on every task, `plan.workers` at once; one that ends in an error is a row of the report like any other."""
    started = time.monotonic()
    work, crashed = partial(optimize_one, solve=solve, plan=plan), partial(_crashed, plan=plan)
    results = await all_of(tasks, work, plan.workers, crashed, progress)
    return OptimizeReport(plan.suite, plan.language, time.monotonic() - started, results)


async def optimize_one(task: SuiteTask, solve: Solve, plan: Plan) -> TaskResult:
    """One task in a workspace of its own, which is gone afterwards."""
    counter, started = Counter(), time.monotonic()
    with laid_out(task) as root:
        checked = await _checked(solve(_request(task, root, plan), counter))
    await asyncio.sleep(0)  # lets the transports of ended children close, so that all of them are waited for
    seconds = time.monotonic() - started
    return TaskResult(task.task_id, plan.model, _ending(task, checked), counter.candidates, seconds)


async def _checked(solving: Awaitable[Checked]) -> Checked:
    try:
        return await solving
    except PerfOrchError as error:
        return Checked(NoProposal(Reason("error", str(error)), None, ()))


def _request(task: SuiteTask, root: Path, plan: Plan) -> Request:
    limits = Limits(seconds=plan.seconds, test_seconds=TEST_SECONDS)
    return Request(Workspace(root), Stage.REFINE, file=task.file, function=task.function, limits=limits)


def _ending(task: SuiteTask, checked: Checked) -> Optimized | Unchanged:
    outcome = checked.outcome
    if isinstance(outcome, NoProposal):
        return Unchanged(outcome.reason)
    comparison = outcome.verdict.comparison
    assert comparison is not None  # a Passed of this stage always carries it
    text = apply(task.files[task.file], outcome.task.target, outcome.candidate)
    return Optimized(outcome.candidate.model, outcome.candidate.note, text, comparison, checked.differs)


def _crashed(task: SuiteTask, crash: Crash, plan: Plan) -> TaskResult:
    return TaskResult(task.task_id, plan.model, Unchanged(Reason("crash", crash.text)), 0, crash.seconds)
