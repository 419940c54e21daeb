"""Watching what candidates do on inputs that no test has: calls recorded, varied, repeated, and digested."""

import copy
import functools
import hashlib
import inspect
import itertools
import json
import os
import random
import re
import select
import signal
import sys
import time
from types import SimpleNamespace

from evaluate_clock import TIMED_OUT, Clock
from evaluate_frames import arguments
from evaluate_inputs import SAMPLES, varied
from evaluate_source import Unfit

SAMPLES_PER_TEST = 6
RECORD_SECONDS = 10.0
ITEMS = 1000  # of an iterator that are taken
TEXT_CHARACTERS = 20000
INPUT_CHARACTERS = 120
DEEPEST = 5
STALL_SECONDS = 2.0  # without a further input done: a loop in C
CODE_SECONDS = 10.0  # for all inputs of one candidate

_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


def observed(bench, clock, place, message):
    """One list of digests per code, and the inputs as they would be written; empty where nothing can be repeated."""
    codes = message["observe"]
    place.deadline = 0.0
    function = bench.surgeon.function
    samples = [] if function is None else _recorded(bench, clock, (codes[0], message["seconds"]))
    place.deadline = 0.0
    inputs = varied(samples, random.Random(0)) if samples else []
    digests = [_digests(bench, (code, inputs, message["limit"])) if inputs else [] for code in codes]
    return {"digests": digests, "inputs": [_written(function.__name__, call) for call in inputs]}


def _recorded(bench, clock, how):
    """Deep copies of the arguments of the first few calls in each test.

    With the first code in place, which passes: with the present one a test that fails hides the calls that follow.
    """
    code, seconds = how
    samples, wanted, end = [], _installed(bench, code), time.monotonic() + RECORD_SECONDS
    for test in bench.tests:
        if test is None or len(samples) >= SAMPLES or time.monotonic() > end:
            continue
        calls = []
        recorder = _recorder(wanted, calls)
        sys.settrace(recorder)
        clock.run(test, seconds)
        sys.settrace(None)
        samples += calls
    return list({repr(sample): sample for sample in samples}.values())


def _installed(bench, code):
    """The code object by which calls are known."""
    bench.surgeon.restore()
    try:
        bench.surgeon.install(bench.surgeon.prepare(code))
    except (Unfit, SyntaxError, ValueError, TypeError):
        return bench.surgeon.outer_code
    return bench.surgeon.function.__code__


def _recorder(wanted, calls):
    def on_call(frame, _event, _argument):
        if frame.f_code is wanted:
            call = _copied_arguments(frame)
            if call is not None:
                calls.append(call)
            if len(calls) >= SAMPLES_PER_TEST:
                sys.settrace(None)

    return on_call


def _copied_arguments(frame):
    """None where they cannot be copied."""
    try:
        return copy.deepcopy(arguments(frame))
    except Exception:
        return None


def _digests(bench, work):
    """In a fork per candidate; where one is lost, the next goes on after the input that it was lost on."""
    code, inputs, limit = work
    found, end = [], time.monotonic() + CODE_SECONDS
    while len(found) < len(inputs):
        if time.monotonic() > end:
            return found + ["!late"] * (len(inputs) - len(found))
        rest = code, inputs[len(found) :], limit
        found += _in_fork(functools.partial(_call_all, bench, rest))
        if len(found) < len(inputs):
            found.append("!lost")
    return found


def _in_fork(work):
    """The digests that a fork sends before it ends, stalls or is lost."""
    read_end, write_end = os.pipe()
    process = os.fork()
    if process == 0:
        try:
            work(lambda digest: os.write(write_end, json.dumps(digest).encode("ascii") + b"\n"))
        finally:
            os._exit(0)
    os.close(write_end)
    data = b""
    while select.select([read_end], [], [], STALL_SECONDS)[0]:
        more = os.read(read_end, 1 << 16)
        if not more:
            break
        data += more
    os.close(read_end)
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    return [json.loads(line) for line in data.split(b"\n")[:-1]]


def _call_all(bench, work, send):
    code, inputs, limit = work
    surgeon = bench.surgeon
    clock = Clock(SimpleNamespace(deadline=0.0))  # the keeper does not watch this process, we do
    try:
        surgeon.install(surgeon.prepare(code))
    except Exception as error:  # it does not compile, or cannot be swapped: the same on every input
        for _ in inputs:
            send("!" + type(error).__name__)
        return
    for positional, keyword in inputs:
        call = _Call(surgeon.function, positional, keyword)
        outcome = clock.run(call, limit)
        send("!timeout" if outcome == TIMED_OUT else call.behaviour)


class _Call:
    """One call with its own copy of the arguments; `behaviour` is the digest of result or exception, and of these."""

    def __init__(self, function, positional, keyword):
        self._function = function
        self._positional = positional
        self._keyword = keyword
        self.behaviour = "!failed"

    def __call__(self):
        random.seed(0)
        positional, keyword = copy.deepcopy((self._positional, self._keyword))
        try:
            result = portrait(_consumed(self._function(*positional, **keyword)))
        except Exception as error:
            result = "!" + type(error).__name__
        text = result + "|" + portrait([positional, keyword])
        self.behaviour = hashlib.sha1(text[:TEXT_CHARACTERS].encode("utf-8", "replace")).hexdigest()[:16]


def _consumed(result):
    """What a generator yields and a coroutine returns, instead of the object itself."""
    if inspect.iscoroutine(result):
        import asyncio  # noqa: PLC0415 - few projects have it loaded, and it is large

        return asyncio.run(result)
    if hasattr(result, "__next__"):
        return list(itertools.islice(result, ITEMS))
    return result


def portrait(value, depth=0):
    """A text that equal values share: sets in order, floats rounded, plain objects by their attributes."""
    if isinstance(value, float):
        return "%.10g" % value
    if depth > DEEPEST:
        return "..."
    if isinstance(value, (list, tuple)):
        return type(value).__name__ + "[" + ",".join(portrait(item, depth + 1) for item in value) + "]"
    if isinstance(value, (set, frozenset)):
        return "{" + ",".join(sorted(portrait(item, depth + 1) for item in value)) + "}"
    if isinstance(value, dict):
        pairs = (portrait(key, depth + 1) + ":" + portrait(item, depth + 1) for key, item in value.items())
        return "{" + ",".join(pairs) + "}"
    if type(value).__repr__ is object.__repr__ and hasattr(value, "__dict__"):
        return type(value).__name__ + portrait(vars(value), depth + 1)
    return _ADDRESS.sub("", repr(value))


def _written(name, call):
    positional, keyword = call
    try:
        parts = [repr(value) for value in positional] + ["%s=%r" % pair for pair in keyword.items()]
    except Exception:
        parts = ["..."]
    text = _ADDRESS.sub("", "%s(%s)" % (name, ", ".join(parts)))
    return text if len(text) <= INPUT_CHARACTERS else text[: INPUT_CHARACTERS - 3] + "..."
