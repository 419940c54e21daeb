"""What the editor lets us know: that it is there, what it can do, which documents change, and what the user prefers."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lsprotocol import types

from perforch.lsp import preferences, typed, wire
from perforch.lsp.diagnosing import Diagnosing
from perforch.lsp.documents import DidChange, DidOpen, Mentioned, folder_of
from perforch.lsp.positions import units
from perforch.lsp.session import Session

log = logging.getLogger(__name__)


class Lifecycle:
    """Reacts to notifications, and to what initialize said."""

    def __init__(self, session: Session, diagnosing: Diagnosing) -> None:
        self._session = session
        self._diagnosing = diagnosing

    def reactions(self) -> dict[str, Callable[[Any], None]]:
        """By method."""
        return {
            types.INITIALIZED: self.initialized,
            types.TEXT_DOCUMENT_DID_OPEN: self.opened,
            types.TEXT_DOCUMENT_DID_CHANGE: self.changed,
            types.TEXT_DOCUMENT_DID_CLOSE: self.closed,
            types.TEXT_DOCUMENT_DID_SAVE: self.saved,
            types.WORKSPACE_DID_CHANGE_CONFIGURATION: self.configured,
            types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS: self.folders_changed,
            types.WINDOW_WORK_DONE_PROGRESS_CANCEL: self.cancelled,
        }

    def introduced(self, params: types.InitializeParams) -> None:
        """What initialize said."""
        session, server = self._session, self._session.client.server
        session.documents.units = units(server.workspace.position_encoding or "utf-16")
        options = params.initialization_options
        introduction = preferences.introduction(options)
        session.is_trusted = introduction.trusted
        session.shows_status = introduction.status
        session.preferences[None] = preferences.preferences(introduction.settings)
        for folder in params.workspace_folders or self._only_root(params):
            self._add(folder)

    def initialized(self, _: object) -> None:
        self._session.errand(self._configure())

    def opened(self, params: object) -> None:
        document = self._session.documents.open(typed.read(DidOpen, params).textDocument)
        self._session.outlines.opened(document)

    def changed(self, params: object) -> None:
        did = typed.read(DidChange, params)
        document, shifts = self._session.documents.change(did.textDocument, did.contentChanges)
        self._session.outlines.changed(document, shifts)

    def closed(self, params: object) -> None:
        uri = typed.read(Mentioned, params).textDocument.uri
        document = self._session.documents.get(uri)
        if document:
            self._session.documents.close(uri)
            self._session.outlines.closed(document.uri)

    def saved(self, params: object) -> None:
        document = self._session.documents.get(typed.read(Mentioned, params).textDocument.uri)
        if document and self._session.is_trusted:
            self._session.errand(self._diagnosing.saved(document.path))

    def configured(self, params: types.DidChangeConfigurationParams) -> None:
        section = preferences.of_section(params.settings)
        granted = preferences.trust(section)
        if granted is not None:
            self._session.is_trusted = granted
        if section is not None:
            self._session.preferences[None] = preferences.preferences(section)
        self._session.errand(self._configure())

    def trusted(self, params: object) -> None:
        self._session.is_trusted = typed.read(wire.SetTrustParams, params).trusted

    def folders_changed(self, params: types.DidChangeWorkspaceFoldersParams) -> None:
        for folder in params.event.removed:
            path = self._session.documents.folders.pop(folder.uri, None)
            self._session.preferences.pop(path, None)
        for folder in params.event.added:
            self._add(folder)
        self._session.errand(self._configure())

    def cancelled(self, params: types.WorkDoneProgressCancelParams) -> None:
        self._session.client.cancel(params.token)

    async def _configure(self) -> None:
        """Ask for the settings of every folder, and of the editor as a whole."""
        folders: list[tuple[str | None, Path | None]] = [(None, None), *self._session.documents.folders.items()]
        sections = await self._session.client.settings([uri for uri, _ in folders])
        for (_, path), section in zip(folders, sections, strict=False):
            if section is None:
                continue
            self._session.preferences[path] = preferences.preferences(section)

    def _add(self, folder: types.WorkspaceFolder) -> None:
        path = folder_of(folder.uri)
        if path is None:
            log.warning("%s is not a folder on this machine; it is left alone", folder.uri)
        else:
            self._session.documents.folders[folder.uri] = path

    @staticmethod
    def _only_root(params: types.InitializeParams) -> list[types.WorkspaceFolder]:
        """For clients that know of one folder only."""
        uri = params.root_uri or (Path(params.root_path).absolute().as_uri() if params.root_path else None)
        return [types.WorkspaceFolder(uri, "")] if uri else []
