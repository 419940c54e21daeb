"""The command line: one sub-command per job, exit status by outcome, JSON on request."""

import argparse
import asyncio
import logging
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence

from perforch.cli.arguments import INTERRUPTED, WRONG_USE, Parser, common_options
from perforch.core.errors import PerfOrchError

SERVE = "serve"  # is taken care of before anything else is imported
log = logging.getLogger(__name__)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status: 0 proposal, 1 none, 2 wrong use or settings, 3 tool missing, 130."""
    words = sys.argv[1:] if argv is None else argv
    if words[:1] == [SERVE]:
        return _serve(words[1:])
    arguments = _parser().parse_args(words)
    logging.basicConfig(level=logging.INFO if arguments.verbose else logging.ERROR, stream=sys.stderr)
    run: Callable[[argparse.Namespace], Awaitable[int]] = arguments.run
    try:
        return asyncio.run(_interruptible(run(arguments)))
    except asyncio.CancelledError:
        print("interrupted; nothing in the workspace was changed", file=sys.stderr)
        return INTERRUPTED
    except PerfOrchError as error:
        print(f"perforch: {error}", file=sys.stderr)
        return error.exit_status
    except Exception:
        log.exception("this is a fault in PerfOrch itself; nothing in the workspace was changed")
        return WRONG_USE


def _serve(words: Sequence[str]) -> int:
    from perforch.lsp.server import main as serve  # noqa: PLC0415 - of no use to the other commands

    return serve(words)


async def _interruptible(work: Awaitable[int]) -> int:
    """Let SIGINT and SIGTERM cancel the work, so that every child process is ended on the way out."""
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, task.cancel)
    return await task


def _parser() -> Parser:
    from perforch import __version__  # noqa: PLC0415 - the package itself, not one of its layers

    # The language server must start fast and stay small, so that nothing of this is imported for it.
    from perforch.cli.commands import COMMANDS  # noqa: PLC0415 - see above

    description = "Generate, fix and optimize one function, and show only what is proven."
    parser = Parser(prog="perforch", description=description)
    parser.add_argument("--version", action="version", version=f"perforch {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    commands.add_parser(SERVE, help="be the language server of an editor")
    for command in COMMANDS:
        sub = commands.add_parser(command.name, help=command.help, parents=[common_options()])
        command.describe(sub)
        sub.set_defaults(run=command.run, name=command.name)
    return parser


if __name__ == "__main__":
    sys.exit(main())
