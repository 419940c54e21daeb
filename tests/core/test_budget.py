"""Budgets: an upper bound before the call, and a cap that a reservation cannot pass."""

import random

import pytest

from perforch.core.budget import FREE, Budget, OverBudget, Price, Usage, most_tokens, most_usd


def test_a_reservation_counts_as_spent_until_it_is_settled() -> None:
    budget = Budget(1.0).reserve(0.4)
    assert budget is not None
    assert budget.remaining_usd == pytest.approx(0.6)
    assert budget.settle(0.4, 0.1).remaining_usd == pytest.approx(0.9)


def test_what_does_not_fit_is_not_reserved() -> None:
    assert Budget(1.0, spent_usd=0.7).reserve(0.31) is None


def test_what_is_free_is_allowed_even_when_nothing_is_left() -> None:
    assert Budget(0.0, spent_usd=0.2).reserve(0.0) is not None
    assert Budget(0.0).reserve(0.000001) is None


def test_a_call_that_cost_more_than_its_reservation_is_counted_in_full() -> None:
    assert Budget(1.0, spent_usd=0.1).settle(0.1, 0.5).spent_usd == pytest.approx(0.5)


def test_no_order_of_reservations_and_settlements_passes_the_cap() -> None:
    rng = random.Random(1)
    budget, open_reservations = Budget(1.0), list[float]()
    for _ in range(2000):
        wanted = rng.uniform(0, 0.3)
        if (reserved := budget.reserve(wanted)) is not None:
            budget = reserved
            open_reservations.append(wanted)
        elif open_reservations:
            settled = open_reservations.pop(rng.randrange(len(open_reservations)))
            budget = budget.settle(settled, rng.uniform(0, settled) * 0.1)
        assert budget.spent_usd <= 1.0 + 1e-9
        assert budget.spent_usd >= sum(open_reservations) - 1e-9


def test_a_price_is_per_million_tokens() -> None:
    assert Price(2.0, 10.0).of(Usage(1000, 500)) == pytest.approx(0.002 + 0.005)


def test_the_estimate_grows_with_prompt_and_limit_and_is_never_zero_where_something_is_paid() -> None:
    price = Price(1.0, 5.0)
    assert most_usd(price, ["short"], 100) < most_usd(price, ["short" * 50], 100) < most_usd(price, ["short" * 50], 200)
    assert most_usd(price, [], 1) > 0
    assert most_usd(FREE, ["anything"], 4096) == 0


@pytest.mark.parametrize("text", ["x = [[0]*n for _ in range(n)]", "変数 = 'é'", "))))((((" * 40, "a" * 1000])
def test_the_estimate_of_tokens_is_above_what_any_tokenizer_makes(text: str) -> None:
    one_per_symbol_or_word = len([part for part in text.split() if part])
    assert most_tokens([text]) > max(one_per_symbol_or_word, len(text.encode()) / 2)


def test_a_refused_call_says_how_much_is_left_and_which_setting_raises_it() -> None:
    text = OverBudget("day", 0.5, 0.25).text
    assert "$0.5000" in text
    assert "$0.2500" in text
    assert "models.budget_usd_per_day" in text
