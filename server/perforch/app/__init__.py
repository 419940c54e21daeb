"""Builds everything: the only place that knows which adapter fills which port."""

import contextlib
import dataclasses
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import SystemRandom

from perforch import config
from perforch.adapters.answers import Answers
from perforch.adapters.bench import SandboxedWorkbench
from perforch.adapters.context import Surroundings
from perforch.adapters.copies import Copies
from perforch.adapters.default_rankings import default_rankings
from perforch.adapters.doctor import checkup
from perforch.adapters.gateway import Gateway
from perforch.adapters.gateway_process import Launch
from perforch.adapters.interpreters import Interpreters
from perforch.adapters.ledger import DayLedger, LedgerUnusable, Purse
from perforch.adapters.llm import LlmModel, Wording
from perforch.adapters.memory import Memory
from perforch.adapters.noise import MachineNoise
from perforch.adapters.profiler import SandboxedLaboratory
from perforch.adapters.rankings_store import RankingsStore
from perforch.adapters.runner import Isolation, PythonRunner, RunnerSettings
from perforch.adapters.sandbox import Sandbox
from perforch.adapters.sources import WorkspaceSources, workspace_root
from perforch.adapters.survey_cache import SurveyCache
from perforch.adapters.syntax import TreeSitterSyntax
from perforch.app.fleet import llm_models
from perforch.builtin.engine import NAME as BUILTIN
from perforch.builtin.engine import Builtin
from perforch.config import Settings
from perforch.core import edits
from perforch.core.asking import Message
from perforch.core.categories import category
from perforch.core.checkup import Checkup
from perforch.core.errors import SandboxUnavailable, UsageError
from perforch.core.events import Examining, SuiteProgress
from perforch.core.fallback import Fallback, Ordering
from perforch.core.measurement import Objective
from perforch.core.observation import Standing
from perforch.core.ports import Listener, Model, Models, Question, Runner
from perforch.core.proposal import Attempt, Declined, NoProposal, Proposal
from perforch.core.ranking import Preference
from perforch.core.task import Request, Stage, Task
from perforch.judging.equivalence import NotComparable
from perforch.judging.examiner import Examiner
from perforch.judging.faster import Aim, Refinement
from perforch.pipeline import Policy, Solution, Strategy
from perforch.prompts import messages

__all__ = ["PerfOrch", "Settings", "apply", "doctor", "measured_doctor", "opened", "settings_for", "workspace_root"]

MEASURING = "measuring the noise of this machine, some seconds"
BUILTIN_SANDBOX, MODEL_SANDBOX = "process", "landlock"  # the least that each kind of code may be run in
RANKINGS = (Path(__file__).parent.parent / "rankings", Path(__file__).parent.parent.parent.parent / "rankings")


@dataclass(frozen=True, slots=True)
class FixedOrder:
    """Models in the order in which they were named, for measuring them one by one."""

    models: Sequence[Model]

    def ranked(self, _task: Task, _stage: Stage) -> Sequence[Model]:
        return self.models

    def learn(self, _task: Task, _attempt: Attempt) -> None:
        """Nothing to learn where the order is given."""


@dataclass(frozen=True, slots=True)
class Unlearning:
    """The same models in the same order, of which nothing is learnt: an experiment is no request of the user's."""

    models: Models

    def ranked(self, task: Task, stage: Stage) -> Sequence[Model]:
        return self.models.ranked(task, stage)

    def learn(self, _task: Task, _attempt: Attempt) -> None:
        """Nothing."""


@dataclass(frozen=True, slots=True)
class PerfOrch:
    """Everything that a request needs, built and open."""

    judge: Examiner
    models: Models
    listener: Listener
    purse: Purse
    runner: Runner
    noise: MachineNoise
    sandbox: Sandbox
    policy: Policy

    async def solve(self, request: Request, strategy: str = Strategy.SEQUENTIAL) -> Proposal | NoProposal:
        """One request from beginning to end; the first one on a machine that measures also measures its noise."""
        measures = request.stage is Stage.REFINE or self.policy.refine_after
        if measures and self.noise.known() is None:
            self.listener.on(Examining(MEASURING))
            await self.noise.measure(self.sandbox)
        policy = dataclasses.replace(self.policy, strategy=Strategy(strategy))
        return await Solution(self.judge, self.models, self.listener, policy).find(request)

    def left_usd(self) -> float | None:
        """What may still be spent on this request today; None where that is not known."""
        try:
            return self.purse.remaining_usd
        except LedgerUnusable:
            return None

    async def prompt(self, request: Request) -> tuple[Message, ...]:
        """Exactly what would be sent to the first model behind the gateway; nothing is sent."""
        tasks = await self.judge.examine(request)
        if isinstance(tasks, Declined):
            raise UsageError(f"nothing would be sent: {tasks.reason.text}")
        task = tasks[0]
        asked = [model for model in self.models.ranked(task, task.stage) if isinstance(model, LlmModel)]
        if not asked:
            raise UsageError("nothing would be sent: no model behind the gateway is in models.use")
        found = await asked[0].messages(Question(task, task.stage, task.target.source, task.tests.failing))
        if isinstance(found, str):
            raise UsageError(f"nothing would be sent: {found}")
        return found


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
async def opened(
    settings: Settings, environment: Mapping[str, str], listener: Listener, objective: str = Objective.TIME
) -> AsyncIterator[PerfOrch]:
    """The product, ready for one request; closed with everything that it started.

    `environment` is the user's: keys are looked for in it by name, and little of it is handed on.
    """
    sandbox = Sandbox.probe(_least_sandbox(settings))
    copies = Copies(sandbox)
    copies.sweep()
    async with AsyncExitStack() as stack:
        stack.callback(copies.close)
        runner = _runner(settings, environment, Isolation(sandbox, copies), listener)
        syntax, sources = TreeSitterSyntax(), WorkspaceSources()
        launch = Launch(environment, local_only=settings.local_only)
        gateway = await stack.enter_async_context(Gateway(launch))
        purse = Purse(settings.budget_usd_per_request, day_ledger(settings), listener)
        laboratory = SandboxedLaboratory(copies, sandbox, runner)
        refiner = Refinement(laboratory, sources, SystemRandom(), Aim(Objective(objective), settings.weights))
        surroundings, answers = Surroundings(syntax, sources), Answers(syntax)
        study = partial(_studied, surroundings, refiner)
        wording = Wording(lambda question: messages(question, surroundings.of(question)), answers.parse, study)
        workbench = SandboxedWorkbench(copies, sandbox, runner)
        engine = Builtin(workbench, listener, tests_of=surroundings.tests_of, oracle=refiner.assertions)
        embedded = [engine] if BUILTIN in settings.use else []
        others = llm_models(settings, environment, gateway, purse, wording)
        memory = Memory(embedded, others, store(settings), standings(), ordering_of(settings))
        judge = Examiner(runner, syntax, sources, category, refiner, listener)
        noise = MachineNoise(settings.cache_folder)
        yield PerfOrch(judge, memory, listener, purse, runner, noise, sandbox, _policy(settings))


def ordering_of(settings: Settings) -> Ordering:
    """What the settings say about the order of models."""
    return Ordering(Preference(settings.prefer), Fallback(settings.fallback))


def store(settings: Settings) -> RankingsStore:
    """Memory's observations, in the user's data folder."""
    return RankingsStore(settings.data_folder / "memory")


def standings() -> Mapping[tuple[Stage, str], Standing]:
    """The bundled default rankings: in the wheel they lie in the package, in the repository at the top."""
    return default_rankings(next((folder for folder in RANKINGS if folder.is_dir()), RANKINGS[0]))


async def doctor(root: Path, environment: Mapping[str, str]) -> Checkup:
    """What was found on this machine for the workspace at `root`, and what is missing; measures nothing."""
    settings = config.load(root, environment)
    noise = MachineNoise(settings.cache_folder).known()
    return await checkup(root, Interpreters(environment, settings.interpreter), _least_sandbox(settings), noise)


async def measured_doctor(root: Path, environment: Mapping[str, str], tell: Callable[[str], None]) -> Checkup:
    """The same, with the machine's noise measured first where that was long ago: `tell` hears that it is."""
    settings = config.load(root, environment)
    noise = MachineNoise(settings.cache_folder)
    if not noise.is_fresh():
        tell(MEASURING)
        with contextlib.suppress(SandboxUnavailable):  # a finding of its own
            await noise.measure(Sandbox.probe(_least_sandbox(settings)))
    return await doctor(root, environment)


def apply(proposal: Proposal) -> None:
    """Write the proposal into the user's file, if that is still as it was tested; raises UsageError otherwise."""
    task = proposal.task
    after = edits.apply(task.text, task.target, proposal.candidate)
    WorkspaceSources().write(task.workspace, task.target.file, task.text, after)


async def _studied(surroundings: Surroundings, refiner: Refinement, asked: Question) -> Question | str:
    """As it may be sent; whoever shall make a function faster is told where its time goes, too.

    A text says why nobody is to be asked.
    """
    question = surroundings.sendable(asked)
    if isinstance(question, str) or question.stage is not Stage.REFINE:
        return question
    found = await refiner.hot_lines(question.task, question.start)
    if isinstance(found, NotComparable):
        return f"no answer could be compared with the function as it is: {found.reason}"
    return dataclasses.replace(question, hot_lines=found)


def _least_sandbox(settings: Settings) -> str:
    only_embedded = set(settings.use) <= {BUILTIN}
    return settings.minimum_sandbox or (BUILTIN_SANDBOX if only_embedded else MODEL_SANDBOX)


def _policy(settings: Settings) -> Policy:
    return Policy(
        generate_tries=settings.generate_tries,
        fix_tries=settings.fix_tries,
        refine_tries=settings.refine_tries,
        refine_after=settings.refine_after,
    )


def day_ledger(settings: Settings) -> DayLedger:
    """What is spent today, by all processes."""
    return DayLedger(settings.data_folder / "spending.json", settings.budget_usd_per_day)


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
