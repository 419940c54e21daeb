"""How the processes of a workbench talk: one JSON document per line, over sockets and inherited pipes."""

import array
import json
import os
import socket

CHUNK = 1 << 16


class Gone(Exception):
    """The other side has closed its end."""


class Lines:
    """Turns the bytes that arrive into messages."""

    def __init__(self):
        self._rest = b""

    def feed(self, data):
        """The messages that are complete now."""
        if not data:
            raise Gone
        *lines, self._rest = (self._rest + data).split(b"\n")
        return [json.loads(line.decode("utf-8")) for line in lines if line]


def packed(message):
    return json.dumps(message, separators=(",", ":")).encode("utf-8") + b"\n"


class Channel:
    """The way to the host: two inherited file descriptors."""

    def __init__(self, read_fd, write_fd):
        self._read_fd = read_fd
        self._write_fd = write_fd
        self._lines = Lines()
        self._waiting = []

    def fileno(self):
        return self._read_fd

    def close(self):
        os.close(self._read_fd)
        os.close(self._write_fd)

    def receive(self):
        """What has arrived; waits only when nothing has. Raises Gone."""
        waiting, self._waiting = self._waiting, []
        return waiting or self._lines.feed(os.read(self._read_fd, CHUNK))

    def first(self):
        """The first message; those that came with it are kept for `receive`."""
        while True:
            messages = self.receive()
            if messages:
                self._waiting = messages[1:]
                return messages[0]

    def send(self, message):
        data = packed(message)
        while data:
            data = data[os.write(self._write_fd, data) :]


class Link:
    """One end of a socket between two of our own processes. Raises Gone when the other end is lost."""

    def __init__(self, end):
        self._end = end
        self._lines = Lines()
        self._messages = []

    def fileno(self):
        return self._end.fileno()

    def close(self):
        self._end.close()

    def send(self, message, descriptor=None):
        rights = [] if descriptor is None else [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [descriptor]))]
        data = packed(message)
        try:
            sent = self._end.sendmsg([data], rights)
            self._end.sendall(data[sent:])
        except OSError:
            raise Gone from None

    def receive(self):
        """The next message."""
        while not self._messages:
            self._messages = self.read()
        return self._messages.pop(0)

    def read(self):
        """Whatever messages have arrived, perhaps none yet."""
        try:
            return self._lines.feed(self._end.recv(CHUNK))
        except OSError:
            raise Gone from None

    def receive_with_descriptor(self):
        """The next message, which came alone, and the file descriptor that came with it, or None."""
        rights = array.array("i")
        try:
            data, ancillary, _, _ = self._end.recvmsg(CHUNK, socket.CMSG_SPACE(rights.itemsize))
        except OSError:
            raise Gone from None
        for level, kind, payload in ancillary:
            if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
                rights.frombytes(payload[: rights.itemsize])
        return self._lines.feed(data)[0], (rights[0] if rights else None)


def pair():
    """Two linked ends."""
    ours, theirs = socket.socketpair()
    return ours, theirs
