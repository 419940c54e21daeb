"""The code as it is as an oracle: what it does on inputs of all kinds, for whoever looks for another way to do it."""

from collections.abc import Iterator, Sequence
from itertools import chain, zip_longest

from perforch.core.calls import Ending
from perforch.judging.equivalence import Known, Specimen

MOST = 40  # more cost the search more than they tell it


def assertions(specimen: Specimen) -> tuple[str, ...]:
    """Recorded calls and variants of them in turns, of which nothing but the result matters."""
    telling = [each for each in _in_turns(specimen.recorded, specimen.variants) if _is_told_by_its_result(each)]
    return tuple(f"assert {each.call.shown} == {each.behaviour.shown}" for each in telling[:MOST])


def _in_turns(one: Sequence[Known], other: Sequence[Known]) -> Iterator[Known]:
    return (each for each in chain.from_iterable(zip_longest(one, other)) if each is not None)


def _is_told_by_its_result(known: Known) -> bool:
    behaviour = known.behaviour
    return behaviour.ending is Ending.RETURNED and not behaviour.mutates and not behaviour.is_lazy
