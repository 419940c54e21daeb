"""The command line: one sub-command per job, exit status by outcome, JSON on request."""

import argparse
import asyncio
import json
import logging
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path, PurePosixPath
from typing import NoReturn

from perforch import app
from perforch.app import experiments
from perforch.core.errors import PerfOrchError, UsageError
from perforch.core.proposal import NoProposal, Proposal
from perforch.core.report import as_json
from perforch.core.task import Limits, Request, Stage, Workspace
from perforch.evaluation import repair
from perforch.evaluation.repair_report import as_json as as_object
from perforch.evaluation.repair_report import as_table, table_line
from perforch.evaluation.suites import SUITES, load_suite
from perforch.terminal import Progress, Terminal

FOUND, NOTHING, WRONG_USE, INTERRUPTED = 0, 1, 2, 130
STAGES = {"fix": Stage.FIX, "generate": Stage.GENERATE, "optimize": Stage.REFINE}
log = logging.getLogger(__name__)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status of DESIGN: 0 proposal, 1 none, 2 wrong use, 3 tool missing, 130."""
    arguments = _parser().parse_args(argv)
    logging.basicConfig(level=logging.INFO if arguments.verbose else logging.WARNING, stream=sys.stderr)
    command: Callable[[argparse.Namespace], Awaitable[int]] = arguments.command
    try:
        return asyncio.run(_interruptible(command(arguments)))
    except asyncio.CancelledError:
        print("interrupted; nothing was changed", file=sys.stderr)
        return INTERRUPTED
    except PerfOrchError as error:
        print(f"perforch: {error}", file=sys.stderr)
        return error.exit_status
    except Exception:
        log.exception("this is a fault in PerfOrch itself; nothing in the workspace was changed")
        return WRONG_USE


async def _interruptible(work: Awaitable[int]) -> int:
    """Let SIGINT and SIGTERM cancel the work, so that every child process is ended on the way out."""
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, task.cancel)
    return await task


async def _solve(arguments: argparse.Namespace) -> int:
    """fix, generate, optimize."""
    started = time.monotonic()
    workspace, place, function = _place(arguments.place)
    settings = app.settings_for(workspace.root, os.environ, models=arguments.model, budget=arguments.budget)
    request = Request(
        workspace=workspace,
        stage=STAGES[arguments.name],
        file=place,
        function=function,
        line=arguments.line,
        tests=tuple(arguments.test),
        limits=Limits(seconds=arguments.timeout, test_seconds=settings.test_seconds),
    )
    progress = Progress()
    try:
        async with app.opened(settings, os.environ, progress) as perforch:
            outcome = await perforch.solve(request, arguments.strategy)
    finally:
        progress.close()
    _show(arguments, outcome, request, time.monotonic() - started)
    if arguments.apply and isinstance(outcome, Proposal):
        app.apply(outcome)
        print(f"applied to {outcome.task.target.file}", file=sys.stderr)
    return FOUND if isinstance(outcome, Proposal) else NOTHING


def _show(arguments: argparse.Namespace, outcome: Proposal | NoProposal, request: Request, seconds: float) -> None:
    if arguments.json:
        print(json.dumps(as_json(outcome, request, seconds)))
    else:
        Terminal.on(sys.stdout, os.environ).outcome(outcome, seconds)


def _place(text: str | None) -> tuple[Workspace, PurePosixPath | None, str | None]:
    """`FILE[::FUNCTION]` as the workspace that holds the file, the file in it, and the function."""
    here = Path.cwd()
    if text is None:
        return Workspace(app.workspace_root(here)), None, None
    name, _, function = text.partition("::")
    path = (here / name).resolve()
    root = app.workspace_root(here)
    if not path.is_relative_to(root):
        root = app.workspace_root(path.parent)
    if not path.exists():
        raise UsageError(f"there is no file {name} (looked in {here}); check the path")
    file = PurePosixPath(path.relative_to(root).as_posix())
    return Workspace(root), file, function.replace("::", ".") or None


async def _evaluate(arguments: argparse.Namespace) -> int:
    """Measure models on a suite; so far the experiment `repair`."""
    tasks = load_suite(arguments.suite, arguments.data, arguments.language)
    plan = repair.Plan(
        arguments.suite, arguments.language, arguments.model or "builtin", arguments.limit_s, arguments.workers
    )
    shown = Terminal.on(sys.stderr, os.environ)
    report = await experiments.evaluate_repair(
        plan, tasks, os.environ, lambda result, done: shown.line(f"{done}/{len(tasks)} {table_line(result)}")
    )
    print(json.dumps(as_object(report)) if arguments.json else as_table(report))
    return FOUND


async def _doctor(arguments: argparse.Namespace) -> int:
    checkup = await app.doctor(app.workspace_root(Path.cwd()), os.environ)
    if arguments.json:
        print(json.dumps(checkup.as_json()))
    else:
        for line in checkup.lines():
            print(line)
    return FOUND if checkup.is_ready else 3


class _Parser(argparse.ArgumentParser):
    """Wrong use ends with status 2 and one sentence."""

    def error(self, message: str) -> NoReturn:
        self.exit(WRONG_USE, f"perforch: {message}; see `{self.prog} --help`\n")


def _parser() -> argparse.ArgumentParser:
    description = "Generate, fix and optimize one function, and show only what is proven."
    parser = _Parser(prog="perforch", description=description)
    parser.add_argument("--version", action="version", version=f"perforch {app.VERSION}")
    common = _Parser(add_help=False)
    common.add_argument("--json", action="store_true", help="print one JSON object on stdout")
    common.add_argument("--verbose", action="store_true", help="log what happens to stderr")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    helps = {
        "fix": "change one function so that the failing tests pass",
        "generate": "write the body of one function",
        "optimize": "make one function measurably faster",
    }
    for name, text in helps.items():
        _add_solve(commands.add_parser(name, help=text, parents=[common]), name)
    _add_evaluate(commands.add_parser("evaluate", help="measure models on a suite of tasks", parents=[common]))
    doctor = commands.add_parser("doctor", help="what was found on this machine, and what is missing", parents=[common])
    doctor.set_defaults(command=_doctor)
    return parser


def _add_solve(parser: argparse.ArgumentParser, name: str) -> None:
    required = name != "fix"
    parser.add_argument("place", nargs=None if required else "?", metavar="FILE[::FUNCTION]")
    parser.add_argument("--line", type=_positive, metavar="N", help="the function around this line")
    parser.add_argument("--test", action="append", default=[], metavar="SELECTOR", help="only these tests; repeatable")
    parser.add_argument("--model", action="append", default=[], metavar="ID", help="ask only these models; repeatable")
    parser.add_argument("--strategy", choices=("sequential", "best-of-n"), default="sequential")
    parser.add_argument("--budget", type=float, metavar="USD", help="spend at most this on the request")
    parser.add_argument("--timeout", type=float, default=120.0, metavar="S", help="seconds after the baseline (120)")
    parser.add_argument("--apply", action="store_true", help="write the proven change into the file")
    parser.set_defaults(command=_solve, name=name)


def _add_evaluate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("experiment", choices=("repair",))
    parser.add_argument("--suite", required=True, metavar="NAME", help=f"one of {', '.join(SUITES)}")
    parser.add_argument("--data", required=True, type=Path, metavar="DIR", help="the folder that holds the data sets")
    parser.add_argument("--language", default="python", metavar="L")
    parser.add_argument("--model", metavar="ID", help="builtin (as by default), reference, unchanged, or a model's id")
    parser.add_argument("--limit-s", type=float, default=60.0, metavar="N", help="seconds for each task (60)")
    parser.add_argument("--workers", type=_positive, default=1, metavar="N", help="tasks worked on at once (1)")
    parser.set_defaults(command=_evaluate)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a number from 1 upwards")
    return number


if __name__ == "__main__":
    sys.exit(main())
