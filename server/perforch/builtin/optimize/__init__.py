"""Optimize: rewrite rules for speed, each with the precondition that it relies on."""
