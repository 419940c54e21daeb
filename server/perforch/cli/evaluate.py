"""evaluate: measure models, and ourselves, on published suites."""

import argparse
import json
import os
import sys
from pathlib import Path

from perforch.app import experiments
from perforch.cli.arguments import FOUND, Command, positive
from perforch.cli.terminal import Terminal
from perforch.evaluation import repair
from perforch.evaluation.repair_report import as_json, as_table, table_line
from perforch.evaluation.suites import SUITES, load_suite


async def evaluate(arguments: argparse.Namespace) -> int:
    """The experiment `repair`: how many broken functions of a suite get a proven repair."""
    tasks = load_suite(arguments.suite, arguments.data, arguments.language)
    plan = repair.Plan(arguments.suite, arguments.language, arguments.model, arguments.limit_s, arguments.workers)
    shown = Terminal.on(sys.stderr, os.environ)
    report = await experiments.evaluate_repair(
        plan, tasks, os.environ, lambda result, done: shown.line(f"{done}/{len(tasks)} {table_line(result)}")
    )
    print(json.dumps(as_json(report)) if arguments.json else as_table(report))
    return FOUND


def _describe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("experiment", choices=("repair",))
    parser.add_argument("--suite", required=True, metavar="NAME", help=f"one of {', '.join(SUITES)}")
    parser.add_argument("--data", required=True, type=Path, metavar="DIR", help="the folder that holds the data sets")
    parser.add_argument("--language", default="python", metavar="L")
    parser.add_argument(
        "--model", default="builtin", metavar="ID", help="builtin, reference, unchanged, or a model's id"
    )
    parser.add_argument("--limit-s", type=float, default=60.0, metavar="N", help="seconds for each task (60)")
    parser.add_argument("--workers", type=positive, default=1, metavar="N", help="tasks worked on at once (1)")


EVALUATE = Command("evaluate", "measure models on a suite of tasks", _describe, evaluate)
