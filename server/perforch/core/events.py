"""What a listener is told while a request is worked on."""

from dataclasses import dataclass

from perforch.core.proposal import Attempt
from perforch.core.task import Stage, Task


@dataclass(frozen=True, slots=True)
class Examining:
    """The baseline is being taken; `text` says which part of it."""

    text: str


@dataclass(frozen=True, slots=True)
class SuiteProgress:
    """So many of so many tests have run; `total` 0 while it is not known."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Found:
    """The tasks that the request amounts to, most promising first."""

    tasks: tuple[Task, ...]


@dataclass(frozen=True, slots=True)
class Asking:
    """A model is asked: try `number` of `of` in this stage."""

    task: Task
    stage: Stage
    model: str
    number: int
    of: int


@dataclass(frozen=True, slots=True)
class Spending:
    """A call that costs is about to be made: the most that it can cost, and what is left besides, in US dollars."""

    model: str
    most_usd: float
    request_left_usd: float
    day_left_usd: float

    @property
    def text(self) -> str:
        left = f"${self.request_left_usd:.4f} of the request's budget, ${self.day_left_usd:.4f} of today's"
        return f"{self.model} may cost up to ${self.most_usd:.4f} for this answer, which leaves {left}"


@dataclass(frozen=True, slots=True)
class Searching:
    """The embedded engine has tried so many mutants and found so many that pass the concerned tests."""

    tried: int
    plausible: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Judging:
    """A candidate of this model is being judged."""

    model: str
    stage: Stage


@dataclass(frozen=True, slots=True)
class Judged:
    """An attempt ended."""

    attempt: Attempt


Event = Examining | SuiteProgress | Found | Asking | Spending | Searching | Judging | Judged
