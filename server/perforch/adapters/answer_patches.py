"""A diff in an answer, laid over the text that it was made from; models miscount lines, so only the words decide."""

import re
from collections.abc import Iterable, Sequence

_HEADER = re.compile(r"^(?:--- |\+\+\+ |diff |index |new file|deleted file|\\ No newline)")


def patched(text: str, diff: str) -> str | None:
    """`text` with every hunk applied, or None where a hunk's old lines do not stand exactly once in it."""
    lines = text.split("\n")
    for old, new in _hunks(diff.split("\n")):
        place = _only_place(lines, old)
        if place is None:
            return None
        lines[place : place + len(old)] = _with_margin(lines[place : place + len(old)], old, new)
    return "\n".join(lines)


def _hunks(lines: Iterable[str]) -> list[tuple[list[str], list[str]]]:
    """Old and new lines of each hunk."""
    hunks: list[tuple[list[str], list[str]]] = [([], [])]
    for line in lines:
        if line.startswith("@@"):
            hunks.append(([], []))
        elif not _HEADER.match(line):
            old, new = hunks[-1]
            mark, rest = (line[:1] or " "), line[1:]
            if mark != "+":
                old.append(rest if mark in "- " else line)
            if mark != "-":
                new.append(rest if mark in "+ " else line)
    return [_trimmed(old, new) for old, new in hunks if any(old) or any(new)]


def _trimmed(old: list[str], new: list[str]) -> tuple[list[str], list[str]]:
    """Without the empty lines at the end that belong to the answer and not to the diff."""
    while old and new and not old[-1].strip() and not new[-1].strip():
        old, new = old[:-1], new[:-1]
    return old, new


def _only_place(lines: Sequence[str], old: Sequence[str]) -> int | None:
    """Where `old` stands: exactly, or else but for white space at either end of each line."""
    if not old:
        return None
    for same in (str, str.strip):
        wanted = [same(line) for line in old]
        plain = [same(line) for line in lines]
        places = [n for n in range(len(lines) - len(old) + 1) if plain[n : n + len(old)] == wanted]
        if places:
            return places[0] if len(places) == 1 else None
    return None


def _with_margin(present: Sequence[str], old: Sequence[str], new: Sequence[str]) -> list[str]:
    """The new lines, moved by as much as the old ones were out of place."""
    first = next((n for n, line in enumerate(old) if line.strip()), 0)
    margin = len(present[first]) - len(present[first].lstrip()) - (len(old[first]) - len(old[first].lstrip()))
    if margin == 0:
        return list(new)
    return [" " * margin + line if margin > 0 else line[min(-margin, len(line) - len(line.lstrip())) :] for line in new]
