"""The editor's open documents, which are the truth about their files, and the folders that they lie in."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from lsprotocol.types import Range
from pygls.uris import from_fs_path, to_fs_path

from perforch.core.errors import UsageError
from perforch.lsp.positions import UNITS, Lines, Units


@dataclass(frozen=True, slots=True)
class Opened:
    """A document as it is opened."""

    uri: str
    text: str
    version: int | None = None


@dataclass(frozen=True, slots=True)
class Named:
    """A document that is meant; the version is the one that it has now."""

    uri: str
    version: int | None = None


@dataclass(frozen=True, slots=True)
class TextEdited:
    """New text for a range; for the whole document where there is none."""

    text: str
    range: Range | None = None


@dataclass(frozen=True, slots=True)
class DidOpen:
    textDocument: Opened  # noqa: N815 - the name on the wire


@dataclass(frozen=True, slots=True)
class DidChange:
    textDocument: Named  # noqa: N815 - the name on the wire
    contentChanges: tuple[TextEdited, ...]  # noqa: N815 - the name on the wire


@dataclass(frozen=True, slots=True)
class Mentioned:
    """didClose and didSave."""

    textDocument: Named  # noqa: N815 - the name on the wire


@dataclass(frozen=True, slots=True)
class Shift:
    """Lines (0-based) `first` to `last` were changed, and there are now `added` more of them (or fewer)."""

    first: int
    last: int
    added: int


@dataclass(frozen=True, slots=True)
class Document:
    """One version of a document. `version` None: it is not open, and this is the text on disk."""

    uri: str
    path: Path
    version: int | None
    lines: Lines

    @property
    def text(self) -> str:
        return self.lines.text


@dataclass(slots=True)
class Documents:
    """All open documents; each change makes a new Document, so that whoever holds one holds a snapshot."""

    units: Units = UNITS["utf-16"]
    folders: dict[str, Path] = field(default_factory=dict)  # by their uri
    _open: dict[str, Document] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Document]:
        return iter(self._open.values())

    def get(self, uri: str) -> Document | None:
        """The document if it is open."""
        return self._open.get(unquote(uri))

    def read(self, uri: str) -> Document:
        """The document if it is open, else its file; raises UsageError."""
        return self.get(uri) or _from_disk(uri)

    def of_file(self, path: Path) -> Document:
        """The same by path; an open document keeps the uri under which the editor knows it."""
        found = next((document for document in self if document.path == path), None)
        return found or _from_disk(from_fs_path(str(path)) or "")

    def open(self, opened: Opened) -> Document:
        document = Document(opened.uri, _path(opened.uri), opened.version or 0, Lines.of(opened.text))
        self._open[unquote(opened.uri)] = document
        return document

    def change(self, named: Named, edits: Sequence[TextEdited]) -> tuple[Document, list[Shift]]:
        """Raises UsageError for a document that is not open."""
        document = self.get(named.uri)
        if document is None:
            raise UsageError(f"{named.uri} was changed, but it is not open")
        lines, shifts = document.lines, []
        for edit in edits:
            lines, shift = _edited(lines, edit, self.units)
            shifts.append(shift)
        changed = Document(document.uri, document.path, _next_version(document, named), lines)
        self._open[unquote(named.uri)] = changed
        return changed, shifts

    def close(self, uri: str) -> None:
        self._open.pop(unquote(uri), None)

    def root_of(self, path: Path) -> Path | None:
        """The innermost workspace folder that holds the file."""
        holding = [folder for folder in self.folders.values() if path.is_relative_to(folder)]
        return max(holding, key=lambda folder: len(folder.parts), default=None)

    def unsaved(self, root: Path) -> dict[str, str]:
        """The text of every open document below a folder, by relative path."""
        below = (document for document in self if document.path.is_relative_to(root))
        return {document.path.relative_to(root).as_posix(): document.text for document in below}


def folder_of(uri: str) -> Path | None:
    """The folder that a uri names, if it is one of this machine's."""
    name = to_fs_path(uri)
    return Path(os.path.normpath(name)) if name else None


def _next_version(document: Document, named: Named) -> int:
    return named.version if named.version is not None else (document.version or 0) + 1


def _edited(lines: Lines, edit: TextEdited, units: Units) -> tuple[Lines, Shift]:
    if edit.range is None:
        return Lines.of(edit.text), _replaced(lines.text, edit.text)
    start = lines.offset(edit.range.start, units)
    end = max(start, lines.offset(edit.range.end, units))
    changed = lines.replaced(start, end, edit.text)
    first, last = edit.range.start.line, edit.range.end.line
    return changed, Shift(first, last, len(changed.starts) - len(lines.starts))


def _replaced(before: str, after: str) -> Shift:
    """What a new text for the whole document changes, told from the lines that both begin and end with."""
    old, new = before.split("\n"), after.split("\n")
    most = min(len(old), len(new))
    first = next((line for line in range(most) if old[line] != new[line]), most)
    same = next((line for line in range(most - first) if old[-1 - line] != new[-1 - line]), most - first)
    return Shift(first, len(old) - 1 - same, len(new) - len(old))


def _path(uri: str) -> Path:
    name = to_fs_path(uri)
    return Path(os.path.normpath(name)) if name else Path(uri)


def _from_disk(uri: str) -> Document:
    name = to_fs_path(uri)
    if not name or "\0" in name:
        raise UsageError(f"{uri} is not a file on this machine; save it to a folder first")
    path = Path(os.path.normpath(name))
    try:
        return Document(uri, path, None, Lines.of(path.read_bytes().decode("utf-8")))
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}); check the path") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not UTF-8; save it as UTF-8 first") from None
