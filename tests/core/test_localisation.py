"""Which functions and lines the failing tests point at."""

from math import isclose

import pytest

from perforch.core.localisation import ochiai, suspicious_functions, suspicious_lines
from perforch.core.survey import FailedTest, Frame, Outcome, RanTest, TestId


def ran(test: str, outcome: Outcome, entered: set[str], frames: tuple[Frame, ...] = ()) -> RanTest:
    name = TestId(test)
    failure = FailedTest(name, "AssertionError", "", "", frames) if outcome.is_bad else None
    return RanTest(name, outcome, 0.0, frozenset(entered), failure=failure)


@pytest.mark.parametrize(
    ("failed_hits", "passed_hits", "total_failed", "expected"),
    [(2, 0, 2, 1.0), (0, 3, 2, 0.0), (0, 0, 0, 0.0), (1, 0, 4, 0.5), (1, 3, 1, 0.5)],
)
def test_suspicion_is_ochiai(failed_hits: int, passed_hits: int, total_failed: int, expected: float) -> None:
    assert isclose(ochiai(failed_hits, passed_hits, total_failed), expected)


def test_a_function_that_only_failing_tests_enter_comes_first() -> None:
    runs = [
        ran("a", Outcome.FAILED, {"m.py:1", "m.py:10"}),
        ran("b", Outcome.ERROR, {"m.py:1", "m.py:10"}),
        ran("c", Outcome.PASSED, {"m.py:1", "m.py:20"}),
    ]
    scores = suspicious_functions(runs)
    assert [key for key, _ in scores] == ["m.py:10", "m.py:1"]
    assert isclose(scores[0][1], 1.0)


def test_functions_that_no_failing_test_enters_are_not_suspected() -> None:
    assert suspicious_functions([ran("a", Outcome.PASSED, {"m.py:1"}), ran("b", Outcome.SKIPPED, set())]) == []


def test_among_equals_the_one_in_which_the_test_failed_comes_first() -> None:
    frames = (Frame("test_m.py", 3, "test"), Frame("m.py", 4, "outer"), Frame("m.py", 12, "inner"))
    runs = [ran("a", Outcome.FAILED, {"m.py:2", "m.py:10", "m.py:30"}, frames)]
    assert [key for key, _ in suspicious_functions(runs)] == ["m.py:10", "m.py:2", "m.py:30"]


def test_a_frame_outside_the_known_functions_decides_nothing() -> None:
    runs = [ran("a", Outcome.FAILED, {"m.py:9", "m.py:2"}, (Frame("other.py", 4, "f"),))]
    assert [key for key, _ in suspicious_functions(runs)] == ["m.py:2", "m.py:9"]


def test_lines_are_scored_like_functions() -> None:
    scores = suspicious_lines([frozenset({1, 2})], [frozenset({1}), frozenset({1, 3})])
    assert isclose(scores[2], 1.0)
    assert scores[1] < scores[2]
    assert 3 not in scores
