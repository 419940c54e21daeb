"""Which tests a search can afford."""

import math

import pytest

from perforch.core.survey import FailedTest, TestId
from perforch.core.task import Concerned

SECONDS = {"wrong": 0.2, "slowly wrong": 4.0, "right": 0.1, "just as right": 0.1, "slowly right": 3.0}
TESTS = Concerned(
    failing=tuple(FailedTest(TestId(name), "", "", "") for name in ("endless", "slowly wrong", "wrong")),
    entering=tuple(TestId(name) for name in ("slowly right", "wrong", "right", "just as right", "new")),
    seconds={TestId(name): seconds for name, seconds in SECONDS.items()},
)


@pytest.mark.parametrize(
    ("failing", "others", "expected"),
    [
        (math.inf, math.inf, "wrong, endless, slowly wrong, new, just as right, right, slowly right"),
        (1.5, 1.0, "wrong, endless, new, just as right, right"),
        (1.0, 0.15, "wrong, new, just as right"),
        (0.1, 0.0, "wrong, new"),
    ],
)
def test_quick_ones_come_first_and_one_that_fails_is_always_there(failing: float, others: float, expected: str) -> None:
    assert ", ".join(TESTS.quickest(failing, others)) == expected


def test_where_nothing_fails_nothing_is_chosen_for_it() -> None:
    assert Concerned(entering=(TestId("right"),)).quickest(0.0, 1.0) == ("right",)
