"""The unittest runner: discovers as `python -m unittest` does, and reports with the same events as the pytest plugin.

Functions entered in setUpModule and setUpClass count for every test of that module and class.
"""

import os
import re
import time
import unittest

import perforch_patience
import perforch_report

TRACE_LINE = re.compile(r'^\s*File "(.+?)", line (\d+)(?:, in (\S+))?', re.MULTILINE)
FAILED_IMPORT = "unittest.loader"


def run(arguments, plan, report, places, marks):
    """0: all passed, 1: some failed, 5: nothing was collected (the statuses of pytest)."""
    report.write("start", runner="unittest", version="", configuration="")
    loader = Loader(plan["tests"], arguments or plan["folders"], marks)
    tests, broken = loader.find()
    for test in broken:
        _write_uncollected(test, report, places)
    report.write("collected", tests=[test.id() for test in tests])
    result = Result(loader.entered, perforch_patience.Patience(plan["test_seconds"]), (report, places, marks))
    result.run(tests)
    good = result.wasSuccessful() and not broken
    status = 5 if not tests and not broken else 0 if good else 1
    report.write(
        "end",
        status=status,
        collected=len({test.id() for test in tests}),
        ran=len(result.ran),
        loaded=places.loaded(),
        strays=places.strays(),
    )
    return status


class Loader(unittest.TestLoader):
    """Finds tests from several folders; `chosen` ids alone, where there are any."""

    def __init__(self, chosen, folders, marks):
        super().__init__()
        self._marks = marks
        self.entered = {}  # module -> entered while it was loaded
        self._chosen = None if chosen is None else set(chosen)
        self._stems = None if chosen is None else {part for name in chosen for part in name.split(".")[:-2]}
        self._folders = folders

    def find(self):
        """The tests, and the stand-ins of modules that could not be imported."""
        found = {}
        for folder in self._folders:
            for test in _flat(self.discover(folder, "test*.py", _top_of(folder))):
                found.setdefault(test.id(), test)
        broken = [test for test in found.values() if type(test).__module__ == FAILED_IMPORT]
        tests = [test for test in found.values() if type(test).__module__ != FAILED_IMPORT]
        if self._chosen is not None:
            tests = [test for test in tests if test.id() in self._chosen]
        return tests, broken

    def _match_path(self, path, full_path, pattern):
        stem = os.path.splitext(path)[0]
        return super()._match_path(path, full_path, pattern) and (self._stems is None or stem in self._stems)

    def _get_module_from_name(self, name):
        self._marks.take()
        try:
            return super()._get_module_from_name(name)
        finally:
            self._marks.settle()
            self.entered[name] = self._marks.take()


def _top_of(folder):
    """The folder above the outermost package that holds `folder`, which its tests are named from."""
    top = os.path.abspath(folder)
    while os.path.isfile(os.path.join(top, "__init__.py")):
        top = os.path.dirname(top)
    return top


def _flat(suite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from _flat(test)
        else:
            yield test


def _write_uncollected(test, report, places):
    error = getattr(test, "_exception", None)
    text = str(error) if error is not None else test.id()
    failure = perforch_report.failure_without_exception(text)
    name, _, message = failure["message"].partition(": ")
    trace = [(places.relative(file), int(line), where or "<module>") for file, line, where in TRACE_LINE.findall(text)]
    failure.update(exception=name, message=message, frames=[list(frame) for frame in trace if frame[0] is not None])
    report.write("uncollected", id=test.id().rpartition(".")[2], failure=failure)


class Result(unittest.TestResult):
    """Writes one event per test."""

    def __init__(self, entered, patience, parts):
        super().__init__()
        self._patience = patience
        self._report, self._places, self._marks = parts
        self._shared = entered  # module or class -> entered when it was loaded and set up
        self._prevented = {}  # module or class -> why its tests do not run
        self._setting_up = None
        self._now = None
        self._last = None
        self._began = 0.0
        self._armed = None
        self.ran = set()

    def run(self, tests):
        Suite(tests).run(self)
        for test in tests:
            if test.id() not in self.ran:
                self._write_prevented(test)

    def set_up(self, name, step):
        """Run the set-up of a module or class, and keep what it entered and why it failed."""
        self._marks.take()
        self._setting_up = name
        try:
            step()
        finally:
            self._setting_up = None
            self._shared[name] = self._shared.get(name, set()) | self._marks.take()

    def _write_prevented(self, test):
        for name in _homes(test):
            if name in self._prevented:
                self._now = self._prevented[name]
                self._write(test, 0.0)
                return

    def startTest(self, test):  # noqa: N802 - unittest's name
        super().startTest(test)
        self._marks.settle()
        self._marks.take()
        self._now = {"outcome": "passed", "failure": None}
        self._report.write("run", id=test.id())
        self._began = time.perf_counter()
        self._armed = self._patience.arm()

    def stopTest(self, test):  # noqa: N802
        self._patience.disarm(self._armed)
        super().stopTest(test)
        self._write(test, time.perf_counter() - self._began)
        self._now = None

    def _write(self, test, seconds):
        entered = self._marks.take() | self._imported(type(test).__module__)
        for name in _homes(test):
            entered |= self._shared.get(name, set())
        lines = sorted({line for number in entered for line in self._marks.lines.get(number, ())})
        numbers = self._report.numbers(entered, self._marks.functions)
        self._last = {"id": test.id(), "entered": numbers, "lines": lines, "seconds": seconds, **self._now}
        self._report.write("test", **self._last)
        self.ran.add(test.id())

    def _imported(self, module):
        return self._marks.import_time([self._places.module_file(module)], self._places)

    def _becomes(self, outcome, test, error=None):
        failure = None if error is None else self._failure(test, error)
        if self._setting_up is not None:
            self._prevented[self._setting_up] = {"outcome": "error" if failure else outcome, "failure": failure}
        elif self._now is None:
            self._amend_last(failure)
        elif self._now["outcome"] not in ("failed", "error"):
            self._now = {"outcome": outcome, "failure": failure}

    def _amend_last(self, failure):
        """A tearDownClass or tearDownModule failed: so did the last test, as pytest has it."""
        if self._last is not None and failure is not None:
            self._report.write("test", **{**self._last, "outcome": "error", "failure": failure})

    def _failure(self, test, error):
        return perforch_report.failure(error[1], self._exc_info_to_string(error, test), self._places)

    def addError(self, test, err):  # noqa: N802
        super().addError(test, err)
        self._becomes("failed", test, err)

    def addFailure(self, test, err):  # noqa: N802
        super().addFailure(test, err)
        self._becomes("failed", test, err)

    def addSubTest(self, test, subtest, err):  # noqa: N802
        super().addSubTest(test, subtest, err)
        if err is not None:
            self._becomes("failed", test, err)

    def addSkip(self, test, reason):  # noqa: N802
        super().addSkip(test, reason)
        if self._now is None and self._setting_up is None:  # Python 3.12.1 skips tests that it has not started
            self.startTest(test)
        self._becomes("skipped", test)

    def addExpectedFailure(self, test, err):  # noqa: N802
        super().addExpectedFailure(test, err)
        self._becomes("xfailed", test)

    def addUnexpectedSuccess(self, test):  # noqa: N802
        super().addUnexpectedSuccess(test)
        self._becomes("xpassed", test)


class Suite(unittest.TestSuite):
    """Tells the result when a module or a class is set up."""

    def _handleModuleFixture(self, test, result):  # noqa: N802
        if type(test).__module__ == self._get_previous_module(result):
            return
        step = super()._handleModuleFixture
        result.set_up(type(test).__module__, lambda: step(test, result))

    def _handleClassSetUp(self, test, result):  # noqa: N802
        if type(test) is getattr(result, "_previousTestClass", None):
            return
        step = super()._handleClassSetUp
        result.set_up(_homes(test)[1], lambda: step(test, result))


def _homes(test):
    """The names of the module and of the class of a test."""
    module = type(test).__module__
    return module, f"{module}.{type(test).__qualname__}"
