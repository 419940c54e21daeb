"""What the language server keeps in its own process, which is to stay small; everything else runs in a worker."""

from perforch.adapters.sources import workspace_root
from perforch.adapters.syntax import TreeSitterSyntax
from perforch.core.ports import Syntax

__all__ = ["syntax", "workspace_root"]


def syntax() -> Syntax:
    """Reads all five languages; a grammar is loaded when a file first needs it."""
    return TreeSitterSyntax()
