"""`perforch` and `python -m perforch` are the command line; an interrupt ends it plainly even while it loads."""

import os
import signal
import sys

INTERRUPTED = 130


def main() -> int:
    """The exit status of the command line."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: os._exit(INTERRUPTED))  # nothing has been started yet
    from perforch.cli import main as command_line  # noqa: PLC0415 - after the handlers: this takes a while

    return command_line()


if __name__ == "__main__":
    sys.exit(main())
