"""Which function stands where in an open document, known before anybody asks, because reading takes its time."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from perforch.lsp.documents import Document, Shift
from perforch.lsp.reader import Entry, Reader, Unreadable

QUICK_SECONDS = 0.01  # files that take longer are read only when the typing rests
REST_SECONDS = 0.15
FIRST_WAIT_SECONDS = 10.0  # for the first outline: a process starts for it, and without it there is no answer
WAIT_SECONDS = 2.0  # for a quick file's newer outline, when the very lines that are asked about were changed
MOST_TOUCHED = 200  # changes that are remembered between two readings
MOST_CHARACTERS = 2_000_000  # of a file that is read here at all
log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Known:
    """What is known about one document; `read` is the version that the entries were read from."""

    document: Document
    read: Document | None = None
    entries: tuple[Entry, ...] = ()
    touched: tuple[Shift, ...] = ()  # since then
    seconds: float = 0.0
    task: asyncio.Task[None] | None = None


class Outlines:
    """Has documents read as they change, and answers from what it has."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._known: dict[str, _Known] = {}

    def opened(self, document: Document) -> None:
        self._start(self._known.setdefault(document.uri, _Known(document)), document)

    def changed(self, document: Document, shifts: Sequence[Shift]) -> None:
        known = self._known.setdefault(document.uri, _Known(document))
        for shift in shifts:
            known.entries = tuple(shifted(entry, shift) for entry in known.entries)
        known.touched = (*known.touched, *shifts)[-MOST_TOUCHED:]
        self._start(known, document)

    def closed(self, uri: str) -> None:
        known = self._known.pop(uri, None)
        if known and known.task:
            known.task.cancel()

    def close(self) -> None:
        for uri in tuple(self._known):
            self.closed(uri)

    async def at(self, document: Document, line: int) -> Entry | None:
        """The innermost function around a line (0-based), from the newest outline that can be had in an instant."""
        known = self._known.get(document.uri)
        if known is None:
            return None
        if known.task is not None and _is_worth_waiting(known, line):
            await asyncio.wait([known.task], timeout=WAIT_SECONDS if known.read else FIRST_WAIT_SECONDS)
        return _around(known, line)

    def _start(self, known: _Known, document: Document) -> None:
        known.document = document
        if len(document.text) <= MOST_CHARACTERS and (known.task is None or known.task.done()):
            known.task = asyncio.get_running_loop().create_task(self._follow(known))

    async def _follow(self, known: _Known) -> None:
        """Read until what was read is what the document is."""
        while known.read is not known.document:
            if known.seconds > QUICK_SECONDS:
                await _rest(known)
            document = known.document
            try:
                outline = await self._reader.outline(document.path.name, document.text)
            except Unreadable as error:
                log.warning("%s: %s", document.path, error)
                known.read, known.entries, known.seconds = document, (), QUICK_SECONDS + REST_SECONDS
                continue
            known.seconds = outline.seconds
            if known.document is document:
                known.read, known.entries, known.touched = document, outline.entries, ()


async def _rest(known: _Known) -> None:
    """Wait until the typing rests."""
    document = None
    while document is not known.document:
        document = known.document
        await asyncio.sleep(REST_SECONDS)


def shifted(entry: Entry, shift: Shift) -> Entry:
    """Where a function is after a change, as far as lines tell."""
    if entry.last < shift.first:
        return entry
    if entry.first > shift.last:
        first, header = entry.first + shift.added, entry.header + shift.added
        return replace(entry, first=first, header=header, last=entry.last + shift.added)
    return replace(entry, last=max(entry.first, entry.last + shift.added))


def _around(known: _Known, line: int) -> Entry | None:
    around = [entry for entry in known.entries if entry.first <= line <= entry.last]
    return around[-1] if around else None


def _is_worth_waiting(known: _Known, line: int) -> bool:
    """Whether what is known may be wrong at this line, and better can be had soon."""
    if known.read is known.document:
        return False
    if known.read is None:
        return True
    return known.seconds <= QUICK_SECONDS and any(
        _concerns(shift, _around(known, line), line) for shift in known.touched
    )


def _concerns(shift: Shift, entry: Entry | None, line: int) -> bool:
    """Whether a change was made in this function, or next to this line; later changes may have moved it a little."""
    first, last = (entry.first, entry.last) if entry else (line, line)
    return shift.first <= last + 1 and first - 1 <= shift.last + max(0, shift.added)


def is_test_file(path: Path) -> bool:
    """By its name: the functions of tests are not ours to change."""
    name = path.stem
    return name == "conftest" or name.startswith("test_") or name.endswith(("_test", "_tests", "Test", "Tests"))
