"""A worker: a fork of the process that has collected the tests, which tries candidate after candidate."""

import os
import random
import resource
import signal
import sys
import threading
import time

from evaluate_clock import FAILED, PASSED, TIMED_OUT, Clock, progress
from evaluate_lines import Gone, Link
from evaluate_observe import observed
from evaluate_shared import BROKEN, MOST, NOT_RUN, RAN, UNFIT, Result
from evaluate_shared import TIMED_OUT as TOO_SLOW
from evaluate_source import Unfit
from evaluate_trace import traced

MEMORY_BYTES = 512 << 20  # what a mutant may take beyond what the project itself has taken by then
FILE_BYTES = 64 << 20
COMPILE_SECONDS = 2.0

# How long the failing tests may go on after one of them has failed, to count how many others pass now.
PARTIAL_SECONDS = 0.001
CHEAP_SECONDS = 0.001  # of a test: any order of such ones will do
CANARY_EVERY = 25  # candidates between two checks that the present code still behaves as at first
CANARY_AFTER_SECONDS = 0.1
CANARY_LEAST_SECONDS = 0.002
CANARY_FACTOR = 5.0


class Plan:
    """What the profile has settled: the tests to run (by index) and the limit per test in each tier.

    `canary` are pairs of a test and whether it passes; `thorough` need the framework's own protocol; `rebuild` says
    that fixtures of wide scope depend on the target.
    """

    def __init__(self, message):
        self.failing = message["failing"]
        self.passing = message["passing"]
        self.limits = message["limits"]
        self.canary = message["canary"]
        self.thorough = message["thorough"]
        self.rebuild = message["rebuild"]
        self.stops = dict(message["stops"])  # where each failing test stops with the present code


class Worker:
    """Tries candidates on the tests of `bench` (see evaluate_collect).

    The failing tests come first, the one that killed last at the very front. Once one has failed, the others go on
    only within PARTIAL_SECONDS, so `passed` is a lower bound. Candidates that get none of them any further are not run
    on the passing tests at all; the others are, up to the first that fails. A test that takes too long ends it at once.
    """

    def __init__(self, bench, place, board, end):
        self._bench = bench
        self._place = place
        self._board = board
        self._link = Link(end)
        self._clock = Clock(place)
        self._plan = None
        self._process = os.getpid()
        self._streams = (sys.stdin, sys.stdout, sys.stderr)
        self._threads = threading.active_count()
        self._number = 0
        self._costs = {}  # seconds, of the last run of each test
        self._checked = time.monotonic()

    def serve(self):
        """Answer the keeper until it goes."""
        while True:
            message = self._link.receive()
            if "plan" in message:
                self._follow(Plan(message["plan"]))
            elif "try" in message:
                self._try_all(message["try"])
            else:
                self._link.send(self._answer(message))

    def _follow(self, plan):
        self._plan = plan
        self._bench.stage.rebuild = plan.rebuild
        for test in plan.thorough:
            self._bench.tests[test] = self._bench.thorough[test]

    def _answer(self, message):
        if "time" in message:
            timed = self._clock.timed(self._bench.tests[message["time"]], message["seconds"])
            self._place.deadline = 0.0
            return {"outcome": timed.outcome, "seconds": timed.seconds, "stop": timed.stop, "end": timed.end}
        if "trace" in message:
            answer = traced(self._bench, message["trace"], self._clock, message["seconds"])
            self._place.deadline = 0.0
            return answer
        return observed(self._bench, self._clock, self._place, message)

    def _try_all(self, trials):
        started = time.monotonic()
        for code, tier, again in trials:
            result = self._judged(code, self._plan.limits[tier], again)
            if os.getpid() != self._process:  # a mutant has forked, and its child has come here
                os._exit(0)
            self._place.put(self._number, result)
            self._number += 1
            # An interrupted test may have left anything behind.
            is_due = self._number - self._place.good >= CANARY_EVERY or result.flags & TOO_SLOW
            if is_due or time.monotonic() - self._checked > CANARY_AFTER_SECONDS:
                self._check()
        self._check()
        self._place.deadline = 0.0
        self._link.send({"seconds": time.monotonic() - started})

    def _check(self):
        """Make sure that the worker is still what it was; if not, leave: the keeper has the last tries repeated."""
        if self._place.good == self._number:
            return
        self._bench.surgeon.restore()
        self._reset()
        if threading.active_count() > self._threads or not all(self._is_as_before(*seen) for seen in self._plan.canary):
            self._link.send({"spoiled": self._place.good})
            os._exit(0)
        self._place.all_good()
        self._checked = time.monotonic()

    def _is_as_before(self, test, before):
        """The same end at the same place, and in about the same time: the tests' data may have grown huge."""
        outcome, seconds, stop, end = before
        now = self._clock.timed(self._bench.tests[test], self._plan.limits[0])
        if now.outcome != outcome or now.seconds > max(CANARY_LEAST_SECONDS, CANARY_FACTOR * seconds):
            return False
        return outcome == PASSED or (now.stop, now.end) == (stop, end)

    def _judged(self, code, limit, again):
        self._place.deadline = time.monotonic() + COMPILE_SECONDS
        surgeon = self._bench.surgeon
        try:
            swap = surgeon.prepare(code)
        except Unfit:
            return Result(UNFIT, 0, 0)
        except (SyntaxError, ValueError, TypeError, OverflowError, RecursionError, MemoryError):
            return NOT_RUN
        if not self._board.is_new(swap.key) and not again:
            return NOT_RUN
        surgeon.install(swap)
        self._reset()
        return self._tested(limit)

    def _tested(self, limit):
        failing, passed, further, started = self._plan.failing, 0, 0, time.perf_counter()
        for test in tuple(failing):
            outcome = self._run(test, limit)
            passed += outcome is PASSED
            further += self._further(test, outcome)
            if outcome is TIMED_OUT:
                return Result(RAN | TOO_SLOW, passed, further)
            if outcome is FAILED:
                self._to_front(failing, test)
                if time.perf_counter() - started > PARTIAL_SECONDS:
                    break
        flags = self._regressed(limit) if passed or further else RAN
        return Result(flags, passed, min(further, MOST))

    def _further(self, test, outcome):
        """How many lines of its own a failing test gets further than with the present code."""
        before = self._plan.stops.get(test)
        if not before:
            return 0
        if outcome is PASSED:
            return max(1, self._bench.tests[test].last_line - before[0][1])
        return progress(before, self._clock.stop)

    def _regressed(self, limit):
        passing = self._plan.passing
        for test in tuple(passing):
            outcome = self._run(test, limit)
            if outcome is TIMED_OUT:
                return RAN | TOO_SLOW
            if outcome is FAILED:
                self._to_front(passing, test)
                return RAN | BROKEN
        return RAN

    def _run(self, test, limit):
        started = time.perf_counter()
        outcome = self._clock.run(self._bench.tests[test], limit)
        self._costs[test] = time.perf_counter() - started
        return outcome

    def _to_front(self, tests, test):
        """The test that kills goes first, unless it takes longer than the one that stands there."""
        if tests[0] != test and self._costs[test] <= max(CHEAP_SECONDS, self._costs.get(tests[0], 0.0)):
            tests.remove(test)
            tests.insert(0, test)

    def _reset(self):
        """The state of the process that tests and mutants change most often."""
        sys.stdin, sys.stdout, sys.stderr = self._streams
        random.seed(0)
        os.chdir(self._bench.root)
        if self._bench.stage.rebuild:
            self._clock.run(self._bench.stage.clear, self._plan.limits[-1])


def run(make, memory=MEMORY_BYTES):
    """The life of the worker that `make` makes, in a fresh fork; never returns."""
    try:
        _settle(memory)
        make().serve()
    except Gone:
        pass
    finally:
        os._exit(0)


def _settle(memory):
    """Silence, limits, and the signals as a program finds them."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with open("/proc/self/statm", encoding="ascii") as sizes:
        taken = int(sizes.read().split()[0]) * resource.getpagesize()
    for kind, most in (
        (resource.RLIMIT_AS, taken + memory),
        (resource.RLIMIT_FSIZE, FILE_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(kind)
        soft = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (soft, hard))
