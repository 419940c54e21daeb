"""The holes in the wall: what the story needs from the outside world, and nothing about how it is done."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Protocol

from perforch.core.calls import Behaviour, Call, Patience, Recording, Side, Versions, Workload
from perforch.core.candidate import Answer, Candidate
from perforch.core.comparison import Comparison
from perforch.core.events import Event
from perforch.core.hot_lines import HotLine, LineCount
from perforch.core.measurement import Sample
from perforch.core.proposal import Attempt, Declined
from perforch.core.survey import FailedTest, FunctionKey, Survey, TestId
from perforch.core.task import Request, Stage, Target, Task, Workspace
from perforch.core.verdict import Failed, Verdict


class Listener(Protocol):
    """Is told what happens, as it happens; must not wait and must not fail."""

    def on(self, event: Event) -> None: ...


@dataclass(frozen=True, slots=True)
class Question:
    """What a model is asked: improve `start`, which is the target's present text or a draft that failed."""

    task: Task
    stage: Stage
    start: str
    failures: tuple[FailedTest, ...] = ()  # what fails with `start`
    earlier: tuple[Attempt, ...] = ()  # what was tried in this stage, oldest first
    hot_lines: tuple[HotLine, ...] = ()  # where `start` spends its time, where that was looked at


class Model(Protocol):
    """Whatever answers a question with candidates: an LLM behind the gateway, the embedded engine, a test's script."""

    @property
    def name(self) -> str: ...

    async def answer(self, question: Question) -> Answer: ...


class Models(Protocol):
    """Which models to ask, best first, and where outcomes go so that the order improves."""

    def ranked(self, task: Task, stage: Stage) -> Sequence[Model]: ...

    def learn(self, task: Task, attempt: Attempt) -> None: ...


class Judge(Protocol):
    """Says what there is to do, and whether an answer holds."""

    async def examine(self, request: Request) -> tuple[Task, ...] | Declined:
        """The tasks that the request amounts to, most promising first; never empty."""
        ...

    async def judge(self, task: Task, candidate: Candidate) -> Verdict:
        """For generate and fix: is it proven? For refine: is it proven, and better than its parent?"""
        ...

    async def is_current(self, task: Task) -> bool:
        """Whether the user's files are still those that the task was made from."""
        ...


@dataclass(frozen=True, slots=True)
class Trial:
    """One run of tests in a fresh copy of the workspace with `changes` laid over it (whole texts by path).

    `tests` None means the whole suite as the project configures it. `lines_of` asks for the executed lines of one
    function, given by its key in the changed text. `slowest` is what the slowest of the tests took before, in seconds:
    none is given up before it has taken a few times that.
    """

    workspace: Workspace
    tests: tuple[TestId, ...] | None
    seconds: float
    changes: Mapping[PurePosixPath, str] = field(default_factory=dict)
    lines_of: FunctionKey | None = None
    slowest: float = 0.0
    is_baseline: bool = False  # its caches may be kept for later runs, and its survey by content


class Runner(Protocol):
    """Runs a project's tests in isolation; raises ToolMissing and SandboxUnavailable."""

    async def run(self, trial: Trial) -> Survey: ...

    def fingerprint(self, workspace: Workspace) -> str:
        """Changes whenever a file that bears on the tests changes."""
        ...


class Sources(Protocol):
    """The text of the user's files, unsaved text first."""

    def read(self, workspace: Workspace, file: PurePosixPath) -> str:
        """Raises UsageError for a file that is not there, not UTF-8, or outside the workspace."""
        ...


class Syntax(Protocol):
    """Reads source text, in any of the five languages."""

    def functions(self, file: PurePosixPath, text: str) -> tuple[Target, ...]:
        """Every function of the file, in order; those that enclose others come before them. Empty for other files."""
        ...

    def find(self, file: PurePosixPath, text: str, function: str | None, line: int | None) -> Target:
        """The function of that name, or around that line; raises FunctionNotFound and AmbiguousFunction."""
        ...

    def faults(self, target: Target, code: str) -> str | None:
        """Why `code` cannot stand in the target's place (it does not parse, has another name, ...), or None."""
        ...

    def literals(self, language: str, code: str) -> tuple[range, ...]:
        """The lines (0-based) that begin inside a string, string by string; those that are documentation left out."""
        ...

    def words(self, language: str, code: str) -> frozenset[str]:
        """The identifiers and dotted names that the code uses, comments and strings left out."""
        ...


@dataclass(frozen=True, slots=True)
class Profile:
    """What a run of the concerned tests on the present code tells a search.

    `failing` and `passing` are the tests whose outcome in the workbench agrees with the baseline; `lines` are the
    target's executed lines (1-based within the target's text) per test; `types` the type names seen per local variable.
    """

    failing: tuple[TestId, ...]
    passing: tuple[TestId, ...]
    seconds: Mapping[TestId, float]
    lines: Mapping[TestId, frozenset[int]]
    types: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of one mutant: `passed` of the failing tests it now passes; `broken` whether it fails a passing one.

    Both are meaningful only when `ran`; a mutant that does not compile, or whose bytecode was seen before, did not run.
    """

    mutant: int  # the index in the order of submission
    ran: bool
    passed: int = 0
    broken: bool = False
    timed_out: bool = False
    reached: int = 0  # lines of the failing tests' own code that it got further than the start, all tests together

    def is_plausible(self, failing: int) -> bool:
        return self.ran and not self.broken and not self.timed_out and self.passed == failing


class Bench(Protocol):
    """A workbench for one target: the tests imported once, in the project's own interpreter, in forked workers."""

    @property
    def profile(self) -> Profile: ...

    def evaluate(self, codes: Iterable[str]) -> AsyncIterator[Tried]:
        """Try each text in the target's place; results come as they are ready, not in order.

        `codes` is pulled lazily, a few hundred ahead of the workers. Closing the iterator stops the work at once.
        """
        ...

    async def observe(self, codes: Sequence[str]) -> Sequence[Sequence[str]]:
        """How each text behaves on the same inputs, fuzzed from those that the tests use.

        One list per code, of equal length: a digest of result, exception type and mutated arguments per input.
        The readable inputs are `inputs`.
        """
        ...

    @property
    def inputs(self) -> Sequence[str]:
        """The inputs of the last `observe`, as they would be written in a call."""
        ...


class Workbench(Protocol):
    """Opens benches; raises WorkbenchUnavailable where a target's tests cannot be run in process."""

    def open(self, task: Task, start: str) -> AbstractAsyncContextManager[Bench]: ...


class Bout(Protocol):
    """Two versions of one target, each in an isolated copy of its own; every process in them is fresh.

    All of its methods raise LaboratoryUnavailable when a version's copy is lost.
    """

    @property
    def recording(self) -> Recording: ...

    async def kept(self) -> str | None:
        """What the new version would keep after a call has ended, which the old one does not; read from its text."""
        ...

    async def varied(self, calls: Sequence[Call], count: int, seed: int) -> Sequence[Call]:
        """Up to `count` other calls: small changes of these, and new ones with values of their types."""
        ...

    async def grown(self, calls: Sequence[Call], seed: int) -> Sequence[Call]:
        """Each with longer containers or larger numbers, as far as the old version takes in little time."""
        ...

    async def behaviours(self, side: Side, calls: Sequence[Call], patience: Patience) -> Sequence[Behaviour]:
        """One for each call, in this order, within one process."""
        ...

    async def sample(self, side: Side, workload: Workload) -> Sample | str:
        """One run of one version; in words, why there is none."""
        ...

    async def pair(self, workload: Workload, first: Side) -> Mapping[Side, Sample | str]:
        """One run of each version, side by side: they take short turns on one processor, and `first` has the first."""
        ...

    async def lines(self, workload: Workload, lines: range) -> Sequence[LineCount]:
        """What each of these lines of the old version's file takes; empty where that cannot be said."""
        ...


class Refiner(Protocol):
    """Says whether a candidate that passes the tests does the same as its parent, and is better."""

    async def better(self, task: Task, candidate: Candidate) -> Comparison | Failed: ...


class Laboratory(Protocol):
    """Compares versions of a target; raises ToolMissing and LaboratoryUnavailable."""

    def open(
        self, task: Task, versions: Versions, recording: Recording | None = None
    ) -> AbstractAsyncContextManager[Bout]:
        """Without a `recording` of an earlier bout, the old version is recorded while the tests run."""
        ...
