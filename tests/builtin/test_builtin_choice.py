"""Which plausible repair is answered with: the smaller edit, and the one that others agree with."""

from perforch.builtin.choice import Observed, price, rank
from perforch.builtin.frontier import Mutant

INPUTS = ("f(1)", "f(2)")
START = "def f(a, b):\n    return a - b + 10"


def seen(name: str, cost: float, *behaviour: str) -> Observed:
    return Observed(Mutant(name, cost, 1, (name,)), cost, behaviour)


def codes(observed: list[Observed]) -> list[str]:
    return [chosen.mutant.code for chosen in rank(observed, INPUTS)]


def test_the_cheapest_comes_first() -> None:
    assert codes([seen("dear", 2.0, "1", "2"), seen("cheap", 1.0, "1", "3")]) == ["cheap", "dear"]


def test_a_behaviour_that_most_share_wins_over_a_slightly_cheaper_one() -> None:
    crowd = [seen(f"same {n}", 1.05, "1", "2") for n in range(5)]
    assert codes([seen("alone", 1.0, "1", "9"), *crowd])[0] == "same 0"


def test_each_behaviour_comes_once_and_no_more_than_three() -> None:
    observed = [seen(f"m{n}", 1.0 + n / 10, str(n // 2)) for n in range(10)]
    assert codes(observed) == ["m0", "m2", "m4"]


def test_those_that_seem_to_be_the_same_come_last_as_no_alternatives_but_reserves() -> None:
    observed = [seen("a", 1.0, "1"), seen("same", 1.1, "1"), seen("b", 2.0, "2"), seen("too many", 3.0, "1")]
    ranked = rank(observed, INPUTS)
    assert [(chosen.mutant.code, chosen.differs_on) for chosen in ranked] == [
        ("a", None),
        ("b", "f(1)"),
        ("same", None),
    ]


def test_the_input_that_tells_them_apart_is_named() -> None:
    first, second = rank([seen("a", 1.0, "1", "2"), seen("b", 2.0, "1", "3")], INPUTS)
    assert first.differs_on is None
    assert second.differs_on == "f(2)"


def priced(code: str) -> float:
    return price(START, Mutant(code, 1.0, 2, ("n",)))


def test_moving_is_cheaper_than_writing_anew() -> None:
    assert priced(START.replace("a - b", "b - a")) < priced(START.replace("a - b", "max(a, b) - min(a, b)"))


def test_every_one_token_edit_is_as_small_as_another() -> None:
    assert priced(START.replace("-", "//")) == priced(START.replace("10", "11"))
