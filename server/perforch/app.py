"""Builds everything: the only place that knows which adapter fills which port."""

import dataclasses
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import perforch
from perforch import config
from perforch.adapters.bench import SandboxedWorkbench
from perforch.adapters.copies import Copies
from perforch.adapters.doctor import checkup
from perforch.adapters.interpreters import Interpreters
from perforch.adapters.runner import Isolation, PythonRunner, RunnerSettings
from perforch.adapters.sandbox import Sandbox
from perforch.adapters.sources import WorkspaceSources, workspace_root
from perforch.adapters.survey_cache import SurveyCache
from perforch.adapters.syntax import TreeSitterSyntax
from perforch.builtin.engine import NAME as BUILTIN
from perforch.builtin.engine import Builtin
from perforch.config import Settings
from perforch.core import edits
from perforch.core.categories import category
from perforch.core.checkup import Checkup
from perforch.core.errors import UsageError
from perforch.core.events import SuiteProgress
from perforch.core.ports import Listener, Model
from perforch.core.proposal import Attempt, NoProposal, Proposal
from perforch.core.task import Request, Stage, Task
from perforch.evaluation import repair
from perforch.evaluation.repair_report import RepairReport
from perforch.evaluation.suites_task import SuiteTask
from perforch.judging.examiner import Examiner
from perforch.pipeline import Policy, Solution, Strategy

__all__ = ["VERSION", "PerfOrch", "apply", "doctor", "evaluate_repair", "opened", "settings_for", "workspace_root"]

VERSION = perforch.__version__
DEFAULT_SANDBOX = "process"  # for the embedded engine; models behind the gateway ask for more


@dataclass(frozen=True, slots=True)
class FixedOrder:
    """Models in the order in which they were named."""

    models: Sequence[Model]

    def ranked(self, _task: Task, _stage: Stage) -> Sequence[Model]:
        return self.models

    def learn(self, _task: Task, _attempt: Attempt) -> None:
        """Nothing to learn where the order is given."""


@dataclass(frozen=True, slots=True)
class PerfOrch:
    """Everything that a request needs, built and open."""

    judge: Examiner
    models: FixedOrder
    listener: Listener

    async def solve(self, request: Request, strategy: str = Strategy.SEQUENTIAL) -> Proposal | NoProposal:
        """One request from beginning to end."""
        policy = Policy(strategy=Strategy(strategy))
        return await Solution(self.judge, self.models, self.listener, policy).find(request)


def settings_for(
    root: Path, environment: Mapping[str, str], models: Sequence[str] = (), budget: float | None = None
) -> Settings:
    """The settings that hold in a workspace, with what the command line overrides."""
    settings = config.load(root, environment)
    if models:
        settings = dataclasses.replace(settings, use=tuple(models))
    if budget is not None:
        settings = dataclasses.replace(settings, budget_usd_per_request=min(budget, settings.budget_usd_per_request))
    return settings


@asynccontextmanager
async def opened(settings: Settings, environment: Mapping[str, str], listener: Listener) -> AsyncIterator[PerfOrch]:
    """The product, ready for requests; closed with everything that it started."""
    sandbox = Sandbox.probe(settings.minimum_sandbox or DEFAULT_SANDBOX)
    copies = Copies(sandbox)
    copies.sweep()
    try:
        runner = _runner(settings, environment, Isolation(sandbox, copies), listener)
        workbench = SandboxedWorkbench(copies, sandbox, runner)
        judge = Examiner(runner, TreeSitterSyntax(), WorkspaceSources(), category, listener)
        yield PerfOrch(judge, FixedOrder(_models(settings, Builtin(workbench, listener))), listener)
    finally:
        copies.close()


async def solve_once(
    request: Request, models: Sequence[Model], listener: Listener, settings: Settings, environment: Mapping[str, str]
) -> Proposal | NoProposal:
    """One request with everything built for it alone; without `models`, those of the settings are asked."""
    async with opened(settings, environment, listener) as perforch:
        chosen = dataclasses.replace(perforch, models=FixedOrder(models)) if models else perforch
        return await chosen.solve(request)


async def evaluate_repair(
    plan: repair.Plan, tasks: Sequence[SuiteTask], environment: Mapping[str, str], progress: repair.Progress
) -> RepairReport:
    """How many of the tasks are repaired, by the very path that a user's request takes."""
    settings = settings_for(Path.cwd(), environment, models=[plan.model] if plan.model == BUILTIN else [])
    if settings.interpreter is None and find_spec("pytest"):
        settings = dataclasses.replace(settings, interpreter=sys.executable)
    solve = partial(solve_once, settings=settings, environment=dict(environment))
    return await repair.repair(tasks, solve, plan, progress)


async def doctor(root: Path, environment: Mapping[str, str]) -> Checkup:
    """What was found on this machine for the workspace at `root`, and what is missing."""
    settings = config.load(root, environment)
    interpreters = Interpreters(environment, settings.interpreter)
    return await checkup(root, interpreters, settings.minimum_sandbox or DEFAULT_SANDBOX)


def apply(proposal: Proposal) -> None:
    """Write the proposal into the user's file, if that is still as it was tested; raises UsageError otherwise."""
    task = proposal.task
    after = edits.apply(task.text, task.target, proposal.candidate)
    WorkspaceSources().write(task.workspace, task.target.file, task.text, after)


def _runner(
    settings: Settings, environment: Mapping[str, str], isolation: Isolation, listener: Listener
) -> PythonRunner:
    return PythonRunner(
        isolation,
        Interpreters(environment, settings.interpreter),
        SurveyCache(settings.cache_folder / "surveys"),
        RunnerSettings(settings.test_command, settings.test_environment, environment),
        lambda done, total: listener.on(SuiteProgress(done, total)),
    )


def _models(settings: Settings, builtin: Model) -> list[Model]:
    unknown = [name for name in settings.use if name != BUILTIN]
    if unknown:
        raise UsageError(f"the model {unknown[0]!r} cannot be used yet: only {BUILTIN!r} is there")
    return [builtin]
