"""Which functions the failing tests point at, most suspicious first."""

from collections.abc import Callable, Sequence
from pathlib import PurePosixPath

from perforch.core.localisation import suspicious_functions
from perforch.core.survey import FunctionKey, RanTest
from perforch.core.task import Target

MOST_SUSPECTS = 6  # with more, none gets the time that a search needs


def suspects(
    failing: RanTest, runs: Sequence[RanTest], functions: Callable[[PurePosixPath], Sequence[Target]]
) -> tuple[Target, ...]:
    """The functions that the failing test entered, by Ochiai over it and the passing tests.

    Ties go to functions on the traceback, innermost first, then to those that fewer tests enter.
    """
    considered = [run for run in runs if run is failing or not run.outcome.is_bad]
    scores = dict(suspicious_functions(considered))
    by_key = {target.key: target for file in _files(failing.entered) for target in functions(file)}
    depth = _traceback_depth(failing, by_key)
    visits = {key: sum(key in run.entered for run in runs) for key in failing.entered}

    def order(key: FunctionKey) -> tuple[float, int, int]:
        return (-scores.get(key, 0.0), -depth.get(key, -1), visits[key])

    ranked = sorted((key for key in failing.entered if key in by_key), key=order)
    return tuple(by_key[key] for key in ranked[:MOST_SUSPECTS])


def _files(keys: frozenset[FunctionKey]) -> list[PurePosixPath]:
    return [PurePosixPath(file) for file in sorted({key.rpartition(":")[0] for key in keys})]


def _traceback_depth(failing: RanTest, by_key: dict[FunctionKey, Target]) -> dict[FunctionKey, int]:
    """How deep in the failure's traceback a function stands; functions that are not on it are absent."""
    frames = failing.failure.frames if failing.failure else ()
    return {
        key: depth
        for depth, frame in enumerate(frames)
        for key, target in by_key.items()
        if str(target.file) == frame.file and target.span.first_line <= frame.line <= target.span.last_line
    }
