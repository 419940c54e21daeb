"""What the commands' arguments have in common."""

import argparse
import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import NoReturn

FOUND, NOTHING, WRONG_USE, INTERRUPTED = 0, 1, 2, 130


class Parser(argparse.ArgumentParser):
    """Wrong use ends with status 2 and one sentence."""

    def error(self, message: str) -> NoReturn:
        self.exit(WRONG_USE, f"perforch: {message}; see `{self.prog} --help`\n")


@dataclass(frozen=True, slots=True)
class Command:
    """One sub-command: its name and help, how it adds its arguments, and what it does (returns the exit status)."""

    name: str
    help: str
    describe: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], Awaitable[int]]


def common_options() -> Parser:
    common = Parser(add_help=False)
    common.add_argument("--json", action="store_true", help="print one JSON object on stdout")
    common.add_argument("--verbose", action="store_true", help="log what happens to stderr")
    return common


def amount(text: str) -> float:
    """A number of seconds or dollars from 0 upwards, for argparse."""
    number = float(text)
    if not 0 <= number < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is not a number from 0 upwards")
    return number


def positive(text: str) -> int:
    """A whole number from 1 upwards, for argparse."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a number from 1 upwards")
    return number
