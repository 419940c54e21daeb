"""A file's text and its bytes: tree-sitter counts bytes, everybody else counts characters."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from perforch.core.task import Span


@dataclass(frozen=True, slots=True)
class Piece:
    """A comment, attribute or other piece of the text, as bytes."""

    start: int
    end: int
    is_attribute: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """One text, as characters and as bytes, with the places where its lines start (as bytes, and as characters)."""

    text: str
    data: bytes
    byte_starts: tuple[int, ...]
    starts: tuple[int, ...]

    def line(self, offset: int) -> int:
        """The line (1-based) of a byte offset."""
        return bisect_right(self.byte_starts, offset)

    def character(self, offset: int) -> int:
        """The character offset of a byte offset."""
        line = self.line(offset) - 1
        start = self.byte_starts[line]
        return self.starts[line] + len(self.data[start:offset].decode(errors="replace"))

    def slice(self, start: int, end: int) -> str:
        """The text between two byte offsets."""
        return self.data[start:end].decode(errors="replace")

    def span(self, start: int, end: int) -> Span:
        """The place between two byte offsets."""
        last = max(start, end - 1)  # the end of a span is no part of it
        return Span(self.character(start), self.character(end), self.line(start), self.line(last))

    def indentation(self, offset: int) -> str:
        """What stands between the start of the line and a byte offset, if that is nothing but spaces and tabs."""
        before = self.slice(self.byte_starts[self.line(offset) - 1], offset).lstrip("\ufeff")
        return before if not before.strip() else before[: len(before) - len(before.lstrip())]

    def next_line(self, offset: int) -> int:
        """The byte offset of the first line start at or after an offset that is no line start by accident."""
        if offset and self.data[offset - 1 : offset] == b"\n":
            return offset
        found = self.data.find(b"\n", offset)
        return len(self.data) if found < 0 else found + 1

    def without(self, pieces: Sequence[Piece], start: int, end: int) -> str:
        """The text between two byte offsets, each of these pieces (sorted by start) replaced by a space."""
        kept, at = [], start
        for piece in pieces[bisect_left(pieces, start, key=lambda piece: piece.start) :]:
            if piece.start >= end:
                break
            kept.append(self.data[at : piece.start])
            at = max(at, piece.end)
        kept.append(self.data[at:end])
        return b" ".join(kept).decode(errors="replace")


def read(text: str) -> Source:
    """A text made ready. Lone surrogates become question marks in the bytes, so that counting stays right."""
    data = text.encode(errors="replace")
    byte_starts, starts, at_byte, at = [0], [0], 0, 0
    for line in text.split("\n")[:-1]:
        at += len(line) + 1
        at_byte += (len(line) if line.isascii() else len(line.encode(errors="replace"))) + 1
        byte_starts.append(at_byte)
        starts.append(at)
    return Source(text, data, tuple(byte_starts), tuple(starts))
