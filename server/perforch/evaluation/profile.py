"""How good a model is: a suite's tasks by the path of a user's request, one answer to each, and nobody to fall back on.

Generate starts from stubs, Fix from what the suite broke. Where a suite broke nothing, Fix gets the model's own drafts
that failed, as it would in the story; such a failure weighs half, since only hard tasks come so far.
"""

import ast
import asyncio
import time
import uuid
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import datetime

from perforch.adapters.memory import NO_OUTCOME, place_of
from perforch.core.errors import PerfOrchError, UsageError
from perforch.core.observation import Observation
from perforch.core.proposal import Attempt, NoProposal, Proposal, Reason, Trail
from perforch.core.task import Limits, Request, Stage, Task, Workspace
from perforch.core.verdict import Failed, Passed
from perforch.evaluation.repair import TEST_SECONDS, laid_out
from perforch.evaluation.suites_task import SuiteTask
from perforch.pipeline import Policy

Solve = Callable[[Request, Policy], Awaitable[Proposal | NoProposal]]
Opened = Callable[[], AbstractAsyncContextManager[Solve]]  # the product, set up with the one model

PROFILED = {"humaneval-x": False, "humanevalfix": True}  # by suite, whether it has bugs of its own
PROFILED_STAGES = (Stage.GENERATE, Stage.FIX)


@dataclass(frozen=True, slots=True)
class Job:
    """One task to start on, at this stage."""

    work: SuiteTask
    stage: Stage


@dataclass(frozen=True, slots=True)
class Plan:
    """What is profiled; `seconds` is the time for each task."""

    suite: str
    stages: tuple[Stage, ...]
    seconds: float

    def policy(self, start: Stage) -> Policy:
        """One answer per stage; drafts are fixed only where that is asked for and nothing better is there to fix."""
        fixes = Stage.FIX in self.stages and (start is Stage.FIX or not PROFILED[self.suite])
        return Policy(generate_tries=1, fix_tries=int(fixes), refine_tries=0)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one answer."""

    task_id: str
    stage: Stage
    success: bool
    seconds: float
    cost_usd: float
    task: Task
    is_of_draft: bool  # Fix was given a draft that had failed


@dataclass(frozen=True, slots=True)
class Unanswered:
    """There was no answer that could be judged, and it says nothing of the model's skill."""

    task_id: str
    stage: Stage
    why: str
    seconds: float = 0.0
    cost_usd: float = 0.0


Result = Outcome | Unanswered


def jobs_of(suite: str, tasks: Sequence[SuiteTask], stages: Sequence[Stage]) -> list[Job]:
    """What has to be worked on; raises UsageError for stages that the suite cannot tell anything about."""
    has_bugs = PROFILED.get(suite)
    if has_bugs is None:
        raise UsageError(f"{suite!r} is not for profiling; --suite takes one of {', '.join(PROFILED)}")
    if not has_bugs and Stage.GENERATE not in stages:
        raise UsageError(f"{suite} has no bugs: Fix gets drafts that failed, so name generate too, or use humanevalfix")
    generated = [Job(stubbed(task), Stage.GENERATE) for task in tasks if Stage.GENERATE in stages]
    return generated + [Job(task, Stage.FIX) for task in tasks if has_bugs and Stage.FIX in stages]


async def profile(
    jobs: Sequence[Job], plan: Plan, opened: Opened, workers: int, done: Callable[[Sequence[Result]], None]
) -> None:
    """Work on every job, `workers` at once; `done` is told what came of each, so that an interrupt loses little."""
    waiting = deque(jobs)

    async def work() -> None:
        async with opened() as solve:
            while waiting:
                done(await _profile_one(waiting.popleft(), plan, solve))

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(min(workers, len(jobs))):
                group.create_task(work())
    except* PerfOrchError as several:
        raise several.exceptions[0] from None  # the first says what to do; the others mostly say the same


def observation(outcome: Outcome, model: str, suite: str, now: datetime) -> Observation:
    """As Memory keeps it; the same task of the same suite has the same name for all models."""
    return Observation(
        id=uuid.uuid4().hex,
        model=model,
        place=place_of(outcome.task, outcome.stage),
        success=outcome.success,
        date=now.isoformat(timespec="seconds"),
        source=suite,
        seconds=outcome.seconds,
        cost_usd=outcome.cost_usd,
        task=f"{suite}/{outcome.task_id}",
        after=int(outcome.is_of_draft),
    )


def stubbed(task: SuiteTask) -> SuiteTask:
    """The task with its function's statements taken away; the docstring stays."""
    text = task.files[task.file]
    function = [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)][-1]
    kept = function.body[0] if ast.get_docstring(function) is not None else None
    lines = text.split("\n")
    before = lines[: kept.end_lineno if kept else function.body[0].lineno - 1]
    indent = " " * function.body[0].col_offset
    stub = "\n".join([*before, f"{indent}raise NotImplementedError", *lines[function.end_lineno :]])
    broken = stub.split("\n")[function.lineno - 1 : len(before) + 1]
    return replace(task, files={**task.files, task.file: stub}, broken_code="\n".join(broken))


async def _profile_one(job: Job, plan: Plan, solve: Solve) -> Sequence[Result]:
    started = time.monotonic()
    with laid_out(job.work) as root:
        limits = Limits(seconds=plan.seconds, test_seconds=TEST_SECONDS)
        request = Request(Workspace(root), job.stage, file=job.work.file, function=job.work.function, limits=limits)
        try:
            ended = await solve(request, plan.policy(job.stage))
        except PerfOrchError as error:
            ended = NoProposal(Reason("error", str(error)), None, ())
    if ended.task is None or not ended.trail:
        why = ended.reason.text if isinstance(ended, NoProposal) else "there was no attempt"
        return [Unanswered(job.work.task_id, job.stage, why, time.monotonic() - started)]
    return [_result(job, stage, ended.task, attempts) for stage in Stage if (attempts := _of(stage, ended.trail))]


def _of(stage: Stage, trail: Trail) -> list[Attempt]:
    return [attempt for attempt in trail if attempt.stage is stage]


def _result(job: Job, stage: Stage, task: Task, attempts: Sequence[Attempt]) -> Result:
    """Of one answer, which holds if any of its readings does."""
    seconds = max(attempt.seconds for attempt in attempts)
    cost = sum(attempt.cost_usd for attempt in attempts)
    verdicts = [attempt.verdict for attempt in attempts]
    success = any(isinstance(verdict, Passed) for verdict in verdicts)
    faults = [verdict for verdict in verdicts if isinstance(verdict, Failed)]
    if not success and all(verdict.fault in NO_OUTCOME for verdict in faults):
        return Unanswered(job.work.task_id, stage, faults[0].evidence, seconds, cost)
    return Outcome(job.work.task_id, stage, success, seconds, cost, task, is_of_draft=stage is not job.stage)
