"""A program to run in isolation, and how it ended: the words that sandbox, copies and runner share."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Rlimits:
    """What one sandboxed run may use; None: no limit of that kind."""

    wall_seconds: float = 120.0
    cpu_seconds: int | None = None
    memory_bytes: int | None = 4 << 30
    file_bytes: int | None = 1 << 30  # the largest single file
    output_bytes: int = 1 << 20  # of stdout and stderr together; the middle is dropped, the ends are kept
    processes: int | None = 512


@dataclass(frozen=True, slots=True)
class Command:
    """`argv` run in `cwd`, which is a path of the user's workspace (the copy is mounted there, or `argv` is rewritten).

    `environment` is the whole environment. `readable` are folders beyond the system's that it may read: interpreters,
    tool caches, the probe.
    """

    argv: tuple[str, ...]
    cwd: Path
    environment: Mapping[str, str]
    readable: tuple[Path, ...] = ()
    rlimits: Rlimits = field(default_factory=Rlimits)


@dataclass(frozen=True, slots=True)
class Finished:
    """`status` as a shell gives it: 0 to 255 from exit, negative for a signal. `timed_out`: our deadline ended it.

    `trouble`: in words, which other limit ended it (processes, disk); empty where none did.
    """

    status: int
    timed_out: bool
    output: str
    seconds: float
    cpu_seconds: float
    trouble: str = ""
