"""evaluate: measure models, and ourselves, on published suites."""

import argparse
import json
import os
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path

from perforch.app import experiments, optimizing, routing
from perforch.cli.arguments import FOUND, Command, amount, positive
from perforch.cli.terminal import Terminal
from perforch.core.errors import UsageError
from perforch.evaluation import optimize, optimize_report, optimize_suite, repair, routing_table
from perforch.evaluation.repair_report import as_json, as_table, table_line
from perforch.evaluation.replay import RECORDED_SUITES
from perforch.evaluation.replay_models import PREFIX
from perforch.evaluation.suites import SUITES, load_suite


async def evaluate(arguments: argparse.Namespace) -> int:
    """Run the experiment that was named."""
    return await EXPERIMENTS[arguments.experiment](arguments)


async def _repair(arguments: argparse.Namespace) -> int:
    """How many broken functions of a suite get a proven repair."""
    tasks = load_suite(_suite(arguments, SUITES), arguments.data, arguments.language)
    plan = repair.Plan(arguments.suite, arguments.language, arguments.model, arguments.limit_s, arguments.workers)
    if plan.model.startswith(PREFIX):
        plan = experiments.with_recorded_answers(plan, tasks, arguments.data)
    shown = Terminal.on(sys.stderr, os.environ)
    report = await experiments.evaluate_repair(
        plan, tasks, os.environ, lambda result, done: shown.line(f"{done}/{len(tasks)} {table_line(result)}")
    )
    print(json.dumps(as_json(report)) if arguments.json else as_table(report))
    return FOUND


async def _routing(arguments: argparse.Namespace) -> int:
    """How well Memory's order would have done on recorded answers."""
    if arguments.pool is None:
        raise UsageError("routing needs --pool: the name of one in the suite's pools.json, or a file of models' names")
    asked = routing.Routing(
        _suite(arguments, RECORDED_SUITES),
        arguments.data,
        arguments.pool,
        arguments.learn_from,
        workers=arguments.workers,
    )
    shown = Terminal.on(sys.stderr, os.environ)
    report = await routing.evaluate_routing(
        asked, os.environ, lambda task, done, total: shown.line(f"{done}/{total} judged the answers to {task}")
    )
    print(json.dumps(report.as_json()) if arguments.json else routing_table.as_table(report))
    return FOUND


async def _optimize(arguments: argparse.Namespace) -> int:
    """How many functions get a proven gain."""
    tasks = optimize_suite.load(arguments.data, arguments.language)
    plan = optimize.Plan(optimize_suite.NAME, arguments.language, arguments.model, arguments.limit_s, arguments.workers)
    shown = Terminal.on(sys.stderr, os.environ)
    report = await optimizing.evaluate_optimize(
        plan,
        tasks,
        os.environ,
        lambda result, done: shown.line(f"{done}/{len(tasks)} {optimize_report.table_line(result)}"),
    )
    print(json.dumps(optimize_report.as_json(report)) if arguments.json else optimize_report.as_table(report))
    return FOUND


def _suite(arguments: argparse.Namespace, known: Iterable[str]) -> str:
    if arguments.suite is None:
        raise UsageError(f"{arguments.experiment} needs --suite; it takes one of {', '.join(known)}")
    return str(arguments.suite)


EXPERIMENTS: Mapping[str, Callable[[argparse.Namespace], Awaitable[int]]] = {
    "repair": _repair,
    "routing": _routing,
    "optimize": _optimize,
}


def _describe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("experiment", choices=tuple(EXPERIMENTS))
    suites = f"repair: one of {', '.join(SUITES)}; routing: one of {', '.join(RECORDED_SUITES)}"
    parser.add_argument("--suite", metavar="NAME", help=suites)
    parser.add_argument("--data", required=True, type=Path, metavar="DIR", help="the folder that holds the data sets")
    parser.add_argument("--language", default="python", metavar="L")
    parser.add_argument(
        "--model",
        default="builtin",
        metavar="ID",
        help="builtin, reference, unchanged, recorded:NAME, or a model's id",
    )
    parser.add_argument("--limit-s", type=amount, default=60.0, metavar="N", help="seconds for each task (60)")
    parser.add_argument("--workers", type=positive, default=1, metavar="N", help="tasks worked on at once (1)")
    parser.add_argument("--pool", metavar="NAME|FILE", help="routing: the models to choose among")
    parser.add_argument(
        "--learn-from", type=Path, metavar="DIR", help="routing: learn here and test on --data, instead of on halves"
    )


EVALUATE = Command("evaluate", "measure models on a suite of tasks", _describe, evaluate)
