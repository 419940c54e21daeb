"""Running one test with a limit on its CPU time, so that nothing a mutant does escapes."""

import signal
import time
from typing import NamedTuple

from evaluate_timer import Timer

PASSED = "passed"
FAILED = "failed"
TIMED_OUT = "timed-out"

# A loop in C heeds no signal: the keeper waits this long beyond the limit, for a machine under load, before it kills.
GRACE_SECONDS = 1.0
GRACE_FACTOR = 4.0
AGAIN_SECONDS = 0.004  # between two interruptions, at least


class Timed(NamedTuple):
    """How a test ended, after how many seconds of CPU time, and if it did not pass where in its own file, and how.

    `end` is what was raised, with the innermost file and line.
    """

    outcome: str
    seconds: float
    stop: list
    end: list


class NotPassed(BaseException):
    """The test did not pass, and its framework has kept the exception; `trace` is its traceback."""

    def __init__(self, trace):
        super().__init__()
        self.trace = trace


class Expired(BaseException):
    """The limit is reached; not an Exception, so that few handlers in the code under test catch it."""


class Clock:
    """Interrupts what runs under it. The signal acts only while armed, so that none hits our own code."""

    def __init__(self, place):
        self._place = place
        self._timer = Timer()
        self._again = 0.0
        self._armed = False
        self._fired = False
        self._end = 0.0
        self.stop = []  # of the last test that did not pass: functions and lines of its own file, outermost first
        self.end = []  # and what ended it
        signal.signal(signal.SIGPROF, self._interrupt)

    def _interrupt(self, _number, _frame):
        if not self._armed:
            return
        if time.thread_time() >= self._end:
            self._fired = True
            raise Expired
        if not self._fired:  # it was early, as others had the core or the test sleeps; such a one is rarely disturbed
            self._again *= 2
            self._timer.ring(self._again, self._again)

    def run(self, test, seconds):
        """The outcome of calling `test`, which fails by raising whatever it likes."""
        self._place.deadline = time.monotonic() + GRACE_SECONDS + GRACE_FACTOR * seconds
        self._fired = False
        self._end = time.thread_time() + 0.9 * seconds
        outcome = FAILED
        # It comes again and again: a mutant may catch the first one and go on looping.
        self._again = max(seconds / 4, AGAIN_SECONDS)
        self._timer.ring(seconds, self._again)
        try:
            try:
                self._armed = True
                test()
                self._armed = False
                outcome = PASSED
            except BaseException as error:
                self._armed = False
                self.stop, self.end = _stop(error, getattr(test, "file", None))
        except BaseException:  # it fired between the end of the test and the disarming
            self._armed = False
        self._timer.ring(0, 0)
        return TIMED_OUT if self._fired else outcome

    def timed(self, test, seconds):
        # While a timer runs, some kernels count the whole process in ticks only; a thread is counted exactly.
        started = time.process_time(), time.thread_time()
        outcome = self.run(test, seconds)
        ended = time.process_time(), time.thread_time()
        return Timed(outcome, max(ended[0] - started[0], ended[1] - started[1]), self.stop, self.end)


def _stop(error, file):
    trace = error.trace if isinstance(error, NotPassed) else error.__traceback__
    found, end, is_outside = [], [], True
    while trace is not None:
        code = trace.tb_frame.f_code
        if code.co_filename == file and is_outside:
            found.append([code.co_name, trace.tb_lineno])
        is_outside = is_outside and (code.co_filename == file or not found)
        end = [type(error).__name__, code.co_filename, trace.tb_lineno]
        trace = trace.tb_next
    return found, end


def progress(before, now):
    """How many lines later a test stopped than it did before; 0 where that cannot be said."""
    for (function, line), (other, later) in zip(before, now):  # noqa: B905 - not in Python 3.8
        if function != other:
            return 0
        if line != later:
            return max(0, later - line)
    return 0
