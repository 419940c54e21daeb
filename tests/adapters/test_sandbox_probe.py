"""Which rung of the ladder a machine gets, and what it is told where that is not enough."""

import pytest

from perforch.adapters.guard_plan import Rung
from perforch.adapters.sandbox import LEVELS, Sandbox
from perforch.adapters.sandbox_probe import LADDER, probe
from perforch.core.errors import SandboxUnavailable


def test_the_strictest_rung_that_works_is_taken_and_says_why() -> None:
    found = Sandbox.probe("process")
    assert found.level == LEVELS[found.rung]
    assert f"uses {found.rung}" in found.reasons
    assert len(found.reasons) >= LADDER.index(found.rung) + 1


@pytest.mark.parametrize(
    ("minimum", "ladder"), [("namespaces", ("landlock", "process")), ("landlock", ("process",)), ("process", ())]
)
def test_below_the_minimum_the_message_says_what_helps(minimum: str, ladder: tuple[Rung, ...]) -> None:
    with pytest.raises(SandboxUnavailable, match=rf"{minimum}.*install bubblewrap.*sandbox\.minimum"):
        probe(minimum, ladder)
