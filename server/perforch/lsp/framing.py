"""Bytes become messages: frames are cut out of a stream, whatever stands between them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

MOST_BYTES = 16 << 20  # of one message: a source file is smaller, and longer ones would block for a second
MOST_HEADER_BYTES = 8192
_LENGTH = re.compile(rb"content-length[ \t]*:[ \t]*(\d{1,18})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_BLANK = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True, slots=True)
class Body:
    """The content of one frame."""

    content: bytes


@dataclass(frozen=True, slots=True)
class Garbage:
    """Bytes that belong to no frame, or a header that promises too much; they were skipped."""

    reason: str


Frame = Body | Garbage


@dataclass(slots=True)
class Frames:
    """Cuts a stream into frames; after anything that is none it goes on at the next header that it finds."""

    _buffer: bytearray = field(default_factory=bytearray)

    def feed(self, data: bytes) -> Iterator[Frame]:
        """The frames that are complete with this data."""
        self._buffer += data
        while True:
            frame = self._next()
            if frame is None:
                return
            yield frame

    def _next(self) -> Frame | None:
        blank = _BLANK.search(self._buffer)
        if blank is None:
            return self._without_header()
        header = bytes(self._buffer[max(0, blank.start() - MOST_HEADER_BYTES) : blank.start()])
        found = list(_LENGTH.finditer(header))
        if not found:
            del self._buffer[: blank.end()]
            return Garbage("a header without a Content-Length")
        return self._content(blank.end(), int(found[-1].group(1)))

    def _content(self, start: int, length: int) -> Frame | None:
        if length > MOST_BYTES:
            # The promise may be a lie, so what follows is searched for the next header instead of being skipped.
            del self._buffer[:start]
            return Garbage(f"a message of {length} bytes; at most {MOST_BYTES} are read")
        if len(self._buffer) < start + length:
            return None
        content = bytes(memoryview(self._buffer)[start : start + length])
        del self._buffer[: start + length]
        return Body(content)

    def _without_header(self) -> Frame | None:
        """Wait for the rest of a header; of what is longer than any header only the end may still begin one."""
        if len(self._buffer) <= MOST_HEADER_BYTES:
            return None
        del self._buffer[:-MOST_HEADER_BYTES]
        return Garbage("bytes that belong to no message")
