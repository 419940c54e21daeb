"""An editor that talks to a real server process: keeps documents as editors do, applies edits and reports them back."""

import asyncio
import contextlib
import itertools
import json
import os
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

SERVE = (sys.executable, "-P", "-m", "perforch", "serve", "--stdio")
Json = Any
VSCODE = {
    "window": {"workDoneProgress": True},
    "workspace": {"workspaceEdit": {"documentChanges": True}, "configuration": True},
}


class Refused(Exception):
    """The server answered with an error."""

    def __init__(self, error: Json) -> None:
        super().__init__(error["message"])
        self.code: int = error["code"]
        self.data = error.get("data")


@dataclass
class Text:
    version: int
    text: str


@dataclass
class Editor:
    """Positions are UTF-16's, as in most editors."""

    process: asyncio.subprocess.Process
    texts: dict[str, Text] = field(default_factory=dict)
    notifications: list[tuple[str, Json]] = field(default_factory=list)
    applied: list[Json] = field(default_factory=list)
    changes: list[tuple[str, str, str]] = field(default_factory=list)  # by what was applied: uri, text before and after
    answers: dict[str, Callable[[Json], Json]] = field(default_factory=dict)
    capabilities: Json = None
    stray: list[Json] = field(default_factory=list)  # answers to nothing that was asked, as after malformed messages
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    _waiting: dict[int, "asyncio.Future[Json]"] = field(default_factory=dict)
    _listener: "asyncio.Task[None] | None" = None

    def __post_init__(self) -> None:
        self.answers |= {
            "workspace/applyEdit": self.apply,
            "workspace/configuration": lambda params: [None] * len(params["items"]),
            "window/workDoneProgress/create": lambda _: None,
        }
        self._listener = asyncio.create_task(self._listen())

    # what the user does

    def open(self, path: Path, language: str = "python", text: str | None = None) -> str:
        uri = path.as_uri()
        content = path.read_bytes().decode() if text is None else text
        self.texts[uri] = Text(1, content)
        item = {"uri": uri, "languageId": language, "version": 1, "text": content}
        self.notify("textDocument/didOpen", {"textDocument": item})
        return uri

    def edit(self, uri: str, start: int, end: int, text: str) -> None:
        """Replace characters, as typing does."""
        document = self.texts[uri]
        change = {"range": span(document.text, start, end), "text": text}
        document.text = document.text[:start] + text + document.text[end:]
        document.version += 1
        self._changed(uri, [change])

    def replace(self, uri: str, text: str) -> None:
        """Full synchronisation."""
        document = self.texts[uri]
        document.text, document.version = text, document.version + 1
        self._changed(uri, [{"text": text}])

    def save(self, uri: str, path: Path) -> None:
        path.write_bytes(self.texts[uri].text.encode())
        self.notify("textDocument/didSave", {"textDocument": {"uri": uri}})

    def close(self, uri: str) -> None:
        del self.texts[uri]
        self.notify("textDocument/didClose", {"textDocument": {"uri": uri}})

    async def actions(self, uri: str, line: int, only: Sequence[str] | None = None, **context: Json) -> list[Json]:
        place = {"line": line, "character": 0}
        params = {
            "textDocument": {"uri": uri},
            "range": {"start": place, "end": place},
            "context": {"diagnostics": [], **({"only": list(only)} if only is not None else {}), **context},
        }
        found: list[Json] = await self.request("textDocument/codeAction", params)
        return found

    def ask_solve(self, uri: str, line: int, stage: str = "fix", **more: Json) -> int:
        place = {"line": line, "character": 0}
        return self.send("perforch/solve", {"textDocument": {"uri": uri}, "position": place, "stage": stage, **more})

    async def solve(self, uri: str, line: int, stage: str = "fix", **more: Json) -> Json:
        return await self.answer(self.ask_solve(uri, line, stage, **more))

    # how it is said

    async def request(self, method: str, params: Json = None, seconds: float = 60.0) -> Json:
        return await self.answer(self.send(method, params), seconds)

    def send(self, method: str, params: Json = None) -> int:
        number = next(self._numbers)
        self._waiting[number] = asyncio.get_running_loop().create_future()
        self.write({"id": number, "method": method, "params": params if params is not None else {}})
        return number

    async def answer(self, number: int, seconds: float = 60.0) -> Json:
        return await asyncio.wait_for(self._waiting[number], seconds)

    def cancel(self, number: int) -> None:
        self.notify("$/cancelRequest", {"id": number})

    def notify(self, method: str, params: Json) -> None:
        self.write({"method": method, "params": params})

    def write(self, message: Json) -> None:
        content = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.write_raw(b"Content-Length: %d\r\n\r\n%s" % (len(content), content))

    def write_raw(self, data: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(data)

    def hang_up(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()

    async def told(self, method: str, seconds: float = 30.0, **wanted: Json) -> Json:
        """The first notification of this method, so far or to come, that has these members."""
        deadline = asyncio.get_running_loop().time() + seconds
        while asyncio.get_running_loop().time() < deadline:
            for name, params in self.notifications:
                if name == method and all(params.get(key) == value for key, value in wanted.items()):
                    return params
            await asyncio.sleep(0.01)
        raise TimeoutError(f"no {method} with {wanted}; there were {[name for name, _ in self.notifications]}")

    async def until(self, condition: Callable[[], bool], seconds: float = 60.0) -> None:
        deadline = asyncio.get_running_loop().time() + seconds
        while not condition():
            assert asyncio.get_running_loop().time() < deadline
            await asyncio.sleep(0.01)

    def apply(self, params: Json) -> Json:
        """As an editor does: only to the version that it was made for."""
        edit = params["edit"]
        changes = [(each["textDocument"], each["edits"]) for each in edit.get("documentChanges") or []]
        changes += [({"uri": uri, "version": None}, edits) for uri, edits in (edit.get("changes") or {}).items()]
        for document, _ in changes:
            known = self.texts.get(document["uri"])
            if known is None:  # renamed while the edit was on its way
                return {"applied": False, "failureReason": "there is no such document"}
            if document["version"] not in {None, known.version}:
                return {"applied": False, "failureReason": "the document has changed"}
        for document, edits in changes:
            self._apply(document["uri"], edits)
        self.applied.append(edit)
        return {"applied": True}

    def _apply(self, uri: str, edits: Sequence[Json]) -> None:
        document = self.texts[uri]
        places = [(*offsets(document.text, each["range"]), each["newText"]) for each in edits]
        before = document.text
        for start, end, text in sorted(places, reverse=True):
            document.text = document.text[:start] + text + document.text[end:]
        document.version += 1
        self.changes.append((uri, before, document.text))
        self._changed(uri, [{"text": document.text}])

    def _changed(self, uri: str, changes: Sequence[Json]) -> None:
        document = {"uri": uri, "version": self.texts[uri].version}
        self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": list(changes)})

    async def _listen(self) -> None:
        assert self.process.stdout is not None
        stream = self.process.stdout
        try:
            while True:
                header = await stream.readuntil(b"\r\n\r\n")
                length = int(header.split(b"Content-Length:")[1].split(b"\r\n")[0])
                self._received(json.loads(await stream.readexactly(length)))
        except asyncio.IncompleteReadError:
            for future in self._waiting.values():
                if not future.done():
                    future.cancel()

    def _received(self, message: Json) -> None:
        if "method" not in message:
            future = self._waiting.get(message["id"]) if isinstance(message["id"], int) else None
            if future is None or future.done():
                self.stray.append(message)
            elif "error" in message:
                future.set_exception(Refused(message["error"]))
            else:
                future.set_result(message.get("result"))
        elif "id" in message:
            self.write({"id": message["id"], "result": self.answers[message["method"]](message["params"])})
        else:
            self.notifications.append((message["method"], message["params"]))


@asynccontextmanager
async def connected(
    *folders: Path,
    capabilities: Json = VSCODE,
    options: Json = None,
    environment: Mapping[str, str] | None = None,
    command: Sequence[str] = SERVE,
) -> AsyncIterator[Editor]:
    """A server that is initialized, and shut down in order at the end."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, **(environment or {})},
        limit=64 << 20,
    )
    editor = Editor(process)
    try:
        named = [{"uri": folder.as_uri(), "name": folder.name} for folder in folders]
        params = {
            "processId": None,
            "rootUri": None,
            "capabilities": capabilities,
            "workspaceFolders": named,
            "initializationOptions": {"status": True, **(options or {})},
        }
        answer = await editor.request("initialize", params)
        editor.capabilities = answer["capabilities"]
        editor.notify("initialized", {})
        yield editor
        if process.returncode is None:
            await editor.request("shutdown")
            editor.notify("exit", {})
            assert await asyncio.wait_for(process.wait(), 10) == 0
    finally:
        await _gone(editor)


async def _gone(editor: Editor) -> None:
    if editor.process.returncode is None:
        editor.process.kill()
        await editor.process.wait()
    if editor._listener is not None:
        await editor._listener
    assert editor.process.stdin is not None
    editor.process.stdin.close()


def children(process: asyncio.subprocess.Process) -> list[psutil.Process]:
    """Everything that the server has started, however deep."""
    try:
        return psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def workers(process: asyncio.subprocess.Process) -> list[psutil.Process]:
    """The processes that do jobs."""
    found = []
    for child in children(process):
        with contextlib.suppress(psutil.NoSuchProcess):
            found += [child] if "perforch.lsp.worker" in child.cmdline() else []
    return found


def span(text: str, start: int, end: int) -> Json:
    return {"start": position(text, start), "end": position(text, end)}


def position(text: str, offset: int) -> Json:
    before = text[:offset]
    return {"line": before.count("\n"), "character": len(before.rpartition("\n")[2].encode("utf-16-le")) // 2}


def offsets(text: str, place: Json) -> tuple[int, int]:
    lines = text.split("\n")

    def offset(at: Json) -> int:
        start = sum(len(line) + 1 for line in lines[: at["line"]])
        return start + len(lines[at["line"]].encode("utf-16-le")[: 2 * at["character"]].decode("utf-16-le"))

    return offset(place["start"]), offset(place["end"])
