"""What a function does with given arguments: what it returns, raises, changes and prints."""

import contextlib
import functools
import io
import os
import sys
import time
from types import SimpleNamespace

from evaluate_clock import PASSED, TIMED_OUT, Clock
from measure_calls import unpacker
from measure_child import streamed
from measure_effects import Effects
from measure_place import Misplaced, cleared, consumed, is_lazy
from measure_portrait import Portrait, is_plain

GRACE_SECONDS = 2.0
MOST_LOST = 3  # processes; after that nobody wants to know more
SHOWN_CHARACTERS = 200
LOST = {"kind": "lost"}
EXPIRED = {"kind": "expired"}


def behaviours(place, calls, limit, total):
    """One message per call; where a process is lost, the next one goes on after the call that it was lost on.

    `limit` and `total` are seconds of CPU for one call and for all of them; those that come too late have expired.
    """
    found, lost = [], 0
    while len(found) < len(calls) and lost < MOST_LOST:
        rest = calls[len(found) :]
        work = functools.partial(_behave_all, place, rest, (limit, total))
        messages = streamed(work, 4 * limit + GRACE_SECONDS)
        found += messages
        if messages and messages[-1]["kind"] == "misplaced":
            return [*found, *[messages[-1]] * (len(calls) - len(found))]
        if len(found) < len(calls):
            found.append(LOST)
            lost += 1
    return [*found, *[EXPIRED] * (len(calls) - len(found))]


def _behave_all(place, calls, limits, send):
    limit, total = limits
    now = time.process_time  # what is loaded below might change that of the module
    clock = Clock(SimpleNamespace(deadline=0.0))  # the parent watches by other means
    try:
        function = place.function()
    except Misplaced as error:
        send({"kind": "misplaced", "shown": str(error)})
        return
    results = {}  # kept alive, so that one that comes again is known
    effects, process = Effects(), os.getpid()
    clear = cleared(function)
    end = now() + total
    for call in calls:
        if now() > end:
            send(EXPIRED)
            continue
        if clear:
            clear()
        act = _act(function, unpacker(call), effects)
        message = act if isinstance(act, dict) else _behaviour(act, clock, limit, results)
        if os.getpid() != process:  # the function has forked, and its child has come here
            os._exit(0)
        send(message)


def _act(function, make, effects):
    try:
        return _Act(function, make(), effects)
    except Exception as error:  # it was written down in another process, where this may have been possible
        return {"kind": "uncopyable", "shown": str(error)}


def _behaviour(act, clock, limit, results):
    before = act.arguments()
    threads = len(sys._current_frames())
    timed = clock.timed(act, limit)
    if timed.outcome == TIMED_OUT:
        return EXPIRED
    if timed.outcome != PASSED:
        return {"kind": "raised", "shape": "BaseException", "floats": [], "shown": "it raised no Exception"}
    message = act.message()
    message.update(
        seconds=timed.seconds,
        mutates=before != act.arguments(),
        plain=act.is_plain,
        loose=len(sys._current_frames()) > threads,
        shared=id(act.result) in results,
    )
    if type(act.result) in (list, dict, set, bytearray):
        results[id(act.result)] = act.result
    return message


class _Act:
    """One call. Result and arguments are drawn together: whether one refers to the other is part of what it does."""

    def __init__(self, function, call, effects):
        self._function = function
        self._positional, self._keyword = call
        self._effects = effects
        self.is_plain = is_plain((tuple(self._positional), tuple(self._keyword.values())))
        self._printed = io.StringIO()
        self._error = None
        self._kind = "returned"
        self.lazy = False
        self.result = None
        self._type = ""

    def __call__(self):
        with contextlib.redirect_stdout(self._printed):
            self._effects.begin()
            try:
                result = self._function(*self._positional, **self._keyword)
                self._type = type(result).__name__
                self.lazy = is_lazy(result)
                self.result = consumed(result)
            except Exception as error:  # it is what we want to know
                self._error, self._kind = error, "raised"

    def arguments(self):
        """A portrait of what it is called with, as it is now."""
        portrait = Portrait()
        portrait.add((self._positional, self._keyword))
        return portrait.shape, portrait.floats

    def message(self):
        """Everything that must agree is in `shape` and `floats`."""
        portrait = Portrait()
        portrait.add(self._type)
        if self._error is None:
            portrait.add(self.result)
        else:
            arguments = self._error.args
            portrait.add([_type_name(self._error), *(_type_name(argument) for argument in arguments[:1])])
        is_opaque = portrait.is_opaque
        portrait.add([self._positional, self._keyword, self._printed.getvalue(), self._effects.stop()])
        return {
            "kind": self._kind,
            "shape": portrait.shape,
            "floats": portrait.floats,
            "shown": self._shown(),
            "opaque": is_opaque,
            "lazy": self.lazy,
        }

    def _shown(self):
        try:
            text = repr(self.result) if self._error is None else _type_name(self._error)
        except Exception:  # a `__repr__` of the project's
            text = "a %s" % self._type
        return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 3] + "..."


def _type_name(value):
    return "%s.%s" % (type(value).__module__, type(value).__qualname__)
