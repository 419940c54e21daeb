"""The editor at the other end: what it can do, and what we tell it and ask it."""

import asyncio
import contextlib
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.lsp.server import LanguageServer

from perforch.core.report import Json
from perforch.lsp.documents import Document
from perforch.lsp.jobs import Told
from perforch.lsp.placing import annotated_edit, plain_edit, workspace_edit
from perforch.lsp.wire import Edit

Token = str | int


@dataclass(frozen=True, slots=True)
class Applied:
    """Whether an edit was applied, and what the client says if it was not."""

    is_applied: bool
    reason: str = ""


@dataclass(slots=True)
class Client:
    """Speaks through pygls; every wait for the client is shielded, for pygls cannot bear a late answer to nobody."""

    server: LanguageServer
    _cancellable: dict[Token, "asyncio.Task[Any]"] = field(default_factory=dict)

    @property
    def capabilities(self) -> types.ClientCapabilities:
        return self.server.client_capabilities

    def notify(self, method: str, params: Json) -> None:
        self.server.protocol.notify(method, params)

    def show(self, text: str, kind: types.MessageType = types.MessageType.Info) -> None:
        self.server.window_show_message(types.ShowMessageParams(kind, text))

    async def choice(self, text: str, actions: Sequence[str]) -> str | None:
        """Which of the actions the user takes."""
        items = [types.MessageActionItem(action) for action in actions]
        params = types.ShowMessageRequestParams(types.MessageType.Info, text, items)
        with contextlib.suppress(JsonRpcException):
            taken = await asyncio.shield(self.server.window_show_message_request_async(params))
            return taken.title if taken else None
        return None

    async def apply(self, edit: Edit, label: str) -> Applied:
        """Apply without asking: the user has accepted already."""
        workspace = self.capabilities.workspace
        versions = workspace and workspace.workspace_edit and workspace.workspace_edit.document_changes
        return await self._apply(workspace_edit(edit) if versions else plain_edit(edit), label)

    @property
    def can_confirm(self) -> bool:
        """Whether the client shows an edit to the user before it is applied."""
        edits = self.capabilities.workspace and self.capabilities.workspace.workspace_edit
        return bool(edits and edits.document_changes and edits.change_annotation_support)

    async def apply_confirmed(self, edit: Edit, label: str, description: str) -> Applied:
        """Let the user look at the edit, who then applies it or not."""
        return await self._apply(annotated_edit(edit, label, description), label)

    async def _apply(self, edit: types.WorkspaceEdit, label: str) -> Applied:
        params = types.ApplyWorkspaceEditParams(edit, label)
        try:
            result = await asyncio.shield(self.server.workspace_apply_edit_async(params))
        except JsonRpcException as error:
            return Applied(is_applied=False, reason=error.message)
        return Applied(result.applied, result.failure_reason or "")

    def publish(self, document: Document, diagnostics: Sequence[types.Diagnostic]) -> None:
        params = types.PublishDiagnosticsParams(document.uri, list(diagnostics), document.version)
        self.server.text_document_publish_diagnostics(params)

    async def settings(self, scopes: Sequence[str | None]) -> Sequence[object]:
        """The section perforch of the editor's settings for each scope; nothing from clients that do not tell."""
        workspace = self.capabilities.workspace
        if not (workspace and workspace.configuration):
            return ()
        items = [types.ConfigurationItem(scope, "perforch") for scope in scopes]
        with contextlib.suppress(JsonRpcException):
            found = await asyncio.shield(self.server.workspace_configuration_async(types.ConfigurationParams(items)))
            return list(found or ())
        return ()

    async def new_token(self) -> Token | None:
        """For progress that we begin ourselves; None where the client shows none."""
        window = self.capabilities.window
        if not (window and window.work_done_progress):
            return None
        token = uuid.uuid4().hex
        with contextlib.suppress(JsonRpcException):
            params = types.WorkDoneProgressCreateParams(token)
            await asyncio.shield(self.server.window_work_done_progress_create_async(params))
            return token
        return None

    @contextmanager
    def progress(self, token: Token | None, title: str) -> "Iterator[Progress]":
        """Progress for as long as the block runs, which a cancel from the client ends."""
        shown = Progress(self.server, token)
        task = asyncio.current_task()
        if token is not None and task is not None:
            self._cancellable[token] = task
        shown.tell(types.WorkDoneProgressBegin(title, cancellable=True))
        try:
            yield shown
        finally:
            if token is not None:
                self._cancellable.pop(token, None)
            shown.tell(types.WorkDoneProgressEnd())

    def cancel(self, token: Token) -> None:
        """The user has cancelled what this progress shows."""
        task = self._cancellable.get(token)
        if task:
            task.cancel()


@dataclass(frozen=True, slots=True)
class Progress:
    """One progress bar, or none where nobody wants to see it."""

    server: LanguageServer
    token: Token | None

    def report(self, told: Told) -> None:
        self.tell(types.WorkDoneProgressReport(message=told.text, percentage=told.percentage))

    def tell(self, value: object) -> None:
        if self.token is not None:
            self.server.progress(types.ProgressParams(self.token, value))
