"""Where a run begins: `python perforch_run.py pytest|unittest [ARGUMENT]...` in the copy's root.

The workspace's root is importable, as with `python -m pytest`, but never ahead of the standard library, so that a
workspace with a `queue.py` of its own can be tested. A `src` folder is importable where nothing else provides its
packages.
"""

import os
import sys

import perforch_marks
import perforch_places
import perforch_report
import perforch_source


def main(arguments):
    home = os.path.dirname(os.path.abspath(__file__))
    plan = perforch_report.read_plan()
    root = os.getcwd()
    places = perforch_places.Places(root, plan["origin"], plan["test_files"])
    marks = perforch_marks.Marks()
    report = perforch_report.Report(plan["report"], plan["key"])
    run = _runner(arguments[0])
    sys.path[:] = search_path(sys.path, home, root)
    perforch_source.Instrument(places, marks, plan["lines_of"]).install()
    return run(arguments, (plan, report, places, marks))


def search_path(path, home, root):
    """`path` without our own folder, with the root ahead of installed packages and its `src` behind them."""
    kept = [entry for entry in path if os.path.abspath(entry) != home]
    packages = (at for at, entry in enumerate(kept) if "site-packages" in entry or "dist-packages" in entry)
    at = next(packages, len(kept))
    source = os.path.join(root, "src")
    return [*kept[:at], root, *kept[at:], *([source] if os.path.isdir(source) else [])]


def _runner(name):
    if name == "pytest":
        # Here, because a project without pytest has its tests run by unittest, and is not asked for pytest.
        import perforch_pytest  # noqa: PLC0415
        import pytest  # noqa: PLC0415

        return lambda arguments, parts: _with_name(arguments, pytest.main, [perforch_pytest.Probe(*parts)])
    import perforch_unittest  # noqa: PLC0415 - as above

    return lambda arguments, parts: perforch_unittest.run(arguments[1:], *parts)


def _with_name(arguments, pytest_main, plugins):
    sys.argv[:] = arguments  # plugins look here for what the user typed
    return int(pytest_main(arguments[1:], plugins=plugins))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
