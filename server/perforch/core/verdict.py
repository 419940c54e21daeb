"""What happened when we ran it."""

from dataclasses import dataclass
from enum import StrEnum

from perforch.core.comparison import Comparison
from perforch.core.survey import FailedTest, TestId


class Fault(StrEnum):
    """Why a candidate is not proven."""

    PARSE = "parse"
    BUILD = "build"
    COLLECT = "collect"
    TEST = "test"
    MISSING_TEST = "missing-test"
    TIMEOUT = "timeout"
    CRASH = "crash"
    TAMPERED = "tampered"
    DIFFERENT = "different"
    NOT_FASTER = "not-faster"
    PROVIDER = "provider"
    ENVIRONMENT = "environment"


class Level(StrEnum):
    """How much was proven; only `proven` may be called so."""

    PROVEN = "proven"
    EXAMPLES = "examples"
    STATIC = "static"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a proof rests on. `changed_lines_executed` is n of m, where lines can be traced."""

    level: Level
    tests_run: int
    tests_entering_target: int
    failed_before: tuple[TestId, ...]
    failed_after: tuple[TestId, ...]
    flaky: tuple[TestId, ...]
    changed_lines_executed: tuple[int, int] | None
    unexecuted_lines: tuple[int, ...]  # in the file as proposed, 1-based
    sandbox: str


@dataclass(frozen=True, slots=True)
class Passed:
    """The candidate holds. A Passed of the refine stage always carries its comparison."""

    evidence: Evidence
    comparison: Comparison | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """The candidate does not hold. `failing`: concerned tests that still fail; `broken`: those that passed before."""

    fault: Fault
    evidence: str  # what a model needs to repair it, and what the user is told
    failing: frozenset[TestId] = frozenset()
    broken: frozenset[TestId] = frozenset()
    failures: tuple[FailedTest, ...] = ()


Verdict = Passed | Failed
