"""A paired comparison of two programs: how much the new one uses of what the old one uses."""

from dataclasses import dataclass

from perforch.core.hot_lines import HotLine


@dataclass(frozen=True, slots=True)
class Ratio:
    """New over old, below 1 is better, with its confidence interval."""

    ratio: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Figures:
    """What one program uses, on average over its runs; the times are of whole processes, start and import included."""

    cpu_seconds: float
    user_seconds: float
    system_seconds: float
    wall_seconds: float
    peak_bytes: float
    mean_bytes: float  # while the workload ran
    cpu_use: float  # of one processor, while the workload ran
    counted: tuple[tuple[str, float], ...] = ()  # events by the names of `perf stat`, as far as the kernel counts them


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was measured on which workload, over how many interleaved pairs."""

    workload: str
    pairs: int
    cpu_time: Ratio
    wall_time: Ratio
    peak_memory: Ratio
    mean_memory: Ratio
    hot_lines: tuple[HotLine, ...] = ()  # of the old program, where its time went on this workload
    old: Figures | None = None
    new: Figures | None = None
