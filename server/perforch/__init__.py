"""PerfOrch: generate, fix and optimize one function at a time, and show only what is proven."""

__version__ = "0.1.0"
