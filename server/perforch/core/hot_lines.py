"""Where the time goes inside a function: the few lines that take most of it."""

from collections.abc import Sequence
from dataclasses import dataclass

MOST_LINES = 5
LEAST_SHARE = 0.05  # of the function's time; what takes less is not worth a look


@dataclass(frozen=True, slots=True)
class LineCount:
    """A line of the file (1-based), the seconds spent in it and in what it calls, and how often it ran."""

    line: int
    seconds: float
    hits: int


@dataclass(frozen=True, slots=True)
class HotLine:
    """`share` is of the whole function's time; `hits` are those of the traced calls."""

    line: int
    share: float
    hits: int
    text: str


def hottest(counts: Sequence[LineCount], source: str, first_line: int) -> tuple[HotLine, ...]:
    """The lines of `source`, which begins on `first_line` of its file, that take most time; the hottest first."""
    texts = source.split("\n")
    known = [each for each in counts if 0 <= each.line - first_line < len(texts)]
    total = sum(each.seconds for each in known)
    chosen = sorted(known, key=lambda each: (-each.seconds, each.line))[:MOST_LINES]
    return tuple(
        HotLine(each.line, each.seconds / total, each.hits, texts[each.line - first_line].strip())
        for each in chosen
        if each.seconds > 0 and each.seconds >= LEAST_SHARE * total
    )
