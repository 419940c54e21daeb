"""How good Memory's order would have been on recorded answers, judged here where the recording does not say."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from perforch.app import opened, standings
from perforch.app.experiments import answer_parser, for_recorded_code
from perforch.config import Settings
from perforch.core.errors import PerfOrchError, UsageError
from perforch.core.events import Event
from perforch.evaluation.repair_workers import Crash, each
from perforch.evaluation.replay import (
    RecordedAnswer,
    Recording,
    limited_to,
    load_pool,
    load_recording,
    outcomes_of,
    unjudged,
)
from perforch.evaluation.replay_judging import judge_answers, load_workspaces
from perforch.evaluation.routing import Outcomes, Split, halves
from perforch.evaluation.routing_report import Experiment, RoutingReport, measure
from perforch.evaluation.suites_task import SuiteTask

Progress = Callable[[str, int, int], None]  # a task that is judged, how many are by now, and of how many


@dataclass(frozen=True, slots=True)
class Routing:
    """A routing experiment as it is asked for; `learn_from` None: learn on halves of `data`, test on the others."""

    suite: str
    data: Path
    pool: str
    learn_from: Path | None
    workers: int


async def evaluate_routing(asked: Routing, environment: Mapping[str, str], progress: Progress) -> RoutingReport:
    """How good Memory's order is for a pool of models that were recorded; what is not judged yet is judged first."""
    recordings = [(folder, load_recording(asked.suite, folder)) for folder in (asked.data, asked.learn_from) if folder]
    pool = load_pool(asked.pool, asked.suite, *(folder for folder, _ in recordings))
    outcomes = [
        await _outcomes(limited_to(recording, pool), folder, asked.workers, environment, progress)
        for folder, recording in recordings
    ]
    test, learn = outcomes[0], outcomes[1] if asked.learn_from else None
    splits = [Split(learn, test)] if learn else halves(test)
    learnt_from = str(asked.learn_from or "the other half of the tasks, over random halves")
    experiment = Experiment(asked.suite, asked.pool, "python", learnt_from)
    return measure(experiment, test, splits, standings(), time.monotonic)


async def _outcomes(
    recording: Recording, data: Path, workers: int, environment: Mapping[str, str], progress: Progress
) -> Outcomes:
    """As recorded; where the recording does not say, the product's own judge does."""
    missing = unjudged(recording)
    if not missing:
        return outcomes_of(recording, {})
    workspaces = load_workspaces(recording.suite, data)
    jobs = [_Job(workspaces[task], answers) for task, answers in missing.items()]
    return outcomes_of(recording, await _judged(jobs, workers, environment, progress))


async def _judged(
    jobs: Sequence["_Job"], workers: int, environment: Mapping[str, str], progress: Progress
) -> Mapping[RecordedAnswer, bool]:
    """Raises UsageError where a task has no baseline to judge against."""
    found: dict[RecordedAnswer, bool] = {}
    faults: list[str] = []
    finished: list[str] = []

    def done(index: int, result: Mapping[RecordedAnswer, bool] | str | Crash) -> None:
        task = jobs[index].work.task_id
        if isinstance(result, Mapping):
            found.update(result)
        else:
            faults.append(f"{task}: {result.text if isinstance(result, Crash) else result}")
        finished.append(task)
        progress(task, len(finished), len(jobs))

    settings = for_recorded_code(environment)
    await each(jobs, partial(_judge_job, settings=settings, environment=dict(environment)), workers, done)
    if faults:
        raise UsageError(f"the answers to {len(faults)} of {len(jobs)} tasks cannot be judged; first {faults[0]}")
    return found


@dataclass(frozen=True, slots=True)
class _Job:
    """All answers to one task, judged against one baseline."""

    work: SuiteTask
    answers: tuple[RecordedAnswer, ...]


async def _judge_job(
    job: _Job, settings: Settings, environment: Mapping[str, str]
) -> Mapping[RecordedAnswer, bool] | str:
    """In a process of its own; what is in the way is told in words."""
    async with opened(settings, environment, _Silent()) as perforch:
        try:
            return await judge_answers(job.work, job.answers, perforch.judge, answer_parser())
        except PerfOrchError as error:
            return str(error)


class _Silent:
    """A listener to whom it does not matter."""

    def on(self, event: Event) -> None:
        """Nothing."""
