"""A timer that rings SIGPROF after so many seconds, to the microsecond where the system can."""

import ctypes
import signal

CLOCK_MONOTONIC = 1
LIBRARIES = (None, "librt.so.1")  # where timer_create is: before glibc 2.34 it has a library of its own


class Timer:
    """Belongs to the process that makes it: a fork needs one of its own.

    The system's interval timers for CPU time count in ticks of up to 10 ms, so that a loop that never ends costs more
    than the limit of most tests. Where there is none that is finer, such a one is used all the same.
    """

    def __init__(self):
        self._spec = _Spec()
        self._handle = ctypes.c_void_p()
        self._set = None
        for library in LIBRARIES:
            try:
                system = ctypes.CDLL(library)
                create, settime = system.timer_create, system.timer_settime
            except (OSError, AttributeError):
                continue
            event = _Event(0, signal.SIGPROF, 0)
            if create(CLOCK_MONOTONIC, ctypes.byref(event), ctypes.byref(self._handle)) == 0:
                self._set = settime
                return

    def ring(self, seconds, again):
        """After `seconds`, and then each `again` seconds; 0 stops it."""
        if self._set is None:
            signal.setitimer(signal.ITIMER_PROF, seconds, again)
            return
        self._spec.again.put(again)
        self._spec.first.put(seconds)
        self._set(self._handle, 0, ctypes.byref(self._spec), None)


class _Event(ctypes.Structure):
    """struct sigevent, for a plain signal."""

    _fields_ = (
        ("value", ctypes.c_void_p),
        ("signal", ctypes.c_int),
        ("kind", ctypes.c_int),
        ("rest", ctypes.c_char * 48),
    )


class _Span(ctypes.Structure):
    """struct timespec."""

    _fields_ = (("whole", ctypes.c_long), ("nano", ctypes.c_long))

    def put(self, seconds):
        self.whole = int(seconds)
        self.nano = int((seconds - int(seconds)) * 1e9)


class _Spec(ctypes.Structure):
    """struct itimerspec."""

    _fields_ = (("again", _Span), ("first", _Span))
