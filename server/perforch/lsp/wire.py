"""What the editor and the server say to each other; client-vscode/src/protocol.ts mirrors it name for name."""
# ruff: noqa: N815 - the names are those on the wire

from dataclasses import dataclass
from typing import Literal

from lsprotocol.types import Position, Range

from perforch.lsp.names import Stage

SOLVE = "perforch/solve"
ACCEPT = "perforch/accept"
REJECT = "perforch/reject"
RANKINGS = "perforch/rankings"
HISTORY = "perforch/history"
HISTORY_ITEM = "perforch/historyItem"
RUN_TESTS = "perforch/runTests"
DOCTOR = "perforch/doctor"
SET_KEY = "perforch/setKey"
MODELS = "perforch/models"
STATUS = "perforch/status"
SET_TRUST = "perforch/setTrust"


@dataclass(frozen=True, slots=True)
class Document:
    uri: str


@dataclass(frozen=True, slots=True)
class SolveParams:
    textDocument: Document
    position: Position
    stage: Stage
    test: str | None = None
    workDoneToken: str | int | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Target:
    file: str | None
    function: str | None
    language: str | None
    category: str | None
    start_line: int | None
    end_line: int | None


@dataclass(frozen=True, slots=True)
class Candidate:
    model: str
    code: str
    cost_usd: float
    latency_s: float


@dataclass(frozen=True, slots=True)
class Alternative:
    model: str
    code: str
    differs_on: str | None


@dataclass(frozen=True, slots=True)
class Evidence:
    level: Literal["proven", "examples", "static"]
    tests_run: int
    tests_entering_target: int
    failed_before: tuple[str, ...]
    failed_after: tuple[str, ...]
    flaky: tuple[str, ...]
    changed_lines_executed: tuple[int, int] | None
    sandbox: str


@dataclass(frozen=True, slots=True)
class Ratio:
    """New / old with its interval; below 1 is better."""

    ratio: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class HotLine:
    """A line of the old function, with its share of the function's time."""

    line: int
    share: float
    hits: int
    text: str


@dataclass(frozen=True, slots=True)
class Comparison:
    workload: str
    cpu_time: Ratio
    wall_time: Ratio
    peak_memory: Ratio
    mean_memory: Ratio
    pairs: int
    hot_lines: tuple[HotLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Attempt:
    model: str
    stage: Stage
    verdict: Literal["passed", "failed"]
    fault: str | None
    cost_usd: float
    seconds: float


@dataclass(frozen=True, slots=True)
class TextChange:
    range: Range
    newText: str


@dataclass(frozen=True, slots=True)
class Edit:
    """`before` is the text that `range` holds; `newText` takes its place."""

    uri: str
    version: int | None
    range: Range
    newText: str
    imports: TextChange | None
    before: str


@dataclass(frozen=True, slots=True)
class SolveResult:
    """The command line's object, the run's name in the history, and the change as the editor sees it."""

    id: str
    outcome: Literal["proposal", "none"]
    reason: Reason | None
    stage: Stage
    target: Target
    candidate: Candidate | None
    alternatives: tuple[Alternative, ...]
    evidence: Evidence | None
    comparison: Comparison | None
    diff: str | None
    trail: tuple[Attempt, ...]
    seconds: float
    cost_usd: float
    edit: Edit | None


@dataclass(frozen=True, slots=True)
class AcceptParams:
    id: str
    alternative: int | None = None


@dataclass(frozen=True, slots=True)
class AcceptResult:
    applied: bool
    message: str | None


@dataclass(frozen=True, slots=True)
class RejectParams:
    id: str


@dataclass(frozen=True, slots=True)
class RankingsParams:
    stage: str | None = None
    language: str | None = None
    category: str | None = None


@dataclass(frozen=True, slots=True)
class RankingRow:
    model: str
    stage: Stage
    language: str
    category: str
    mean: float
    low: float
    high: float
    trials: int
    successes: int
    source: str
    date: str
    local: bool


@dataclass(frozen=True, slots=True)
class RankingsResult:
    rows: tuple[RankingRow, ...]


@dataclass(frozen=True, slots=True)
class HistoryParams:
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """`time` is the beginning in ISO 8601; `accepted` is null as long as nothing was decided."""

    id: str
    time: str
    stage: Stage
    file: str | None
    function: str | None
    outcome: Literal["proposal", "none"]
    model: str | None
    level: str | None
    accepted: bool | None
    seconds: float
    cost_usd: float


@dataclass(frozen=True, slots=True)
class HistoryResult:
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class HistoryItemParams:
    id: str


@dataclass(frozen=True, slots=True)
class HistoryItem(SolveResult):
    """A past run with the whole text of its file, before and after."""

    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class RunTestsParams:
    textDocument: Document | None = None
    workDoneToken: str | int | None = None


@dataclass(frozen=True, slots=True)
class RunTestsResult:
    passed: int
    failed: int
    skipped: int
    flaky: tuple[str, ...]
    message: str | None


@dataclass(frozen=True, slots=True)
class Status:
    state: Literal["idle", "running", "queued"]
    stage: str | None
    text: str
    spent_today_usd: float


@dataclass(frozen=True, slots=True)
class DoctorResult:
    lines: tuple[str, ...]
    ready: bool


@dataclass(frozen=True, slots=True)
class SetKeyParams:
    name: str
    value: str | None


@dataclass(frozen=True, slots=True)
class ModelChoice:
    name: str
    usable: bool
    why: str
    price: str
    rank: int | None


@dataclass(frozen=True, slots=True)
class ModelsResult:
    models: tuple[ModelChoice, ...]


@dataclass(frozen=True, slots=True)
class SetTrustParams:
    trusted: bool


@dataclass(frozen=True, slots=True)
class Place:
    """The argument of perforch.generate, perforch.fix and perforch.optimize."""

    uri: str
    position: Position
    test: str | None = None
