"""Calls of a target: recorded from tests, varied, and made again with two versions of it."""

from dataclasses import dataclass
from enum import StrEnum


class Side(StrEnum):
    """Which version."""

    OLD = "old"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Versions:
    """Both versions: of the target's own text, and of the whole file."""

    old: str
    new: str
    old_file: str
    new_file: str


@dataclass(frozen=True, slots=True)
class Call:
    """One call. `packed` are its arguments, which only the project's own interpreter can read."""

    packed: str
    shown: str  # as one would write it
    is_benchmark: bool = False  # it comes from a benchmark of the project's own
    factor: int = 1  # how many times larger than the one that was recorded


@dataclass(frozen=True, slots=True)
class Patience:
    """How long calls may take, in seconds of CPU: each, and all of them together."""

    call_seconds: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Recording:
    """What the tests call the target with. `complaint`: in words, why there is nothing."""

    calls: tuple[Call, ...]
    uncopyable: int = 0  # calls with arguments that cannot be copied
    complaint: str = ""
    place: str = ""  # how a fresh process finds the target; for the laboratory's own use


class Ending(StrEnum):
    """How a call ended. The last three say nothing about the function."""

    RETURNED = "returned"
    RAISED = "raised"
    EXPIRED = "expired"
    LOST = "lost"  # with its process
    UNCOPYABLE = "uncopyable"
    MISPLACED = "misplaced"  # the function is not found in a fresh process


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What one call did. `shape` is a digest of all that must agree but `floats`, which are in hexadecimal."""

    ending: Ending
    shape: str = ""
    floats: tuple[str, ...] = ()
    shown: str = ""
    seconds: float = 0.0  # of CPU
    mutates: bool = False  # its arguments
    is_plain: bool = True  # its arguments are of the simplest types, so that a change of them is always seen
    is_lazy: bool = False  # the result is an iterator or coroutine
    is_opaque: bool = False  # some part of the result cannot be compared
    leaves_threads: bool = False
    is_shared: bool = False  # the result is the very object that an earlier call has returned

    @property
    def is_known(self) -> bool:
        """Whether it can be compared at all."""
        return self.ending in {Ending.RETURNED, Ending.RAISED} and not self.is_opaque


@dataclass(frozen=True, slots=True)
class Workload:
    """What is measured: `calls` in this order, `repeats` times.

    `fresh`: every call needs arguments of its own; they are made outside the measured time, for `batch` rounds at once.
    """

    name: str
    calls: tuple[Call, ...]
    repeats: int
    fresh: bool = True
    batch: int = 1
    is_lazy: bool = False
    longest_seconds: float = 120.0
