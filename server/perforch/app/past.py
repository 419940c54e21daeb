"""Remembering requests, and looking at them again."""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from perforch.adapters.history import History
from perforch.config import Settings
from perforch.core import edits
from perforch.core.history import PastRun
from perforch.core.proposal import NoProposal, Proposal
from perforch.core.report import Json


def history(settings: Settings, root: Path) -> History:
    """Of one workspace, in the user's data folder."""
    return History(settings.data_folder, root)


def remember(settings: Settings, root: Path, outcome: Proposal | NoProposal, report: Mapping[str, Json]) -> str:
    """Add a request that has ended; `report` is the command line's object. Returns the run's id."""
    before, after = None, None
    if isinstance(outcome, Proposal):
        before = outcome.task.text
        after = edits.apply(before, outcome.task.target, outcome.candidate)
    run = PastRun(uuid.uuid4().hex, datetime.now(UTC).isoformat(timespec="seconds"), report, before, after)
    history(settings, root).add(run)
    return run.id
