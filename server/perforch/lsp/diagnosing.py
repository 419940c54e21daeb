"""Failing tests where the programmer looks: at the line of the test that failed, and at the function it points at."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from lsprotocol.types import Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, Location, Range

from perforch.core.errors import UsageError
from perforch.lsp import typed, wire
from perforch.lsp.documents import Document
from perforch.lsp.jobs import Failure, Job, Place, RunTests, Tested, Told
from perforch.lsp.session import RequestFailed, Session

SOURCE = "perforch"
CODE = "failing-test"
MOST_CHARACTERS = 600  # of a test's message in a diagnostic


@dataclass(frozen=True, slots=True)
class Marked:
    """One diagnostic that we have published, and what a fix for it starts from."""

    test: str
    diagnostic: Diagnostic
    place: wire.Place


@dataclass(frozen=True, slots=True)
class Spot:
    """A line of a document that a failing test concerns."""

    document: Document
    range: Range

    @property
    def location(self) -> Location:
        return Location(self.document.uri, self.range)


class Diagnosing:
    """Runs tests and keeps what they said on the screen until they are run again."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._marks: dict[str, list[Marked]] = {}
        self._roots: dict[str, Path] = {}
        self._saved: set[Path] = set()  # since their tests were started
        self._running: set[Path] = set()  # because of a save

    async def run_tests(self, params: object) -> object:
        """perforch/runTests."""
        wanted = typed.read(wire.RunTestsParams, params)
        root = self.root(wanted.textDocument)
        with self._session.client.progress(wanted.workDoneToken, "PerfOrch: Run Tests") as progress:
            return typed.write(await self.run(root, progress.report))

    async def run(self, root: Path, listen: Callable[[Told], None]) -> wire.RunTestsResult:
        """All tests of a folder, with their failures published."""
        session = self._session
        end = await session.run(Job(session.origin(root), run_tests=RunTests()), listen)
        if not isinstance(end, Tested):
            raise RequestFailed("the worker answered something else than what it was asked")
        if end.message is None:
            self._publish(root, end.failures)
        return wire.RunTestsResult(end.passed, end.failed, end.skipped, end.flaky, end.message)

    async def saved(self, path: Path) -> None:
        """Run the tests after a file was saved, where the user wants it; several saves at once are one."""
        root = self._session.root_of(path)
        if not self._session.preferences_of(root).tests.runOnSave:
            return
        if root in self._running:
            self._saved.add(root)
            return
        self._running.add(root)
        try:
            await self._run_until_rest(root)
        finally:
            self._running.discard(root)

    async def _run_until_rest(self, root: Path) -> None:
        """Run the tests, and once more if something was saved meanwhile."""
        self._saved.add(root)
        while root in self._saved:
            self._saved.discard(root)
            await self.run(root, lambda _: None)

    def touching(self, uri: str, place: Range) -> list[Marked]:
        """What we have published about these lines."""
        marks = self._marks.get(unquote(uri), [])
        return [mark for mark in marks if _touch(mark.diagnostic.range, place)]

    def root(self, document: wire.Document | None) -> Path:
        """The folder of the document, else the first one."""
        if document is not None:
            return self._session.root_of(self._session.documents.read(document.uri).path)
        for root in self._session.documents.folders.values():
            return root
        raise UsageError("no folder is open; open one, or a file in it")

    def _publish(self, root: Path, failures: Sequence[Failure]) -> None:
        old = {uri for uri, folder in self._roots.items() if folder == root}
        marks: dict[str, list[Marked]] = {}
        for failure in failures:
            for mark in self._marks_of(root, failure):
                marks.setdefault(unquote(mark[0].uri), []).append(mark[1])
                self._roots[unquote(mark[0].uri)] = root
        for uri in old - set(marks):
            self._marks.pop(uri, None)
        self._marks.update(marks)
        for uri in old | set(marks):
            document = self._session.documents.read(uri)
            self._session.client.publish(document, [mark.diagnostic for mark in marks.get(uri, [])])

    def _marks_of(self, root: Path, failure: Failure) -> Iterator[tuple[Document, Marked]]:
        at, suspect = self._spot(root, failure.at), self._spot(root, failure.suspect)
        start = suspect or at
        if start is None:
            return
        place = wire.Place(start.document.uri, start.range.start, failure.test)
        if at:
            yield at.document, _mark(failure, at, suspect, place)
        if suspect:
            yield suspect.document, _mark(failure, suspect, at, place)

    def _spot(self, root: Path, place: Place | None) -> Spot | None:
        if place is None:
            return None
        try:
            document = self._session.documents.of_file(root / place.file)
        except UsageError:
            return None
        return Spot(document, document.lines.line_range(place.line - 1, self._session.documents.units))


def _mark(failure: Failure, spot: Spot, other: Spot | None, place: wire.Place) -> Marked:
    is_test = spot.location != Location(place.uri, Range(place.position, spot.range.end))
    related = [DiagnosticRelatedInformation(other.location, _relation(failure, is_test=is_test))] if other else None
    diagnostic = Diagnostic(
        spot.range,
        _message(failure, is_test=is_test),
        severity=DiagnosticSeverity.Error if is_test else DiagnosticSeverity.Warning,
        code=CODE,
        source=SOURCE,
        related_information=related,
        data={"test": failure.test},
    )
    return Marked(failure.test, diagnostic, place)


def _message(failure: Failure, *, is_test: bool) -> str:
    if is_test:
        return f"{failure.test} fails: {failure.message}"[:MOST_CHARACTERS]
    return f"{failure.test} fails, and points at {failure.suspect_name}: {failure.message}"[:MOST_CHARACTERS]


def _relation(failure: Failure, *, is_test: bool) -> str:
    return f"the most suspicious function, {failure.suspect_name}" if is_test else f"where {failure.test} fails"


def _touch(a: Range, b: Range) -> bool:
    """By lines: a cursor anywhere on the line means the mark on it."""
    return a.start.line <= b.end.line and b.start.line <= a.end.line
