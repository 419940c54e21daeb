"""One measured process, from its very start: `python measure_run.py DESCRIPTOR`, with its work on the other end.

It is a program of its own, and no fork of a warm one, so that each has another layout in memory: with one layout for
all, identical code was up to 8 % faster on one side than on the other. It loads as little as it can.
"""

import hashlib
import marshal
import os
import sys

from measure_calls import unpacker
from measure_effects import Effects
from measure_place import Misplaced, Place, cleared, consumed
from measure_portrait import Portrait

IMPORTED, BEGIN, END, DONE = b"i", b"b", b"e", b"d"
LENGTH_BYTES = 8


class Gate:
    """Waits at each mark until the clock has been read; `token` is what the other side knows us by."""

    def __init__(self, descriptor, token):
        self._descriptor = descriptor
        self._token = token
        self._process = os.getpid()

    def __call__(self, mark):
        self._say(mark)
        os.read(self._descriptor, 1)

    def finish(self, message):
        self._say(DONE + marshal.dumps(message))

    def _say(self, data):
        if os.getpid() != self._process:  # the code under measurement has forked, and its child has come here
            os._exit(0)
        data = self._token + data
        while data:
            data = data[os.write(self._descriptor, data) :]


def main(descriptor):
    token, place, work = marshal.loads(_read(descriptor, int.from_bytes(_read(descriptor, LENGTH_BYTES), "big")))
    gate = Gate(descriptor, token)
    try:
        function = Place(*place).function()
    except Misplaced as error:
        gate.finish({"failed": str(error)})
        return
    gate(IMPORTED)
    effects = Effects()
    effects.begin()
    try:
        results = _repeat(function, work, gate)
    except BaseException as error:  # whatever the code under measurement raises
        gate.finish({"failed": "%s while it was measured" % type(error).__name__})
        return
    portrait = Portrait()
    portrait.add([results, effects.stop()])
    shape = portrait.shape
    floats = hashlib.sha256(",".join(portrait.floats).encode("ascii")).hexdigest()
    gate.finish({"digest": [shape, floats]})


def _read(descriptor, size):
    data = b""
    while len(data) < size:
        more = os.read(descriptor, size - len(data))
        if not more:
            os._exit(1)
        data += more
    return data


def _repeat(function, work, gate):
    """The calls, `repeats` times; the results of the last time."""
    makers = [unpacker(call) for call in work["calls"]]
    act = (lambda *args, **more: consumed(function(*args, **more))) if work["lazy"] else function
    clear = cleared(function)
    passes = work["repeats"]
    if not work["fresh"]:
        calls = [make() for make in makers]
        return _measured(act, [calls] * passes, clear, gate)
    results = []
    while passes > 0:
        batch = [[make() for make in makers] for _ in range(min(passes, work["batch"]))]
        passes -= len(batch)
        results = _measured(act, batch, clear, gate)
    return results


def _measured(act, batch, clear, gate):
    gate(BEGIN)
    for calls in batch[:-1]:
        if clear:
            clear()
        for positional, keyword in calls:
            act(*positional, **keyword)
    if clear:
        clear()
    results = [act(*positional, **keyword) for positional, keyword in batch[-1]]
    gate(END)
    return results


if __name__ == "__main__":
    sys.argv[:], number = [""], int(sys.argv[1])
    main(number)
    os._exit(0)
