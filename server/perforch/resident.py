"""What the language server takes from the adapters without building the product; everything else runs in a worker."""

import os
from pathlib import Path

from perforch import config
from perforch.adapters.history import History
from perforch.adapters.ledger import DayLedger
from perforch.adapters.sources import workspace_root
from perforch.core.ports import Syntax

__all__ = ["History", "history", "spent_today_usd", "syntax", "workspace_root"]


def syntax() -> Syntax:
    """Reads all five languages; a grammar is loaded when a file first needs it."""
    from perforch.adapters.syntax import TreeSitterSyntax  # noqa: PLC0415 - the server's own process does without

    return TreeSitterSyntax()


def spent_today_usd(root: Path) -> float:
    """What all requests of this user have cost today; raises SettingsError, and LedgerUnusable."""
    settings = config.load(root, os.environ)
    return DayLedger(settings.data_folder / "spending.json", settings.budget_usd_per_day).budget.spent_usd


def history(root: Path) -> History:
    """The past requests of a workspace; raises SettingsError."""
    return History(config.load(root, os.environ).data_folder, root)
