"""The pytest plugin: runs the chosen tests and reports what each of them did. PYTEST_DONT_REWRITE

It is handed to pytest as an object, stays out of the way of other plugins, and takes no decision about a test.
Functions entered while a fixture of wider scope is set up count for every test that uses the fixture; those entered
while a test module is collected count for all of its tests; those entered before, for all tests.
"""

import os

import perforch_options
import perforch_patience
import perforch_report
import pytest

WRAPPER = pytest.hookimpl(hookwrapper=True, tryfirst=True)


class Probe:
    """One run. `plan` is what the server asked for."""

    def __init__(self, plan, report, places, marks):
        self._plan = plan
        self._report = report
        self._places = places
        self._marks = marks
        self._chosen = None if plan["tests"] is None else set(plan["tests"])
        self._patience = perforch_patience.Patience(plan["test_seconds"])
        self._early = set()  # entered before collection
        self._collecting = {}  # test file -> entered while it was collected
        self._fixtures = {}  # fixture definition -> entered in its last set-up
        self._used = set()  # entered in the set-up of the present test's fixtures
        self._merged = None  # the present test's outcome so far
        self._at_import = {}  # test file -> (how much was imported, entered while that was imported)
        self._collected = frozenset()
        self._ran = set()

    # -- the options of the project ------------------------------------------------------------

    @WRAPPER
    def pytest_load_initial_conftests(self, early_config, parser, args):
        known = early_config.known_args_namespace
        known.file_or_dir = perforch_options.without_values(known.file_or_dir, args, parser)
        perforch_options.neutralise(known, self._chosen is not None)
        outcome = yield
        perforch_options.accept_missing(parser)  # now, because a conftest.py may have brought the plugin
        if outcome.excinfo is not None:
            self._not_collected("conftest.py", outcome.excinfo[1], str(outcome.excinfo[1]))

    @WRAPPER
    def pytest_cmdline_main(self, config):
        perforch_options.neutralise(config.option, self._chosen is not None)
        self._report.write(
            "start",
            runner="pytest",
            version=pytest.__version__,
            configuration=str(getattr(config, "inipath", None) or ""),
        )
        files = self._plan["files"]
        if files:
            config.args = [os.path.join(str(config.rootpath), *file.split("/")) for file in files]
        outcome = yield
        status = None if outcome.excinfo is not None else outcome.get_result()
        self._report.write(
            "end",
            status=None if status is None else int(status),
            loaded=self._places.loaded(),
            strays=self._places.strays(),
            collected=len(self._collected),
            ran=len(self._ran),
        )

    # -- collection ----------------------------------------------------------------------------

    @WRAPPER
    def pytest_collection(self):
        self._marks.settle()
        self._early = self._marks.take()
        yield

    @WRAPPER
    def pytest_make_collect_report(self, collector):
        outcome = yield
        self._marks.settle()
        entered = self._marks.take()
        if entered:
            self._collecting.setdefault(_file_of(collector), set()).update(entered)
        if outcome.excinfo is not None:  # sys.exit in a module ends pytest itself
            self._not_collected(collector.nodeid, outcome.excinfo[1], repr(outcome.excinfo[1]))
            return
        report = outcome.get_result()
        if report.outcome == "failed":
            call = getattr(report, "call", None)
            exception = call.excinfo.value if call is not None and call.excinfo is not None else None
            self._not_collected(collector.nodeid, exception, report.longreprtext)

    def _not_collected(self, name, exception, text):
        # pytest's own errors wrap the one that says what is wrong.
        while type(exception).__module__.startswith("_pytest") and exception.__cause__ is not None:
            exception = exception.__cause__
        failure = (
            perforch_report.failure(exception, text, self._places)
            if exception is not None
            else perforch_report.failure_without_exception(text)
        )
        self._report.write("uncollected", id=name, failure=failure)

    @WRAPPER
    def pytest_collection_modifyitems(self, config, items):
        yield
        if self._chosen is not None:
            kept = [item for item in items if item.nodeid in self._chosen]
            gone = [item for item in items if item.nodeid not in self._chosen]
            items[:] = kept
            if gone:
                config.hook.pytest_deselected(items=gone)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session):
        ids = [item.nodeid for item in session.items]
        self._collected = frozenset(ids)
        self._report.write("collected", tests=ids)

    # -- one test ------------------------------------------------------------------------------

    @WRAPPER
    def pytest_fixture_setup(self, fixturedef):
        before = self._marks.take()
        yield
        entered = self._marks.take()
        if fixturedef.scope != "function":
            self._fixtures[fixturedef] = entered
        self._marks.put(before | entered)

    @WRAPPER
    def pytest_runtest_protocol(self, item):
        self._marks.settle()
        self._marks.take()
        self._used = set()
        self._merged = None
        self._report.write("run", id=item.nodeid)
        yield
        entered = self._marks.take() | self._used | self._early | self._before(_file_of(item))
        if self._merged is not None:
            self._ran.add(item.nodeid)
            self._write_test(item, entered)

    def _write_test(self, item, entered):
        lines = {line for number in entered for line in self._marks.lines.get(number, ())}
        numbers = self._report.numbers(entered, self._marks.functions)
        self._report.write("test", id=item.nodeid, entered=numbers, lines=sorted(lines), **self._merged)

    def _before(self, file):
        """What ran while this test file, and what it imports, was imported."""
        size = len(self._marks.imports)
        known = self._at_import.get(file)
        if known is None or known[0] != size:
            relative = self._places.relative(file)
            sources = [] if relative is None else [relative, *_conftests_above(relative)]
            entered = self._collecting.get(file, set()) | self._marks.import_time(sources, self._places)
            known = self._at_import[file] = (size, entered)
        return known[1]

    @WRAPPER
    def pytest_runtest_setup(self):
        began = self._patience.arm()
        yield
        self._patience.disarm(began)

    @WRAPPER
    def pytest_runtest_call(self):
        began = self._patience.arm()
        yield
        self._patience.disarm(began)

    @WRAPPER
    def pytest_runtest_teardown(self, item):
        request = getattr(item, "_request", None)
        for fixture in list(getattr(request, "_fixture_defs", {}).values()):
            self._used |= self._fixtures.get(fixture, set())
        began = self._patience.arm()
        yield
        self._patience.disarm(began)

    @WRAPPER
    def pytest_runtest_makereport(self, call):
        outcome = yield
        report = outcome.get_result()
        if call.excinfo is not None and report.failed:
            report.perforch_failure = perforch_report.failure(call.excinfo.value, report.longreprtext, self._places)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report):
        if report.when == "setup" or self._merged is None:
            self._merged = {"outcome": "passed", "seconds": 0.0, "failure": None}
        self._merged["seconds"] += getattr(report, "duration", 0.0)
        outcome = _outcome(report)
        if outcome == "passed" or self._merged["outcome"] in ("failed", "error"):
            return
        self._merged["outcome"] = outcome
        if outcome in ("failed", "error"):
            failure = getattr(report, "perforch_failure", None)
            self._merged["failure"] = failure or perforch_report.failure_without_exception(report.longreprtext)


def _outcome(report):
    if report.failed:
        return "failed" if report.when == "call" else "error"
    if hasattr(report, "wasxfail"):
        return "xfailed" if report.skipped else "xpassed" if report.when == "call" else "passed"
    return "skipped" if report.skipped else "passed"


def _file_of(node):
    return str(getattr(node, "path", None) or getattr(node, "fspath", ""))


def _conftests_above(relative):
    parts = relative.split("/")[:-1]
    return ["/".join([*parts[:size], "conftest.py"]) for size in range(len(parts) + 1)]
