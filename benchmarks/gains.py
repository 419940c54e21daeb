"""How surely and how soon true gains are found, how often a regression is accepted, and what deciding costs.

    python benchmarks/gains.py [--trials N] [--limit-s N] [--seed N]

Per gain, `--trials` decisions on each kind of work of 60 ms: the new version does so much less of the same. `overhead`
is the CPU time of the decisions, our own processes included, over that of the measured processes alone.
"""

import argparse
import asyncio
import statistics
import time
from dataclasses import dataclass
from random import Random

import psutil
from paired import KINDS, lasting, opened, race

from perforch.core import stats
from perforch.core.stats import Faster, Outcome

SHARES = {"20 % less": 0.8, "10 % less": 0.9, "5 % less": 0.95, "5 % more": 1.05}
SECONDS = 0.06


@dataclass(frozen=True)
class Done:
    outcome: Outcome
    noise: float
    bare_seconds: float  # of CPU, of the processes that were measured


async def main(trials: int, limit: float, rng: Random) -> None:
    end = time.monotonic() + limit
    print(f"{'new version':14}{'work':12}{'n':>5}{'faster':>8}{'pairs':>7}{'noise':>8}{'overhead':>10}")
    for name, share in SHARES.items():
        for kind in KINDS:
            done, seconds = await decided(kind, share, trials, (rng, end))
            if done:
                print(f"{name:14}{kind:12}{row(done, seconds)}", flush=True)


async def decided(kind: str, share: float, trials: int, how: tuple[Random, float]) -> tuple[list[Done], float]:
    """The decisions, and the CPU seconds that all of them took together."""
    rng, end = how
    done: list[Done] = []
    async with opened(kind, share) as bout:
        workload = await lasting(bout, SECONDS)
        before = spent()
        while len(done) < trials and time.monotonic() < end:
            outcome, pairs = await race(bout, rng).decided(workload)
            noise = stats.located([pair.new.cpu_seconds / pair.old.cpu_seconds for pair in pairs]).noise
            bare = sum(side.process_cpu_seconds for pair in pairs for side in (pair.old, pair.new))
            done.append(Done(outcome, noise, bare))
        return done, spent() - before


def spent() -> float:
    """CPU seconds of this process and all below it, those that have ended included."""
    family = [psutil.Process(), *psutil.Process().children(recursive=True)]
    return sum(sum(process.cpu_times()[:4]) for process in family)


def row(done: list[Done], seconds: float) -> str:
    faster = sum(isinstance(each.outcome, Faster) for each in done)
    pairs = statistics.median(each.outcome.pairs for each in done)
    noise = statistics.median(each.noise for each in done)
    overhead = seconds / sum(each.bare_seconds for each in done)
    return f"{len(done):5}{faster:8}{pairs:7.0f}{100 * noise:6.1f} %{overhead:10.2f}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=34)
    parser.add_argument("--limit-s", type=float, default=3600.0)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    asyncio.run(main(arguments.trials, arguments.limit_s, Random(arguments.seed)))  # noqa: S311 - no secrets here
