"""The tests of a workbench, each as something to call that raises when the test fails."""

import copy
import dis
import inspect
import marshal
import os
import types
import unittest

from evaluate_clock import NotPassed

_ATOMS = (str, int, float, bool, bytes, complex, type(None))


class CaseTest:
    """A unittest case, with its class's and module's set-up: by unittest itself, with nothing reported."""

    def __init__(self, kind, method):
        self._kind = kind
        self._method = method
        self.file, self.last_line = _extent(getattr(kind, method, None))

    @classmethod
    def of(cls, case):
        return cls(type(case), case._testMethodName)

    def __call__(self):
        verdict = _Verdict()
        unittest.TestSuite([self._kind(self._method)]).run(verdict)
        if verdict.is_bad:
            raise NotPassed(verdict.trace)


class _Verdict(unittest.TestResult):
    """Only whether it passed; the standard one formats tracebacks, which takes longer than most tests."""

    def __init__(self):
        super().__init__()
        self.failfast = True
        self.is_bad = False
        self.trace = None

    def addError(self, *details):  # noqa: N802 - unittest's name
        self._bad(details[-1])

    def addFailure(self, *details):  # noqa: N802
        self._bad(details[-1])

    def addSkip(self, *_):  # noqa: N802
        self._bad()

    def addUnexpectedSuccess(self, *_):  # noqa: N802
        self._bad()

    def addSubTest(self, *details):  # noqa: N802
        if details[-1] is not None:
            self._bad(details[-1])

    def _bad(self, error=None):
        self.is_bad = True
        if error is not None and self.trace is None:
            self.trace = error[2]
        self.stop()


class PlainTest:
    """A test function without fixtures, called as it is, with its own copy of its parameters."""

    def __init__(self, item):
        self._owner = item.cls
        self._function = item.obj
        self.file, self.last_line = _extent(item.obj)
        self._method = item.originalname or item.name
        wanted = set(item._fixtureinfo.argnames)
        self._fresh = {key: fresh(value) for key, value in _parameters(item).items() if key in wanted}

    def __call__(self):
        function = self._function if self._owner is None else getattr(self._owner(), self._method)
        function(**{key: make() for key, make in self._fresh.items()})


class ItemTest:
    """Any pytest item, by pytest's own hooks for set-up, call, tear-down and report.

    Fixtures of wider scopes stay alive from run to run, unless the stage says that they depend on the target.
    """

    def __init__(self, item, stage):
        self._item = item
        self._stage = stage
        self.file, self.last_line = _extent(getattr(item, "obj", None))
        self._fresh = {key: fresh(value) for key, value in _parameters(item).items()}

    def __call__(self):
        item, stage = self._item, self._stage
        stage.enter(item)
        for key, make in self._fresh.items():
            item.callspec.params[key] = make()
        if hasattr(item, "_request") and not item._request:
            item._initrequest()
        try:
            self._run(None if stage.rebuild else item.parent)
        finally:
            if hasattr(item, "_request"):
                item._request = False
                item.funcargs = None

    def _run(self, stay):
        error = self._failure_of("setup")
        if error is None:
            error = self._failure_of("call")
        later = self._failure_of("teardown", nextitem=stay)
        if error or later:
            raise error or later

    def _failure_of(self, when, **more):
        """None, or what to raise; a failing subtest has only been reported."""
        item = self._item
        self._stage.has_failed_report = False
        hook = getattr(item.ihook, "pytest_runtest_" + when)
        call = self._stage.call_info(lambda: hook(item=item, **more), when)
        report = item.ihook.pytest_runtest_makereport(item=item, call=call)
        if report.passed and not self._stage.has_failed_report:
            return None
        return NotPassed(call.excinfo.tb if call.excinfo else None)


class Stage:
    """Which pytest item was on last: what it left standing is torn down before an item from elsewhere comes.

    `call_info` is pytest's way to call something and keep what it raises.
    """

    def __init__(self, call_info=None):
        self.call_info = call_info
        self.has_failed_report = False
        self._last = None
        self.rebuild = False

    def enter(self, item):
        last, self._last = self._last, item
        if last is not None and last.parent is not item.parent:
            state = item.session._setupstate
            both = len(inspect.signature(state.teardown_exact).parameters) > 1  # pytest 6 and before
            state.teardown_exact(last, item) if both else state.teardown_exact(item)

    def clear(self):
        """Tear everything down, as at the end of a session."""
        last, self._last = self._last, None
        if last is not None:
            last.ihook.pytest_runtest_teardown(item=last, nextitem=None)


def _extent(function):
    """The file of a test's own code as it stands in tracebacks, and the last line of it."""
    code = getattr(inspect.unwrap(function), "__code__", None) if callable(function) else None
    if code is None:
        return None, 0
    return code.co_filename, max(line for _, line in dis.findlinestarts(code) if line is not None)


def quick_test(item, stage):
    """The fastest way to run a pytest item that leaves nothing of the project's own out."""
    fixtures = [fixture for fixture in _fixtures(item) if not _is_ambient(fixture, item)]
    if type(item).__name__ == "TestCaseFunction" and all(_is_unittest_fixture(fixture) for fixture in fixtures):
        return CaseTest(item.cls, item.name)
    if _is_plain(item) and all(_is_parameter(fixture) for fixture in fixtures):
        return PlainTest(item)
    return ItemTest(item, stage)


def _is_plain(item):
    import pytest  # noqa: PLC0415 - it need not be there when only unittest is used

    function = getattr(item, "obj", None)
    return (
        type(item) is pytest.Function
        and isinstance(getattr(function, "__func__", function), types.FunctionType)
        and not inspect.iscoroutinefunction(function)
        and not inspect.isgeneratorfunction(function)
        and not inspect.isasyncgenfunction(function)
        and not any(item.get_closest_marker(name) for name in ("skip", "skipif", "xfail", "asyncio", "anyio", "trio"))
        and set(item._fixtureinfo.argnames) <= set(_parameters(item))
    )


def _parameters(item):
    spec = getattr(item, "callspec", None)
    return {} if spec is None else {**getattr(spec, "funcargs", {}), **spec.params}


def _fixtures(item):
    info = getattr(item, "_fixtureinfo", None)
    definitions = {} if info is None else info.name2fixturedefs
    return [found[-1] for name, found in definitions.items() if found and name != "request"]


def _is_ambient(fixture, item):
    """A session's fixture that an installed plugin puts around every test; if it matters, the profile finds out."""
    code = getattr(fixture.func, "__code__", None)
    return (
        fixture.scope == "session"
        and code is not None
        and not code.co_filename.startswith(os.path.join(str(item.config.rootpath), ""))
        and fixture.argname not in item._fixtureinfo.argnames
    )


def _is_unittest_fixture(fixture):
    function = fixture.func
    return getattr(function, "__module__", "") == "_pytest.unittest" and "method" not in function.__qualname__


def _is_parameter(fixture):
    return getattr(fixture.func, "__name__", "") == "get_direct_param_fixture_func"


def fresh(value):
    """Something that makes equal copies of `value`: a candidate may change what a test hands it."""
    if isinstance(value, _ATOMS):
        return lambda: value
    try:
        packed = marshal.dumps(value)
    except ValueError:
        pass
    else:
        return lambda: marshal.loads(packed)
    if not isinstance(value, (list, dict, set, tuple)):
        return lambda: value
    try:
        pristine = copy.deepcopy(value)
    except Exception:
        return lambda: value
    return lambda: copy.deepcopy(pristine)
