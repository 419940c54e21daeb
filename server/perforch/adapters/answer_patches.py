"""A change in an answer, laid over the text that it was made from; models miscount lines, so only the words decide."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby
from typing import Literal

_TAB_WIDTH = 4  # as answers.py has it: what a model writes for a tab
_INDENT = re.compile(r"^[ \t]*")
_ABOVE = r"(?:(?:diff |index |new file|deleted file).*\n)*"
_ABOVE_ALL = re.compile(rf"\A{_ABOVE}")
_HUNK_START = re.compile(rf"^{_ABOVE}(?:--- .*\n\+\+\+ .*|@@.*)$\n?", re.MULTILINE)
_AT = re.compile(r"^@@", re.MULTILINE)
_NO_NEWLINE = "\\ No newline"
_OPENING = re.compile(r"^<{5,}(?:[ \t]*\w.*|[ \t]*)$\n?", re.MULTILINE)
_DIVIDER = re.compile(r"^={5,}[ \t]*$\n?", re.MULTILINE)
_CLOSING = re.compile(r"^>{5,}(?:[ \t]*\w.*|[ \t]*)$", re.MULTILINE)
_LINE_NUMBERS = re.compile(r"\A(?::\w+:[ \t]*\d+[ \t]*\n)*(?:-{5,}[ \t]*\n)?")


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of a hunk; where its leading space may be the diff's or its own, it has two readings."""

    mark: Literal[" ", "-", "+"]
    readings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Named:
    """A line that a hunk names, as the text has it and as the hunk has it."""

    here: str
    there: str


def is_patch(text: str) -> bool:
    """Whether `text` holds an edit block (SEARCH/REPLACE) or a hunk of a unified diff that begins with `@@`."""
    if _OPENING.search(text):
        return True
    start = _AT.search(text)
    return start is not None and any(line.mark != " " for hunk in _diff(text[start.start() :]) for line in hunk)


def patched(text: str, change: str, near: range) -> str | None:
    """`text` with every hunk or edit block of `change` applied, or None where one of them has no place of its own.

    `near` holds the numbers, from 0, of the lines where the target stands. Both texts end their lines with LF alone.
    """
    lines = text.split("\n")
    hunks = _edits(change) if _OPENING.search(change) else _diff(change)
    if hunks is None:
        return None
    for hunk in hunks:
        old = [line for line in hunk if line.mark != "+"]
        place = _place(lines, old, near)
        if place is None:
            return None
        lines[place : place + len(old)] = _applied(lines[place : place + len(old)], hunk)
        near = range(_edge_after(near.start, place, hunk), _edge_after(near.stop, place, hunk))
    return "\n".join(lines)


def _diff(change: str) -> list[list[_Line]]:
    """The hunks of a unified diff; one without `@@` and file names is a single hunk."""
    _, *bodies = _HUNK_START.split(change)
    hunks = [_without_end(_marked(body.split("\n"))) for body in bodies or [_ABOVE_ALL.sub("", change)]]
    return [hunk for hunk in hunks if hunk]


def _marked(lines: Iterable[str]) -> list[_Line]:
    hunk = []
    for line in lines:
        match line[:1]:
            case "+" | "-" as mark:
                hunk.append(_Line(mark, (line[1:],)))
            case " ":
                hunk.append(_Line(" ", (line[1:], line)))
            case _ if not line.startswith(_NO_NEWLINE):
                hunk.append(_Line(" ", (line,)))
    return hunk


def _edits(change: str) -> list[list[_Line]] | None:
    """The edit blocks as hunks, or None where one lacks a marker."""
    hunks = []
    for piece in _OPENING.split(change)[1:]:
        closing = _CLOSING.search(piece)
        parts = _DIVIDER.split(piece[: closing.start()]) if closing else []
        if len(parts) != 2:
            return None
        old, new = parts
        numbers = _LINE_NUMBERS.match(old)
        if numbers and not new.startswith(numbers[0]):
            old = old[numbers.end() :]
        hunks.append(_without_end(_aligned(old.split("\n")[:-1], new.split("\n")[:-1])))
    return hunks


def _aligned(old: Sequence[str], new: Sequence[str]) -> list[_Line]:
    """The hunk that makes `new` of `old`."""
    words = SequenceMatcher(None, [line.strip() for line in old], [line.strip() for line in new], autojunk=False)
    steps = words.get_opcodes()
    shift = _shift(old, new, steps)
    hunk: list[_Line] = []
    for tag, a, b, c, d in steps:
        if tag == "equal":
            # The first line may be flush left on one side only, as a prompt shows it.
            is_header = a == c == 0 and len(steps) > 1 and 0 in {_columns(old[a]), _columns(new[c])}
            hunk += _kept(old[a], new[c], _columns(new[c]) - _columns(old[a]) if is_header else shift)
            for was, now in zip(old[a + 1 : b], new[c + 1 : d], strict=True):
                hunk += _kept(was, now, shift)
        else:
            hunk += [_Line("-", (_indented(line, shift, _indent(line)) if shift else line,)) for line in old[a:b]]
            hunk += [_Line("+", (line,)) for line in new[c:d]]
    return hunk


def _shift(old: Sequence[str], new: Sequence[str], steps: Sequence[tuple[str, int, int, int, int]]) -> int:
    """By how many columns the new side as a whole stands further to the right than the old one."""
    if len(steps) == 1:
        return 0  # where only the indentation differs, it is what the block changes
    equal = [(old[a:b], new[c:d]) for tag, a, b, c, d in steps if tag == "equal"]
    pairs = [pair for was, now in equal for pair in zip(was, now, strict=True) if pair != (old[0], new[0])]
    moves = {_columns(now) - _columns(was) for was, now in pairs if was.strip()}
    shift = _margin(new) - _margin(old)
    return shift if moves == {shift} else 0


def _kept(was: str, now: str, shift: int) -> list[_Line]:
    """A line with the same words on both sides: context, unless it is moved otherwise than by `shift`."""
    if not was.strip() or _columns(now) - _columns(was) in {0, shift}:
        return [_Line(" ", (now,))]
    return [_Line("-", (was,)), _Line("+", (now,))]


def _without_end(hunk: list[_Line]) -> list[_Line]:
    """Without the empty lines at the end that belong to the answer and not to the change."""
    end = len(hunk)
    while end and hunk[end - 1].mark == " " and not hunk[end - 1].readings[0].strip():
        end -= 1
    return hunk[:end]


def _place(lines: Sequence[str], old: Sequence[_Line], near: range) -> int | None:
    """Where `old` stands but for white space at either end of each line: near, or else once in the text."""
    wanted = [line.readings[0].strip() for line in old]
    if not any(wanted):
        return None
    plain = [line.strip() for line in lines]
    everywhere = [n for n in range(len(lines) - len(old) + 1) if plain[n : n + len(old)] == wanted]
    inside = [n for n in everywhere if near.start <= n and n + len(old) <= near.stop]
    touching = [n for n in everywhere if n < near.stop and near.start < n + len(old)]
    places = inside or touching or everywhere
    if len(places) > 1:
        places = [n for n in places if all(lines[n + k] in line.readings for k, line in enumerate(old))]
    return places[0] if len(places) == 1 else None


def _applied(present: Sequence[str], hunk: Sequence[_Line]) -> list[str]:
    """What the hunk makes of the lines that it names."""
    named = _named(present, hunk)
    rest = iter(present)
    result: list[str] = []
    for is_added, run in groupby(range(len(hunk)), key=lambda n: hunk[n].mark == "+"):
        if is_added:
            numbers = list(run)
            before = next(filter(None, reversed(named[: numbers[0]])), None)
            after = next(filter(None, named[numbers[-1] :]), None)
            result += _moved([hunk[n].readings[0] for n in numbers], [each for each in (before, after) if each])
        else:
            result += [line for n, line in zip(run, rest, strict=False) if hunk[n].mark == " "]
    return result


def _named(present: Sequence[str], hunk: Sequence[_Line]) -> list[_Named | None]:
    """For each line of the hunk the line of the text; None for an added or a blank one."""
    rest = iter(present)
    heres = ["" if line.mark == "+" else next(rest) for line in hunk]
    pairs = list(zip(heres, hunk, strict=True))
    sure = {
        _columns(here) - _columns(line.readings[0]) for here, line in pairs if here.strip() and len(line.readings) == 1
    }
    return [_Named(here, _reading(here, line.readings, sure)) if here.strip() else None for here, line in pairs]


def _reading(here: str, readings: Sequence[str], moves: set[int]) -> str:
    """The reading that is moved as other lines are, or else by an even number of columns, as code is."""
    by = {_columns(here) - _columns(each): each for each in readings}
    even = next((each for move, each in by.items() if move % 2 == 0), readings[0])
    return next((each for move, each in by.items() if move in moves), even)


def _moved(added: Sequence[str], guides: Sequence[_Named]) -> Iterator[str]:
    """The added lines, moved as the one of the guides is that is nearest to them in indentation."""
    first = _columns(next((line for line in added if line.strip()), ""))
    guide = min(guides, key=lambda each: abs(first - _columns(each.there)))
    here, there = _columns(guide.here), _columns(guide.there)
    # A prompt shows the function's first line flush left and the others as they are: it alone was moved.
    is_header_alone = there == 0 < here < first
    for line in added:
        stays = is_header_alone or not line.strip() or _indent(guide.here) == _indent(guide.there)
        yield line if stays else _indented(line, here - there, _indent(guide.here) or _indent(line))


def _indented(line: str, columns: int, like: str) -> str:
    """`line` moved to the right, or to the left as far as it goes, with tabs where `like` has them."""
    width = max(0, _columns(line) + columns)
    tabs = width // _TAB_WIDTH if "\t" in like else 0
    return "\t" * tabs + " " * (width - tabs * _TAB_WIDTH) + line.lstrip(" \t")


def _edge_after(edge: int, place: int, hunk: Sequence[_Line]) -> int:
    """The number of line `edge` once the hunk is applied at `place`."""
    at, moved = place, edge
    for line in hunk if place < edge else ():
        if line.mark == "+":
            moved += at <= edge
        else:
            moved -= line.mark == "-" and at < edge
            at += 1
    return moved


def _margin(lines: Sequence[str]) -> int:
    return min((_columns(line) for line in lines if line.strip()), default=0)


def _columns(line: str) -> int:
    return len(_indent(line).expandtabs(_TAB_WIDTH))


def _indent(line: str) -> str:
    found = _INDENT.match(line)
    return found[0] if found else ""
