"""Splicing: how a candidate becomes the text of a file, and how that is shown."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from perforch.core.candidate import Candidate
from perforch.core.task import Target


@dataclass(frozen=True, slots=True, order=True)
class Splice:
    """Replace the characters from `start` to `end` (exclusive) by `text`."""

    start: int
    end: int
    text: str


def splice(text: str, splices: Iterable[Splice]) -> str:
    """`text` with every splice applied; they must not overlap."""
    for change in sorted(splices, reverse=True):
        text = text[: change.start] + change.text + text[change.end :]
    return text


def apply(text: str, target: Target, candidate: Candidate) -> str:
    """The file's text with the candidate in the target's place and its imports added."""
    return splice(text, splices(text, target, candidate))


def splices(text: str, target: Target, candidate: Candidate) -> tuple[Splice, ...]:
    """What `apply` does to the text: the target's own change first, then the imports, where some are missing."""
    body = Splice(target.span.start, target.span.end, candidate.code)
    newline = "\r\n" if "\r\n" in text else "\n"
    missing = [line for line in candidate.imports if line.strip() not in target.imports]
    added = "".join(line.strip() + newline for line in missing)
    is_first = not target.imports and text[target.imports_at : target.imports_at + 1] not in {"", "\n", "\r"}
    added += newline * target.blank_lines if added and is_first else ""
    return (body, Splice(target.imports_at, target.imports_at, added)) if added else (body,)


def unified_diff(before: str, after: str, path: str) -> str:
    """A patch that `git apply` and `patch -p1` take."""
    patch = difflib.unified_diff(_lines(before), _lines(after), f"a/{path}", f"b/{path}")
    return "".join(line if line.endswith("\n") else line + "\n\\ No newline at end of file\n" for line in patch)


def changed_lines(before: str, after: str) -> tuple[int, ...]:
    """The lines of `after` (1-based) that are not in `before`."""
    matcher = difflib.SequenceMatcher(None, before.splitlines(), after.splitlines(), autojunk=False)
    return tuple(
        line + 1
        for tag, _, _, start, end in matcher.get_opcodes()
        if tag in {"replace", "insert"}
        for line in range(start, end)
    )


def _lines(text: str) -> list[str]:
    """Lines with their ends, split at line feeds only, as patch tools do."""
    return [line + "\n" for line in text.split("\n")[:-1]] + ([tail] if (tail := text.rsplit("\n", 1)[-1]) else [])
