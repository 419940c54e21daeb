"""How a request ended, as the one JSON object that the command line prints and the language server returns."""

from collections.abc import Mapping, Sequence

from perforch.core.comparison import Comparison, Figures, Ratio
from perforch.core.hot_lines import HotLine
from perforch.core.proposal import Alternative, Attempt, NoProposal, Proposal, Trail
from perforch.core.task import Request, Task
from perforch.core.verdict import Evidence, Failed

Json = str | int | float | bool | None | Mapping[str, "Json"] | Sequence["Json"]


def as_json(outcome: Proposal | NoProposal, request: Request, seconds: float) -> dict[str, Json]:
    """The stable object of the command line; `seconds` is the whole request's wall time."""
    proposal = outcome if isinstance(outcome, Proposal) else None
    refused = outcome if isinstance(outcome, NoProposal) else None
    return {
        "outcome": "proposal" if proposal else "none",
        "reason": {"code": refused.reason.code, "text": refused.reason.text} if refused else None,
        "stage": request.stage.value,
        "target": _target(outcome.task, request),
        "candidate": _candidate(proposal) if proposal else None,
        "alternatives": [_alternative(each) for each in proposal.alternatives] if proposal else [],
        "evidence": _evidence(proposal.verdict.evidence) if proposal else None,
        "comparison": _comparison(proposal.verdict.comparison) if proposal and proposal.verdict.comparison else None,
        "diff": proposal.diff if proposal else None,
        "trail": [_attempt(each) for each in outcome.trail],
        "seconds": round(seconds, 3),
        "cost_usd": total_cost(outcome.trail),
    }


def total_cost(trail: Trail) -> float:
    """What all attempts cost together, in US dollars."""
    return sum(attempt.cost_usd for attempt in trail)


def _target(task: Task | None, request: Request) -> dict[str, Json]:
    if task is None:
        file = str(request.file) if request.file else None
        unknown: dict[str, Json] = {"language": None, "category": None, "start_line": None, "end_line": None}
        return {"file": file, "function": request.function, **unknown}
    target = task.target
    return {
        "file": str(target.file),
        "function": target.function,
        "language": target.language,
        "category": task.category.value,
        "start_line": target.span.first_line,
        "end_line": target.span.last_line,
    }


def _candidate(proposal: Proposal) -> dict[str, Json]:
    candidate = proposal.candidate
    return {
        "model": candidate.model,
        "code": candidate.code,
        "cost_usd": candidate.cost_usd,
        "latency_s": round(candidate.seconds, 3),
    }


def _alternative(alternative: Alternative) -> dict[str, Json]:
    candidate = alternative.candidate
    return {"model": candidate.model, "code": candidate.code, "differs_on": alternative.differs_on}


def _evidence(evidence: Evidence) -> dict[str, Json]:
    executed = evidence.changed_lines_executed
    return {
        "level": evidence.level.value,
        "tests_run": evidence.tests_run,
        "tests_entering_target": evidence.tests_entering_target,
        "failed_before": list(evidence.failed_before),
        "failed_after": list(evidence.failed_after),
        "flaky": list(evidence.flaky),
        "changed_lines_executed": list(executed) if executed else None,
        "sandbox": evidence.sandbox,
    }


def _comparison(comparison: Comparison) -> dict[str, Json]:
    return {
        "workload": comparison.workload,
        "cpu_time": _ratio(comparison.cpu_time),
        "wall_time": _ratio(comparison.wall_time),
        "peak_memory": _ratio(comparison.peak_memory),
        "mean_memory": _ratio(comparison.mean_memory),
        "pairs": comparison.pairs,
        "hot_lines": [_hot_line(each) for each in comparison.hot_lines],
        "metrics": {
            "old": _metrics(comparison.old) if comparison.old else None,
            "new": _metrics(comparison.new) if comparison.new else None,
        },
    }


def _metrics(figures: Figures) -> dict[str, Json]:
    """One program's figures under the names, and in the units, of the tools that the paper measures with.

    Those of `perf stat` are its events (task-clock in milliseconds, the other times in nanoseconds; instructions and
    cycles only where the kernel gives them); those of CMDBench are the keys of its results, in seconds and bytes, with
    its time series as their means.
    """
    return {
        "perf-stat": {
            "task-clock": round(figures.cpu_seconds * 1e3, 6),
            "duration_time": round(figures.wall_seconds * 1e9),
            "user_time": round(figures.user_seconds * 1e9),
            "system_time": round(figures.system_seconds * 1e9),
            **{name: round(count) for name, count in figures.counted},
        },
        "cmdbench": {
            "process": {"execution_time": round(figures.wall_seconds, 9)},
            "cpu": {
                "user_time": round(figures.user_seconds, 9),
                "system_time": round(figures.system_seconds, 9),
                "total_time": round(figures.cpu_seconds, 9),
            },
            "memory": {"max": round(figures.peak_bytes)},
            "time_series": {
                "cpu_percentages": round(100 * figures.cpu_use, 3),
                "memory_bytes": round(figures.mean_bytes),
            },
        },
    }


def _hot_line(hot: HotLine) -> dict[str, Json]:
    return {"line": hot.line, "share": round(hot.share, 4), "hits": hot.hits, "text": hot.text}


def _ratio(ratio: Ratio) -> dict[str, Json]:
    return {"ratio": ratio.ratio, "low": ratio.low, "high": ratio.high}


def _attempt(attempt: Attempt) -> dict[str, Json]:
    failed = attempt.verdict if isinstance(attempt.verdict, Failed) else None
    return {
        "model": attempt.model,
        "stage": attempt.stage.value,
        "verdict": "failed" if failed else "passed",
        "fault": failed.fault.value if failed else None,
        "cost_usd": attempt.cost_usd,
        "seconds": round(attempt.seconds, 3),
    }
