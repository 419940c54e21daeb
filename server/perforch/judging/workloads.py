"""What is measured: which calls, how often repeated."""

import math
from collections.abc import Sequence
from dataclasses import replace
from statistics import median

from perforch.core.calls import Ending, Workload
from perforch.judging.equivalence import Known, Specimen

REGION_SECONDS = 0.05  # shorter ones are all noise
AIMED_SECONDS = 0.06
ROUND_SECONDS = 0.25  # the calls once; beyond that the smaller ones are left out
TELLING_SECONDS = 0.001  # a recorded call that takes so long needs no growing
BATCH_SECONDS = 0.01
BATCH_BYTES = 8 << 20  # of arguments made ahead
LIKE_SHARE = 0.3  # a variant that takes less than this of a recorded call is trivial: it tells nothing of its kind
MOST_REPEATS = 200_000


def first(specimen: Specimen) -> Workload:
    """The best that there is: the project's own benchmarks, else what the tests call it with, grown if need be."""
    benchmarks = [known for known in _useful(specimen.recorded) if known.call.is_benchmark]
    if benchmarks:
        return _workload(benchmarks, f"{_calls(benchmarks)} recorded from the project's benchmarks")
    recorded, grown = _useful(specimen.recorded), _useful(specimen.grown)
    if not grown or _longest(recorded) >= TELLING_SECONDS:
        return _workload(recorded, f"{_calls(recorded)} recorded from the tests")
    factor = max(known.call.factor for known in grown)
    return _workload(grown, f"{_calls(grown)} recorded from the tests and grown up to {factor}-fold")


def unseen(specimen: Specimen) -> Workload:
    """Of the same kind as the first, and none of it in there."""
    used = {known.call.packed for known in (*specimen.recorded, *specimen.grown)}
    grown = [known for known in _useful(specimen.unseen) if known.call.packed not in used]
    if grown and specimen.grown and _longest(_useful(specimen.recorded)) < TELLING_SECONDS:
        return _workload(grown, f"{_calls(grown)} with inputs not used before, grown")
    usual = median([known.behaviour.seconds for known in _useful(specimen.recorded)])
    variants = [known for known in _useful(specimen.variants) if known.behaviour.seconds >= LIKE_SHARE * usual]
    return _workload(variants, f"{_calls(variants)} with inputs not used before")


def long_enough(workload: Workload, cpu_seconds: float) -> Workload:
    """With as many repetitions as fill the region, when `cpu_seconds` were measured for those that it has."""
    if cpu_seconds >= REGION_SECONDS:
        return workload
    factor = AIMED_SECONDS / max(cpu_seconds, 1e-6)
    return replace(workload, repeats=min(MOST_REPEATS, math.ceil(workload.repeats * factor)))


def _useful(known: Sequence[Known]) -> list[Known]:
    """Calls that return."""
    return [each for each in known if each.behaviour.ending is Ending.RETURNED]


def _workload(chosen: Sequence[Known], name: str) -> Workload:
    within: list[Known] = []
    for known in sorted(chosen, key=lambda each: each.behaviour.seconds, reverse=True):
        if not within or _seconds(within) + known.behaviour.seconds <= ROUND_SECONDS:
            within.append(known)
    once = max(_seconds(within), 1e-6)
    size = sum(len(known.call.packed) for known in within)
    return Workload(
        name=name,
        calls=tuple(known.call for known in within),
        repeats=max(1, math.ceil(REGION_SECONDS / once)),
        fresh=any(known.behaviour.mutates or not known.behaviour.is_plain for known in within),
        batch=max(1, min(math.ceil(BATCH_SECONDS / once), BATCH_BYTES // max(size, 1))),
        is_lazy=any(known.behaviour.is_lazy for known in within),
    )


def _seconds(known: Sequence[Known]) -> float:
    return sum(each.behaviour.seconds for each in known)


def _longest(known: Sequence[Known]) -> float:
    return max((each.behaviour.seconds for each in known), default=0.0)


def _calls(known: Sequence[Known]) -> str:
    return f"{len(known)} call{'s' if len(known) != 1 else ''}"
