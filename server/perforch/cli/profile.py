"""profile: measure models on a suite of tasks, so that Memory can rank them at once."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from perforch.app import profiling
from perforch.cli.arguments import FOUND, Command, amount, positive
from perforch.cli.terminal import Terminal
from perforch.core.errors import UsageError
from perforch.core.task import Stage
from perforch.evaluation.profile import PROFILED, Plan, Result, default_stages, load
from perforch.evaluation.profile_report import as_json, as_table, result_line


async def profile(arguments: argparse.Namespace) -> int:
    """pass@1, fix@1 and refine@1 of each model, with counts and intervals."""
    suite = arguments.suite or _suite(arguments.stage)
    plan = Plan(suite, tuple(map(Stage, arguments.stage)) or default_stages(suite), arguments.limit_s)
    asked = profiling.Profiling(tuple(arguments.model), arguments.language, plan, arguments.workers)
    tasks = load(suite, arguments.data, arguments.language)
    shown = Terminal.on(sys.stderr, os.environ)

    def progress(model: str, result: Result, done: int, total: int) -> None:
        shown.line(f"{done}/{total} {model} {result_line(result)}")

    report = await profiling.profile_models(asked, tasks[: arguments.limit], os.environ, progress)
    print(json.dumps(as_json(report)) if arguments.json else as_table(report))
    return FOUND


def _suite(stages: Sequence[str]) -> str:
    """The one suite that all these stages can start from; raises UsageError where there are none or several."""
    found = [name for name, starts in PROFILED.items() if stages and set(map(Stage, stages)) <= set(starts)]
    if len(found) != 1:
        raise UsageError(f"name the tasks to profile on: --suite takes one of {', '.join(found or PROFILED)}")
    return found[0]


def _describe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", nargs="+", metavar="MODEL", help="a model's id, or builtin")
    parser.add_argument("--suite", choices=tuple(PROFILED), help="may be left out where --stage names it")
    parser.add_argument("--data", required=True, type=Path, metavar="DIR", help="the folder that holds the data sets")
    parser.add_argument("--stage", action="append", default=[], choices=tuple(map(str, Stage)))
    parser.add_argument("--language", default="python", metavar="L")
    parser.add_argument("--limit-s", type=amount, default=120.0, metavar="N", help="seconds for each task (120)")
    parser.add_argument("--limit", type=positive, metavar="N", help="only the first tasks of the suite")
    parser.add_argument("--workers", type=positive, default=1, metavar="N", help="tasks worked on at once (1)")


PROFILE = Command("profile", "measure models on a suite of tasks and remember the outcomes", _describe, profile)
