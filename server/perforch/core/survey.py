"""What the tests said: the outcome of one run of a project's tests, and which functions each test entered."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

TestId = NewType("TestId", str)  # the project's own name of a test: a pytest node id, module.Class.method for unittest
FunctionKey = str  # "path/to/file.py:12", relative to the workspace: the line of the function's header


class Outcome(StrEnum):
    """How one test ended."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"  # in set-up or tear-down
    SKIPPED = "skipped"
    XFAILED = "xfailed"
    XPASSED = "xpassed"

    @property
    def is_bad(self) -> bool:
        return self in {Outcome.FAILED, Outcome.ERROR}


@dataclass(frozen=True, slots=True)
class Frame:
    """One line of a traceback that lies in the workspace."""

    file: str  # relative to the workspace
    line: int
    function: str


@dataclass(frozen=True, slots=True)
class FailedTest:
    """Why a test failed: what a model needs to repair the code, and what triage needs to tell code from environment."""

    test: TestId
    exception: str  # the type's name, e.g. "AssertionError"
    message: str
    text: str  # the runner's own report, with values and traceback, cut to a sensible length
    frames: tuple[Frame, ...] = ()  # outermost first


@dataclass(frozen=True, slots=True)
class RanTest:
    """One test in one run. `lines` are the traced target's executed lines (1-based, in the file as it was run)."""

    test: TestId
    outcome: Outcome
    seconds: float
    entered: frozenset[FunctionKey] = frozenset()
    lines: frozenset[int] = frozenset()
    failure: FailedTest | None = None


class Ending(StrEnum):
    """How the run as a whole ended."""

    FINISHED = "finished"  # every collected test was run and reported, and the exit status agrees
    NOTHING_COLLECTED = "nothing-collected"
    NOT_COLLECTED = "not-collected"  # some module could not be imported or parsed
    TIMEOUT = "timeout"
    CRASHED = "crashed"  # killed by a signal, or gone without a complete report
    DISAGREES = "disagrees"  # the report and the exit status contradict each other
    ENVIRONMENT = "environment"  # the tool could not start, or the code under test was not the copy's


@dataclass(frozen=True, slots=True)
class Survey:
    """One run of the tests. `tampered` names files that bear on the tests and that the run changed."""

    ending: Ending
    runs: tuple[RanTest, ...]
    collection: tuple[FailedTest, ...]  # one per module that could not be collected
    seconds: float
    sandbox: str  # the level at which it ran
    output: str = ""  # the end of what was printed
    tampered: tuple[str, ...] = ()

    @property
    def failures(self) -> tuple[FailedTest, ...]:
        return tuple(run.failure for run in self.runs if run.failure is not None and run.outcome.is_bad)

    @property
    def outcomes(self) -> dict[TestId, Outcome]:
        return {run.test: run.outcome for run in self.runs}
