"""The language server: an edge, and the only part that knows the protocol of editors."""
