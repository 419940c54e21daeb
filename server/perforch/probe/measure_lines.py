"""Where the time goes inside the target: what each of its lines takes, what it calls included, and how often it runs.

By sys.settrace, which every Python has. Tracing costs more than many a line, so the clock stands while the tracer
works, and what its mere call costs is measured and taken off.
"""

import functools
import os
import sys
import time
from types import SimpleNamespace

from evaluate_clock import Clock
from measure_calls import unpacker
from measure_child import streamed
from measure_place import Misplaced, cleared, consumed

SECONDS = 1.0  # of CPU, for everything that is traced
ENOUGH_SECONDS = 0.2
WARMING_SECONDS = 0.5
GRACE_SECONDS = 2.0
LEAST_SECONDS = 2e-8  # that a line takes, each time: below that the tracer's own cost was taken off too generously
_ROUNDS, _TRIES = 400, 3  # for what the tracing itself costs
_MANY = 50


def line_counts(place, work, lines):
    """A list of `[line, seconds, hits]`; empty where no call can be made. `lines` are the target's first and last."""
    limit = SECONDS + WARMING_SECONDS + GRACE_SECONDS
    messages = streamed(lambda send: _traced(place, work, lines, send), limit)
    return messages[-1]["lines"] if messages else []


def _traced(place, work, lines, send):
    try:
        function = place.function()
    except Misplaced:
        return
    process = os.getpid()
    calls = Calls(function, work["calls"])
    tracer = Tracer(os.path.realpath(place.file), *lines)
    calls.make(lambda act: act(), WARMING_SECONDS)
    watched = 0.0
    for _ in range(work["repeats"]):
        if watched >= ENOUGH_SECONDS:
            break
        watched += calls.make(tracer.watch, SECONDS - watched)
    if os.getpid() != process:  # the function has forked, and its child has come here
        os._exit(0)
    send({"lines": tracer.counts()})


class Calls:
    """The workload's calls, each with arguments of its own."""

    def __init__(self, function, calls):
        self._function = function
        self._makers = [unpacker(call) for call in calls]
        self._clear = cleared(function)
        self._clock = Clock(SimpleNamespace(deadline=0.0))

    def make(self, watch, seconds):
        """Each once, by `watch`, as far as the time goes; the CPU seconds that they took."""
        start = time.process_time()
        for maker in self._makers:
            left = start + seconds - time.process_time()
            if left <= 0:
                break
            positional, keyword = maker()
            if self._clear:
                self._clear()
            act = functools.partial(self._call, positional, keyword)
            self._clock.run(functools.partial(watch, act), left)
        return time.process_time() - start

    def _call(self, positional, keyword):
        consumed(self._function(*positional, **keyword))


class Tracer:
    """Charges time to lines of the code that begins between two lines of a file, inner functions included."""

    def __init__(self, file, first, last):
        self._file = file
        self._lines = range(first, last + 1)
        self._is_ours = {}
        self._open = []  # the line that each of the target's frames is on, outermost first
        self._since = 0.0
        self._seconds = {}
        self._hits = {}
        self._charges = {}  # how often the tracer was called meanwhile

    def watch(self, act):
        self._open = []
        sys.settrace(self._on_call)
        try:
            act()
        finally:
            sys.settrace(None)

    def counts(self):
        """A list of `[line, seconds, hits]`, with what the tracing itself has cost taken off."""
        cost, found = self._cost(), []
        for line, seconds in sorted(self._seconds.items()):
            hits = self._hits.get(line, 0)
            found.append([line, max(seconds - cost * self._charges[line], LEAST_SECONDS * hits), hits])
        return found

    def _cost(self):
        """Of one call of the tracer: as measured apart, but no more than what the quickest of many lines took with it.

        Either alone is wrong now and then: the machine's pace changes, and a function may have no quick lines.
        """
        quick = [self._seconds[line] / count for line, count in self._charges.items() if count >= _MANY]
        return max(0.0, min([_cost_of_tracing(), *quick]) - LEAST_SECONDS)

    def seconds_per_charge(self):
        return sum(self._seconds.values()) / max(1, sum(self._charges.values()))

    def _on_call(self, frame, _event, _argument):
        now = time.thread_time()
        if not self._is_target(frame.f_code):
            if self._open:
                self._charges[self._open[-1]] = self._charges.get(self._open[-1], 0) + 1
            return None
        self._charge(now)
        self._open.append(frame.f_lineno)
        self._since = time.thread_time()
        return self._on_event

    def _on_event(self, frame, event, _argument):
        self._charge(time.thread_time())
        if event == "line":
            line = frame.f_lineno
            self._hits[line] = self._hits.get(line, 0) + 1
            self._open[-1:] = [line]
        elif event == "return":
            del self._open[-1:]
        self._since = time.thread_time()
        return self._on_event

    def _charge(self, now):
        if self._open:
            line = self._open[-1]
            self._seconds[line] = self._seconds.get(line, 0.0) + now - self._since
            self._charges[line] = self._charges.get(line, 0) + 1

    def _is_target(self, code):
        found = self._is_ours.get(code)
        if found is None:
            found = code.co_firstlineno in self._lines and os.path.realpath(code.co_filename) == self._file
            self._is_ours[code] = found
        return found


def _cost_of_tracing():
    """Seconds between two calls of the tracer with next to nothing between them: the most of a few averages."""
    code, found = _nothing.__code__, []
    for _ in range(_TRIES):
        tracer = Tracer(os.path.realpath(code.co_filename), code.co_firstlineno, code.co_firstlineno)
        tracer.watch(_nothing)
        found.append(tracer.seconds_per_charge())
    return max(found)


def _nothing():
    for _ in range(_ROUNDS):
        pass
