"""Runs one version of a target in fresh processes: what it does with given arguments, and what it uses.

Started as a program in the root of a copy, with two inherited file descriptors named in PERFORCH_CHANNEL. This process
loads nothing of the project; everything happens in forks of it, of which each ends after one job.
"""

import os

from evaluate_lines import Channel, Gone
from evaluate_nursery import die_with_parent
from measure_child import adopt_orphans
from measure_jobs import done


def main():
    die_with_parent()
    adopt_orphans()
    channel = Channel(*(int(number) for number in os.environ.pop("PERFORCH_CHANNEL").split(",")))

    def next_turn():
        channel.send({"turn": "over"})
        channel.first()

    try:
        while True:
            channel.send(done(channel.first(), next_turn))
    except (Gone, BrokenPipeError):
        return


if __name__ == "__main__":
    main()
