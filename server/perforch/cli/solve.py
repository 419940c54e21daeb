"""fix, generate, optimize: one request on one function, shown with its evidence."""

import argparse
import json
import os
import sys
import time
from functools import partial
from pathlib import Path, PurePosixPath

from perforch import app
from perforch.app.past import history, remember
from perforch.cli.arguments import FOUND, NOTHING, Command, amount, positive
from perforch.cli.terminal import Progress, Terminal
from perforch.core.errors import UsageError
from perforch.core.proposal import Proposal
from perforch.core.report import as_json, total_cost
from perforch.core.task import Limits, Request, Stage, Workspace

STAGES = {"fix": Stage.FIX, "generate": Stage.GENERATE, "optimize": Stage.REFINE}
HELP = {
    "fix": "change one function so that the failing tests pass",
    "generate": "write the body of one function",
    "optimize": "make one function measurably faster",
}


async def solve(arguments: argparse.Namespace) -> int:
    """Work on the request and show how it ended; writes the file only with --apply."""
    started = time.monotonic()
    request, settings = _request(arguments)
    progress = Progress(sys.stderr)
    try:
        async with app.opened(settings, os.environ, progress, arguments.objective) as perforch:
            if arguments.show_prompt:
                for message in await perforch.prompt(request):
                    print(f"--- {message.role}\n{message.content}")
                return FOUND
            outcome = await perforch.solve(request, arguments.strategy)
            left_usd = perforch.left_usd() if total_cost(outcome.trail) else None
    finally:
        progress.close()
    seconds = time.monotonic() - started
    report = as_json(outcome, request, seconds)
    if arguments.json:
        print(json.dumps(report))
    else:
        Terminal.on(sys.stdout, os.environ).outcome(outcome, seconds, left_usd)
    number = remember(settings, request.workspace.root, outcome, report)
    if arguments.apply and isinstance(outcome, Proposal):
        app.apply(outcome)
        history(settings, request.workspace.root).decide(number, accepted=True)
        print(f"applied to {outcome.task.target.file}", file=sys.stderr)
    return FOUND if isinstance(outcome, Proposal) else NOTHING


def _request(arguments: argparse.Namespace) -> tuple[Request, app.Settings]:
    workspace, file, function = place(arguments.place)
    settings = app.settings_for(workspace.root, os.environ, models=arguments.model, budget=arguments.budget)
    limits = Limits(arguments.timeout, settings.test_seconds, settings.budget_usd_per_request)
    tests = tuple(arguments.test)
    return Request(workspace, STAGES[arguments.name], file, function, arguments.line, tests, limits), settings


def place(text: str | None) -> tuple[Workspace, PurePosixPath | None, str | None]:
    """`FILE[::FUNCTION]` as the workspace that holds the file, the file in it, and the function."""
    here = Path.cwd()
    root = app.workspace_root(here)
    if text is None:
        return Workspace(root), None, None
    name, _, function = text.partition("::")
    path = (here / name).resolve()
    if not path.exists():
        raise UsageError(f"there is no file {name} (looked in {here}); check the path")
    if not path.is_relative_to(root):
        root = app.workspace_root(path.parent)
    file = PurePosixPath(path.relative_to(root).as_posix())
    return Workspace(root), file, function.replace("::", ".") or None


def _describe(parser: argparse.ArgumentParser, *, is_place_needed: bool) -> None:
    parser.add_argument("place", nargs=None if is_place_needed else "?", metavar="FILE[::FUNCTION]")
    parser.add_argument("--line", type=positive, metavar="N", help="the function around this line")
    parser.add_argument("--test", action="append", default=[], metavar="SELECTOR", help="only these tests; repeatable")
    parser.add_argument("--model", action="append", default=[], metavar="ID", help="ask only these models; repeatable")
    parser.add_argument("--strategy", choices=("sequential", "best-of-n"), default="sequential")
    parser.add_argument("--budget", type=amount, metavar="USD", help="spend at most this on the request")
    parser.add_argument("--timeout", type=amount, default=120.0, metavar="S", help="seconds after the baseline (120)")
    parser.add_argument("--apply", action="store_true", help="write the proven change into the file")
    parser.set_defaults(objective="time")
    parser.add_argument("--show-prompt", action="store_true", help="print what a model would be sent, and send nothing")


def _describe_optimize(parser: argparse.ArgumentParser) -> None:
    _describe(parser, is_place_needed=True)
    parser.add_argument(
        "--objective", choices=("time", "memory", "balanced"), default="time", help="what shall be less"
    )


SOLVING = (
    Command("fix", HELP["fix"], partial(_describe, is_place_needed=False), solve),
    Command("generate", HELP["generate"], partial(_describe, is_place_needed=True), solve),
    Command("optimize", HELP["optimize"], _describe_optimize, solve),
)
