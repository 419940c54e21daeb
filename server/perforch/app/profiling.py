"""Profiling: a new model answers a suite's tasks, and Memory can rank it from then on."""

import dataclasses
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from math import ceil
from pathlib import Path

from perforch.app import Settings, Unlearning, opened, settings_for, store
from perforch.app.experiments import with_our_pytest
from perforch.app.fleet import usable_models
from perforch.core.errors import UsageError
from perforch.core.events import Event
from perforch.core.proposal import NoProposal, Proposal
from perforch.core.task import Request, Stage
from perforch.evaluation.profile import Job, Outcome, Plan, Result, Solve, jobs_of, observation, profile
from perforch.evaluation.profile_report import ProfileReport, StageReport, stage_reports
from perforch.evaluation.suites_task import SuiteTask
from perforch.pipeline import Policy, Solution

Progress = Callable[[str, Result, int, int], None]  # a model's result, how many tasks are done for it, and of how many


@dataclass(frozen=True, slots=True)
class Profiling:
    """What is asked for; `plan.seconds` is the time for each task."""

    models: tuple[str, ...]
    language: str
    plan: Plan
    workers: int


async def profile_models(
    asked: Profiling, tasks: Sequence[SuiteTask], environment: Mapping[str, str], progress: Progress
) -> ProfileReport:
    """One model after the other; every outcome is in Memory as soon as it is known.

    A model may spend as much as the settings allow for so many requests, and no more than the day's budget.
    """
    started = time.monotonic()
    jobs = jobs_of(asked.plan.suite, tasks, asked.plan.stages)
    every = {name: _settings(name, environment) for name in dict.fromkeys(asked.models)}
    found: dict[str, Mapping[Stage, StageReport]] = {}
    remembered = 0
    for name, settings in every.items():
        results = await _profile(name, jobs, asked, _Setup(settings, environment, partial(progress, name)))
        found[name] = stage_reports(results)
        remembered += sum(isinstance(result, Outcome) for result in results)
    return ProfileReport(asked.plan.suite, asked.language, time.monotonic() - started, found, remembered)


@dataclass(frozen=True, slots=True)
class _Setup:
    """What one model is profiled with."""

    settings: Settings
    environment: Mapping[str, str]
    progress: Callable[[Result, int, int], None]


async def _profile(name: str, jobs: Sequence[Job], asked: Profiling, setup: _Setup) -> list[Result]:
    memory, results, finished = store(setup.settings), list[Result](), list[None]()

    def done(ended: Sequence[Result]) -> None:
        finished.append(None)
        results.extend(ended)
        outcomes = [result for result in ended if isinstance(result, Outcome)]
        memory.remember([observation(one, name, asked.plan.suite, datetime.now(UTC)) for one in outcomes])
        for result in ended:
            setup.progress(result, len(finished), len(jobs))

    workers = min(asked.workers, len(jobs))
    budget = setup.settings.budget_usd_per_request * ceil(len(jobs) / workers)
    settings = dataclasses.replace(setup.settings, budget_usd_per_request=budget)
    await profile(jobs, asked.plan, lambda: _solver(settings, setup.environment), workers, done)
    return results


@asynccontextmanager
async def _solver(settings: Settings, environment: Mapping[str, str]) -> AsyncIterator[Solve]:
    """The product with one model, open for many requests, so that the gateway starts once."""
    async with opened(settings, environment, _Silent()) as perforch:

        async def solve(request: Request, policy: Policy) -> Proposal | NoProposal:
            return await Solution(perforch.judge, Unlearning(perforch.models), _Silent(), policy).find(request)

        yield solve


class _Silent:
    """A listener to whom it does not matter."""

    def on(self, event: Event) -> None:
        """Nothing."""


def _settings(name: str, environment: Mapping[str, str]) -> Settings:
    """Raises UsageError for a model that cannot be asked: better before the first task than after the last."""
    settings = with_our_pytest(settings_for(Path.cwd(), environment, models=[name]))
    (usable,) = usable_models(settings, environment)
    if not usable.usable:
        raise UsageError(f"{name} cannot be asked: {usable.why}; see `perforch models`")
    return settings
