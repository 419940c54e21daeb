"""The parent of a measured process holds the clock: the kernel's for that process, which nothing in there can touch.

Two versions that are measured side by side take turns of a few milliseconds on one processor, within a call if need
be: one is stopped while the other runs. A processor's speed changes in tenths of a second, and so it does for both.
"""

import contextlib
import marshal
import os
import select
import signal
import socket
import sys
import time

from measure_child import cpu_seconds, end, forked
from measure_counters import Counters
from measure_run import BEGIN, DONE, END, IMPORTED, LENGTH_BYTES

PROGRAM = os.path.join(os.path.dirname(os.path.abspath(__file__)), "measure_run.py")
SAMPLE_SECONDS = 0.01  # between two looks at the memory in use
TURN_SECONDS = 0.002
SILENT_SECONDS = 30.0  # in the middle of a message
TOKEN_BYTES = 16
TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


def sample(place, work, next_turn=None, processor=None):
    """Figures of a fresh process that imports the target and repeats `work`; or, under "failed", why there are none.

    With `next_turn` it stands still after each turn, and before its first, until that has returned. `processor` is the
    number of the one that it has to stay on, counted among those that we may use.
    """
    ours, theirs = socket.socketpair()
    token = os.urandom(TOKEN_BYTES)
    started = time.monotonic()
    with ours, theirs:
        process = forked(lambda: _execute(theirs.fileno(), processor), keep=(theirs.fileno(),))
        counters = Counters(process)
        theirs.close()
        ours.settimeout(SILENT_SECONDS)
        watch = Watch(process, ours, token, Turns(process, next_turn))
        try:
            said = watch.follow((token, place, work), started + work["longest"])
        except OSError as error:
            said = {"failed": "the process has ended: %s" % error}
        finally:
            usage, orphans = end(process)
            counted = counters.read()
            counters.close()
    if "failed" in said:
        return said
    whole = {
        "process": usage.ru_utime + usage.ru_stime + orphans,
        "user": usage.ru_utime,
        "system": usage.ru_stime,
        "duration": time.monotonic() - started - watch.turns.waited,
        "counted": counted,
    }
    return {**watch.figures(), **whole, "digest": said["digest"]}


def _execute(descriptor, processor):
    if processor is not None:
        with contextlib.suppress(OSError):  # where that is refused, two versions are only noisier beside each other
            usable = sorted(os.sched_getaffinity(0))
            os.sched_setaffinity(0, [usable[processor % len(usable)]])
    os.set_inheritable(descriptor, True)  # noqa: FBT003 - it takes no keyword
    os.execv(sys.executable, [sys.executable, PROGRAM, str(descriptor)])


class Turns:
    """When one process has to make way for another; never, where there is none. `waited` are the seconds it has."""

    def __init__(self, process, next_turn):
        self._process = process
        self._next_turn = next_turn
        self._left = 0.0  # of the turn that it has
        self.waited = 0.0

    def patience(self):
        """How many seconds it may run on before it is looked at."""
        return self._left if self._left > 0.0 else SAMPLE_SECONDS

    def begin(self):
        """The process stands at the beginning of what is measured."""
        if self._left <= 0.0:
            self._wait()

    def passed(self, seconds):
        """So much of the turn has been used, in which the process may still be running; whether that was all of it."""
        self._left -= seconds
        return self._next_turn is not None and self._left <= 0.0

    def stand_aside(self):
        """Stop the process, whatever it is doing, and those that it has started, until it is its turn again."""
        os.killpg(self._process, signal.SIGSTOP)
        self._wait()
        os.killpg(self._process, signal.SIGCONT)

    def _wait(self):
        if self._next_turn is not None:
            began = time.monotonic()
            self._next_turn()
            self.waited += time.monotonic() - began
            self._left = TURN_SECONDS


class Watch:
    """One process, from its marks to its figures."""

    def __init__(self, process, end, token, turns):
        self._process = process
        self._end = end
        self._token = token
        self.turns = turns
        self._cpu = self._wall = 0.0
        self._imported = 0.0
        self._peak = 0
        self._memory = []
        self._looked = 0.0  # when the region had taken so many seconds
        self._began = None  # with so many seconds of CPU, while it is in the region
        self._since = 0.0  # it runs there without a break

    def follow(self, job, deadline):
        """Give it its job, and answer its marks until it has finished; what it said at the end."""
        data = marshal.dumps(job)
        self._end.sendall(len(data).to_bytes(LENGTH_BYTES, "big") + data)
        while True:
            if time.monotonic() - self.turns.waited > deadline:
                return {"failed": "it takes too long"}
            if select.select([self._end], [], [], self.turns.patience())[0]:
                data = self._end.recv(1 << 20)
                if not data.startswith(self._token):
                    return {"failed": "the process has ended"}
                if data[TOKEN_BYTES : TOKEN_BYTES + 1] == DONE:
                    return marshal.loads(self._rest(data[TOKEN_BYTES + 1 :]))
                self._note(data[TOKEN_BYTES:])
                self._end.sendall(b"g")
            elif self._began is not None:
                self._interrupt()

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
            self._began = now  # what it does out of its turn counts as well
            self.turns.begin()
            self._since = time.monotonic()
        elif mark == END:
            self._pass()
            self._cpu += now - self._began
            self._look()
            self._peak = status_bytes(self._process, "VmHWM:")
            self._began = None

    def _interrupt(self):
        """In the middle of the region: its turn may be over."""
        is_over = self._pass()
        if self._wall - self._looked >= SAMPLE_SECONDS:
            self._look()
        if is_over:
            self.turns.stand_aside()
            self._since = time.monotonic()

    def _pass(self):
        """Account for the time since it has last been done; whether the turn is over."""
        now = time.monotonic()
        seconds, self._since = now - self._since, now
        self._wall += seconds
        return self.turns.passed(seconds)

    def _clock(self):
        """Its own CPU seconds and those of its children that have ended."""
        with open("/proc/%d/stat" % self._process, encoding="ascii", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
        children = (int(fields[13]) + int(fields[14])) / TICKS
        return cpu_seconds(self._process) + children

    def _look(self):
        self._looked = self._wall
        self._memory.append(resident_bytes(self._process))

    def figures(self):
        mean = sum(self._memory) / len(self._memory) if self._memory else 0.0
        return {"cpu": self._cpu, "wall": self._wall, "import": self._imported, "mean": mean, "peak": self._peak}


def resident_bytes(process):
    """What of its memory is resident now."""
    try:
        with open("/proc/%d/smaps_rollup" % process, encoding="ascii", errors="replace") as file:
            return next(int(line.split()[1]) * 1024 for line in file if line.startswith("Rss:"))
    except (OSError, StopIteration):  # not every kernel has it
        with open("/proc/%d/statm" % process, encoding="ascii") as file:
            return int(file.read().split()[1]) * PAGE


def status_bytes(process, name):
    """A figure of the kernel's about the memory of the process."""
    with open("/proc/%d/status" % process, encoding="ascii", errors="replace") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith(name))
