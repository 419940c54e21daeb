"""When two versions count as the same, and what is said when they do not or when nobody can tell."""

from dataclasses import replace
from random import Random

import pytest
from scripted_bout import ScriptedBout, Version, recorded

from perforch.core.calls import Behaviour, Ending, Recording
from perforch.judging import equivalence
from perforch.judging.equivalence import NotComparable, Specimen, agrees, is_approximate

OLD = Version()


async def told(new: Version, old: Version = OLD, tolerance: float = 0.0, **more: object) -> str | None:
    """The difference, or why they are not comparable."""
    given = {"recording": recorded(), **more}
    bout = ScriptedBout(old, new, **given)  # type: ignore[arg-type]
    found = await equivalence.specimen(bout, Random(1))
    if isinstance(found, NotComparable):
        return f"not comparable: {found.reason}"
    return await equivalence.difference(bout, found, tolerance)


def failing(n: int) -> int:
    if n == 1100:
        raise ValueError(n)
    return n * 2


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        (lambda n: n + n, None),
        (lambda n: n * 2 if n < 1100 else n, "f(1100) returns 2200 before, and now it returns 1100"),
        (lambda n: n * 2.0, "f(0) returns 0 before, and now it returns 0.0"),
        (failing, "f(1100) returns 2200 before, and now it raises ValueError"),
    ],
)
async def test_versions_agree_on_all_inputs_or_the_first_difference_is_shown(new: object, expected: str | None) -> None:
    assert await told(Version(act=new)) == expected  # type: ignore[arg-type]


async def test_calls_from_benchmarks_are_not_lost_among_those_from_tests() -> None:
    calls = recorded(400).calls
    marked = tuple(replace(each, is_benchmark=int(each.packed) in {7, 8, 399}) for each in calls)
    found = await equivalence.specimen(ScriptedBout(OLD, OLD, Recording(marked, place="[]")), Random(1))
    assert isinstance(found, Specimen)
    assert [known.call.shown for known in found.recorded if known.call.is_benchmark] == ["f(7)", "f(8)", "f(399)"]
    assert len(found.recorded) == equivalence.MOST_RECORDED


async def test_the_same_exception_is_the_same_behaviour() -> None:
    assert await told(Version(act=failing), Version(act=failing)) is None


async def test_results_that_depend_on_earlier_calls_are_a_difference() -> None:
    before: list[int] = []

    def remembers(n: int) -> int:
        before.append(n)
        return n * 2 + (n == 0 and len(before) > 1)

    assert (await told(Version(act=remembers)) or "").startswith("called in another order, f(0) returns 0 before")


async def test_an_object_returned_twice_is_a_difference_unless_it_was_so_before() -> None:
    shared = replace(OLD, shared=True)
    assert "the very object" in (await told(shared) or "")
    assert await told(shared, shared) is None


@pytest.mark.parametrize(
    ("old", "recording", "variants", "expected"),
    [
        (
            replace(OLD, once=True),
            recorded(),
            150,
            "the code as it is gives another result each time, for instance for",
        ),
        (replace(OLD, opaque=True), recorded(), 150, "its results are objects that cannot be looked into"),
        (OLD, recorded(2), 3, "there are only 9 inputs on which it could be compared; 10 are needed"),
        (OLD, Recording((), 4, "no test calls it"), 0, "its arguments cannot be copied (4 calls were seen)"),
        (OLD, Recording((), 0, "no test calls it"), 0, "no call of it could be recorded: no test calls it"),
        (Version(act=lambda n: int("x")), recorded(), 150, "in all calls that the tests make, it raises an exception"),
    ],
    ids=["other results", "opaque", "too few", "uncopyable", "never called", "always raising"],
)
async def test_what_cannot_be_compared_is_said_to_be_so(
    old: Version, recording: Recording, variants: int, expected: str
) -> None:
    said = await told(old, old, recording=recording, variants=variants)
    assert (said or "").startswith(f"not comparable: {expected}")


async def test_few_inputs_are_enough_where_there_are_ten() -> None:
    bout = ScriptedBout(OLD, OLD, recorded(4), variants=6, grows=False)
    found = await equivalence.specimen(bout, Random(1))
    assert isinstance(found, Specimen)
    assert len(found.all) == 10


def behaved(*floats: float) -> Behaviour:
    return Behaviour(Ending.RETURNED, "list", tuple(value.hex() for value in floats))


def test_floats_are_the_same_to_the_last_bit_unless_the_tests_are_approximate() -> None:
    third = 0.1 + 0.2
    assert not agrees(behaved(third), behaved(0.3), tolerance=0.0)
    assert agrees(behaved(third), behaved(0.3), tolerance=equivalence.TOLERANCE)
    assert not agrees(behaved(1 / 3), behaved(0.333333), tolerance=equivalence.TOLERANCE)
    assert not agrees(behaved(1.0), behaved(1.0, 1.0), tolerance=equivalence.TOLERANCE)
    assert agrees(behaved(float("nan")), behaved(float("nan")), tolerance=equivalence.TOLERANCE)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("assert f(1) == pytest.approx(0.3)", True),
        ("self.assertAlmostEqual(f(1), 0.3)", True),
        ("assert math.isclose(f(1), 0.3)", True),
        ("assert abs(f(1) - 0.3) < 1e-6", True),
        ("assert abs(f(1)) == 3", False),
        ("assert approximate(1) == 2", False),
    ],
)
def test_tests_that_compare_approximately_are_recognised(text: str, expected: bool) -> None:
    assert is_approximate(["def test_f():\n    " + text]) is expected
