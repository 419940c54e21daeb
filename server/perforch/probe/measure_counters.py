"""What the kernel counts for another process, as `perf stat` shows it: instructions, cycles and page faults.

Virtual machines often have no counters of the processor's, and a kernel may refuse them: then they are left out.
"""

import contextlib
import ctypes
import os
import platform

SYSTEM_CALLS = {"x86_64": 298, "aarch64": 241}  # perf_event_open
# perf_event.h: kind and number of each event; that of a page fault is the kernel's own, the others the processor's.
EVENTS = {"instructions": (0, 1), "cycles": (0, 0), "page-faults": (1, 2)}
# The first version of the kernel's struct, which every later one accepts.
_INHERIT, _WITHOUT_KERNEL, _WITHOUT_HYPERVISOR, _CLOSE_ON_EXEC = 1 << 1, 1 << 5, 1 << 6, 8
_COUNT_BYTES = 8


class _Attributes(ctypes.Structure):
    _fields_ = (
        ("kind", ctypes.c_uint32),
        ("size", ctypes.c_uint32),
        ("event", ctypes.c_uint64),
        ("sampling", ctypes.c_uint64 * 3),
        ("flags", ctypes.c_uint64),
        ("rest", ctypes.c_uint64 * 2),
    )


class Counters:
    """Of one process and its children, from now on."""

    def __init__(self, process):
        self._open = {}
        number = SYSTEM_CALLS.get(platform.machine())
        if number is None:
            return
        with contextlib.suppress(OSError, AttributeError):  # no C library that we know how to call
            call = ctypes.CDLL(None, use_errno=True).syscall
            for name, (kind, event) in EVENTS.items():
                descriptor = call(number, _attributes(kind, event), process, -1, -1, _CLOSE_ON_EXEC)
                if descriptor >= 0:
                    self._open[name] = descriptor

    def read(self):
        """By event, what was counted so far; those that were never counted are not there."""
        counts = {}
        for name, descriptor in self._open.items():
            with contextlib.suppress(OSError):
                counts[name] = int.from_bytes(os.read(descriptor, _COUNT_BYTES), "little")
        return counts

    def close(self):
        for descriptor in self._open.values():
            os.close(descriptor)
        self._open = {}


def _attributes(kind, event):
    flags = _INHERIT | _WITHOUT_KERNEL | _WITHOUT_HYPERVISOR
    return ctypes.byref(_Attributes(kind=kind, size=ctypes.sizeof(_Attributes), event=event, flags=flags))
