"""What is asked: one function, one stage, and the tests that concern it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import accumulate
from pathlib import Path, PurePosixPath

from perforch.core.survey import FailedTest, TestId


class Stage(StrEnum):
    """The paper's three stages; the user sees Generate, Fix, Optimize."""

    GENERATE = "generate"
    FIX = "fix"
    REFINE = "refine"


class Category(StrEnum):
    """What kind of problem a target is: the fixed vocabulary of the rankings."""

    STRINGS = "strings"
    SEQUENCES = "sequences"
    MATHS = "maths"
    SORTING_SEARCHING = "sorting-searching"
    DATA_STRUCTURES = "data-structures"
    GRAPHS_TREES = "graphs-trees"
    DYNAMIC_PROGRAMMING = "dynamic-programming"
    BIT_MANIPULATION = "bit-manipulation"
    GEOMETRY = "geometry"
    PARSING_FORMATTING = "parsing-formatting"
    IO_SYSTEM = "io-system"
    NUMERIC = "numeric"
    GLUE = "glue"


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a file's text: character offsets (end exclusive) and lines (1-based, both included)."""

    start: int
    end: int
    first_line: int
    last_line: int


@dataclass(frozen=True, slots=True)
class Target:
    """One function in a file.

    `span` covers what a candidate replaces (decorators and attributes included, a doc comment above it not);
    `source` is exactly that text. `body` covers the statements, docstring excluded, and lies within `span`.
    `def_line` is the line of the function's own header (`def`, `func`, `fn`, the name), by which the tracer knows it.
    `imports_at` is the character offset of the start of the line at which a new import goes; `blank_lines` belong
    between the first import and what follows it.
    """

    file: PurePosixPath  # relative to the workspace's root
    function: str  # dotted: Class.method, outer.inner
    language: str
    span: Span
    body: Span
    def_line: int
    signature: str
    docstring: str
    enclosing: str | None  # the type it is a member of, dotted
    source: str
    imports: tuple[str, ...]
    imports_at: int
    is_stub: bool
    indent: str = ""  # the spaces and tabs that the span's first line begins with
    blank_lines: int = 1

    @property
    def key(self) -> str:
        """What the tracer calls this function: file and line of its header."""
        return f"{self.file}:{self.def_line}"


@dataclass(frozen=True, slots=True)
class Workspace:
    """A folder of the user's, with the unsaved text that lies over it (paths relative to the root)."""

    root: Path
    unsaved: Mapping[PurePosixPath, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a request may use up."""

    seconds: float = 120.0  # the whole request, baseline excluded
    test_seconds: float = 120.0  # one run of the tests
    budget_usd: float = 0.0


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asked for, before anything is known about it.

    `file`, `function`, `line` and `tests` may each be absent: then the failing tests choose.
    """

    workspace: Workspace
    stage: Stage
    file: PurePosixPath | None = None
    function: str | None = None
    line: int | None = None
    tests: tuple[str, ...] = ()  # selectors of the project's own runner
    limits: Limits = field(default_factory=Limits)


HANGING_SECONDS = 1.0  # what a test that did not end by itself counts as: in the workbench it is ended so soon


@dataclass(frozen=True, slots=True)
class Concerned:
    """The tests that bear on a target, from the baseline run.

    `failing`: stable failures that the candidate shall repair. `entering`: every test that enters the target.
    `collected`: all tests of the suite, `passing` those that passed.
    `unrelated`: stable failures that are not about the target and may go on failing. `uncollected`: test modules that
    cannot be collected because of the target; `lost`: those that cannot for other reasons. `seconds`: what each test
    took that ended by itself; `suite_seconds`: what all tests took together, without the time to start and collect
    them.
    """

    failing: tuple[FailedTest, ...] = ()
    entering: tuple[TestId, ...] = ()
    unrelated: tuple[TestId, ...] = ()
    flaky: tuple[TestId, ...] = ()
    collected: tuple[TestId, ...] = ()
    passing: tuple[TestId, ...] = ()
    uncollected: tuple[FailedTest, ...] = ()
    lost: tuple[TestId, ...] = ()
    suite_seconds: float = 0.0
    seconds: Mapping[TestId, float] = field(default_factory=dict)

    @property
    def failing_ids(self) -> tuple[TestId, ...]:
        return tuple(failure.test for failure in self.failing)

    @property
    def all_ids(self) -> tuple[TestId, ...]:
        """Failing first, then the others that enter the target."""
        return tuple(dict.fromkeys((*self.failing_ids, *self.entering)))

    def quickest(self, failing_seconds: float, other_seconds: float) -> tuple[TestId, ...]:
        """As many of `all_ids` as take so long together, quick ones first; at least one of those that fail."""
        failing = {test: self.seconds.get(test, HANGING_SECONDS) for test in self.failing_ids}
        others = {test: self.seconds.get(test, 0.0) for test in self.entering if test not in failing}
        first = _quickest(failing, failing_seconds) or _quickest(failing, math.inf)[:1]
        return (*first, *_quickest(others, other_seconds))


def _quickest(tests: Mapping[TestId, float], seconds: float) -> tuple[TestId, ...]:
    by_time = sorted(tests, key=lambda test: (tests[test], test))
    totals = accumulate(tests[test] for test in by_time)
    return tuple(test for test, total in zip(by_time, totals, strict=True) if total <= seconds)


@dataclass(frozen=True, slots=True)
class Task:
    """One target to work on, with everything that judging and asking need."""

    workspace: Workspace
    target: Target
    text: str  # the whole file, as the user has it now
    stage: Stage
    category: Category
    tests: Concerned
    limits: Limits
    fingerprint: str = ""  # of the workspace's files when the baseline was taken
