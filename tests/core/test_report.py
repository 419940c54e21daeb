"""The JSON of a comparison: what is promised, and the names under which other tools give the same figures."""

from dataclasses import replace
from pathlib import Path

import fakes
from perforch.core.candidate import Candidate
from perforch.core.comparison import Comparison
from perforch.core.hot_lines import HotLine
from perforch.core.measurement import Pair, Sample, comparison
from perforch.core.proposal import Proposal
from perforch.core.report import Json, as_json
from perforch.core.task import Request, Stage, Workspace
from perforch.core.verdict import Passed

OLD = Sample(0.06, 0.08, 0.02, 0.09, 4e7, 3e7, user_seconds=0.07, system_seconds=0.02, duration_seconds=0.12)
NEW = replace(OLD, cpu_seconds=0.03, process_cpu_seconds=0.06, user_seconds=0.05, system_seconds=0.01)


def reported(found: Comparison) -> dict[str, Json]:
    candidate = Candidate("def double(x):\n    return x * 2", "m", Stage.REFINE)
    proposal = Proposal(fakes.task(Stage.REFINE), candidate, Passed(fakes.EVIDENCE, found), "", (), ())
    shown = as_json(proposal, Request(Workspace(Path("/nowhere")), Stage.REFINE), 1.0)["comparison"]
    assert isinstance(shown, dict)
    return shown


def test_figures_have_the_names_and_units_of_perf_stat_and_cmdbench() -> None:
    metrics = reported(comparison("w", [Pair(OLD, NEW)] * 3))["metrics"]
    assert isinstance(metrics, dict)
    assert metrics["old"] == {
        "perf-stat": {
            "task-clock": 90.0,
            "duration_time": 120_000_000,
            "user_time": 70_000_000,
            "system_time": 20_000_000,
        },
        "cmdbench": {
            "process": {"execution_time": 0.12},
            "cpu": {"user_time": 0.07, "system_time": 0.02, "total_time": 0.09},
            "memory": {"max": 40_000_000},
            "time_series": {"cpu_percentages": 75.0, "memory_bytes": 30_000_000},
        },
    }
    assert metrics["new"] != metrics["old"]


def test_hot_lines_are_part_of_the_comparison() -> None:
    hot = replace(comparison("w", [Pair(OLD, NEW)] * 3), hot_lines=(HotLine(7, 0.81234, 12, "x += 1"),))
    assert reported(hot)["hot_lines"] == [{"line": 7, "share": 0.8123, "hits": 12, "text": "x += 1"}]


def test_a_comparison_without_figures_says_so() -> None:
    assert reported(fakes.FASTER)["metrics"] == {"old": None, "new": None}


def test_counters_are_reported_as_far_as_every_run_has_them() -> None:
    old, later = (
        replace(OLD, counted=(("instructions", 100), ("page-faults", 7))),
        replace(OLD, counted=(("page-faults", 9),)),
    )
    metrics = reported(comparison("w", [Pair(old, NEW), Pair(later, NEW), Pair(later, NEW)]))["metrics"]
    assert isinstance(metrics, dict)
    assert [name for name in metrics["old"]["perf-stat"] if "time" not in name] == ["task-clock", "page-faults"]
    assert metrics["old"]["perf-stat"]["page-faults"] == 8
