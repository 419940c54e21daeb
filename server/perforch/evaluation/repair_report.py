"""What an evaluation of repairs found, for programs and for people."""

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

from perforch.core.proposal import Reason
from perforch.core.verdict import Level


@dataclass(frozen=True, slots=True)
class Repaired:
    """There was a proposal. `text` is the whole file as proposed, so that it runs by itself."""

    model: str
    text: str
    level: Level


@dataclass(frozen=True, slots=True)
class Unrepaired:
    """There was none; an error that ended the task is a reason too."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Effort:
    """What it took; `cpu_seconds` counts children that have ended."""

    candidates: int
    seconds: float
    cpu_seconds: float


@dataclass(frozen=True, slots=True)
class TaskResult:
    """How one task ended. `asked` is the model that the evaluation is about."""

    task_id: str
    asked: str
    ending: Repaired | Unrepaired
    effort: Effort

    @property
    def is_proven(self) -> bool:
        return isinstance(self.ending, Repaired) and self.ending.level is Level.PROVEN


@dataclass(frozen=True, slots=True)
class RepairReport:
    """All tasks, in the suite's order; `seconds` is the time that the whole evaluation took."""

    suite: str
    language: str
    seconds: float
    tasks: tuple[TaskResult, ...]

    @property
    def proven(self) -> int:
        return sum(task.is_proven for task in self.tasks)


def as_json(report: RepairReport) -> dict[str, object]:
    """The object that `--json` prints."""
    return {
        "experiment": "repair",
        "suite": report.suite,
        "language": report.language,
        "total": len(report.tasks),
        "seconds": round(report.seconds, 3),
        "proven": report.proven,
        "tasks": [_task_as_json(task) for task in report.tasks],
    }


def _task_as_json(task: TaskResult) -> dict[str, object]:
    return {
        "task_id": task.task_id,
        **_ending_as_json(task),
        "candidates_tried": task.effort.candidates,
        "seconds": round(task.effort.seconds, 3),
        "cpu_seconds": round(task.effort.cpu_seconds, 3),
    }


def _ending_as_json(task: TaskResult) -> dict[str, object]:
    match task.ending:
        case Repaired(model, text, level):
            return {"outcome": "proposal", "model": model, "code": text, "level": level.value, "reason": None}
        case Unrepaired(Reason(code, text)):
            why = {"code": code, "text": text}
            return {"outcome": "none", "model": task.asked, "code": None, "level": None, "reason": why}


def as_table(report: RepairReport) -> str:
    """The table for people, with the figures of the whole below it."""
    return "\n".join([_HEADER, *(table_line(task) for task in report.tasks), "", *_summary(report)]) + "\n"


_HEADER = f"{'task':<40} {'outcome':<10} {'candidates':>10} {'seconds':>8} {'cpu s':>8}  reason"


def table_line(task: TaskResult) -> str:
    """One task as a line of the table."""
    match task.ending:
        case Repaired(level=level):
            outcome, reason = level.value, ""
        case Unrepaired(reason=why):
            outcome, reason = "-", f"{why.code}: {why.text.splitlines()[0] if why.text else ''}"
    effort = task.effort
    figures = f"{effort.candidates:>10} {effort.seconds:>8.1f} {effort.cpu_seconds:>8.1f}"
    return f"{task.task_id:<40} {outcome:<10} {figures}  {reason}".rstrip()


def _summary(report: RepairReport) -> Iterator[str]:
    total = len(report.tasks)
    share = f" ({report.proven / total:.0%})" if total else ""
    yield f"{report.suite}, {report.language}: {report.proven} of {total} proven{share} in {report.seconds:.0f} s"
    proven = [task.effort for task in report.tasks if task.is_proven]
    if proven:
        seconds, candidates = median(one.seconds for one in proven), median(one.candidates for one in proven)
        yield f"median of the proven: {seconds:.1f} s, {candidates:.0f} candidates"
