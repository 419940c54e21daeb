"""Observations for the tests of Memory, made in one line each."""

from itertools import count

from perforch.core.observation import Observation, Place
from perforch.core.task import Category, Stage

PLACE = Place(Stage.GENERATE, "python", Category.STRINGS)
_numbers = count()


def seen(
    model: str,
    success: bool,
    place: Place = PLACE,
    *,
    task: str = "",
    after: int = 0,
    seconds: float = 1.0,
    cost_usd: float | None = None,
    key: str | None = None,
) -> Observation:
    return Observation(
        id=key or f"id-{next(_numbers)}",
        model=model,
        place=place,
        success=success,
        date="2026-01-02T03:04:05+00:00",
        source="local",
        seconds=seconds,
        cost_usd=cost_usd,
        task=task,
        after=after,
    )


def many(model: str, successes: int, failures: int, place: Place = PLACE) -> list[Observation]:
    return [seen(model, number < successes, place) for number in range(successes + failures)]
