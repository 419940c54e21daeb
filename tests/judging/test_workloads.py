"""Which calls are measured, and on which a gain is confirmed."""

from collections.abc import Sequence

from perforch.core.calls import Behaviour, Call, Ending
from perforch.judging import workloads
from perforch.judging.equivalence import Known, Specimen


def known(*seconds: float, word: str) -> tuple[Known, ...]:
    calls = enumerate(seconds)
    return tuple(
        Known(Call(f"{word}{number}", f"f({number})"), Behaviour(Ending.RETURNED, seconds=each))
        for number, each in calls
    )


def unseen(recorded: Sequence[float], variants: Sequence[float]) -> list[str]:
    specimen = Specimen(known(*recorded, word="r"), known(*variants, word="v"), (), ())
    return [call.packed for call in workloads.unseen(specimen).calls]


def test_a_gain_is_confirmed_on_variants_that_take_about_as_long() -> None:
    assert unseen([0.0004, 0.0005], [0.0004, 0.00001]) == ["v0"]


def test_a_variant_that_takes_long_by_itself_tells_something_whatever_is_usual() -> None:
    assert unseen([0.9, 1.5], [0.0001, 0.02, 0.0011]) == ["v1", "v2"]
