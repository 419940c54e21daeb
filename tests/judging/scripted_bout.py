"""A bout without processes: versions are Python functions with a made-up cost, on a machine of made-up noise."""

import math
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from random import Random

from perforch.core.calls import Behaviour, Call, Ending, Patience, Recording, Side, Versions, Workload
from perforch.core.errors import LaboratoryUnavailable
from perforch.core.hot_lines import LineCount
from perforch.core.measurement import Sample
from perforch.core.task import Task

Function = Callable[[int], object]


@dataclass(frozen=True)
class Version:
    """`cost`: seconds for one call; what else `used` holds is multiplied into the sample's fields."""

    act: Function = lambda n: n * 2
    cost: Callable[[int], float] = lambda n: 0.0004
    cold_cost: Callable[[int], float] | None = None  # where it is another one, for the first call of its kind
    opaque: bool = False
    shared: bool = False
    once: bool = False  # it gives another result each time
    process_seconds: float = 0.02
    import_seconds: float = 0.01
    memory: float = 20e6
    returned: str = "same"  # what it returns while it is measured


@dataclass
class ScriptedBout:
    """Numbers are the calls."""

    old: Version
    new: Version
    recording: Recording
    noise: float = 0.03
    rng: Random = field(default_factory=lambda: Random(7))
    keeps: str | None = None
    variants: int = 150
    grows: bool = True
    hot_lines: Sequence[float] | None = (0.01, 0.99)  # seconds of each line; None: that cannot be measured
    tried: int = 0
    traced: int = 0

    async def kept(self) -> str | None:
        return self.keeps

    async def varied(self, calls: Sequence[Call], count: int, seed: int) -> Sequence[Call]:
        return [call(1000 + number) for number in range(min(count, self.variants))]

    async def grown(self, calls: Sequence[Call], seed: int) -> Sequence[Call]:
        start = 10**6 + seed % 1000 * 1000
        return [replace(call(start + number), factor=64) for number in range(len(calls))] if self.grows else []

    async def behaviours(self, side: Side, calls: Sequence[Call], patience: Patience) -> Sequence[Behaviour]:
        version = self.old if side is Side.OLD else self.new
        return [self._behaviour(version, int(each.packed)) for each in calls]

    def _behaviour(self, version: Version, n: int) -> Behaviour:
        self.tried += 1
        try:
            result = version.act(n)
        except ValueError as error:
            return Behaviour(Ending.RAISED, repr(error), shown="ValueError")
        floats = (result.hex(),) if isinstance(result, float) else ()
        shape = ("float" if floats else repr(result)) + (str(self.tried) if version.once else "")
        return Behaviour(
            Ending.RETURNED,
            shape,
            floats,
            shown=repr(result),
            seconds=version.cost(n),
            is_opaque=version.opaque,
            is_shared=version.shared,
        )

    async def sample(self, side: Side, workload: Workload) -> Sample | str:
        version = self.old if side is Side.OLD else self.new
        cost = version.cold_cost or version.cost if workload.repeats == 1 else version.cost
        seconds = sum(cost(int(each.packed)) for each in workload.calls) * workload.repeats
        disturbed = seconds * math.exp(self.rng.gauss(0, self.noise / math.sqrt(2)))
        return Sample(
            disturbed,
            disturbed * 1.2,
            version.import_seconds,
            disturbed + version.process_seconds,
            version.memory,
            version.memory * 0.9,
            version.returned,
        )

    async def pair(self, workload: Workload, first: Side) -> Mapping[Side, Sample | str]:
        sides = sorted(Side, key=lambda side: side is not first)
        return {side: await self.sample(side, workload) for side in sides}

    async def lines(self, workload: Workload, lines: range) -> Sequence[LineCount]:
        if self.hot_lines is None:
            raise LaboratoryUnavailable("the process has ended")
        self.traced += 1
        return [LineCount(lines.start + at, seconds, 10) for at, seconds in enumerate(self.hot_lines)]


def call(number: int) -> Call:
    return Call(str(number), f"f({number})")


def recorded(count: int = 12, **more: object) -> Recording:
    return Recording(tuple(call(number) for number in range(count)), place="[]", **more)  # type: ignore[arg-type]


@dataclass
class ScriptedLaboratory:
    """Hands out bouts, and remembers with which recordings they were opened."""

    bouts: list[ScriptedBout | LaboratoryUnavailable]
    opened: list[tuple[Versions, Recording | None]] = field(default_factory=list)

    @asynccontextmanager
    async def open(
        self, task: Task, versions: Versions, recording: Recording | None = None
    ) -> AsyncIterator[ScriptedBout]:
        self.opened.append((versions, recording))
        bout = self.bouts.pop(0)
        if isinstance(bout, LaboratoryUnavailable):
            raise bout
        bout.recording = recording or bout.recording
        yield bout
