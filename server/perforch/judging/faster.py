"""Optimize's last questions: does the new version do the same, and is it better?"""

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from random import Random
from typing import TypeVar

from perforch.core import edits, measurement, stats
from perforch.core.calls import Recording, Side, Versions, Workload
from perforch.core.candidate import Candidate
from perforch.core.comparison import Comparison
from perforch.core.errors import LaboratoryUnavailable, ToolMissing
from perforch.core.hot_lines import HotLine, hottest
from perforch.core.measurement import EVEN, Objective, Pair, Sample, Weights
from perforch.core.ports import Bout, Laboratory, Sources
from perforch.core.stats import Faster, Indistinguishable, Outcome, Slower
from perforch.core.task import Stage, Task
from perforch.core.verdict import Failed, Fault
from perforch.judging import equivalence, oracle, workloads
from perforch.judging.equivalence import NotComparable, Specimen

CONFIRMING_PAIRS = 10
COLD_PAIRS = 8
COLD_SHARE = 0.3  # of its gain must show when nothing was called before: else it lives on earlier calls
STUDY_SECONDS, STUDY_SHARE = 30.0, 0.25  # the time that looking for hot lines may take, and of what is left
NOISY = 0.10  # beyond this spread of a pair's ratio, gains that matter drown

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Aim:
    """What shall become less."""

    objective: Objective = Objective.TIME
    weights: Weights = EVEN


@dataclass(frozen=True, slots=True)
class Studied:
    """What is known of one version, for the candidates that shall replace it."""

    task: Task
    old: str
    recording: Recording
    specimen: Specimen | NotComparable
    hot_lines: tuple[HotLine, ...] = ()

    def is_about(self, task: Task, old: str) -> bool:
        """Whether this is the version; how much time is left for a task says nothing about it."""
        return self.old == old and replace(self.task, limits=task.limits) == task


@dataclass(slots=True)
class Refinement:
    """Compares candidates with what they shall replace; remembers the last one that was replaced."""

    laboratory: Laboratory
    sources: Sources
    rng: Random
    aim: Aim = field(default_factory=Aim)
    _studied: Studied | None = None

    async def better(self, task: Task, candidate: Candidate) -> Comparison | Failed:
        """The comparison of a candidate that is the same but proven better; to be asked once the tests pass.

        Failed is `different` where that it does the same could not be shown, and else `not-faster`.
        """
        versions = _versions(task, candidate)
        try:
            async with self._opened(task, versions) as bout:
                return await self._judged(bout, task, versions)
        except LaboratoryUnavailable as error:
            return Failed(Fault.ENVIRONMENT, f"the two versions cannot be compared: {error}")

    async def hot_lines(self, task: Task, code: str) -> tuple[HotLine, ...] | NotComparable:
        """Where `code` spends its time in the target's place; empty where that cannot be said.

        NotComparable: nothing could be proven of whatever shall replace it. What is learnt of `code` on the way is not
        done again for the candidates.
        """
        found = await self._study(task, code, lambda bout, _specimen: self._hot_lines(bout, code))
        return () if found is None else found

    async def assertions(self, task: Task, code: str) -> Sequence[str]:
        """Assertions of what `code` does in the target's place, as far as it can be written down."""

        async def written(_bout: Bout, specimen: Specimen) -> Sequence[str]:
            return oracle.assertions(specimen)

        found = await self._study(task, code, written)
        return () if found is None or isinstance(found, NotComparable) else found

    async def _study(
        self, task: Task, code: str, look: Callable[[Bout, Specimen], Awaitable[T]]
    ) -> T | NotComparable | None:
        """What `look` finds out about `code` in the target's place; None where that cannot be said in time."""
        versions, known = _versions(task, Candidate(code, "", Stage.REFINE, parent=code)), self._studied
        if known is not None and known.is_about(task, code) and isinstance(known.specimen, NotComparable):
            return known.specimen
        try:
            seconds = min(STUDY_SECONDS, STUDY_SHARE * task.limits.seconds)
            async with asyncio.timeout(seconds), self._opened(task, versions) as bout:
                specimen = await self._specimen(bout, task, versions)
                return specimen if isinstance(specimen, NotComparable) else await look(bout, specimen)
        except (LaboratoryUnavailable, ToolMissing, TimeoutError):
            return None

    @asynccontextmanager
    async def _opened(self, task: Task, versions: Versions) -> AsyncIterator[Bout]:
        known = self._studied
        recording = known.recording if known is not None and known.is_about(task, versions.old) else None
        async with self.laboratory.open(task, versions, recording) as bout:
            yield bout

    async def _judged(self, bout: Bout, task: Task, versions: Versions) -> Comparison | Failed:
        kept = await bout.kept()
        if kept:
            return Failed(Fault.DIFFERENT, f"{kept}: what a function keeps between calls is not part of a faster one")
        specimen = await self._specimen(bout, task, versions)
        if isinstance(specimen, NotComparable):
            return Failed(Fault.DIFFERENT, f"not comparable: {specimen.reason}")
        tolerance = equivalence.TOLERANCE if equivalence.is_approximate(self._tests(task)) else 0.0
        different = await equivalence.difference(bout, specimen, tolerance)
        if different:
            return Failed(Fault.DIFFERENT, different)
        race = Race(bout, self.aim, self.rng, is_exact=not tolerance)
        result = await race.run(specimen)
        if isinstance(result, Failed):
            return result
        return replace(result, hot_lines=await self._hot_lines(bout, versions.old))

    async def _specimen(self, bout: Bout, task: Task, versions: Versions) -> Specimen | NotComparable:
        known = self._studied
        if known is not None and known.recording is bout.recording:
            return known.specimen
        specimen = await equivalence.specimen(bout, self.rng)
        self._studied = Studied(task, versions.old, bout.recording, specimen)
        return specimen

    async def _hot_lines(self, bout: Bout, old: str) -> tuple[HotLine, ...]:
        """Of the version that was studied, which is `old`; no proof depends on it, so that it may fail."""
        known = self._studied
        if known is None or known.recording is not bout.recording or isinstance(known.specimen, NotComparable):
            return ()
        if known.hot_lines:
            return known.hot_lines
        first = known.task.target.span.first_line
        try:
            counts = await bout.lines(workloads.first(known.specimen), range(first, first + len(old.split("\n"))))
        except LaboratoryUnavailable:
            return ()
        self._studied = replace(known, hot_lines=hottest(counts, old, first))
        return self._studied.hot_lines

    def _tests(self, task: Task) -> Sequence[str]:
        """The texts of the test files that concern the target, as far as their ids name files."""
        names = dict.fromkeys(test.partition("::")[0] for test in task.tests.all_ids)
        files = [PurePosixPath(name) for name in names if name.endswith(".py")]
        return [self.sources.read(task.workspace, file) for file in files]


def _versions(task: Task, candidate: Candidate) -> Versions:
    old = candidate.parent or task.target.source
    before = edits.apply(task.text, task.target, replace(candidate, code=old, imports=()))
    return Versions(old, candidate.code, before, edits.apply(task.text, task.target, candidate))


class Unfair(Exception):
    """A version cannot be measured: the verdict on it."""

    def __init__(self, failed: Failed) -> None:
        super().__init__(failed.evidence)
        self.failed = failed


@dataclass(frozen=True, slots=True)
class Race:
    """Pairs of measurements, until it is clear."""

    bout: Bout
    aim: Aim
    rng: Random
    is_exact: bool  # whether floats must be the same to the last bit

    async def run(self, specimen: Specimen) -> Comparison | Failed:
        """A gain on the workload, that does not live on earlier calls, and that shows on unseen inputs, too."""
        try:
            return await self._run(specimen)
        except Unfair as unfair:
            return unfair.failed

    async def _run(self, specimen: Specimen) -> Comparison | Failed:
        workload = await self.calibrated(workloads.first(specimen))
        outcome, pairs = await self.decided(workload)
        if not isinstance(outcome, Faster):
            return Failed(Fault.NOT_FASTER, _not_faster(outcome, workload, self.aim))
        vetoed = measurement.veto(pairs, self.aim.objective)
        if vetoed:
            return Failed(Fault.NOT_FASTER, f"on {workload.name}, {vetoed}")
        if self.aim.objective is not Objective.MEMORY and not await self._is_faster_cold(workload, pairs):
            return Failed(Fault.NOT_FASTER, "only repeated calls are faster: it lives on what earlier calls have left")
        unseen = workloads.unseen(specimen)
        if not unseen.calls:
            return Failed(Fault.NOT_FASTER, "there are no inputs left on which the gain could be confirmed")
        unseen = await self.calibrated(unseen)
        checked = self._scores([await self._pair(unseen) for _ in range(CONFIRMING_PAIRS)])
        if not stats.is_confirmed(checked):
            return Failed(Fault.NOT_FASTER, f"no gain on {unseen.name}: {_shown(stats.ratio_of(checked).ratio)}")
        count = len({known.call.packed for known in specimen.all})
        return measurement.comparison(f"{workload.name}; the same results on {count} inputs", pairs)

    async def decided(self, workload: Workload) -> tuple[Outcome, list[Pair]]:
        """Pairs until the rule is sure."""
        pairs: list[Pair] = []
        while (outcome := stats.decide(self._scores(pairs))) is None:
            pairs.append(await self._pair(workload))
        return outcome, pairs

    async def _is_faster_cold(self, workload: Workload, pairs: Sequence[Pair]) -> bool:
        """Unless it is proven that most of the gain is gone when each call is the first of its kind."""
        once = replace(workload, repeats=1, batch=1)
        cold = measurement.scores([await self._pair(once) for _ in range(COLD_PAIRS)], Objective.TIME)
        gain = math.log(stats.ratio_of(measurement.scores(pairs, Objective.TIME)).ratio)
        return stats.located(cold).low(stats.CONFIRMED_TAIL) <= min(0.0, gain * COLD_SHARE)

    async def calibrated(self, workload: Workload) -> Workload:
        """As many repetitions as the old version needs for a region that is long enough; both have run once then."""
        await self._sample(Side.NEW, replace(workload, repeats=1))
        tried = await self._sample(Side.OLD, workload)
        return workloads.long_enough(workload, tried.cpu_seconds)

    async def _pair(self, workload: Workload) -> Pair:
        """Both versions side by side; which of them begins is chance."""
        samples = await self.bout.pair(workload, self.rng.choice((Side.OLD, Side.NEW)))
        old, new = (_fair(samples[side], side, workload) for side in (Side.OLD, Side.NEW))
        if old.results != new.results or (self.is_exact and old.floats != new.floats):
            raise Unfair(
                Failed(Fault.DIFFERENT, f"on {workload.name}, it returned other results while it was measured")
            )
        return Pair(old, new)

    async def _sample(self, side: Side, workload: Workload) -> Sample:
        return _fair(await self.bout.sample(side, workload), side, workload)

    def _scores(self, pairs: Sequence[Pair]) -> list[float]:
        return measurement.scores(pairs, self.aim.objective, self.aim.weights)


def _fair(sample: Sample | str, side: Side, workload: Workload) -> Sample:
    if isinstance(sample, str):
        fault = Fault.ENVIRONMENT if side is Side.OLD else Fault.DIFFERENT
        raise Unfair(Failed(fault, f"on {workload.name}, the {side} version: {sample}"))
    return sample


def _not_faster(outcome: Slower | Indistinguishable, workload: Workload, aim: Aim) -> str:
    text = (
        f"on {workload.name}, it uses {_shown(outcome.ratio.ratio)} of the {aim.objective} that it used before "
        f"(95 % interval {_shown(outcome.ratio.low)} to {_shown(outcome.ratio.high)}, {outcome.pairs} pairs)"
    )
    if isinstance(outcome, Slower):
        return f"it is slower: {text}"
    if outcome.noise > NOISY:
        return f"this machine is too noisy to decide (a single pair is off by {_shown(outcome.noise)}): {text}"
    return f"not distinguishable: {text}; a gain above {_shown(stats.MIN_GAIN)} must be proven"


def _shown(share: float) -> str:
    return f"{100 * share:.1f} %"
