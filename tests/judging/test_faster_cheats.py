"""Nothing that only looks faster is accepted, by the real laboratory; what is really faster is."""

from pathlib import Path

import pytest
from cheats import CHEATS, EXACT, HONEST, IMPRECISE, MEANS, PAIRS

from perforch.core.comparison import Comparison
from perforch.core.verdict import Failed
from refining import refined

pytestmark = pytest.mark.slow


async def test_no_cheat_is_accepted(tmp_path: Path) -> None:
    assert len(CHEATS) + len(IMPRECISE) >= 25
    found = await refined(PAIRS, tmp_path, HONEST, *CHEATS.values())
    assert isinstance(found[0], Comparison), found[0]
    accepted = [name for name, verdict in zip(CHEATS, found[1:], strict=True) if not isinstance(verdict, Failed)]
    assert accepted == []


async def test_no_loss_of_precision_is_accepted(tmp_path: Path) -> None:
    found = await refined(MEANS, tmp_path, EXACT, *IMPRECISE.values())
    assert isinstance(found[0], Comparison), found[0]
    accepted = [name for name, verdict in zip(IMPRECISE, found[1:], strict=True) if not isinstance(verdict, Failed)]
    assert accepted == []
