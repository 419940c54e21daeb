"""Recording what tests and benchmarks call the target with, while they run."""

import inspect
import os
import sys
import time
from types import SimpleNamespace

from evaluate_clock import Clock
from evaluate_collect import Job, collect
from evaluate_frames import arguments
from evaluate_source import Unfit, outermost
from measure_asv import benchmarks
from measure_calls import Uncopyable, packed, shown

RECORD_SECONDS = 20.0  # of CPU, for all tests
BENCHMARK_SECONDS = 5.0  # for all benchmarks that are no tests
TEST_SECONDS = 5.0
CALLS_PER_TEST = 40
CALLS = 400
GENERATORS = inspect.CO_GENERATOR | inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR


def captured(message, send):
    """Send where the target lives once it is first called, and each call with other arguments; or why there is none."""
    job = Job(message)
    try:
        outer = outermost(job.site)
    except (Unfit, SyntaxError) as error:
        send({"complaint": "The function cannot be found: %s." % error})
        return
    recorder = Recorder(job.site.path, outer, send)

    def follow(collected):
        recorder.watch(collected.quick, job.tests, benchmarks(job.root, outer.names[-1]))

    complaint = collect(job, follow)
    if not recorder.is_done:  # with pytest, the process has ended before it comes here
        send({"complaint": complaint})


def _is_benchmark(test):
    """Whether it is one of pytest-benchmark's."""
    return "benchmark" in getattr(getattr(test, "_item", None), "fixturenames", ())


class Recorder:
    """Follows calls of one function, known by file, line and name."""

    def __init__(self, file, outer, send):
        self._file = file
        self._outer = outer
        self._send = send
        self._known = set()
        self._uncopyable = 0
        self._resumed = []  # frames of generators that have begun: they are entered again and again
        self._calls = 0
        self._is_benchmark = False
        self.is_done = False

    def watch(self, tests, names, benchmarks=()):
        """Follow the benchmarks, and then the tests; what is called by both counts as the benchmarks'."""
        self._follow(((act, True) for act in benchmarks), BENCHMARK_SECONDS)
        found = filter(None, map(tests.get, names))
        self._follow(((test, _is_benchmark(test)) for test in found), RECORD_SECONDS)
        self.is_done = True
        self._send({"done": len(self._known), "uncopyable": self._uncopyable})

    def _follow(self, acts, seconds):
        clock = Clock(SimpleNamespace(deadline=0.0))
        end = time.process_time() + seconds
        for act, self._is_benchmark in acts:
            if len(self._known) >= CALLS or time.process_time() > end:
                return
            self._calls = 0
            sys.settrace(self._on_call)
            clock.run(act, TEST_SECONDS)
            sys.settrace(None)
            self._resumed = []

    def _on_call(self, frame, _event, _argument):
        code = frame.f_code
        if code.co_name != self._outer.original.co_name or not self._is_target(code):
            return
        if code.co_flags & GENERATORS:
            if any(known is frame for known in self._resumed):
                return
            self._resumed.append(frame)
        self._calls += 1
        self._record(frame)
        if self._calls >= CALLS_PER_TEST:
            sys.settrace(None)

    def _is_target(self, code):
        original = self._outer.original
        return code.co_firstlineno == original.co_firstlineno and os.path.realpath(code.co_filename) == self._file

    def _record(self, frame):
        call = arguments(frame)
        try:
            text = packed(call)
        except Uncopyable:
            self._uncopyable += 1
            return
        if text in self._known:
            return
        if not self._known:
            path = [entry for entry in sys.path if entry]
            module = frame.f_globals.get("__name__", "")
            self._send({"place": [module, self._file, self._outer.names, path]})
        self._known.add(text)
        name = self._outer.names[-1]
        self._send({"call": text, "shown": shown(name, call), "benchmark": self._is_benchmark})
