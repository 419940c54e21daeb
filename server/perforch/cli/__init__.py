"""The command line: one sub-command per job, exit status by outcome, JSON on request."""

import argparse
import asyncio
import logging
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence

from perforch.cli.arguments import INTERRUPTED, WRONG_USE, Parser, common_options
from perforch.cli.commands import COMMANDS
from perforch.core.errors import PerfOrchError

log = logging.getLogger(__name__)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status: 0 proposal, 1 none, 2 wrong use or settings, 3 tool missing, 130."""
    arguments = _parser().parse_args(argv)
    logging.basicConfig(level=logging.INFO if arguments.verbose else logging.WARNING, stream=sys.stderr)
    run: Callable[[argparse.Namespace], Awaitable[int]] = arguments.run
    try:
        return asyncio.run(_interruptible(run(arguments)))
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


def _parser() -> Parser:
    from perforch import __version__  # noqa: PLC0415 - the package itself, not one of its layers

    description = "Generate, fix and optimize one function, and show only what is proven."
    parser = Parser(prog="perforch", description=description)
    parser.add_argument("--version", action="version", version=f"perforch {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in COMMANDS:
        sub = commands.add_parser(command.name, help=command.help, parents=[common_options()])
        command.describe(sub)
        sub.set_defaults(run=command.run, name=command.name)
    return parser


if __name__ == "__main__":
    sys.exit(main())
