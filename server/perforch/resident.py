"""What the language server takes from the adapters without building the product; everything else runs in a worker."""

import os
from pathlib import Path

from perforch import config
from perforch.adapters.history import History
from perforch.adapters.sources import workspace_root
from perforch.core.ports import Syntax

__all__ = ["History", "history", "syntax", "workspace_root"]


def syntax() -> Syntax:
    """Reads all five languages; a grammar is loaded when a file first needs it."""
    from perforch.adapters.syntax import TreeSitterSyntax  # noqa: PLC0415 - the server's own process does without

    return TreeSitterSyntax()


def history(root: Path) -> History:
    """The past requests of a workspace; raises SettingsError."""
    return History(config.load(root, os.environ).data_folder, root)
