"""A/A: how often identical code is accepted as faster. It never should be.

    python benchmarks/aa.py [--trials N] [--long N] [--limit-s N] [--seed N]

Trials take turns among CPU-bound, allocation-bound and I/O work of 50 to 200 ms; then, a third of all, with both cores
busy with other work; then come `--long` trials on work of 1 to 2 s. Two run at a time, as many as there are cores, so
that 600 fit in an hour: they disturb each other a little, as other programs of a user's do. The status is 1 if any was
accepted, or the time was up before all had run.
"""

import argparse
import asyncio
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, nullcontext
from dataclasses import dataclass
from random import Random

from paired import KINDS, lasting, loaded, opened, race

from perforch.core import stats
from perforch.core.ports import Bout
from perforch.core.stats import Outcome

CORES = 2
LIMIT_SECONDS = 3500.0  # no trial begins later


@dataclass(frozen=True)
class Trial:
    kind: str
    seconds: float  # of the measured work
    is_loaded: bool


@dataclass(frozen=True)
class Done:
    trial: Trial
    outcome: Outcome
    noise: float  # of one pair


async def main(phases: Sequence[Sequence[Trial]], limit: float, rng: Random) -> list[Done]:
    done: list[Done] = []
    end = time.monotonic() + limit
    for phase in filter(None, phases):
        waiting = iter(phase)
        with loaded(CORES) if phase[0].is_loaded else nullcontext():
            async with asyncio.TaskGroup() as lanes:
                for _ in range(CORES):
                    lanes.create_task(lane(waiting, end, rng, done))
    return done


async def lane(waiting: Iterator[Trial], end: float, rng: Random, done: list[Done]) -> None:
    """Trials one after the other, until none is left or the time is up."""
    async with AsyncExitStack() as stack:
        bouts = {kind: await stack.enter_async_context(opened(kind)) for kind in KINDS}
        for trial in waiting:
            if time.monotonic() > end:
                return
            done.append(await tried(bouts[trial.kind], trial, rng))
            if sys.stderr.isatty():
                print(f"\r{len(done)} done", end="", file=sys.stderr)


async def tried(bout: Bout, trial: Trial, rng: Random) -> Done:
    workload = await lasting(bout, trial.seconds)
    outcome, pairs = await race(bout, rng).decided(workload)
    noise = stats.located([pair.new.cpu_seconds / pair.old.cpu_seconds for pair in pairs]).noise
    return Done(trial, outcome, noise)


def planned(short: int, long: int, rng: Random) -> tuple[list[Trial], ...]:
    """The trials that are alike in what else the machine does, and about as long."""
    kinds = list(KINDS)
    busy = short // 3
    return (
        [Trial(kinds[n % len(kinds)], rng.uniform(0.05, 0.2), is_loaded=False) for n in range(short - busy)],
        [Trial(kinds[n % len(kinds)], rng.uniform(0.05, 0.2), is_loaded=True) for n in range(busy)],
        [Trial(kinds[n % len(kinds)], rng.uniform(1.0, 2.0), is_loaded=False) for n in range(long)],
    )


def reported(done: list[Done], seconds: float) -> int:
    """Print the counts; how many were accepted."""
    groups = {
        **{kind: [each for each in done if each.trial.kind == kind] for kind in KINDS},
        "with both cores loaded": [each for each in done if each.trial.is_loaded],
        "of 1 to 2 s": [each for each in done if each.trial.seconds >= 1.0],
        "all": done,
    }
    print(f"{'trials':26}{'n':>5}{'faster':>8}{'no difference':>15}{'slower':>8}{'pairs':>7}{'noise':>8}")
    for name, group in groups.items():
        if group:
            print(f"{name:26}{row(group)}")
    print(f"{seconds:.0f} s")
    return accepted(done)


def row(group: list[Done]) -> str:
    counts = Counter(type(each.outcome).__name__ for each in group)
    pairs = statistics.median(each.outcome.pairs for each in group)
    noise = statistics.median(each.noise for each in group)
    numbers = f"{len(group):5}{counts['Faster']:8}{counts['Indistinguishable']:15}{counts['Slower']:8}"
    return f"{numbers}{pairs:7.0f}{100 * noise:6.1f} %"


def accepted(done: list[Done]) -> int:
    return sum(isinstance(each.outcome, stats.Faster) for each in done)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=600)
    parser.add_argument("--long", type=int, default=20)
    parser.add_argument("--limit-s", type=float, default=LIMIT_SECONDS)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    chance = Random(arguments.seed)  # noqa: S311 - no secrets here
    started = time.monotonic()
    results = asyncio.run(main(planned(arguments.trials, arguments.long, chance), arguments.limit_s, chance))
    found = reported(results, time.monotonic() - started)
    wanted = arguments.trials + arguments.long
    if len(results) < wanted:
        print(f"only {len(results)} of {wanted} trials: the time was up")
    sys.exit(found > 0 or len(results) < wanted)
