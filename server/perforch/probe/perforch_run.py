"""Where a run begins: `python perforch_run.py pytest|unittest [ARGUMENT]...` in the copy's root.

The workspace's root is importable, as with `python -m pytest`, but never ahead of the standard library, so that a
workspace with a `queue.py` of its own can be tested. So is a `src` folder, installed or not.
"""

import os
import sys

import perforch_marks
import perforch_places
import perforch_report
import perforch_source

COMPILED = (".c", ".cc", ".cpp", ".pyx", ".rs", ".f90", ".go")


def main(arguments):
    home = os.path.dirname(os.path.abspath(__file__))
    plan = perforch_report.read_plan()
    root = os.getcwd()
    places = perforch_places.Places(root, plan["origin"], plan["test_files"])
    marks = perforch_marks.Marks()
    report = perforch_report.Report(plan["report"], plan["key"])
    relocate(plan["origin"], root)
    perforch_source.Instrument(places, marks, plan["lines_of"]).install()
    # Our own modules first, then the workspace's path: pytest itself may be what is being worked on.
    sys.path[:] = [home, *search_path(sys.path, home, root)]
    run = _runner(arguments[0])
    sys.path.remove(home)
    return run(arguments, (plan, report, places, marks))


def relocate(origin, root):
    """Let what is installed from the user's own folder come from the copy, where that lies elsewhere."""
    if os.path.realpath(origin) == os.path.realpath(root):
        return
    sys.path[:] = [perforch_places.moved(entry, origin, root) for entry in sys.path]
    for finder in sys.meta_path:
        mapping = getattr(sys.modules.get(getattr(finder, "__module__", None)), "MAPPING", None)
        if isinstance(mapping, dict):  # setuptools' finder of an editable install
            mapping.update({name: perforch_places.moved(place, origin, root) for name, place in mapping.items()})


def search_path(path, home, root):
    """`path` without our own folder, with the workspace's folders ahead of installed packages."""
    kept = [entry for entry in path if os.path.abspath(entry) != home]
    packages = (at for at, entry in enumerate(kept) if "site-packages" in entry or "dist-packages" in entry)
    at = next(packages, len(kept))
    source = os.path.join(root, "src")
    if not os.path.isdir(source):
        return [*kept[:at], root, *kept[at:]]
    # A package with compiled parts works only where it was built and installed.
    first, last = ([root, source], []) if _is_pure(source) else ([root], [source])
    return [*kept[:at], *first, *kept[at:], *last]


def _is_pure(folder):
    return not any(name.endswith(COMPILED) for _, _, names in os.walk(folder) for name in names)


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
