"""Places in a text: editors count lines and code units, we count characters."""

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from lsprotocol.types import Position, PositionEncodingKind, Range

# Only these end a line for the protocol; Python's splitlines knows eight more, which would shift every position after.
_LINE_END = re.compile(r"\r\n|\n|\r")
Units = Callable[[str], int]


def _utf8(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode(errors="surrogatepass"))


def _utf16(text: str) -> int:
    return len(text) if text.isascii() else len(text) + sum(character > "\uffff" for character in text)


UNITS: dict[str, Units] = {
    PositionEncodingKind.Utf8.value: _utf8,
    PositionEncodingKind.Utf16.value: _utf16,
    PositionEncodingKind.Utf32.value: len,
}


def units(encoding: PositionEncodingKind | str) -> Units:
    """How long a text is in the units that were agreed on; without an agreement they are UTF-16's."""
    name = encoding.value if isinstance(encoding, PositionEncodingKind) else encoding
    return UNITS.get(name, _utf16)


@dataclass(frozen=True, slots=True)
class Lines:
    """A text with the offsets at which its lines start."""

    text: str
    starts: Sequence[int]

    @classmethod
    def of(cls, text: str) -> "Lines":
        if "\r" in text:
            return cls(text, [0, *(end.end() for end in _LINE_END.finditer(text))])
        return cls(text, [0, *accumulate(len(line) + 1 for line in text.split("\n")[:-1])])

    def replaced(self, start: int, end: int, text: str) -> "Lines":
        """With other text between two offsets; what does not change is not counted again."""
        changed = self.text[:start] + text + self.text[end:]
        if "\r" in changed:  # a pair may have come apart, or together
            return Lines.of(changed)
        added = len(text) - (end - start)
        before, after = bisect_right(self.starts, start), bisect_right(self.starts, end)
        new = [start + at for at in Lines.of(text).starts[1:]]
        return Lines(changed, [*self.starts[:before], *new, *(at + added for at in self.starts[after:])])

    def offset(self, position: Position, units: Units) -> int:
        """The character offset of a position; beyond a line's end it is that end, beyond the text's end the text's."""
        if position.line >= len(self.starts):
            return len(self.text)
        start = self.starts[max(0, position.line)]
        line = self._line(position.line)
        if line.isascii():
            return start + max(0, min(position.character, len(line)))
        return start + _characters(line, position.character, units)

    def position(self, offset: int, units: Units) -> Position:
        """Where a character offset is."""
        line = bisect_right(self.starts, offset) - 1
        return Position(line, units(self.text[self.starts[line] : offset]))

    def range(self, start: int, end: int, units: Units) -> Range:
        return Range(self.position(start, units), self.position(end, units))

    def line_range(self, line: int, units: Units) -> Range:
        """What is written on one line (0-based), without its indentation."""
        line = max(0, min(line, len(self.starts) - 1))
        text = self._line(line)
        start = self.starts[line] + len(text) - len(text.lstrip())
        return self.range(start, max(start, self.starts[line] + len(text.rstrip())), units)

    def _line(self, line: int) -> str:
        """A line without its end."""
        start = self.starts[max(0, line)]
        end = self.starts[line + 1] if line + 1 < len(self.starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")


def _characters(line: str, wanted: int, units: Units) -> int:
    """How many characters of a line make up so many units; a place within a character is its start."""
    counted = 0
    for place, character in enumerate(line):
        counted += units(character)
        if counted > wanted:
            return place
    return len(line)
