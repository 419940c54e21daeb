"""Memory in use: a request does not depend on its being written."""

from pathlib import Path

import pytest

import fakes
from perforch.adapters.memory import Memory
from perforch.adapters.rankings_store import RankingsStore
from perforch.core.candidate import Candidate
from perforch.core.errors import MemoryUnavailable
from perforch.core.fallback import Ordering
from perforch.core.proposal import Attempt
from perforch.core.task import Stage


class Full(RankingsStore):
    """A store on a full disk."""

    def remember(self, observations: object) -> None:
        raise MemoryUnavailable("no space left; free some")


ATTEMPT = Attempt("a", Stage.FIX, Candidate("right", "a", Stage.FIX), fakes.PASSED, 0.0, 1.0)


def test_what_cannot_be_remembered_costs_no_proposal_and_is_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    memory = Memory([], [], Full(tmp_path), {}, Ordering())
    memory.learn(fakes.task(), ATTEMPT)
    memory.learn(fakes.task(), ATTEMPT)
    assert [(record.levelname, "no space left" in record.message) for record in caplog.records] == [("ERROR", True)]


def test_an_outcome_is_remembered_with_its_place(tmp_path: Path) -> None:
    store = RankingsStore(tmp_path)
    Memory([], [], store, {}, Ordering()).learn(fakes.task(), ATTEMPT)
    ((model, place),) = store.experience().leaves
    assert (model, place.stage, place.language) == ("a", Stage.FIX, "python")
