"""A test that does not end fails where it is, so that one endless loop does not cost the whole run its result.

The first one may take its full time, each further one a quarter of that, so that a function that loops under many tests
costs little more than once; but never less than a few times the longest test that has ended well.
"""

import signal
import threading
import time

AGAIN_SECONDS = 1.0  # code under test may swallow the exception
AGAIN_FACTOR = 4.0
SLOWER_FACTOR = 3.0
LEAST_SECONDS = 1.0


class TestTimeout(BaseException):
    """Not an Exception: code under test that catches those would go on."""

    __test__ = False  # not a test class


class Patience:
    """How long the present step of a test may take. Where the project has an alarm of its own, that one decides."""

    def __init__(self, seconds):
        self._seconds = seconds
        self._longest = 0.0
        self._has_ended = False
        self._can_ring = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()

    def arm(self):
        """To be followed by `disarm` with what this returns."""
        if not self._can_ring or signal.getsignal(signal.SIGALRM) is not signal.SIG_DFL:
            return None
        signal.signal(signal.SIGALRM, self._ring)
        signal.setitimer(signal.ITIMER_REAL, self._limit(), AGAIN_SECONDS)
        self._has_ended = False
        return time.perf_counter()

    def disarm(self, began):
        if began is None or signal.getsignal(signal.SIGALRM) != self._ring:
            return
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        if self._has_ended:
            self._seconds /= AGAIN_FACTOR
        else:
            self._longest = max(self._longest, time.perf_counter() - began)

    def _limit(self):
        return max(self._seconds, self._longest * SLOWER_FACTOR, LEAST_SECONDS)

    def _ring(self, _number, _frame):
        __tracebackhide__ = True  # the test's report ends where the test was
        self._has_ended = True
        raise TestTimeout(f"the test was still running after {self._limit():.1f} s")
