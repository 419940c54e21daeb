"""What holds for all tests: in CI nothing may be skipped but what needs data sets that are not there."""

import os
from collections.abc import Iterator

import pytest

from perforch.adapters.sandbox import LEVELS

IN_CI = os.environ.get("PERFORCH_CI") == "1"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what a rung of the sandbox does not promise: there is nothing to test, so it is no skip."""
    for item in items:
        if "vscode" in item.path.parts:
            item.add_marker(pytest.mark.workbench)
    unpromised = [item for item in items if not _is_promised(item)]
    if unpromised:
        config.hook.pytest_deselected(items=unpromised)
        items[:] = [item for item in items if item not in unpromised]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """A machine that can run everything must: a skip there hides a missing tool."""
    report = yield
    if IN_CI and report.skipped and not hasattr(report, "wasxfail") and item.get_closest_marker("data") is None:
        report.outcome = "failed"
        report.longrepr = f"skipped, which counts as a failure with PERFORCH_CI=1: {report.longrepr}"
    return report


def _is_promised(item: pytest.Item) -> bool:
    mark = item.get_closest_marker("levels")
    if mark is None:
        return True
    rung = next(value for value in item.callspec.params.values() if value in LEVELS)
    return LEVELS[rung] in mark.args
