"""How many broken functions of a suite get a proven repair, each worked on as a user's workspace would be."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from perforch.adapters.copies_folders import scratch
from perforch.core.edits import apply
from perforch.core.errors import PerfOrchError
from perforch.core.ports import Listener, Model
from perforch.core.proposal import NoProposal, Proposal, Reason
from perforch.core.task import Limits, Request, Stage, Workspace
from perforch.evaluation.repair_effort import Counter, CpuMeter
from perforch.evaluation.repair_models import stand_in
from perforch.evaluation.repair_report import Effort, Repaired, RepairReport, TaskResult, Unrepaired
from perforch.evaluation.repair_workers import Crash, all_of
from perforch.evaluation.suites_task import SuiteTask

Solve = Callable[[Request, Sequence[Model], Listener], Awaitable[Proposal | NoProposal]]
"""The product's own path. The models are those to ask; where there are none, it asks those that it is set up with.

It is called in other processes, so it has to be a function of a module, or a partial of one over plain values.
"""
Progress = Callable[[TaskResult, int], None]  # a finished task, and how many are finished by now

TEST_SECONDS = 20.0  # one run of a task's tests: a broken loop that never ends must not eat the baseline for long


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured: `model` is the one name that was asked for, `seconds` the time for each task."""

    suite: str
    language: str
    model: str
    seconds: float
    workers: int
    stand_ins: Mapping[str, Model] = field(default_factory=dict)  # by task id, who answers in the model's name


async def repair(tasks: Sequence[SuiteTask], solve: Solve, plan: Plan, progress: Progress) -> RepairReport:
    """Work on every task, `plan.workers` at once; one that ends in an error is a row of the report like any other."""
    started = time.monotonic()
    work, crashed = partial(repair_one, solve=solve, plan=plan), partial(_crashed, plan=plan)
    results = await all_of(tasks, work, plan.workers, crashed, progress)
    return RepairReport(plan.suite, plan.language, time.monotonic() - started, results)


async def repair_one(task: SuiteTask, solve: Solve, plan: Plan) -> TaskResult:
    """One task in a workspace of its own, which is gone afterwards."""
    counter, meter = Counter(), CpuMeter()
    started = time.monotonic()
    model = plan.stand_ins.get(task.task_id) or stand_in(plan.model, task)
    with laid_out(task) as root:
        async with meter.running():
            outcome = await _solved(solve(_request(task, root, plan), [] if model is None else [model], counter))
    await asyncio.sleep(0)  # lets the transports of ended children close, so that all of them are waited for
    effort = Effort(counter.candidates, time.monotonic() - started, meter.seconds)
    return TaskResult(task.task_id, plan.model, _ending(task, outcome), effort)


async def _solved(solving: Awaitable[Proposal | NoProposal]) -> Proposal | NoProposal:
    try:
        return await solving
    except PerfOrchError as error:
        return NoProposal(Reason("error", str(error)), None, ())


@contextmanager
def laid_out(task: SuiteTask) -> Iterator[Path]:
    """The task's workspace in a folder of its own, which is gone afterwards."""
    with scratch("suite") as root:
        task.write(root)
        yield root


def _request(task: SuiteTask, root: Path, plan: Plan) -> Request:
    limits = Limits(seconds=plan.seconds, test_seconds=TEST_SECONDS)
    return Request(Workspace(root), Stage.FIX, file=task.file, function=task.function, limits=limits)


def _ending(task: SuiteTask, outcome: Proposal | NoProposal) -> Repaired | Unrepaired:
    if isinstance(outcome, NoProposal):
        return Unrepaired(outcome.reason)
    text = apply(task.files[task.file], outcome.task.target, outcome.candidate)
    return Repaired(outcome.candidate.model, text, outcome.verdict.evidence.level)


def _crashed(task: SuiteTask, crash: Crash, plan: Plan) -> TaskResult:
    return TaskResult(task.task_id, plan.model, Unrepaired(Reason("crash", crash.text)), Effort(0, crash.seconds, 0.0))
