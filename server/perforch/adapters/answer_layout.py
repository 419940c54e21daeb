"""Code from an answer, laid out as the place where it goes: its indentation, tabs and line ends.

Lines that begin inside a string are part of its value, and stay as they are.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from perforch.core.task import Target

TAB_WIDTH = 4
NEVER = -1  # the margin of what has no header with lines below, from which to count

Literals = Sequence[range]  # the lines (0-based) that begin inside a string


@dataclass(frozen=True, slots=True)
class Place:
    """The layout of the target: `own` are its lines as they are, `margin` the least indentation below its header."""

    indent: str
    newline: str
    has_tabs: bool
    own: frozenset[str]
    source: str
    margin: int

    @classmethod
    def of(cls, target: Target, text: str, literals: Literals) -> "Place":
        """`text` is the whole file; `literals` are those of the target's source."""
        source = target.source.replace("\r\n", "\n")
        lines, fixed = source.split("\n"), _fixed(literals)
        around = text.replace("\r\n", "\n").split("\n") if len(lines) == 1 else lines
        below = [line for number, line in enumerate(around) if number and number not in fixed]
        return cls(
            indent=target.indent,
            newline="\r\n" if "\r\n" in (target.source if len(lines) > 1 else text) else "\n",
            has_tabs=target.indent.startswith("\t") or any(line.startswith("\t") for line in below),
            own=frozenset(lines),
            source=source,
            margin=margin(lines, fixed, target.def_line - target.span.first_line) or NEVER,
        )


@dataclass(frozen=True, slots=True)
class Given:
    """A function, or statements, as an answer has them: `column` is what stands before the first line."""

    text: str
    literals: Literals
    column: str
    header_line: int = 0  # 0-based: below it stands the body


def laid_out(given: Given, place: Place) -> str:
    """The text with the first line at its place; lines that the target has already are left alone."""
    lines, fixed = given.text.split("\n"), _fixed(given.literals)
    is_home = not given.column and margin(lines, fixed, given.header_line) == place.margin
    if is_home or given.column == place.indent:
        moved = lines
    else:
        moved = [_moved(line, given.column, place.indent) for line in lines]
        fixed -= _moved_along(lines, moved, given.literals, place.source)
    chosen = _choose(lines, moved, fixed)
    kept = [
        line if not number or number in fixed or _is_untouched(chosen, number, place) else _written(line, place)
        for number, line in enumerate(chosen)
    ]
    return place.newline.join(kept)


def without_tabs(code: str, literals: Literals) -> str:
    """Indentation by spaces alone; tabs behind the indentation and in strings stay."""
    fixed = _fixed(literals)
    return "\n".join(
        line if number in fixed else _lead(line).expandtabs(TAB_WIDTH) + line.lstrip(" \t")
        for number, line in enumerate(code.split("\n"))
    )


def margin(lines: Sequence[str], fixed: Collection[int], header_line: int) -> int:
    """The least indentation below the header, lines within strings left out; 0 where nothing is below."""
    below = [line for number, line in enumerate(lines) if number > header_line and number not in fixed]
    return min((len(_lead(line).expandtabs(TAB_WIDTH)) for line in below if line.strip()), default=0)


def _fixed(literals: Literals) -> set[int]:
    return {number for lines in literals for number in lines}


def _choose(lines: Sequence[str], moved: Sequence[str], fixed: Collection[int]) -> Sequence[str]:
    """First and moved lines, but those of strings as they were."""
    pairs = enumerate(zip(lines, moved, strict=True))
    return [old if not number or number in fixed else new for number, (old, new) in pairs]


def _moved(line: str, margin: str, indent: str) -> str:
    return indent + line.removeprefix(margin) if line.strip() else line


def _moved_along(lines: Sequence[str], moved: Sequence[str], literals: Literals, source: str) -> set[int]:
    """Strings that the answer moved together with its code: moved back, they are the target's own."""

    def text(given: Sequence[str], within: range) -> str:
        own = within[:-1] or within  # code may follow on the last one
        return "\n".join(given[number] for number in own)

    along = (each for each in literals if text(lines, each) not in source and text(moved, each) in source)
    return _fixed(list(along))


def _is_untouched(lines: Sequence[str], number: int, place: Place) -> bool:
    """A line that the target has; an empty one only between the same neighbours."""
    around = "\n".join(lines[number - 1 : number + 2])
    return lines[number] in place.own and (bool(lines[number].strip()) or around in place.source)


def _written(line: str, place: Place) -> str:
    """One line of code in the target's way."""
    code = line.lstrip(" \t")
    lead = _lead(line)
    if place.has_tabs:
        tabs, spaces = divmod(len(lead.expandtabs(TAB_WIDTH)), TAB_WIDTH)
        lead = "\t" * tabs + " " * spaces
    return lead + code if code.strip() else ""


def _lead(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t"))]
