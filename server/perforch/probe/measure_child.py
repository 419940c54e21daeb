"""Fresh processes for what shall leave no trace: forked by a process that has loaded nothing of the project."""

import contextlib
import ctypes
import json
import os
import select
import signal
import time

from evaluate_nursery import die_with_parent

STALL_WALL_SECONDS = 60.0
PULSE_SECONDS = 0.25
_SUBREAPER = 36


def adopt_orphans():
    """Have the kernel give us the processes that our children leave behind, so that they are seen and counted."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_SUBREAPER, 1)


def cpu_seconds(process):
    """Of another process so far, by the kernel's own clock for it; nothing in that process can touch it."""
    return time.clock_gettime((~process << 3) | 2)


def forked(work, keep):
    """The id of a new process, in a session of its own, that does `work` and ends.

    Of the open files it has only `keep`: what runs there must not be able to speak for us.
    """
    process = os.fork()
    if process == 0:
        try:
            os.setsid()
            die_with_parent()
            _close_all_but(keep)
            work()
        finally:
            os._exit(0)
    return process


def end(process):
    """Kill it with all that it has started, and wait for them; what it used, and the CPU seconds of its orphans."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)
    _, _, usage = os.wait4(process, 0)
    return usage, _reaped()


def _reaped():
    """The CPU seconds of adopted orphans, which are ended; we have no other children by now."""
    total = 0.0
    with contextlib.suppress(ChildProcessError):
        while True:
            process, _, usage = os.wait4(-1, os.WNOHANG)
            if process == 0:
                if not _kill_children():
                    break
                _, _, usage = os.wait4(-1, 0)
            total += usage.ru_utime + usage.ru_stime
    return total


def _kill_children():
    children = []
    with contextlib.suppress(OSError):
        with open("/proc/self/task/%d/children" % os.getpid(), encoding="ascii") as file:
            children = [int(child) for child in file.read().split()]
        for child in children:
            os.kill(child, signal.SIGKILL)
    return children


def streamed(work, cpu_limit):
    """The messages that `work(send)` sends before it ends, or stalls: no message for `cpu_limit` seconds of its CPU."""
    read_end, write_end = os.pipe()

    def send(message):
        data = json.dumps(message).encode("ascii") + b"\n"
        while data:
            data = data[os.write(write_end, data) :]

    process = forked(lambda: work(send), keep=(write_end,))
    os.close(write_end)
    try:
        data = _read_all(read_end, process, cpu_limit)
    finally:
        os.close(read_end)
        end(process)
    return [json.loads(line) for line in data.split(b"\n")[:-1]]


def _read_all(read_end, process, cpu_limit):
    data, spoke = b"", time.monotonic()
    used = cpu_seconds(process)
    while True:
        if select.select([read_end], [], [], PULSE_SECONDS)[0]:
            more = os.read(read_end, 1 << 16)
            if not more:
                return data
            data, spoke, used = data + more, time.monotonic(), cpu_seconds(process)
        elif cpu_seconds(process) - used > cpu_limit or time.monotonic() - spoke > STALL_WALL_SECONDS:
            return data


def _close_all_but(keep):
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    for name in os.listdir("/proc/self/fd"):
        if int(name) > 2 and int(name) not in keep:
            with contextlib.suppress(OSError):
                os.close(int(name))
