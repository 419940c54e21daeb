"""Published benchmarks of broken functions, each task as a small workspace such as a user has."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from perforch.core.errors import UsageError
from perforch.evaluation.suites_humaneval import load_humaneval_x, load_humanevalfix
from perforch.evaluation.suites_quixbugs import load_quixbugs
from perforch.evaluation.suites_task import SuiteTask


@dataclass(frozen=True, slots=True)
class Suite:
    """A benchmark as it is known on the command line; `loaders` has one entry per language."""

    name: str
    loaders: Mapping[str, Callable[[Path], Sequence[SuiteTask]]]


SUITES: Mapping[str, Suite] = {
    suite.name: suite
    for suite in (
        Suite("quixbugs", {"python": load_quixbugs}),
        Suite("humanevalfix", {"python": load_humanevalfix}),
        Suite("humaneval-x", {"python": load_humaneval_x}),
    )
}


def load_suite(name: str, data: Path, language: str) -> Sequence[SuiteTask]:
    """The tasks of a suite, in the data set's order; `data` is the folder that holds the data sets.

    Raises UsageError for an unknown suite or language, and for a folder or file that is not there or not readable.
    """
    suite = SUITES.get(name)
    if suite is None:
        raise UsageError(f"there is no suite {name!r}; --suite takes one of {', '.join(SUITES)}")
    loader = suite.loaders.get(language)
    if loader is None:
        known = ", ".join(suite.loaders)
        raise UsageError(f"suite {name!r} has no workspaces in {language!r}; --language takes one of {known}")
    if not data.is_dir():
        raise UsageError(f"--data: {data} is not a folder; name the one that holds the data sets")
    return loader(data)
