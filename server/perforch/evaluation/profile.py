"""How good a model is: a suite's tasks by the path of a user's request, one answer to each, and nobody to fall back on.

Generate starts from stubs, Fix from what the suite broke, Optimize from what the suite wants to be faster. Where a
suite broke nothing, Fix gets the model's own drafts that failed, as it would in the story; such a failure weighs half,
since only hard tasks come so far.
"""

import ast
import asyncio
import time
import uuid
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from perforch.adapters.memory import NO_OUTCOME, place_of
from perforch.core.errors import PerfOrchError, UsageError
from perforch.core.observation import Observation
from perforch.core.proposal import Attempt, NoProposal, Proposal, Reason, Trail
from perforch.core.task import Limits, Request, Stage, Task, Workspace
from perforch.core.verdict import Failed, Passed, Verdict
from perforch.evaluation import optimize, optimize_suite, repair
from perforch.evaluation.suites import load_suite
from perforch.evaluation.suites_task import SuiteTask
from perforch.pipeline import Policy

Solve = Callable[[Request, Policy], Awaitable[Proposal | NoProposal]]
Opened = Callable[[], AbstractAsyncContextManager[Solve]]  # the product, set up with the one model

# By suite, the stages that its tasks can start at; drafts can be fixed wherever something is generated.
PROFILED: Mapping[str, tuple[Stage, ...]] = {
    "humaneval-x": (Stage.GENERATE,),
    "humanevalfix": (Stage.GENERATE, Stage.FIX),
    optimize_suite.NAME: (Stage.REFINE,),
}


def load(suite: str, data: Path, language: str) -> Sequence[SuiteTask]:
    """The tasks of a suite that models are profiled on; raises UsageError."""
    if suite == optimize_suite.NAME:
        return optimize_suite.load(data, language)
    return load_suite(suite, data, language)


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
        has_bugs = Stage.FIX in PROFILED[self.suite]
        fixes = Stage.FIX in self.stages and (start is Stage.FIX or not has_bugs)
        return Policy(generate_tries=1, fix_tries=int(fixes), refine_tries=int(start is Stage.REFINE))


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
    gain: float | None = None  # Optimize: how many times less CPU time


@dataclass(frozen=True, slots=True)
class Unanswered:
    """There was no answer that could be judged, and it says nothing of the model's skill."""

    task_id: str
    stage: Stage
    why: str
    seconds: float = 0.0
    cost_usd: float = 0.0


Result = Outcome | Unanswered


def default_stages(suite: str) -> tuple[Stage, ...]:
    """What a suite tells of a model when nothing is asked for in particular."""
    starts = PROFILED.get(suite, ())
    return (Stage.GENERATE, Stage.FIX) if Stage.GENERATE in starts else starts


def jobs_of(suite: str, tasks: Sequence[SuiteTask], stages: Sequence[Stage]) -> list[Job]:
    """What has to be worked on; raises UsageError for stages that the suite cannot tell anything about."""
    starts = PROFILED.get(suite)
    if starts is None:
        raise UsageError(f"{suite!r} is not for profiling; --suite takes one of {', '.join(PROFILED)}")
    fitting = [stage for stage in starts if stage in stages]
    unfit = [stage for stage in stages if stage not in {*starts, *default_stages(suite)}]
    if unfit:
        others = ", ".join(name for name, its in PROFILED.items() if unfit[0] in its)
        raise UsageError(f"the tasks of {suite} are not for {unfit[0]}; use {others}")
    if not fitting:
        raise UsageError(f"{suite} has no bugs: Fix gets drafts that failed, so name generate too, or use humanevalfix")
    return [Job(stubbed(task) if stage is Stage.GENERATE else task, stage) for stage in fitting for task in tasks]


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
        gain=outcome.gain,
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
    with repair.laid_out(job.work) as root:
        test_seconds = optimize.TEST_SECONDS if job.stage is Stage.REFINE else repair.TEST_SECONDS
        limits = Limits(seconds=plan.seconds, test_seconds=test_seconds)
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
    is_of_draft = stage is not job.stage
    return Outcome(job.work.task_id, stage, success, seconds, cost, task, is_of_draft, gain=_gain(verdicts))


def _gain(verdicts: Sequence[Verdict]) -> float | None:
    found = [verdict.comparison for verdict in verdicts if isinstance(verdict, Passed) and verdict.comparison]
    return 1 / found[0].cpu_time.ratio if found else None
