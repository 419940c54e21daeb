import pytest

from till.discounts import discounted, next_step, percent_off


@pytest.mark.parametrize(
    ("quantity", "percent"),
    [(0, 0), (1, 0), (4, 0), (5, 5), (6, 5), (9, 5), (10, 12), (49, 12), (50, 20), (1000, 20)],
)
def test_a_discount_starts_at_its_step(quantity, percent):
    assert percent_off(quantity) == percent


def test_no_discount_below_the_first_step():
    assert percent_off(2, steps=((3, 50),)) == 0


def test_prices_are_rounded_half_up():
    assert discounted(99, 7) == 658
    assert discounted(10, 1) == 10


def test_the_next_step_is_told():
    assert next_step(3) == 2
    assert next_step(50) is None
