"""The report: one signed line of JSON per event, written through at once, so that a killed run leaves what it knew.

Each line is `<signature> <json>`; a signature covers the key, all earlier lines and this one. The key is in the plan,
which is read once and deleted. Whoever writes into the report without the key breaks the chain.
"""

import json
import os
from hashlib import blake2b

TEXT_LIMIT = 8000
MESSAGE_LIMIT = 2000


def read_plan():
    """The plan that PERFORCH_PLAN names; the tests' own processes shall find neither it nor the variable."""
    path = os.environ.pop("PERFORCH_PLAN")
    with open(path, encoding="utf-8") as file:
        plan = json.load(file)
    os.unlink(path)
    return plan


class Report:
    """Events, in order. Only the process that opened it writes: a fork of it stays silent."""

    def __init__(self, path, key):
        self._path = path
        self._key = bytes.fromhex(key)
        self._last = b""
        self._owner = os.getpid()
        self._named = set()
        self._open()

    def _open(self):
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)
        self._descriptor = os.open(self._path, flags, 0o600)
        self._file = _identity(self._descriptor)

    def write(self, event, **fields):
        if os.getpid() != self._owner:
            return
        text = json.dumps({"event": event, **fields}).encode("ascii")
        self._last = blake2b(self._last + text, key=self._key, digest_size=8).hexdigest().encode("ascii")
        if _identity(self._descriptor) != self._file:  # a test has closed it, and perhaps used its number again
            self._open()
        line = self._last + b" " + text + b"\n"
        while line:
            line = line[os.write(self._descriptor, line) :]

    def numbers(self, numbers, functions):
        """The numbers of functions, each named by an event of its own before its first use."""
        entered = sorted(number for number in numbers if number in functions)
        new = {str(number): functions[number] for number in entered if number not in self._named}
        if new:
            self._named.update(map(int, new))
            self.write("functions", names=new)
        return entered


def _identity(descriptor):
    try:
        found = os.fstat(descriptor)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def failure(exception, text, places):
    """What the report says of an exception: its type, message and workspace frames, and the runner's own text."""
    return {
        "exception": type(exception).__name__,
        "message": cut(_message(exception), MESSAGE_LIMIT),
        "text": cut(text, TEXT_LIMIT),
        "frames": frames(exception, places),
    }


def failure_without_exception(text):
    lines = [line for line in text.splitlines() if line.strip()]
    return {
        "exception": "Failure",
        "message": cut(lines[-1] if lines else "", MESSAGE_LIMIT),
        "text": cut(text, TEXT_LIMIT),
        "frames": [],
    }


def frames(exception, places):
    """[file, line, function] of each workspace frame, outermost first; a syntax error ends in the file that has it."""
    found = []
    trace = exception.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        file = places.relative(code.co_filename)
        if file is not None:
            found.append([file, trace.tb_lineno, code.co_name])
        trace = trace.tb_next
    if isinstance(exception, SyntaxError) and exception.filename:
        file = places.relative(exception.filename)
        if file is not None:
            found.append([file, exception.lineno or 1, "<module>"])
    return found


def cut(text, limit):
    """The beginning and the end of a long text."""
    if len(text) <= limit:
        return text
    head = limit * 2 // 3
    return text[:head] + "\n[...]\n" + text[head - limit :]


def _message(exception):
    try:
        return str(exception)
    except Exception:
        return "<its message could not be made>"
