"""Measuring models and ourselves, by the very path that a user's request takes."""

import dataclasses
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from perforch.adapters.answers import Answers
from perforch.adapters.syntax import TreeSitterSyntax
from perforch.app import MODEL_SANDBOX, FixedOrder, Unlearning, opened, settings_for
from perforch.builtin.engine import NAME as BUILTIN
from perforch.config import Settings
from perforch.core.asking import Parse
from perforch.core.errors import UsageError
from perforch.core.ports import Listener, Model
from perforch.core.proposal import NoProposal, Proposal
from perforch.core.task import Request
from perforch.evaluation import repair
from perforch.evaluation.repair_models import REFERENCE, UNCHANGED
from perforch.evaluation.repair_report import RepairReport
from perforch.evaluation.replay import load_recording
from perforch.evaluation.replay_models import PREFIX, recorded_models
from perforch.evaluation.suites_task import SuiteTask

RECORDINGS = {"humaneval-x": "completions-humaneval-python"}  # by suite of workspaces, who answered its tasks


async def solve_once(
    request: Request, models: Sequence[Model], listener: Listener, settings: Settings, environment: Mapping[str, str]
) -> Proposal | NoProposal:
    """One request with everything built for it alone; without `models`, those of the settings are asked."""
    async with opened(settings, environment, listener) as perforch:
        chosen = FixedOrder(models) if models else Unlearning(perforch.models)
        return await dataclasses.replace(perforch, models=chosen).solve(request)


async def evaluate_repair(
    plan: repair.Plan, tasks: Sequence[SuiteTask], environment: Mapping[str, str], progress: repair.Progress
) -> RepairReport:
    """How many of the tasks are repaired by one model."""
    named = [] if plan.model in {REFERENCE, UNCHANGED} else [plan.model]
    if plan.model.startswith(PREFIX):
        settings = for_recorded_code(environment)
    else:
        settings = with_our_pytest(settings_for(Path.cwd(), environment, models=named))
    solve = partial(solve_once, settings=settings, environment=dict(environment))
    return await repair.repair(tasks, solve, plan, progress)


def with_recorded_answers(plan: repair.Plan, tasks: Sequence[SuiteTask], data: Path) -> repair.Plan:
    """The plan with the answers that its model, `recorded:MODEL`, once gave to the suite's tasks."""
    if plan.suite not in RECORDINGS:
        known = ", ".join(RECORDINGS)
        raise UsageError(f"--model: nobody's answers to {plan.suite} are recorded; --suite takes one of {known}")
    recording = load_recording(RECORDINGS[plan.suite], data)
    ids = [task.task_id for task in tasks]
    return dataclasses.replace(plan, stand_ins=recorded_models(recording, plan.model, ids, answer_parser()))


def with_our_pytest(settings: Settings) -> Settings:
    """A suite's workspace brings no interpreter of its own: where none is set, ours, if it can run the tests."""
    if settings.interpreter is None and find_spec("pytest"):
        return dataclasses.replace(settings, interpreter=sys.executable)
    return settings


def for_recorded_code(environment: Mapping[str, str]) -> Settings:
    """Nobody is asked, but the code was written by models: it gets the sandbox that theirs gets."""
    settings = with_our_pytest(settings_for(Path.cwd(), environment, models=[BUILTIN]))
    return dataclasses.replace(settings, minimum_sandbox=settings.minimum_sandbox or MODEL_SANDBOX)


def answer_parser() -> Parse:
    """Reads a recorded answer as it reads those of models."""
    return Answers(TreeSitterSyntax()).parse
