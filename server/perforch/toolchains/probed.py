"""What the probe is asked for, and what it reports: the plan goes out as JSON, signed lines of JSON come back."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any

from perforch.core.survey import Ending, FailedTest, Frame, FunctionKey, Outcome, RanTest, TestId
from perforch.toolchains.python_tests import TEST_FILES

Fields = Mapping[str, Any]  # one line of the report, before it is parsed
NOTHING_COLLECTED = 5  # pytest's exit status, and that of the probe's unittest runner
USAGE_ERROR = 4
INTERNAL_ERROR = 3


@dataclass(frozen=True, slots=True)
class Plan:
    """One run: `tests` None means all; `files` are the only ones to collect from, relative to the root; none: all."""

    origin: Path
    tests: tuple[TestId, ...] | None
    test_seconds: float  # how long one test may take before it fails where it is
    files: tuple[str, ...] = ()
    folders: tuple[str, ...] = (".",)  # where unittest begins to discover
    lines_of: FunctionKey | None = None

    def text(self, report: Path, key: str) -> str:
        """The plan as the probe reads it; `key` is the secret that signs the report."""
        return json.dumps(
            {
                "report": str(report),
                "key": key,
                "origin": str(self.origin),
                "tests": self.tests,
                "test_seconds": self.test_seconds,
                "files": self.files,
                "folders": self.folders,
                "lines_of": self.lines_of,
                "test_files": TEST_FILES,
            }
        )


@dataclass(frozen=True, slots=True)
class End:
    """The last line of a complete report."""

    status: int | None
    collected: int
    ran: int
    loaded: tuple[str, ...]  # workspace files that modules came from
    strays: Mapping[str, str]  # modules of the workspace that came from elsewhere, with their file


@dataclass(frozen=True, slots=True)
class Account:
    """What a report says. `running` is the test that had begun and not ended; `genuine`: every signature holds."""

    collected: tuple[TestId, ...]
    runs: tuple[RanTest, ...]
    uncollected: tuple[FailedTest, ...]
    started: bool
    genuine: bool
    running: TestId | None
    end: End | None


@dataclass(slots=True)
class _Reading:
    """The report so far."""

    functions: dict[int, FunctionKey] = field(default_factory=dict)
    same: dict[frozenset[int], frozenset[FunctionKey]] = field(default_factory=dict)
    collected: list[TestId] = field(default_factory=list)
    runs: dict[TestId, RanTest] = field(default_factory=dict)
    uncollected: list[FailedTest] = field(default_factory=list)
    started: bool = False
    running: TestId | None = None
    end: End | None = None

    def add(self, line: Fields) -> None:
        match line["event"]:
            case "start":
                self.started = True
            case "collected":
                self.collected = [TestId(name) for name in line["tests"]]
            case "uncollected":
                self.uncollected.append(_failure(TestId(line["id"]), line["failure"]))
            case "functions":
                self.functions |= {int(number): key for number, key in line["names"].items()}
            case "run":
                self.running = TestId(line["id"])
            case "test":
                self.running = None
                self.runs[TestId(line["id"])] = self._ran(line)
            case "end":
                strays = {str(name): str(file) for name, file in line["strays"].items()}
                self.end = End(line["status"], line["collected"], line["ran"], tuple(line["loaded"]), strays)

    def _ran(self, line: Fields) -> RanTest:
        name = TestId(line["id"])
        numbers = frozenset[int](line["entered"])
        # Thousands of tests enter the same few sets of functions.
        entered = self.same.setdefault(numbers, frozenset(self.functions[number] for number in numbers))
        failure = None if line["failure"] is None else _failure(name, line["failure"])
        return RanTest(name, Outcome(line["outcome"]), line["seconds"], entered, frozenset(line["lines"]), failure)


def read(report: bytes, key: str) -> Account:
    """The account of a report, as far as it goes; what follows a wrong signature is not read."""
    reading = _Reading()
    genuine = True
    last = b""
    for signature, text in _lines(report):
        last = blake2b(last + text, key=bytes.fromhex(key), digest_size=8).hexdigest().encode("ascii")
        if signature != last:
            genuine = False
            break
        reading.add(json.loads(text))
    return Account(
        collected=tuple(reading.collected),
        runs=tuple(reading.runs.values()),
        uncollected=tuple(reading.uncollected),
        started=reading.started,
        genuine=genuine,
        running=reading.running,
        end=reading.end,
    )


class Count:
    """How many tests a growing report has seen through, and how many are to come in all: 0 while that is not known."""

    def __init__(self) -> None:
        self.done = 0
        self.total = 0
        self._rest = b""

    def add(self, new: bytes) -> bool:
        """Whether the next piece of the report changes anything."""
        complete, end, self._rest = (self._rest + new).rpartition(b"\n")
        before = (self.done, self.total)
        for _, text in _lines(complete + end):
            if text.startswith(b'{"event": "test"'):
                self.done += 1
            elif text.startswith(b'{"event": "collected"'):
                self.total = len(json.loads(text)["tests"])
        return (self.done, self.total) != before


def ending(account: Account, status: int, *, timed_out: bool) -> Ending:
    """How the run ended: what the report says is believed only where the exit status says the same."""
    match account:
        case _ if timed_out:
            return Ending.TIMEOUT
        case Account(genuine=False):
            return Ending.DISAGREES
        case Account(end=None, uncollected=[_, *_]) if status == USAGE_ERROR:
            return Ending.NOT_COLLECTED  # a conftest.py failed
        case Account(end=None, started=True):
            return Ending.CRASHED
        case Account(end=None):
            return Ending.CRASHED if status < 0 else Ending.ENVIRONMENT
        case Account(end=End() as end):
            return _ending_of_complete(account, end, status)
        case _:
            raise AssertionError(account)


def _ending_of_complete(account: Account, end: End, status: int) -> Ending:
    if end.status != status:
        return Ending.DISAGREES
    if account.uncollected:
        return Ending.NOT_COLLECTED
    if status in {USAGE_ERROR, INTERNAL_ERROR}:
        return Ending.CRASHED if account.runs else Ending.ENVIRONMENT
    if not account.collected and status in {0, NOTHING_COLLECTED}:
        return Ending.NOTHING_COLLECTED
    if end.ran < len(set(account.collected)):
        return Ending.CRASHED
    has_bad = any(run.outcome.is_bad for run in account.runs)
    return Ending.FINISHED if has_bad == (status != 0) else Ending.DISAGREES


def _lines(report: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Signature and text of each complete line."""
    complete, _, _ = report.rpartition(b"\n")
    for line in complete.split(b"\n") if complete else ():
        signature, _, text = line.partition(b" ")
        yield signature, text


def _failure(test: TestId, fields: Fields) -> FailedTest:
    frames = tuple(Frame(file, line, function) for file, line, function in fields["frames"])
    return FailedTest(test, fields["exception"], fields["message"], fields["text"], frames)
