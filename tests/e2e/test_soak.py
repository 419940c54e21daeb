"""A tenth of `make soak`: random typing while functions are fixed."""

import pytest
from soak import soak

SEQUENCES = 30


@pytest.mark.slow
async def test_no_edit_lands_in_a_wrong_place_and_no_character_is_lost() -> None:
    outcomes = await soak(SEQUENCES, seed=1000)
    assert sum(outcomes.values()) == SEQUENCES
    assert outcomes["applied"] > SEQUENCES / 3, outcomes
