"""What one run of a program used, and what counts when two programs are compared."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import fmean

from perforch.core import stats
from perforch.core.comparison import Comparison, Figures


class Objective(StrEnum):
    """What shall become less."""

    TIME = "time"
    MEMORY = "memory"
    BALANCED = "balanced"


@dataclass(frozen=True, slots=True)
class Sample:
    """One fresh process. The region is what it was started for; the rest is start, import and preparation.

    Seconds of CPU are user and system time, children included. Memory is resident, of the whole process.
    """

    cpu_seconds: float  # of the region
    wall_seconds: float  # of the region
    import_cpu_seconds: float  # until the target's module was loaded
    process_cpu_seconds: float  # from the start of the process to its end
    peak_bytes: float
    mean_bytes: float  # while the region ran
    results: str = ""  # a digest of what the calls returned; their floats are in `floats`
    floats: str = ""
    user_seconds: float = 0.0  # of the whole process, as the next two
    system_seconds: float = 0.0
    duration_seconds: float = 0.0  # by the wall's clock
    counted: tuple[tuple[str, int], ...] = ()  # events by the names of `perf stat`, as far as the kernel counts them

    @property
    def cpu_use(self) -> float:
        """Of one processor, while the region ran: 1.0 is all of it."""
        return self.cpu_seconds / self.wall_seconds


@dataclass(frozen=True, slots=True)
class Pair:
    """Both programs on the same workload, one right after the other."""

    old: Sample
    new: Sample


@dataclass(frozen=True, slots=True)
class Weights:
    """Of the paper's weighted sum (arXiv 2510.01379); they need not add up to 1."""

    wall_time: float = 0.25
    cpu_time: float = 0.25
    mean_memory: float = 0.25
    peak_memory: float = 0.25

    @property
    def total(self) -> float:
        return self.wall_time + self.cpu_time + self.mean_memory + self.peak_memory


EVEN = Weights()

# A candidate may lose so much on what it was not asked to improve; more, once proven, is a veto.
CPU_TOLERANCE = 0.05
WALL_TOLERANCE = 0.05
PROCESS_TOLERANCE = 0.02  # work that has moved out of the region
IMPORT_TOLERANCE = 0.25  # of the start of the interpreter, too: a small module more may be imported
MEMORY_TOLERANCE = 0.10


def scores(pairs: Sequence[Pair], objective: Objective, weights: Weights = EVEN) -> list[float]:
    """Per pair, how much of what the objective names the new program uses: new over old."""
    match objective:
        case Objective.TIME:
            return _cpu(pairs)
        case Objective.MEMORY:
            return _peak(pairs)
        case Objective.BALANCED:
            return _balanced(pairs, weights)


def veto(pairs: Sequence[Pair], objective: Objective) -> str | None:
    """What the new program is proven to be worse at, in words."""
    checks = [
        ("the whole process takes more CPU time", _process(pairs), PROCESS_TOLERANCE),
        ("importing its module takes more CPU time", _imports(pairs), IMPORT_TOLERANCE),
        ("it takes more wall time", _wall(pairs), WALL_TOLERANCE),
        ("it needs more memory at its peak", _peak(pairs), MEMORY_TOLERANCE),
        ("it needs more memory on average", _mean(pairs), MEMORY_TOLERANCE),
    ]
    if objective is not Objective.TIME:
        checks.append(("it takes more CPU time", _cpu(pairs), CPU_TOLERANCE))
    for words, ratios, tolerance in checks:
        if stats.is_worse(ratios, tolerance):
            return f"{words}: {stats.ratio_of(ratios).ratio:.2f} times as much"
    return None


def comparison(workload: str, pairs: Sequence[Pair]) -> Comparison:
    """Every metric with its interval."""
    return Comparison(
        workload,
        len(pairs),
        cpu_time=stats.ratio_of(_cpu(pairs)),
        wall_time=stats.ratio_of(_wall(pairs)),
        peak_memory=stats.ratio_of(_peak(pairs)),
        mean_memory=stats.ratio_of(_mean(pairs)),
        old=_figures([pair.old for pair in pairs]),
        new=_figures([pair.new for pair in pairs]),
    )


def _figures(samples: Sequence[Sample]) -> Figures:
    """The means."""
    return Figures(
        cpu_seconds=fmean(sample.process_cpu_seconds for sample in samples),
        user_seconds=fmean(sample.user_seconds for sample in samples),
        system_seconds=fmean(sample.system_seconds for sample in samples),
        wall_seconds=fmean(sample.duration_seconds for sample in samples),
        peak_bytes=fmean(sample.peak_bytes for sample in samples),
        mean_bytes=fmean(sample.mean_bytes for sample in samples),
        cpu_use=fmean(sample.cpu_use for sample in samples),
        counted=_counted(samples),
    )


def _counted(samples: Sequence[Sample]) -> tuple[tuple[str, float], ...]:
    """The means of those events that were counted in every run."""
    every = [dict(sample.counted) for sample in samples]
    common = [name for name in every[0] if all(name in counts for counts in every)]
    return tuple((name, fmean(counts[name] for counts in every)) for name in common)


def _cpu(pairs: Sequence[Pair]) -> list[float]:
    return [pair.new.cpu_seconds / pair.old.cpu_seconds for pair in pairs]


def _wall(pairs: Sequence[Pair]) -> list[float]:
    return [pair.new.wall_seconds / pair.old.wall_seconds for pair in pairs]


def _process(pairs: Sequence[Pair]) -> list[float]:
    return [pair.new.process_cpu_seconds / pair.old.process_cpu_seconds for pair in pairs]


def _imports(pairs: Sequence[Pair]) -> list[float]:
    return [pair.new.import_cpu_seconds / pair.old.import_cpu_seconds for pair in pairs]


def _peak(pairs: Sequence[Pair]) -> list[float]:
    return [pair.new.peak_bytes / pair.old.peak_bytes for pair in pairs]


def _mean(pairs: Sequence[Pair]) -> list[float]:
    return [pair.new.mean_bytes / pair.old.mean_bytes for pair in pairs]


def _balanced(pairs: Sequence[Pair], weights: Weights) -> list[float]:
    total = weights.total
    return [
        (weights.wall_time * wall + weights.cpu_time * cpu + weights.mean_memory * mean + weights.peak_memory * peak)
        / total
        for wall, cpu, mean, peak in zip(_wall(pairs), _cpu(pairs), _mean(pairs), _peak(pairs), strict=True)
    ]
