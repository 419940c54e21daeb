"""Where the fault probably is: what failing tests execute and passing tests do not."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain
from math import sqrt
from typing import TypeVar

from perforch.core.survey import Frame, FunctionKey, RanTest

T = TypeVar("T", FunctionKey, int)


def ochiai(failed_hits: int, passed_hits: int, total_failed: int) -> float:
    """How suspicious an element is, 0 to 1 (Abreu et al., TAICPART 2007), from the numbers of tests that execute it."""
    if failed_hits == 0:
        return 0.0
    return failed_hits / sqrt(total_failed * (failed_hits + passed_hits))


def suspicious_functions(runs: Sequence[RanTest]) -> list[tuple[FunctionKey, float]]:
    """Every function that a failing test entered, most suspicious first.

    Among equals those come first in which a test failed, by the tracebacks, then those earlier in the file.
    """
    failed = [run for run in runs if run.outcome.is_bad]
    passed = [run for run in runs if not run.outcome.is_bad]
    scores = _scores([run.entered for run in failed], [run.entered for run in passed])
    near = _depths(failed, scores)
    return sorted(scores.items(), key=lambda item: (-item[1], -near[item[0]], _place(item[0])))


def suspicious_lines(failing: Sequence[frozenset[int]], passing: Sequence[frozenset[int]]) -> dict[int, float]:
    """Every line that a failing test executed, with its suspicion; each set holds the lines of one test."""
    return _scores(failing, passing)


def _scores(failed: Sequence[frozenset[T]], passed: Sequence[frozenset[T]]) -> dict[T, float]:
    failed_hits, passed_hits = Counter(chain.from_iterable(failed)), Counter(chain.from_iterable(passed))
    return {element: ochiai(hits, passed_hits[element], len(failed)) for element, hits in failed_hits.items()}


def _depths(failed: Iterable[RanTest], functions: Iterable[FunctionKey]) -> Counter[FunctionKey]:
    """How often each of the functions is the innermost one in the traceback of a failing test."""
    known = sorted(_place(function) for function in functions)
    innermost = (_innermost(run.failure.frames, known) for run in failed if run.failure is not None)
    return Counter(key for key in innermost if key is not None)


def _innermost(frames: Sequence[Frame], known: Sequence[tuple[str, int]]) -> FunctionKey | None:
    """The function that the deepest frame lies in, going by the last header above its line."""
    for frame in reversed(frames):
        above = [line for file, line in known if file == frame.file and line <= frame.line]
        if above:
            return f"{frame.file}:{above[-1]}"
    return None


def _place(key: FunctionKey) -> tuple[str, int]:
    file, _, line = key.rpartition(":")
    return file, int(line)
