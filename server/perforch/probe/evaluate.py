"""Runs a project's tests on thousands of variants of one function, inside the project's own interpreter.

Started as a program in the root of a copy, with two inherited file descriptors named in PERFORCH_CHANNEL. The keeper,
which is this process, loads nothing of the project: it forks a nursery that does, and that forks the workers.
"""

import os

from evaluate_lines import Channel, Gone
from evaluate_nursery import die_with_parent
from evaluate_setup import serve


def main():
    die_with_parent()
    channel = Channel(*(int(number) for number in os.environ.pop("PERFORCH_CHANNEL").split(",")))
    try:
        serve(channel)
    except (Gone, BrokenPipeError):
        return


if __name__ == "__main__":
    main()
