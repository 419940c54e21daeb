"""The lightbulb: what can be done for the function at the cursor, from what is known already."""

from collections.abc import Iterator, Sequence

from lsprotocol.types import CodeAction, CodeActionKind, CodeActionParams, CodeActionTriggerKind, Command

from perforch.lsp import typed, wire
from perforch.lsp.diagnosing import Diagnosing, Marked
from perforch.lsp.names import COMMANDS, REWRITE, Stage
from perforch.lsp.outlines import is_test_file
from perforch.lsp.reader import Entry
from perforch.lsp.session import Session


class Actions:
    """Answers textDocument/codeAction; asks no model and runs no test."""

    def __init__(self, session: Session, diagnosing: Diagnosing) -> None:
        self._session = session
        self._diagnosing = diagnosing

    async def offer(self, params: CodeActionParams) -> list[CodeAction]:
        """Fixes for failing tests first, then what can be done for the function."""
        if not self._session.is_trusted:
            return []
        offered: list[CodeAction] = []
        if _is_wanted(CodeActionKind.QuickFix.value, params):
            marks = self._diagnosing.touching(params.text_document.uri, params.range)
            offered.extend(_quick_fixes(marks))
        if _is_wanted(REWRITE, params):
            offered.extend(await self._rewrites(params))
        return offered

    async def _rewrites(self, params: CodeActionParams) -> list[CodeAction]:
        document = self._session.documents.get(params.text_document.uri)
        if document is None or is_test_file(document.path):
            return []
        line = params.range.start.line
        entry = await self._session.outlines.at(document, line)
        if entry is None or not _is_called_for(entry, line, params):
            return []
        place = wire.Place(document.uri, params.range.start)
        return [_rewrite(stage, entry, place) for stage in _stages(entry)]


def _stages(entry: Entry) -> Sequence[Stage]:
    return ("generate",) if entry.is_stub else ("fix", "refine")


def _is_wanted(kind: str, params: CodeActionParams) -> bool:
    """Whether the client asks for actions of this kind; a kind includes those below it."""
    only = params.context.only
    wanted = [str(getattr(each, "value", each)) for each in only or ()]
    return not wanted or any(kind == each or kind.startswith(f"{each}.") or not each for each in wanted)


def _is_called_for(entry: Entry, line: int, params: CodeActionParams) -> bool:
    """A lightbulb that nobody asked for shows on a function's first lines only, so that it is not always there."""
    automatic = params.context.trigger_kind == CodeActionTriggerKind.Automatic
    return not automatic or entry.is_stub or line <= entry.header


def _rewrite(stage: Stage, entry: Entry, place: wire.Place) -> CodeAction:
    verbs: dict[Stage, str] = {"generate": "Generate", "fix": "Fix", "refine": "Optimize"}
    title = f"{verbs[stage]} {entry.name} with PerfOrch"
    return CodeAction(title, kind=REWRITE, command=_command(title, stage, place))


def _quick_fixes(marks: Sequence[Marked]) -> Iterator[CodeAction]:
    tests: dict[str, list[Marked]] = {}
    for mark in marks:
        tests.setdefault(mark.test, []).append(mark)
    for test, same in tests.items():
        title = f"Fix failing test {test.rpartition('::')[2]} with PerfOrch"
        command = _command(title, "fix", same[0].place)
        diagnostics = [mark.diagnostic for mark in same]
        yield CodeAction(title, kind=CodeActionKind.QuickFix, diagnostics=diagnostics, command=command)


def _command(title: str, stage: Stage, place: wire.Place) -> Command:
    argument: dict[str, object] = {"uri": place.uri, "position": typed.write(place.position)}
    if place.test:
        argument["test"] = place.test
    return Command(title, COMMANDS[stage], arguments=[argument])
