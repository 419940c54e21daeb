"""Where a proven answer goes now: its target may have moved since, and must not have changed."""

from collections.abc import Sequence
from pathlib import PurePosixPath

from lsprotocol.types import (
    AnnotatedTextEdit,
    ChangeAnnotation,
    OptionalVersionedTextDocumentIdentifier,
    TextDocumentEdit,
    TextEdit,
    WorkspaceEdit,
)

from perforch.core.candidate import Candidate
from perforch.core.edits import splices
from perforch.core.errors import UsageError
from perforch.core.ports import Syntax
from perforch.core.task import Stage, Target
from perforch.lsp.documents import Document
from perforch.lsp.jobs import Change, Choice, Proposed
from perforch.lsp.positions import Units
from perforch.lsp.wire import Edit, TextChange

ANNOTATION = "perforch"


class TargetChanged(UsageError):
    """The function is not what it was when the answer was proven."""


def found_again(syntax: Syntax, text: str, proposed: Proposed) -> Target:
    """The function of that name with exactly the text that was replaced; raises TargetChanged."""
    file = PurePosixPath(proposed.file)
    now = _named(syntax, file, text, proposed.function)
    same = [target for target in now if target.source == proposed.before]
    if len(same) == 1:
        return same[0]
    if not same:
        what = "has changed" if now else "is no longer there"
        raise TargetChanged(f"{proposed.function} {what} since it was tested, so nothing was applied; ask again")
    return _nth(syntax, now, proposed)


def _nth(syntax: Syntax, now: Sequence[Target], proposed: Proposed) -> Target:
    """Of several functions with that name and text, the one in the same place among them as before."""
    then = _named(syntax, PurePosixPath(proposed.file), proposed.text, proposed.function)
    if [target.source for target in then] == [target.source for target in now]:
        for before, after in zip(then, now, strict=True):
            if before.span.start == proposed.start:
                return after
    raise TargetChanged(
        f"{proposed.function} stands in {proposed.file} more than once now, so nothing was applied; ask again"
    )


def _named(syntax: Syntax, file: PurePosixPath, text: str, function: str) -> list[Target]:
    return [target for target in syntax.functions(file, text) if target.function == function]


def changes_of(text: str, target: Target, choice: Choice) -> tuple[Change, ...]:
    """The answer in the target's place first, then the imports, where the file lacks some."""
    candidate = Candidate(choice.code, "", Stage.FIX, choice.imports)
    return tuple(Change(each.start, each.end, each.text) for each in splices(text, target, candidate))


def edit_of(document: Document, changes: Sequence[Change], units: Units) -> Edit:
    """The changes as the editor counts places."""
    body, *added = changes
    lines = document.lines
    imports = [TextChange(lines.range(each.start, each.end, units), each.text) for each in added]
    return Edit(
        uri=document.uri,
        version=document.version,
        range=lines.range(body.start, body.end, units),
        newText=body.text,
        imports=imports[0] if imports else None,
        before=document.text[body.start : body.end],
    )


def workspace_edit(edit: Edit) -> WorkspaceEdit:
    """For clients that know versions: they refuse what was made for another one."""
    return WorkspaceEdit(document_changes=[TextDocumentEdit(_identifier(edit), list(_text_edits(edit)))])


def annotated_edit(edit: Edit, label: str, description: str) -> WorkspaceEdit:
    """The same, to be confirmed by the user in the client's own preview."""
    edits = [AnnotatedTextEdit(ANNOTATION, each.range, each.new_text) for each in _text_edits(edit)]
    return WorkspaceEdit(
        document_changes=[TextDocumentEdit(_identifier(edit), edits)],
        change_annotations={ANNOTATION: ChangeAnnotation(label, needs_confirmation=True, description=description)},
    )


def plain_edit(edit: Edit) -> WorkspaceEdit:
    """For clients that know no versions."""
    return WorkspaceEdit(changes={edit.uri: list(_text_edits(edit))})


def _identifier(edit: Edit) -> OptionalVersionedTextDocumentIdentifier:
    return OptionalVersionedTextDocumentIdentifier(edit.uri, edit.version)


def _text_edits(edit: Edit) -> Sequence[TextEdit]:
    body = TextEdit(edit.range, edit.newText)
    return [body, TextEdit(edit.imports.range, edit.imports.newText)] if edit.imports else [body]
