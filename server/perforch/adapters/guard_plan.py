"""What the guard of one run is told, and what it tells at the end: the two messages that cross its pipes.

Both are plain values, so that `marshal` carries them: the guard lives in the same interpreter as its owner, and
importing anything larger would cost more than a whole sandboxed run.
"""

from typing import Literal, TypedDict

Rung = Literal["bubblewrap", "unshare", "landlock", "process"]
Ending = Literal["exited", "timeout", "stopped", "abandoned", "processes", "disk"]

# kind, source, target; the kinds are "ro", "rw", "link" (source is the link's text), "tmpfs", "dir", "proc" and "dev"
Mount = tuple[str, str, str]


class Overlay(TypedDict):
    """An overlay mounted at `target` before anything else; `lower` from the top down."""

    lower: list[str]
    upper: str
    work: str
    target: str


class Plan(TypedDict):
    """One run, complete: the guard looks nothing up."""

    rung: Rung
    argv: list[str]
    cwd: str
    environment: dict[str, str]
    keep_open: list[int]  # descriptors that the program inherits beyond the three
    wall_seconds: float
    output_bytes: int
    limits: dict[str, int]  # names of `resource` constants without "RLIMIT_"
    processes: int | None
    uid: int  # as the program sees itself, where user namespaces allow to choose
    gid: int
    overlay: Overlay | None
    mounts: list[Mount]
    stage: str  # an empty folder on which the new root is assembled
    bubblewrap: str
    readable: list[str]  # for landlock, which grants instead of mounting
    writable: list[str]
    remove: str  # what to delete when the owner is gone


class Report(TypedDict):
    """How the run ended. `status` is None when the program never started; then `trouble` says why."""

    ending: Ending
    status: int | None
    trouble: str
    output: bytes
    dropped: int  # bytes of output that were not kept
    seconds: float
    cpu_seconds: float
