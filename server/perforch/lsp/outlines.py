"""Which function stands where in an open document, known before anybody asks, because reading takes its time."""

import asyncio
import logging
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from perforch import resident
from perforch.core.errors import PerfOrchError
from perforch.core.ports import Syntax
from perforch.lsp.documents import Document, Shift

# Reading holds the interpreter for up to a third of its time, so that long files are read only when the typing rests.
QUICK_SECONDS = 0.01
REST_SECONDS = 0.15
WAIT_SECONDS = 0.015  # for a newer outline, when there is an older one
FIRST_WAIT_SECONDS = 1.0  # when there is none
MOST_CHARACTERS = 2_000_000  # of a file that is read here at all
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Entry:
    """One function: its dotted name and its lines (0-based, both included)."""

    name: str
    first: int
    last: int
    header: int
    is_stub: bool

    def shifted(self, shift: Shift) -> "Entry":
        """Where the function is after a change, as far as lines tell."""
        if self.last < shift.first:
            return self
        if self.first > shift.last:
            first, header = self.first + shift.added, self.header + shift.added
            return replace(self, first=first, header=header, last=self.last + shift.added)
        return replace(self, last=max(self.first, self.last + shift.added))


@dataclass(slots=True)
class _Known:
    """What is known about one document; `read` is the version that the entries were read from."""

    document: Document
    read: Document | None = None
    entries: tuple[Entry, ...] = ()
    seconds: float = 0.0
    task: asyncio.Task[None] | None = None


class Outlines:
    """Reads documents in a thread of its own as they change, and answers from what it has."""

    def __init__(self) -> None:
        self._syntax = resident.syntax()
        self._known: dict[str, _Known] = {}
        self._thread = ThreadPoolExecutor(1, "outlines")

    @property
    def syntax(self) -> Syntax:
        """For those who read a text themselves; threads may share it."""
        return self._syntax

    def opened(self, document: Document) -> None:
        self._start(self._known.setdefault(document.uri, _Known(document)), document)

    def changed(self, document: Document, shifts: Sequence[Shift]) -> None:
        known = self._known.setdefault(document.uri, _Known(document))
        for shift in shifts:
            known.entries = tuple(entry.shifted(shift) for entry in known.entries)
        self._start(known, document)

    def closed(self, uri: str) -> None:
        known = self._known.pop(uri, None)
        if known and known.task:
            known.task.cancel()

    async def close(self) -> None:
        for uri in tuple(self._known):
            self.closed(uri)
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def at(self, document: Document, line: int) -> Entry | None:
        """The innermost function around a line (0-based), from the newest outline that can be had in an instant."""
        known = self._known.get(document.uri)
        if known is None:
            return None
        if known.read is not known.document and known.task is not None:
            patience = _patience(known)
            if patience:
                await asyncio.wait([known.task], timeout=patience)
        around = [entry for entry in known.entries if entry.first <= line <= entry.last]
        return around[-1] if around else None

    def _start(self, known: _Known, document: Document) -> None:
        known.document = document
        if len(document.text) > MOST_CHARACTERS:
            return
        if known.task is None or known.task.done():
            known.task = asyncio.get_running_loop().create_task(self._follow(known))

    async def _follow(self, known: _Known) -> None:
        """Read until what was read is what the document is."""
        while known.read is not known.document:
            if known.seconds > QUICK_SECONDS:
                await self._rest(known)
            document = known.document
            started = time.thread_time()
            entries = await asyncio.get_running_loop().run_in_executor(self._thread, self._entries, document)
            if known.document is document:
                known.read, known.entries = document, entries.found
            known.seconds = entries.seconds + time.thread_time() - started

    async def _rest(self, known: _Known) -> None:
        document = None
        while document is not known.document:
            document = known.document
            await asyncio.sleep(REST_SECONDS)

    def _entries(self, document: Document) -> "_Read":
        started = time.thread_time()
        try:
            targets = self._syntax.functions(PurePosixPath(document.path.name), document.text)
        except (PerfOrchError, RecursionError) as error:
            log.warning("%s cannot be read: %s", document.path, error)
            targets = ()
        found = tuple(
            Entry(each.function, each.span.first_line - 1, each.span.last_line - 1, each.def_line - 1, each.is_stub)
            for each in targets
        )
        return _Read(found, time.thread_time() - started)


@dataclass(frozen=True, slots=True)
class _Read:
    found: tuple[Entry, ...]
    seconds: float


def _patience(known: _Known) -> float:
    if known.read is None:
        return FIRST_WAIT_SECONDS
    return WAIT_SECONDS if known.seconds <= QUICK_SECONDS else 0.0


def is_test_file(path: Path) -> bool:
    """By its name: the functions of tests are not ours to change."""
    name = path.stem
    return name == "conftest" or name.startswith("test_") or name.endswith(("_test", "_tests", "Test", "Tests"))
