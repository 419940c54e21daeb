"""The same job from the editors that people use: each says what it can do as its recorded original does."""

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_lsp
from cattrs import Converter
from lsprotocol import types
from pygls.protocol import default_converter
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities
from pytest_lsp.client import register_lsp_features
from workspaces import BROKEN, CLAMP_LINE, FIXED_LINE, broken

EDITORS = ("neovim@0.6.1", "neovim@0.11.0", "emacs", "visual-studio-code")
SECONDS = 120
WRONG, RIGHT = (f"    if value > high:\n{line}" for line in ("        return low", FIXED_LINE))

pytestmark = pytest.mark.slow


def reading() -> Converter:
    """As editors read: lsprotocol takes every action that carries a command for the command itself."""

    def action(found: dict[str, object], _: object) -> types.Command | types.CodeAction:
        is_plain = isinstance(found.get("command"), str)
        return converter.structure(found, types.Command if is_plain else types.CodeAction)

    converter = default_converter()
    converter.register_structure_hook(types.Command | types.CodeAction, action)
    return converter


def started() -> LanguageClient:
    client = LanguageClient(converter_factory=reading)
    register_lsp_features(client)
    return client


CONFIG = ClientServerConfig([sys.executable, "-P", "-m", "perforch", "serve", "--stdio"], started)


@pytest_lsp.fixture(params=EDITORS, config=CONFIG)
async def editor(lsp_client: LanguageClient, request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[None]:
    broken(tmp_path)
    folder = types.WorkspaceFolder(tmp_path.as_uri(), "work")
    await lsp_client.initialize_session(
        types.InitializeParams(
            capabilities=client_capabilities(request.param), root_uri=tmp_path.as_uri(), workspace_folders=[folder]
        )
    )
    yield
    await lsp_client.shutdown_session()


async def test_a_failing_test_is_marked_and_its_function_fixed(
    editor: LanguageClient, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    wanted: asyncio.Future[types.WorkspaceEdit] = asyncio.get_running_loop().create_future()

    @editor.feature(types.WORKSPACE_APPLY_EDIT)
    def apply(params: types.ApplyWorkspaceEditParams) -> types.ApplyWorkspaceEditResult:
        wanted.set_result(params.edit)
        return types.ApplyWorkspaceEditResult(applied=True)

    @editor.feature(types.WINDOW_SHOW_MESSAGE_REQUEST)
    def show_message_request(params: types.ShowMessageRequestParams) -> types.MessageActionItem:
        assert params.message.startswith("Proven: ")
        return (params.actions or [])[0]

    uri = (tmp_path / "ranges.py").as_uri()
    document = types.TextDocumentItem(uri, "python", 1, BROKEN)
    editor.text_document_did_open(types.DidOpenTextDocumentParams(document))
    await editor.workspace_execute_command_async(types.ExecuteCommandParams("perforch.runTests", []))
    assert [each.range.start.line for each in await marked(editor, uri)] == [CLAMP_LINE]
    place = types.Position(CLAMP_LINE, 4)
    context = types.CodeActionContext(editor.diagnostics[uri], only=[types.CodeActionKind.QuickFix])
    actions = await editor.text_document_code_action_async(
        types.CodeActionParams(types.TextDocumentIdentifier(uri), types.Range(place, place), context)
    )
    [fix] = [each for each in actions or () if isinstance(each, types.CodeAction)]
    assert fix.command is not None
    await editor.workspace_execute_command_async(types.ExecuteCommandParams(fix.command.command, fix.command.arguments))
    edit = await asyncio.wait_for(wanted, SECONDS)
    assert applied(edit, uri) == BROKEN.replace(WRONG, RIGHT)
    assert "unknown method" not in caplog.text


async def marked(editor: LanguageClient, uri: str) -> list[types.Diagnostic]:
    """The failing tests of a document, once they are known."""
    async with asyncio.timeout(SECONDS):
        while not editor.diagnostics.get(uri):
            await editor.wait_for_notification(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
    return list(editor.diagnostics[uri])


def applied(edit: types.WorkspaceEdit, uri: str) -> str:
    """What becomes of the document; editors that keep versions get the one that the edit is for."""
    if edit.document_changes:
        [change] = edit.document_changes
        assert isinstance(change, types.TextDocumentEdit)
        assert change.text_document.version == 1
        [one] = change.edits
    else:
        [one] = (edit.changes or {})[uri]
    assert not isinstance(one, types.SnippetTextEdit)
    start, end = (offset(place) for place in (one.range.start, one.range.end))
    return BROKEN[:start] + one.new_text + BROKEN[end:]


def offset(place: types.Position) -> int:
    return sum(len(line) for line in BROKEN.splitlines(keepends=True)[: place.line]) + place.character
