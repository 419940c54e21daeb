"""Runs a project's Python tests in an isolated copy of its workspace, and says what they said."""

import asyncio
import os
import secrets
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from pathlib import Path

from perforch.adapters.bench import Invocation
from perforch.adapters.commands import Command, Finished, Rlimits
from perforch.adapters.copies import Copies, Copy
from perforch.adapters.interpreters import Interpreter, Interpreters
from perforch.adapters.projects import Projects
from perforch.adapters.runner_report import Progress, account_of, told, watching
from perforch.adapters.runner_survey import survey_of
from perforch.adapters.sandbox import Sandbox
from perforch.adapters.survey_cache import SurveyCache
from perforch.core.errors import ToolMissing
from perforch.core.ports import Trial
from perforch.core.survey import Ending, Survey
from perforch.core.task import Workspace
from perforch.toolchains import probed, pytest, python_tests, test_commands, unittest
from perforch.toolchains.python_tests import Style
from perforch.toolchains.test_commands import TestCommand

PROBE = Path(__file__).parent.parent / "probe"
SYSTEM_PATH = ("/usr/local/bin", "/usr/bin", "/bin")
PASSED_ON = ("PYTHONPATH", "DJANGO_SETTINGS_MODULE", "TZ")  # of the user's environment; nothing else
TEST_SHARE = 12  # one test may take this part of the time for all (10 s of 120 s) before it fails where it is
SLOWER_FACTOR = 4.0  # but always so many times what the slowest test took before: the machine may be busier now


@dataclass(frozen=True, slots=True)
class RunnerSettings:
    """What the user has set: the test command, more variables for the tests, and the environment we were started in."""

    command: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Isolation:
    """Where runs take place."""

    sandbox: Sandbox
    copies: Copies


@dataclass(frozen=True, slots=True)
class _Job:
    """A trial with everything decided."""

    trial: Trial
    interpreter: Interpreter
    tool: str
    argv: tuple[str, ...]
    plan: probed.Plan
    variables: Mapping[str, str]


class PythonRunner:
    """Fills the port Runner for Python workspaces."""

    def __init__(
        self,
        isolation: Isolation,
        interpreters: Interpreters,
        cache: SurveyCache,
        settings: RunnerSettings,
        on_progress: Progress = told,
    ) -> None:
        self._isolation = isolation
        self._interpreters = interpreters
        self._cache = cache
        self._settings = settings
        self._on_progress = on_progress
        self._projects = Projects()
        self._caches: dict[Path, Path] = {}  # what the tools cached in the last baseline, by workspace
        self._changed: dict[Path, frozenset[str]] = {}  # what the tests themselves change, by workspace

    def fingerprint(self, workspace: Workspace) -> str:
        """Changes whenever a file that bears on the tests changes."""
        return self._projects.fingerprint(workspace)

    async def run(self, trial: Trial) -> Survey:
        """Raises ToolMissing, SandboxUnavailable, and SettingsError for a test command that runs no known tool."""
        job = await self._job(trial)
        if trial.is_baseline:
            return await self._baseline(job)
        survey = await self._executed(job)
        allowed = self._changed.get(trial.workspace.root, frozenset())
        return replace(survey, tampered=tuple(name for name in survey.tampered if name not in allowed))

    async def invocation(self, workspace: Workspace) -> Invocation:
        """How a workbench runs the tests of this workspace; raises what `run` raises."""
        job = await self._job(Trial(workspace, None, seconds=0.0))
        command = test_commands.parse(self._settings.command)
        return Invocation(
            python=job.interpreter.executable,
            runner=job.tool,
            environment=self._environment(job),
            readable=(*job.interpreter.readable, PROBE),
            arguments=command.arguments,
            folders=job.plan.folders,
            caches=self._caches.get(workspace.root),
        )

    async def _baseline(self, job: _Job) -> Survey:
        workspace = job.trial.workspace
        before = self.fingerprint(workspace)
        key = self._key(job, before)
        survey = self._cache.get(key)
        if survey is None:
            survey = await self._executed(job)
            if survey.ending is Ending.FINISHED and self.fingerprint(workspace) == before:
                self._cache.put(key, survey)
        # A suite that rewrites its own files does so with a candidate, too.
        self._changed[workspace.root] = frozenset(survey.tampered)
        return survey

    async def _job(self, trial: Trial) -> _Job:
        root = trial.workspace.root
        interpreter = await self._interpreters.find(root)
        command = test_commands.parse(self._settings.command)
        tool = command.tool or self._tool(trial.workspace, interpreter)
        if tool == pytest.NAME and not interpreter.has_pytest:
            raise _pytest_missing(interpreter)
        return _Job(
            trial=trial,
            interpreter=interpreter,
            tool=tool,
            argv=_argv(tool, command, interpreter),
            plan=self._plan(trial, tool),
            variables={**self._settings.variables, **command.variables},
        )

    def _tool(self, workspace: Workspace, interpreter: Interpreter) -> str:
        """Pytest runs unittest's tests as well, so it is taken where it is installed."""
        if interpreter.has_pytest:
            return pytest.NAME
        style = self._projects.style(workspace, self._projects.test_files(workspace))
        return pytest.NAME if style is Style.PYTEST else unittest.NAME

    def _plan(self, trial: Trial, tool: str) -> probed.Plan:
        is_pytest = tool == pytest.NAME
        return probed.Plan(
            origin=trial.workspace.root.resolve(),
            tests=trial.tests,
            test_seconds=max(trial.seconds / TEST_SHARE, trial.slowest * SLOWER_FACTOR),
            files=pytest.files_of(trial.tests or ()) if is_pytest else (),
            folders=() if is_pytest else self._projects.discovery(trial.workspace),
            lines_of=trial.lines_of,
        )

    async def _executed(self, job: _Job) -> Survey:
        root, isolation = job.trial.workspace.root, self._isolation
        opened = isolation.copies.open(job.trial.workspace, job.trial.changes, self._caches.get(root))
        async with AsyncExitStack() as stack:
            copy = await stack.enter_async_context(opened)
            report, key = copy.exchange / "report", secrets.token_hex(32)
            (copy.exchange / "plan.json").write_text(job.plan.text(report, key), encoding="utf-8")
            async with watching(report, self._on_progress):
                finished = await isolation.sandbox.run(self._command(job, copy), copy)
            account = await asyncio.to_thread(account_of, report, key)
            survey = self._survey(account, finished, copy)
            if job.trial.is_baseline and survey.ending is Ending.FINISHED:
                self._caches[root] = isolation.copies.keep_caches(copy)
        return survey

    def _survey(self, account: probed.Account, finished: Finished, copy: Copy) -> Survey:
        tampered = tuple(str(file) for file in copy.modified() if python_tests.bears_on_tests(file))
        survey = survey_of(account, finished, self._isolation.sandbox.level)
        return replace(survey, tampered=tampered)

    def _command(self, job: _Job, copy: Copy) -> Command:
        environment = self._environment(job)
        environment["PERFORCH_PLAN"] = str(copy.exchange / "plan.json")
        given = (Path(part) for part in environment.get("PYTHONPATH", "").split(os.pathsep) if part)
        return Command(
            argv=job.argv,
            cwd=job.trial.workspace.root.resolve(),
            environment=environment,
            readable=(*job.interpreter.readable, PROBE, *(part for part in given if part.is_absolute())),
            rlimits=Rlimits(wall_seconds=job.trial.seconds),
        )

    def _environment(self, job: _Job) -> dict[str, str]:
        interpreter = job.interpreter
        passed = {name: value for name in PASSED_ON if (value := self._settings.environment.get(name))}
        return {
            "PATH": os.pathsep.join((str(interpreter.executable.parent), *SYSTEM_PATH)),
            "LANG": "C.UTF-8",
            "PYTHONHASHSEED": "0",
            "PYTHONUSERBASE": str(interpreter.user_base),  # HOME is an empty folder there
            # What a candidate's run would cache is thrown away with its copy.
            **({} if job.trial.is_baseline else {"PYTHONDONTWRITEBYTECODE": "1"}),
            **passed,
            **job.variables,
        }

    def _key(self, job: _Job, fingerprint: str) -> str:
        """Everything that a baseline's outcome depends on."""
        environment = sorted(self._environment(job).items())
        parts = (
            _probe_version(),
            fingerprint,
            *(job.trial.workspace.root, job.argv, job.interpreter.version, job.interpreter.stamp),
            *(job.plan.tests, job.plan.lines_of, job.trial.changes, environment, self._isolation.sandbox.level),
        )
        return blake2b(repr(parts).encode(errors="surrogateescape"), digest_size=20).hexdigest()


def _argv(tool: str, command: TestCommand, interpreter: Interpreter) -> tuple[str, ...]:
    build = pytest.argv if tool == pytest.NAME else unittest.argv
    return build(interpreter.executable, PROBE, command.arguments)


def _pytest_missing(interpreter: Interpreter) -> ToolMissing:
    return ToolMissing(
        f"pytest is not installed for {interpreter.executable} ({interpreter.found}); "
        f"install it with `{interpreter.install_pytest}`, or set languages.python.interpreter to a Python that has it"
    )


def _probe_version() -> str:
    """Changes with our own code: what an older probe found is not what this one would find."""
    total = blake2b(digest_size=8)
    for file in sorted(PROBE.glob("perforch_*.py")):
        total.update(file.read_bytes())
    return total.hexdigest()
