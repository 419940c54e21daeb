"""What a call gives, in a form in which two programs can be compared."""

import math
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType, GeneratorType

from agreement_inputs import reachable

MOST_ITEMS = 10_000  # of a generator


@dataclass(frozen=True)
class Raised:
    """The call ended in an exception; only that counts, not which."""

    name: str


@dataclass(frozen=True)
class Hung:
    """The call did not end in time."""


@dataclass(frozen=True)
class Node:
    """A node of a graph that was passed in, by its place in it, and where its links lead."""

    place: int
    links: tuple[int, ...]


class _Time(BaseException):
    pass


def outcome(function: Callable[..., object], arguments: tuple[object, ...], seconds: float) -> object:
    """The result, with generators run to their end; `arguments` may be changed by the call."""
    nodes = [node for argument in arguments for node in _nodes(argument)]
    try:
        with _limited(seconds):
            return _plain(function(*arguments), nodes)
    except _Time:
        return Hung()
    except Exception as error:  # noqa: BLE001 - whatever the program under test raises is its outcome
        return Raised(type(error).__name__)


def same(one: object, other: object, tolerance: float = 0.0) -> bool:
    """Whether two outcomes are equal, numbers up to a tolerance."""
    match one, other:
        case Raised(), Raised():
            return True
        case ((int() | float()), (int() | float())) if tolerance and not isinstance(one, bool):
            return math.isclose(one, other, rel_tol=tolerance, abs_tol=tolerance)
        case (list(), list()) | (tuple(), tuple()):
            return len(one) == len(other) and all(map(same, one, other, [tolerance] * len(one)))
        case dict(), dict():
            return one.keys() == other.keys() and all(same(one[key], other[key], tolerance) for key in one)
        case _:
            return bool(one == other)


def _plain(value: object, nodes: list[object]) -> object:
    match value:
        case GeneratorType():
            return [_plain(item, nodes) for item, _ in zip(value, range(MOST_ITEMS), strict=False)]
        case list():
            return [_plain(item, nodes) for item in value]
        case tuple():
            return tuple(_plain(item, nodes) for item in value)
        case _ if hasattr(value, "successor"):
            return [Node(_place(node, nodes), (_place(node.successor, nodes),)) for node in reachable(value)]  # type: ignore[attr-defined]
        case _ if type(value).__name__ in {"deque", "map", "filter", "zip", "range"}:
            return _plain(list(value), nodes)  # type: ignore[call-overload]
        case _:
            return value


def _nodes(value: object) -> list[object]:
    if isinstance(value, list | tuple):
        return [node for item in value for node in _nodes(item)]
    return reachable(value) if hasattr(value, "successor") else []


def _place(node: object, nodes: list[object]) -> int:
    return next((place for place, other in enumerate(nodes) if other is node), -1)


@contextmanager
def _limited(seconds: float) -> Iterator[None]:
    def ring(_number: int, _frame: FrameType | None) -> None:
        raise _Time

    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, 0.2)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
