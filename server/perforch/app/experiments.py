"""Measuring models and ourselves, by the very path that a user's request takes."""

import dataclasses
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from perforch.app import FixedOrder, opened, settings_for
from perforch.config import Settings
from perforch.core.ports import Listener, Model
from perforch.core.proposal import NoProposal, Proposal
from perforch.core.task import Request
from perforch.evaluation import repair
from perforch.evaluation.repair_models import REFERENCE, UNCHANGED
from perforch.evaluation.repair_report import RepairReport
from perforch.evaluation.suites_task import SuiteTask


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
    """How many of the tasks are repaired by one model."""
    named = [] if plan.model in {REFERENCE, UNCHANGED} else [plan.model]
    settings = settings_for(Path.cwd(), environment, models=named)
    if settings.interpreter is None and find_spec("pytest"):
        settings = dataclasses.replace(settings, interpreter=sys.executable)
    solve = partial(solve_once, settings=settings, environment=dict(environment))
    return await repair.repair(tasks, solve, plan, progress)
