"""Where workers come from: a process that has everything loaded, forks on demand, and ends what it forked."""

import contextlib
import ctypes
import gc
import os
import select
import signal
import socket
import sys

from evaluate_lines import Gone, Link, pair

ANSWER_SECONDS = 30.0


class Nursery:
    """The keeper's side. `grow(link)` runs in a fork, and ends up in `serve` once it is ready.

    The fork is made when it is first needed. It does not keep the channel to the host.
    """

    def __init__(self, grow, channel):
        self._grow = grow
        self._channel = channel
        self._link = None
        self._process = 0

    def start(self):
        ours, theirs = pair()
        sys.stdout.flush()
        sys.stderr.flush()
        self._process = os.fork()
        if self._process == 0:
            ours.close()
            self._channel.close()
            die_with_parent()
            _leave_after(self._grow, Link(theirs))
        theirs.close()
        self._link = Link(ours)

    def ready(self, seconds):
        """What the process has to say once it is ready; None when it has died or takes longer."""
        if not select.select([self._link], [], [], seconds)[0]:
            return None
        with contextlib.suppress(Gone):
            return self._link.receive()
        return None

    def spawn(self, slot):
        """A new worker: its process id and the socket to it. Raises Gone."""
        if self._link is None:
            self.start()
        ours, theirs = pair()
        with theirs:
            self._link.send({"spawn": slot}, theirs.fileno())
        answer = self.ready(ANSWER_SECONDS)
        if answer is None:
            ours.close()
            raise Gone
        return answer["process"], ours

    def end(self, process):
        """Kill a worker; only its parent can know that the number is still its own."""
        self._link.send({"end": process})
        if self.ready(ANSWER_SECONDS) is None:
            raise Gone

    def close(self):
        if self._link is None:
            return
        self._link.close()
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._process, signal.SIGKILL)
        os.waitpid(self._process, 0)


def serve(link, live):
    """The other side: fork and end workers until the keeper goes. `live(slot, end)` is a worker's life."""
    gc.collect()
    gc.freeze()  # what is loaded stays in memory pages that all workers share
    while True:
        try:
            message, descriptor = link.receive_with_descriptor()
        except Gone:
            os._exit(0)
        if "spawn" in message:
            end = socket.socket(fileno=descriptor)
            process = os.fork()
            if process == 0:
                link.close()
                die_with_parent()
                live(message["spawn"], end)
                os._exit(0)
            end.close()
            link.send({"process": process})
        else:
            os.kill(message["end"], signal.SIGKILL)
            os.waitpid(message["end"], 0)
            link.send({"ended": message["end"]})


def die_with_parent():
    """Ask the kernel to end this process when its parent is gone; elsewhere the sandbox ends it."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def _leave_after(grow, link):
    try:
        grow(link)
    finally:
        os._exit(70)
