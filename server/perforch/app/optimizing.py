"""Measuring Optimize: what it proposes is compared with what it replaces once more, on inputs of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from random import Random

from perforch.adapters.copies import Copies
from perforch.adapters.profiler import SandboxedLaboratory
from perforch.adapters.runner import PythonRunner
from perforch.app import PerfOrch, Unlearning, opened, settings_for
from perforch.app.experiments import with_our_pytest
from perforch.config import Settings
from perforch.core import edits
from perforch.core.calls import Versions
from perforch.core.ports import Listener
from perforch.core.proposal import NoProposal, Proposal
from perforch.core.task import Request
from perforch.evaluation import optimize
from perforch.evaluation.optimize import Checked
from perforch.evaluation.optimize_report import OptimizeReport
from perforch.evaluation.suites_task import SuiteTask
from perforch.judging import equivalence
from perforch.judging.equivalence import Specimen

SEEDS = (1,)  # each gives other inputs; one of them gives some two hundred


async def evaluate_optimize(
    plan: optimize.Plan, tasks: Sequence[SuiteTask], environment: Mapping[str, str], progress: optimize.Progress
) -> OptimizeReport:
    """How many of the tasks get a proven gain from one model."""
    settings = with_our_pytest(settings_for(Path.cwd(), environment, models=[plan.model]))
    solve = partial(solve_and_check, settings=settings, environment=dict(environment))
    return await optimize.optimize(tasks, solve, plan, progress)


async def solve_and_check(
    request: Request, listener: Listener, settings: Settings, environment: Mapping[str, str]
) -> Checked:
    """One request as a user's, and what its proposal does with inputs that nobody has seen."""
    async with opened(settings, environment, listener) as built:
        perforch = replace(built, models=Unlearning(built.models))
        outcome = await perforch.solve(request)
        return Checked(outcome, None if isinstance(outcome, NoProposal) else await _difference(perforch, outcome))


async def _difference(perforch: PerfOrch, proposal: Proposal) -> str | None:
    """On which input the proposal does something else; None where there is none."""
    task, candidate = proposal.task, proposal.candidate
    assert isinstance(perforch.runner, PythonRunner)  # the only one that there is for Python
    versions = Versions(task.target.source, candidate.code, task.text, edits.apply(task.text, task.target, candidate))
    copies = Copies(perforch.sandbox)
    try:
        laboratory = SandboxedLaboratory(copies, perforch.sandbox, perforch.runner)
        async with laboratory.open(task, versions) as bout:
            for seed in SEEDS:
                found = await equivalence.specimen(bout, Random(seed))  # noqa: S311 - inputs, not secrets
                if isinstance(found, Specimen):
                    different = await equivalence.difference(bout, found, 0.0)
                    if different:
                        return different
    finally:
        copies.close()
    return None
