"""One measured process: what it does, and the parent that holds the clock."""

import contextlib
import hashlib
import json
import os
import select
import socket
import time

from measure_calls import unpacker
from measure_child import cpu_seconds, end, forked
from measure_effects import Effects
from measure_place import Misplaced, cleared, consumed
from measure_portrait import Portrait

SAMPLE_SECONDS = 0.01  # between two looks at the memory in use
SILENT_SECONDS = 30.0  # in the middle of a message
IMPORTED, BEGIN, END, DONE = b"i", b"b", b"e", b"d"
TOKEN_BYTES = 16
TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


def sample(place, work):
    """Figures of a fresh process that imports the target and repeats `work`; or, under "failed", why there are none."""
    ours, theirs = socket.socketpair()
    token = os.urandom(TOKEN_BYTES)
    started = time.monotonic()
    with ours, theirs:
        process = forked(lambda: _live(place, work, Gate(theirs, token)), keep=(theirs.fileno(),))
        theirs.close()
        ours.settimeout(SILENT_SECONDS)
        watch = Watch(process, ours, token)
        try:
            said = watch.follow(started + work["longest"])
        finally:
            usage, orphans = end(process)
    if "failed" in said:
        return said
    total = usage.ru_utime + usage.ru_stime + orphans
    return {**watch.figures(), "process": total, "peak": usage.ru_maxrss * 1024, "digest": said["digest"]}


class Gate:
    """The measured process's side: it waits at each mark until the clock has been read."""

    def __init__(self, end, token):
        self._end = end
        self._token = token
        self._process = 0

    def __call__(self, mark):
        self._leave_if_copied()
        self._end.sendall(self._token + mark)
        self._end.recv(1)

    def _leave_if_copied(self):
        """The code under measurement may have forked, and its child have come here."""
        self._process = self._process or os.getpid()
        if os.getpid() != self._process:
            os._exit(0)

    def finish(self, message):
        self._leave_if_copied()
        self._end.sendall(self._token + DONE + json.dumps(message).encode("ascii"))


def _live(place, work, gate):
    try:
        function = place.function()
    except Misplaced as error:
        gate.finish({"failed": str(error)})
        return
    gate(IMPORTED)
    try:
        effects = Effects()
        effects.begin()
        results = _repeat(function, work, gate)
    except BaseException as error:  # whatever the code under measurement raises
        gate.finish({"failed": "%s while it was measured" % type(error).__name__})
        return
    portrait = Portrait()
    portrait.add([results, effects.stop()])
    floats = hashlib.sha256(",".join(portrait.floats).encode("ascii")).hexdigest()
    gate.finish({"digest": [portrait.shape, floats]})


def _repeat(function, work, gate):
    """The calls, `repeats` times; the results of the last time."""
    makers = [unpacker(call) for call in work["calls"]]
    act = (lambda *args, **more: consumed(function(*args, **more))) if work["lazy"] else function
    clear = cleared(function)
    passes = work["repeats"]
    if not work["fresh"]:
        calls = [make() for make in makers]
        gate(BEGIN)
        results = _passes(act, [calls] * passes, clear)
        gate(END)
        return results
    results = []
    while passes > 0:
        batch = [[make() for make in makers] for _ in range(min(passes, work["batch"]))]
        passes -= len(batch)
        gate(BEGIN)
        results = _passes(act, batch, clear)
        gate(END)
    return results


def _passes(act, batch, clear):
    for calls in batch[:-1]:
        if clear:
            clear()
        for positional, keyword in calls:
            act(*positional, **keyword)
    if clear:
        clear()
    return [act(*positional, **keyword) for positional, keyword in batch[-1]]


class Watch:
    """The parent's side. Its clock is the kernel's for that process, so nothing that is loaded there can change it."""

    def __init__(self, process, end, token):
        self._process = process
        self._end = end
        self._token = token
        self._cpu = self._wall = 0.0
        self._imported = 0.0
        self._memory = []
        self._began = None

    def follow(self, deadline):
        """Answer its marks until it has finished; what it said at the end."""
        while True:
            if time.monotonic() > deadline:
                return {"failed": "it takes too long"}
            if select.select([self._end], [], [], SAMPLE_SECONDS)[0]:
                data = self._end.recv(1 << 20)
                if not data.startswith(self._token):
                    return {"failed": "the process has ended"}
                if data[TOKEN_BYTES : TOKEN_BYTES + 1] == DONE:
                    return json.loads(self._rest(data[TOKEN_BYTES + 1 :]).decode("ascii"))
                self._note(data[TOKEN_BYTES:])
                self._end.sendall(b"g")
            elif self._began is not None:
                self._look()

    def _rest(self, data):
        """The last message may be long, and is ended by the end of the process."""
        while True:
            more = self._end.recv(1 << 20)
            if not more:
                return data
            data += more

    def _note(self, mark):
        now = self._clock()
        if mark == IMPORTED:
            self._imported = now
        elif mark == BEGIN:
            self._began = now, time.monotonic()
        elif mark == END:
            self._wall += time.monotonic() - self._began[1]
            self._cpu += now - self._began[0]
            self._look()
            self._began = None

    def _clock(self):
        """Its own CPU seconds and those of its children that have ended."""
        with open("/proc/%d/stat" % self._process, encoding="ascii", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
        children = (int(fields[13]) + int(fields[14])) / TICKS
        return cpu_seconds(self._process) + children

    def _look(self):
        self._memory.append(resident_bytes(self._process))

    def figures(self):
        mean = sum(self._memory) / len(self._memory) if self._memory else 0.0
        return {"cpu": self._cpu, "wall": self._wall, "import": self._imported, "mean": mean}


def resident_bytes(process):
    """What of its memory is resident now."""
    with (
        contextlib.suppress(OSError, ValueError),
        open("/proc/%d/smaps_rollup" % process, encoding="ascii", errors="replace") as file,
    ):
        for line in file:
            if line.startswith("Rss:"):
                return int(line.split()[1]) * 1024
    with open("/proc/%d/statm" % process, encoding="ascii") as file:
        return int(file.read().split()[1]) * PAGE
