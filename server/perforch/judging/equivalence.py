"""Whether two versions of a function do the same, on many more inputs than the tests have."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from perforch.core.calls import Behaviour, Call, Ending, Patience, Side
from perforch.core.ports import Bout

ENOUGH = 50  # inputs on which both must agree
LEAST = 10  # where there are not more
MOST_RECORDED = 60
VARIANTS = 150
MOST_GROWN = 16
RECORDED = Patience(call_seconds=2.0, seconds=20.0)
LEAST_SECONDS = 0.05
SLOWER_FACTOR = 5.0  # than the slowest recorded call: what takes longer has likely lost its way
SECONDS = 10.0
GENEROUS = 8.0  # times what was needed at first, before anything counts as not ending
TOLERANCE = 1e-9  # of floats, where the tests compare approximately; the rounding of another order of additions

_APPROXIMATE = re.compile(
    r"\b(?:approx|isclose|allclose|assertAlmostEqual|assertNotAlmostEqual|assert_almost_equal|assert_allclose)\b"
    r"|\babs\([^\n]*\)\s*<=?"
)


@dataclass(frozen=True, slots=True)
class Known:
    """A call, and what the old version does with it: the same each time."""

    call: Call
    behaviour: Behaviour


@dataclass(frozen=True, slots=True)
class Specimen:
    """The calls on which versions of one function are compared and measured."""

    recorded: tuple[Known, ...]
    variants: tuple[Known, ...]
    grown: tuple[Known, ...]  # from recorded ones
    unseen: tuple[Known, ...]  # grown from the same ones, in another way

    @property
    def all(self) -> tuple[Known, ...]:
        return (*self.recorded, *self.variants, *self.grown, *self.unseen)


@dataclass(frozen=True, slots=True)
class NotComparable:
    """Why nothing can be said about whether two versions do the same."""

    reason: str


def is_approximate(tests: Sequence[str]) -> bool:
    """Whether any of these texts compares floats with a tolerance."""
    return any(_APPROXIMATE.search(text) for text in tests)


async def specimen(bout: Bout, rng: Random) -> Specimen | NotComparable:
    """Inputs for the old version, and what it does with them; each is tried twice."""
    recording = bout.recording
    if recording.complaint:
        return NotComparable(_nothing_recorded(recording.complaint, recording.uncopyable))
    recorded = _chosen(recording.calls)
    variants = await bout.varied(recorded, VARIANTS, rng.getrandbits(32))
    grown = await bout.grown(_spread(recorded, MOST_GROWN), rng.getrandbits(32))
    unseen = await bout.grown(_spread(recorded, MOST_GROWN), rng.getrandbits(32))
    first = await bout.behaviours(Side.OLD, recorded, RECORDED)
    others = (*variants, *grown, *unseen)
    slowest = max((each.seconds for each in first), default=0.0)
    patience = Patience(max(LEAST_SECONDS, SLOWER_FACTOR * slowest), SECONDS)
    first = (*first, *await bout.behaviours(Side.OLD, others, patience))
    told = [Known(call, behaviour) for call, behaviour in zip((*recorded, *others), first, strict=True)]
    known = [each for each in told if each.behaviour.is_known]
    reason = _obstacle(told) or await _disagreement(bout, known)
    if reason:
        return NotComparable(reason)
    by_call = {each.call.packed: each for each in known}
    groups = (
        [by_call[call.packed] for call in group if call.packed in by_call]
        for group in (recorded, variants, grown, unseen)
    )
    found = Specimen(*map(tuple, groups))
    distinct = len({known.call.packed for known in found.all})
    if distinct < LEAST:
        return NotComparable(f"there are only {distinct} inputs on which it could be compared; {LEAST} are needed")
    if not any(known.behaviour.ending is Ending.RETURNED for known in found.recorded):
        return NotComparable("in all calls that the tests make, it raises an exception")
    return found


async def difference(bout: Bout, specimen: Specimen, tolerance: float) -> str | None:
    """On which input the new version does something else, and what; None where they agree on all.

    It is also asked in another order and more than once, since results that depend on earlier calls are no results.
    """
    forward = specimen.all
    found = await bout.behaviours(Side.NEW, [known.call for known in forward], _patience(forward))
    reason = _first_difference(forward, found, tolerance)
    if reason:
        return reason
    shared = next((old for old, new in zip(forward, found, strict=True) if _is_newly_shared(old, new)), None)
    if shared:
        return f"{shared.call.shown} returns the very object that an earlier call has returned, which it did not before"
    disordered = (*reversed(forward), *specimen.recorded)
    found = await bout.behaviours(Side.NEW, [known.call for known in disordered], _patience(disordered))
    reason = _first_difference(disordered, found, tolerance)
    return f"called in another order, {reason}" if reason else None


def agrees(old: Behaviour, new: Behaviour, tolerance: float) -> bool:
    """Whether they are the same; with a tolerance above 0, floats may differ by so much, relatively or absolutely."""
    if (old.ending, old.shape, len(old.floats)) != (new.ending, new.shape, len(new.floats)):
        return False
    if old.floats == new.floats:
        return True
    return tolerance > 0.0 and all(map(lambda one, other: _close(one, other, tolerance), old.floats, new.floats))


def _first_difference(known: Sequence[Known], found: Sequence[Behaviour], tolerance: float) -> str | None:
    for old, new in zip(known, found, strict=True):
        if not agrees(old.behaviour, new, tolerance):
            return f"{old.call.shown} {_told(old.behaviour)} before, and now it {_told(new)}{_hint(old.behaviour, new)}"
        if new.leaves_threads and not old.behaviour.leaves_threads:
            return f"{old.call.shown} leaves a thread running, which it did not before"
    return None


def _is_newly_shared(old: Known, new: Behaviour) -> bool:
    return new.is_shared and not old.behaviour.is_shared


def _told(behaviour: Behaviour) -> str:
    match behaviour.ending:
        case Ending.RETURNED:
            return f"returns {behaviour.shown}"
        case Ending.RAISED:
            return f"raises {behaviour.shown}"
        case Ending.EXPIRED:
            return "does not end in time"
        case Ending.LOST:
            return "ends the process"
        case Ending.UNCOPYABLE:
            return "cannot be called with such arguments any more"
        case Ending.MISPLACED:
            return f"is not found: {behaviour.shown}"


def _hint(old: Behaviour, new: Behaviour) -> str:
    if (old.ending, old.shown) != (new.ending, new.shown):
        return ""
    if old.shape == new.shape:
        return " (a float differs in its last digits)"
    return (
        " (the difference is in its type, in a part not shown, in what it prints or in what it does to its arguments)"
    )


def _close(one: str, other: str, tolerance: float) -> bool:
    first, second = float.fromhex(one), float.fromhex(other)
    return one == other or math.isclose(first, second, rel_tol=tolerance, abs_tol=tolerance)


def _obstacle(told: Sequence[Known]) -> str | None:
    """Why the old version cannot serve as the measure of the new one."""
    behaviours = [each.behaviour for each in told]
    misplaced = next((each for each in behaviours if each.ending is Ending.MISPLACED), None)
    if misplaced:
        return f"the function cannot be used outside the tests: {misplaced.shown}"
    if all(each.is_opaque or each.ending is Ending.UNCOPYABLE for each in behaviours):
        return "its results are objects that cannot be looked into, such as open files or closures"
    return None


async def _disagreement(bout: Bout, known: Sequence[Known]) -> str | None:
    """On what the old version disagrees with itself."""
    again = await bout.behaviours(Side.OLD, [each.call for each in known], _patience(known))
    for each, other in zip(known, again, strict=True):
        if not agrees(each.behaviour, other, tolerance=0.0):
            return f"the code as it is gives another result each time, for instance for {each.call.shown}"
    return None


def _patience(known: Sequence[Known]) -> Patience:
    """Enough for a version that takes as long as the old one."""
    seconds = [each.behaviour.seconds for each in known]
    slowest, all_together = max(seconds, default=0.0), sum(seconds)
    return Patience(1.0 + GENEROUS * slowest, 10.0 + GENEROUS * all_together)


def _nothing_recorded(complaint: str, uncopyable: int) -> str:
    if uncopyable:
        return f"its arguments cannot be copied ({uncopyable} calls were seen)"
    return f"no call of it could be recorded: {complaint}"


def _chosen(calls: Sequence[Call]) -> tuple[Call, ...]:
    """At most so many, and up to half of them from the project's benchmarks."""
    benchmarks = _spread([call for call in calls if call.is_benchmark], MOST_RECORDED // 2)
    others = [call for call in calls if not call.is_benchmark]
    return (*benchmarks, *_spread(others, MOST_RECORDED - len(benchmarks)))


def _spread(calls: Sequence[Call], most: int) -> tuple[Call, ...]:
    """At most so many, taken evenly: tests often begin with the trivial cases."""
    if len(calls) <= most:
        return tuple(calls)
    return tuple(calls[index * len(calls) // most] for index in range(most))
