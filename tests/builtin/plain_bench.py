"""A workbench for small modules: what the embedded engine needs, done in the simplest way, in one child process."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any

from perforch.core.ports import Profile, Tried
from perforch.core.survey import FailedTest, TestId
from perforch.core.task import Category, Concerned, Limits, Span, Stage, Target, Task, Workspace

WORKER = Path(__file__).with_name("bench_worker.py")
PATIENCE_S = 10.0
BATCH = 24


@dataclass
class PlainBench:
    """Runs tests that are pieces of code on a module that is one text."""

    module: dict[str, Any]
    profile: Profile = field(init=False)
    inputs: Sequence[str] = ()
    process: asyncio.subprocess.Process | None = None
    tries: int = 0
    number: int = 0

    async def begin(self) -> None:
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, str(WORKER), stdin=-1, stdout=-1, stderr=-3, limit=1 << 26
        )
        self._send(self.module)
        self._send({"do": "profile"})
        seen = await self._receive(90)
        self.profile = Profile(
            failing=tuple(seen["failing"]),
            passing=tuple(seen["passing"]),
            seconds=seen["seconds"],
            lines={test: frozenset(lines) for test, lines in seen["lines"].items()},
            types={name: frozenset(kinds) for name, kinds in seen["types"].items()},
        )

    async def end(self) -> None:
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
        if self.process is not None:
            await self.process.communicate()

    def _send(self, message: dict[str, Any]) -> None:
        assert self.process is not None
        assert self.process.stdin is not None
        self.number += 1
        self.process.stdin.write(json.dumps({**message, "number": self.number}).encode() + b"\n")

    async def _receive(self, seconds: float) -> dict[str, Any]:
        assert self.process is not None
        assert self.process.stdout is not None
        answer: dict[str, Any] = {"to": 0}
        while answer["to"] != self.number:  # what is left of a question that nobody waits for any more
            line = await asyncio.wait_for(self.process.stdout.readline(), seconds)
            if not line:
                raise TimeoutError
            answer = json.loads(line)
        content: dict[str, Any] = answer["answer"]
        return content

    async def evaluate(self, codes: Iterable[str]) -> AsyncIterator[Tried]:
        numbered = enumerate(codes)
        slow: list[tuple[int, str]] = []
        slow_seconds, begun = 0.0, asyncio.get_running_loop().time()
        while batch := list(islice(numbered, BATCH)):
            async for tried in self._batch(batch, slow=False):
                if tried.timed_out:
                    slow.append(batch[tried.mutant - batch[0][0]])
                yield tried
            now = asyncio.get_running_loop().time()
            while slow and slow_seconds < 0.3 * (now - begun):
                at = asyncio.get_running_loop().time()
                async for tried in self._batch([slow.pop(0)], slow=True):
                    yield tried
                now = asyncio.get_running_loop().time()
                slow_seconds += now - at
        for one in slow:
            async for tried in self._batch([one], slow=True):
                yield tried

    async def _batch(self, batch: list[tuple[int, str]], *, slow: bool) -> AsyncIterator[Tried]:
        rest = batch
        while rest:
            self._send({"do": "tries", "with": {"codes": [code for _, code in rest], "slow": slow}})
            done = 0
            try:
                for number, _ in rest:
                    answer = await self._receive(PATIENCE_S)
                    done += 1
                    self.tries += answer["ran"]
                    yield Tried(mutant=number, **answer)
            except TimeoutError:
                yield Tried(mutant=rest[done][0], ran=True, timed_out=not slow and False)
                done += 1
                await self.end()
                await self.begin()
            rest = rest[done:]

    async def observe(self, codes: Sequence[str]) -> Sequence[Sequence[str]]:
        self._send({"do": "observe", "with": {"codes": list(codes)}})
        try:
            answer = await self._receive(90)
        except TimeoutError:
            await self.end()
            await self.begin()
            return [()] * len(codes)
        self.inputs = answer["inputs"]
        behaviours: Sequence[Sequence[str]] = answer["behaviours"]
        return behaviours


@dataclass(frozen=True)
class PlainWorkbench:
    """Opens plain benches; `tests` are pieces of code by name, run in the module's namespace."""

    tests: tuple[tuple[str, str], ...]

    @asynccontextmanager
    async def open(self, task: Task, start: str) -> AsyncIterator[PlainBench]:
        span = task.target.span
        bench = PlainBench(
            {
                "before": task.text[: span.start],
                "after": task.text[span.end :],
                "tests": self.tests,
                "function": task.target.function,
                "start": start,
            }
        )
        try:
            await bench.begin()
            yield bench
        finally:
            await bench.end()


def task_for(text: str, function: str, code: str, failing: Sequence[str] = (), messages: str = "") -> Task:
    """A task on the function whose text is `code`, somewhere in `text`."""
    start = text.index(code)
    first = text.count("\n", 0, start) + 1
    last = first + code.count("\n")
    span = Span(start, start + len(code), first, last)
    target = Target(
        file=PurePosixPath("module.py"),
        function=function,
        language="python",
        span=span,
        body=span,
        def_line=first,
        signature="",
        docstring="",
        enclosing=None,
        source=code,
        imports=(),
        imports_at=0,
        is_stub=False,
    )
    failures = tuple(FailedTest(TestId(test), "AssertionError", messages, messages) for test in failing)
    tests = Concerned(failing=failures, entering=tuple(failure.test for failure in failures))
    return Task(Workspace(Path("/nowhere")), target, text, Stage.FIX, Category.GLUE, tests, Limits())
