"""What the server and its workers say to each other: one job on a worker's input, events and one end on its output."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from perforch.lsp import wire
from perforch.lsp.names import Stage

Words = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a job takes place: the folder, what lies unsaved over it (by relative path), keys and chosen models."""

    root: str
    unsaved: Words = field(default_factory=dict)
    keys: Words = field(default_factory=dict)
    models: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Solve:
    """Work on the function around `line` (1-based) of `file`; without them the failing tests choose."""

    stage: Stage
    file: str | None = None
    line: int | None = None
    tests: tuple[str, ...] = ()
    seconds: float = 120.0


@dataclass(frozen=True, slots=True)
class RunTests:
    """Run all tests of the folder; with `file`, report on those that concern it."""

    file: str | None = None


@dataclass(frozen=True, slots=True)
class Doctor:
    """Look at the machine."""


@dataclass(frozen=True, slots=True)
class Rankings:
    """Tell who is good at what."""

    stage: str | None = None
    language: str | None = None
    category: str | None = None


@dataclass(frozen=True, slots=True)
class Models:
    """Tell which models there are."""


@dataclass(frozen=True, slots=True)
class Job:
    """Exactly one of the members after `origin` is there."""

    origin: Origin
    solve: Solve | None = None
    run_tests: RunTests | None = None
    doctor: Doctor | None = None
    rankings: Rankings | None = None
    models: Models | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """How far a job is; `percentage` is known only while a number of tests runs."""

    text: str
    stage: str | None = None
    percentage: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A piece of a file's text, in characters, and what takes its place."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One proven answer: new text for the target, and the lines to import."""

    code: str
    imports: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proposed:
    """What it takes to apply an answer, now or after the target has moved. The first choice is the candidate."""

    file: str
    function: str
    text: str  # of the whole file, as it was tested
    start: int
    before: str  # the target's own text, which begins at `start`
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Solved:
    """How a Solve ended: the command line's object, and what the editor needs beside it."""

    id: str  # in the history
    report: object
    proposed: Proposed | None


@dataclass(frozen=True, slots=True)
class Place:
    """A line (1-based) of a file."""

    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Failure:
    """A failing test: where it failed in the test itself, and the function that is most suspicious."""

    test: str
    message: str
    at: Place | None
    suspect: Place | None
    suspect_name: str | None


@dataclass(frozen=True, slots=True)
class Tested:
    """How a RunTests ended; `message` says why there is nothing to report, if so."""

    passed: int
    failed: int
    skipped: int
    flaky: tuple[str, ...]
    failures: tuple[Failure, ...]
    message: str | None


@dataclass(frozen=True, slots=True)
class Refused:
    """The job could not be done, for a reason that the user can cure."""

    message: str
    is_fault_of_ours: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a worker's output: exactly one of these is there."""

    told: Told | None = None
    solved: Solved | None = None
    tested: Tested | None = None
    refused: Refused | None = None
    doctor: wire.DoctorResult | None = None
    rankings: wire.RankingsResult | None = None
    models: wire.ModelsResult | None = None


End = Solved | Tested | Refused | wire.DoctorResult | wire.RankingsResult | wire.ModelsResult
Kind = Literal["solve", "run_tests", "doctor", "rankings", "models"]


def end_of(line: Line) -> End | None:
    """What the line ends the job with, if it does."""
    return line.solved or line.tested or line.refused or line.doctor or line.rankings or line.models
