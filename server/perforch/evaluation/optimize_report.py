"""What an evaluation of Optimize found, for programs and for people."""

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

from perforch.core.comparison import Comparison, Ratio
from perforch.core.proposal import Reason

TELLING_RATIO = 0.9  # a gain of 10 % counts; smaller ones are shown


@dataclass(frozen=True, slots=True)
class Optimized:
    """There was a proposal. `text` is the whole file as proposed; `differs` an unseen input that shows it is wrong."""

    model: str
    rules: str
    text: str
    comparison: Comparison
    differs: str | None


@dataclass(frozen=True, slots=True)
class Unchanged:
    """There was none; an error that ended the task is a reason too."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class TaskResult:
    """How one task ended. `asked` is the model that the evaluation is about; `candidates` were judged."""

    task_id: str
    asked: str
    ending: Optimized | Unchanged
    candidates: int
    seconds: float

    @property
    def cpu_time(self) -> Ratio | None:
        """New over old, where there is a proposal that does the same."""
        match self.ending:
            case Optimized(comparison=comparison, differs=None):
                return comparison.cpu_time
            case _:
                return None


@dataclass(frozen=True, slots=True)
class OptimizeReport:
    """All tasks, in the suite's order; `seconds` is the time that the whole evaluation took."""

    suite: str
    language: str
    seconds: float
    tasks: tuple[TaskResult, ...]

    @property
    def telling(self) -> tuple[float, ...]:
        """The ratios of the gains that count."""
        ratios = (task.cpu_time.ratio for task in self.tasks if task.cpu_time is not None)
        return tuple(ratio for ratio in ratios if ratio <= TELLING_RATIO)

    @property
    def proposals(self) -> int:
        return sum(isinstance(task.ending, Optimized) for task in self.tasks)

    @property
    def different(self) -> int:
        return sum(isinstance(task.ending, Optimized) and task.ending.differs is not None for task in self.tasks)

    @property
    def median_gain(self) -> float | None:
        """How many times faster, of the gains that count."""
        return median(1 / ratio for ratio in self.telling) if self.telling else None


def as_json(report: OptimizeReport) -> dict[str, object]:
    """The object that `--json` prints."""
    return {
        "experiment": "optimize",
        "suite": report.suite,
        "language": report.language,
        "total": len(report.tasks),
        "seconds": round(report.seconds, 3),
        "proven_gain": len(report.telling),
        "median_gain": report.median_gain,
        "different": report.different,
        "proposals": report.proposals,
        "tasks": [_task_as_json(task) for task in report.tasks],
    }


def _task_as_json(task: TaskResult) -> dict[str, object]:
    return {
        "task_id": task.task_id,
        **_ending_as_json(task),
        "candidates_tried": task.candidates,
        "seconds": round(task.seconds, 3),
    }


def _ending_as_json(task: TaskResult) -> dict[str, object]:
    match task.ending:
        case Optimized(model, rules, text, comparison, differs):
            time = comparison.cpu_time
            return {
                "outcome": "proposal",
                "model": model,
                "rules": rules,
                "ratio": time.ratio,
                "low": time.low,
                "high": time.high,
                "pairs": comparison.pairs,
                "workload": comparison.workload,
                "differs": differs,
                "code": text,
                "reason": None,
            }
        case Unchanged(Reason(code, text)):
            return {"outcome": "none", "model": task.asked, "code": None, "reason": {"code": code, "text": text}}


def as_table(report: OptimizeReport) -> str:
    """The table for people, with the figures of the whole below it."""
    return "\n".join([_HEADER, *(table_line(task) for task in report.tasks), "", *_summary(report)]) + "\n"


_HEADER = f"{'task':<24} {'time':>7} {'interval':>18} {'pairs':>5} {'seconds':>8}  rules or reason"


def table_line(task: TaskResult) -> str:
    """One task as a line of the table."""
    match task.ending:
        case Optimized(comparison=comparison, rules=rules, differs=differs):
            time = comparison.cpu_time
            interval = f"{time.low:.1%} to {time.high:.1%}"
            figures = f"{time.ratio:>7.1%} {interval:>18} {comparison.pairs:>5}"
            words = rules if differs is None else f"DIFFERENT: {differs}"
        case Unchanged(reason):
            figures = f"{'-':>7} {'':>18} {'':>5}"
            words = f"{reason.code}: {reason.text.splitlines()[0] if reason.text else ''}"
    return f"{task.task_id:<24} {figures} {task.seconds:>8.1f}  {words}"


def _summary(report: OptimizeReport) -> Iterator[str]:
    total, telling = len(report.tasks), len(report.telling)
    share = f" ({telling / total:.0%})" if total else ""
    yield f"{report.suite}, {report.language}: {telling} of {total}{share} with a proven gain of 10 % or more"
    if report.median_gain is not None:
        yield f"median of these gains: {report.median_gain:.2f} times as fast"
    yield f"{report.proposals} proposals in all, {report.different} of them different on unseen inputs"
    yield f"{report.seconds:.0f} s"
