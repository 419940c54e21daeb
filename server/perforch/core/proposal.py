"""How a request ends: a proven candidate, or an honest nothing, each with the trail of what was tried."""

from dataclasses import dataclass

from perforch.core.candidate import Candidate
from perforch.core.task import Stage, Task
from perforch.core.verdict import Passed, Verdict


@dataclass(frozen=True, slots=True)
class Attempt:
    """One model asked once, and what became of its answer. `candidate` is None when there was no usable answer."""

    model: str
    stage: Stage
    candidate: Candidate | None
    verdict: Verdict
    cost_usd: float
    seconds: float


Trail = tuple[Attempt, ...]


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another proven candidate, that behaves differently on `differs_on` (a readable input, if one is known)."""

    candidate: Candidate
    differs_on: str | None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why nothing is proposed: a code for programs, a sentence for people."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Declined:
    """The request cannot be worked on: no test fails, the environment is at fault, the test itself is broken, ..."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Proposal:
    """The proven candidate."""

    task: Task
    candidate: Candidate
    verdict: Passed
    diff: str
    alternatives: tuple[Alternative, ...]
    trail: Trail


@dataclass(frozen=True, slots=True)
class NoProposal:
    """Nothing was proven. `task` is the last one worked on, if it came so far."""

    reason: Reason
    task: Task | None
    trail: Trail
