"""Generate, Fix and Optimize as an editor asks for them: solve, then accept or reject."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from perforch.core.errors import UsageError
from perforch.lsp import past, placing, typed, wire
from perforch.lsp.client import Applied
from perforch.lsp.documents import Document
from perforch.lsp.jobs import Job, Proposed, Solve, Solved, Told
from perforch.lsp.names import Stage
from perforch.lsp.outlines import is_test_file
from perforch.lsp.positions import Lines
from perforch.lsp.reader import Unreadable
from perforch.lsp.session import RequestFailed, Session
from perforch.lsp.telling import VERBS

Apply = Callable[[wire.Edit, str], Awaitable[Applied]]
MOST_KEPT = 50  # results that can still be accepted
TRIES = 4  # at an edit, while the user goes on typing
SETTLE_SECONDS = 0.5  # for the change that made the client refuse an edit to arrive here


@dataclass(frozen=True, slots=True)
class Asked:
    """What the user asked for, and where."""

    document: Document
    line: int
    stage: Stage
    test: str | None


@dataclass(frozen=True, slots=True)
class Kept:
    """A proven answer that waits for the user's decision."""

    asked: Asked
    root: str
    proposed: Proposed
    result: wire.SolveResult


class Solving:
    """Everything between a request and the user's decision."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._kept: dict[str, Kept] = {}

    async def solve(self, params: object) -> object:
        """perforch/solve."""
        wanted = typed.read(wire.SolveParams, params)
        document = self._session.documents.read(wanted.textDocument.uri)
        asked = Asked(document, wanted.position.line, wanted.stage, wanted.test)
        with self._session.client.progress(wanted.workDoneToken, f"PerfOrch: {verb(wanted.stage)}") as progress:
            return typed.write(await self.result(asked, progress.report))

    async def result(self, asked: Asked, listen: Callable[[Told], None]) -> wire.SolveResult:
        """Let a worker solve it, and say where the answer goes in the text as it is by then."""
        session = self._session
        root = session.root_of(asked.document.path)
        job = Job(session.origin(root), solve=_job(asked, asked.document.path.relative_to(root).as_posix()))
        end = await session.run(job, listen, asked.stage)
        if not isinstance(end, Solved):
            raise RequestFailed("the worker answered something else than what it was asked")
        edit = await self._edit(str(root), end.proposed) if end.proposed else None
        report = end.report if isinstance(end.report, dict) else {}
        result = typed.read(wire.SolveResult, {**report, "id": end.id, "edit": typed.write(edit)}, "worker")
        if end.proposed:
            self._keep(end.id, Kept(asked, str(root), end.proposed, result))
        return result

    async def accept(self, params: object) -> object:
        """perforch/accept."""
        wanted = typed.read(wire.AcceptParams, params)
        kept = self._kept.get(wanted.id)
        number = wanted.alternative or 0
        if kept is None or not 0 <= number < len(kept.proposed.choices):
            raise RequestFailed("this proposal is no longer there; ask again")
        applied = await self.apply(kept, number, self._session.client.apply)
        return typed.write(wire.AcceptResult(applied.is_applied, applied.reason or None))

    async def reject(self, params: object) -> object:
        """perforch/reject: no failure of the model's, since the answer was proven."""
        wanted = typed.read(wire.RejectParams, params)
        kept = self._kept.pop(wanted.id, None)
        if kept:
            await past.decide(kept.root, wanted.id, accepted=False)
        return {}

    def kept(self, number: str) -> Kept | None:
        return self._kept.get(number)

    async def apply(self, kept: Kept, number: int, apply: Apply) -> Applied:
        """Have the client apply a choice; while the user types, find the target again and again."""
        applied = Applied(is_applied=False)
        for _ in range(TRIES):
            document = self._document(kept.root, kept.proposed)
            edit = await self._placed(document, kept.proposed, number)
            if self._document(kept.root, kept.proposed) is not document and document.version is not None:
                continue  # it changed while we looked
            if isinstance(edit, Applied):
                return edit
            applied = await apply(edit, f"PerfOrch: {verb(kept.asked.stage)} {kept.proposed.function}")
            if applied.is_applied or not await self._has_moved_on(kept, document):
                break
        if applied.is_applied:
            await past.decide(kept.root, kept.result.id, accepted=True)
        return applied if applied.is_applied or applied.reason else _REFUSED

    async def _edit(self, root: str, proposed: Proposed) -> wire.Edit:
        """For the preview: in the text as it is now, or as it was tested if the target is not found again."""
        documents = self._session.documents
        try:
            document = self._document(root, proposed)
            edit = await self._placed(document, proposed, 0)
        except UsageError:  # the file is gone
            path = Path(root) / proposed.file
            document, edit = Document(path.as_uri(), path, None, Lines.of(proposed.text)), None
        if isinstance(edit, wire.Edit):
            return edit
        tested = Document(document.uri, document.path, document.version, Lines.of(proposed.text))
        changes = await self._session.reader.place(proposed.text, proposed, 0)
        return placing.edit_of(tested, changes, documents.units)

    async def _placed(self, document: Document, proposed: Proposed, number: int) -> wire.Edit | Applied:
        try:
            changes = await self._session.reader.place(document.text, proposed, number)
        except Unreadable as error:
            return Applied(is_applied=False, reason=str(error))
        return placing.edit_of(document, changes, self._session.documents.units)

    async def _has_moved_on(self, kept: Kept, document: Document) -> bool:
        """Whether the document is another one by now; its change may come just after the refusal that it caused."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + SETTLE_SECONDS
        while document.version is not None and loop.time() < deadline:
            if self._document(kept.root, kept.proposed) is not document:
                return True
            await asyncio.sleep(0.01)
        return False

    def _document(self, root: str, proposed: Proposed) -> Document:
        return self._session.documents.of_file(Path(root) / proposed.file)

    def _keep(self, number: str, kept: Kept) -> None:
        self._kept[number] = kept
        while len(self._kept) > MOST_KEPT:
            del self._kept[next(iter(self._kept))]


_REFUSED = Applied(is_applied=False, reason="the editor did not apply the change; ask again")


def verb(stage: Stage) -> str:
    """What the user calls a stage."""
    return VERBS[stage]


def _job(asked: Asked, file: str) -> Solve:
    tests = (asked.test,) if asked.test else ()
    if asked.test and is_test_file(asked.document.path):
        return Solve(asked.stage, tests=tests)
    return Solve(asked.stage, file, asked.line + 1, tests)
