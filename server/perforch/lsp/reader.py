"""Asks the reading process; one that takes too long is ended, and another one is started for the next question."""

import asyncio
import contextlib
import json
import logging
import sys
from dataclasses import dataclass, field
from pathlib import Path

from perforch.core.errors import UsageError
from perforch.core.report import Json
from perforch.lsp import typed
from perforch.lsp.jobs import Change, Proposed

COMMAND = (sys.executable, "-P", "-m", "perforch.lsp.reading")
LONGEST_SECONDS = 10.0  # ten thousand lines take a tenth of a second on a quiet machine, a second on a busy one
IDLE_SECONDS = 1.0  # then it goes, with its memory; starting another one takes an eighth of a second
MOST_LINE_BYTES = 64 << 20
log = logging.getLogger(__name__)


class Unreadable(UsageError):
    """The text cannot be read, or not in time."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One function: its dotted name and its lines (0-based, both included)."""

    name: str
    first: int
    last: int
    header: int
    is_stub: bool


@dataclass(frozen=True, slots=True)
class Outline:
    """The functions of one text, and the processor time that it took to find them."""

    entries: tuple[Entry, ...]
    seconds: float


@dataclass(slots=True)
class Reader:
    """One process, there while something is to be read; questions are answered one after the other."""

    command: tuple[str, ...] = COMMAND
    _process: asyncio.subprocess.Process | None = None
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _asking: set["asyncio.Task[Json]"] = field(default_factory=set)
    _leaving: asyncio.Task[None] | None = None

    async def outline(self, file: str, text: str) -> Outline:
        """Raises Unreadable."""
        answer = await self._ask({"outline": {"file": file, "text": text}})
        assert isinstance(answer, dict)
        rows = answer["content"]
        seconds = answer["seconds"]
        assert isinstance(rows, list)
        assert isinstance(seconds, int | float)
        return Outline(tuple(Entry(*row) for row in rows), seconds)

    async def place(self, text: str, proposed: Proposed, number: int) -> tuple[Change, ...]:
        """What a choice changes in the text as it is now; raises Unreadable with what the user is to be told."""
        question = {"text": text, "proposed": typed.write(proposed), "number": number}
        answer = await self._ask({"place": question})
        assert isinstance(answer, dict)
        return typed.read(Placed, {"changes": answer["content"]}, "reader").changes

    async def close(self) -> None:
        for task in self._asking:
            task.cancel()
        if self._leaving:
            self._leaving.cancel()
        await self._end()

    async def _ask(self, question: Json) -> Json:
        """The answer; whoever is cancelled meanwhile leaves the conversation in order."""
        if self._leaving:
            self._leaving.cancel()
        task = asyncio.get_running_loop().create_task(self._asked(question))
        self._asking.add(task)
        task.add_done_callback(self._answered)
        return await asyncio.shield(task)

    def _answered(self, task: "asyncio.Task[Json]") -> None:
        self._asking.discard(task)
        if not task.cancelled():
            task.exception()  # somebody may have stopped waiting for it
        if not self._asking and self._process is not None:
            self._leaving = asyncio.get_running_loop().create_task(self._leave())

    async def _leave(self) -> None:
        await asyncio.sleep(IDLE_SECONDS)
        async with self._turn:
            await asyncio.shield(asyncio.ensure_future(self._end()))

    async def _asked(self, question: Json) -> Json:
        async with self._turn:
            try:
                async with asyncio.timeout(LONGEST_SECONDS):
                    answer = await self._exchange(json.dumps(question).encode() + b"\n")
            except (TimeoutError, OSError, ValueError) as error:
                await self._end()
                log.warning("a text could not be read in time, or at all: %r", error)
                raise Unreadable("this file cannot be read; the log says more") from None
        if isinstance(answer, dict) and "refused" in answer:
            raise Unreadable(str(answer["refused"]))
        return answer

    async def _exchange(self, line: bytes) -> Json:
        if self._process is None or self._process.returncode is not None:
            self._process = await asyncio.create_subprocess_exec(
                *self.command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                cwd=Path(sys.executable).anchor,
                start_new_session=True,
                limit=MOST_LINE_BYTES,
            )
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(line)
        await process.stdin.drain()
        answer: Json = json.loads(await process.stdout.readline())
        return answer

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        process.stdin.close()
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


@dataclass(frozen=True, slots=True)
class Placed:
    """For reading the changes of an answer."""

    changes: tuple[Change, ...]
