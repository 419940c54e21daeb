"""Where a syntax node lies in the text of its file."""

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

Placed = ast.expr | ast.stmt | ast.arg


@dataclass(frozen=True)
class Offsets:
    """Turns the parser's lines and UTF-8 columns into character offsets."""

    text: str
    _lines: list[str] = field(init=False)
    _starts: list[int] = field(init=False)

    def __post_init__(self) -> None:
        lines = [line + "\n" for line in self.text.split("\n")]
        starts = [0]
        for line in lines:
            starts.append(starts[-1] + len(line))
        object.__setattr__(self, "_lines", lines)
        object.__setattr__(self, "_starts", starts)

    def start(self, node: Placed) -> int:
        return self._offset(node.lineno, node.col_offset)

    def end(self, node: Placed) -> int:
        return self._offset(node.end_lineno or node.lineno, node.end_col_offset or 0)

    def source(self, node: Placed) -> str:
        return self.text[self.start(node) : self.end(node)]

    def between(self, first: Placed, second: Placed, words: Mapping[str, str]) -> re.Match[str] | None:
        """The first of the words in the text between two nodes, longer ones first."""
        pattern = "|".join(_pattern(word) for word in sorted(words, key=len, reverse=True))
        return re.compile(pattern).search(self.text, self.end(first), self.start(second))

    def _offset(self, line: int, column: int) -> int:
        ahead = self._lines[line - 1].encode("utf-8")[:column].decode("utf-8")
        return self._starts[line - 1] + len(ahead)


def _pattern(word: str) -> str:
    """A word of letters stands alone and may be spread over spaces; a sign is itself."""
    letters = word.replace(" ", "")
    return rf"\b{word.replace(' ', '[ ]+')}\b" if letters.isalpha() else re.escape(word)
