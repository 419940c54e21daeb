"""Messages that no well-behaved editor sends."""

import json
import random
from collections.abc import Callable
from typing import Any

METHODS = (
    "initialize", "initialized", "shutdown2", "textDocument/didOpen", "textDocument/didChange", "textDocument/didClose",
    "textDocument/didSave", "textDocument/codeAction", "workspace/executeCommand", "workspace/didChangeConfiguration",
    "workspace/didChangeWorkspaceFolders", "window/workDoneProgress/cancel", "$/cancelRequest", "$/setTrace",
    "notebookDocument/didOpen", "notebookDocument/didChange", "perforch/accept", "perforch/reject", "perforch/historyItem",
    "perforch/setKey", "perforch/rankings/../x", "perforch/", "", "x" * 5000, "exit ", "codeAction/resolve",
)  # fmt: skip
LIE = 2000  # how many bytes a header may promise too many


class Hostile:
    """An endless source, the same for the same seed. `uri` is of an open document."""

    def __init__(self, seed: int, uri: str) -> None:
        self._rng = random.Random(seed)
        self._uri = uri
        self._kinds: list[Callable[[], bytes]] = [
            self.noise, self.lie, self.not_json, self.wrong_envelope, self.wrong_params, self.wrong_params,
            self.stray_answer, self.wrong_change, self.wrong_change, self.deep, self.odd_text,
        ]  # fmt: skip

    def message(self) -> bytes:
        if self._rng.random() < 0.0005:
            return self.huge()
        return self._rng.choice(self._kinds)()

    def noise(self) -> bytes:
        return bytes(self._rng.choices(b'{}[]":,\r\n Content-Length: 0123\xff\x00', k=self._rng.randrange(60)))

    def lie(self) -> bytes:
        content = json.dumps({"jsonrpc": "2.0", "method": "initialized", "params": {}}).encode()
        length = max(0, len(content) + self._rng.randrange(-LIE, LIE))
        return b"Content-Length: %d\r\n\r\n%s" % (length, content)

    def not_json(self) -> bytes:
        text = self._rng.choice(
            ['{"jsonrpc": "2.0", "id": 1', "", "NaN", "nul", '{"a": }', "[" * 300, '"\\ud800"', "\x00"]
        )
        return framed(text.encode())

    def odd_text(self) -> bytes:
        return framed(bytes(self._rng.choices(range(256), k=self._rng.randrange(300))))

    def wrong_envelope(self) -> bytes:
        message: Any = {
            "jsonrpc": "2.0",
            "id": self.value(),
            "method": self._rng.choice(METHODS),
            "params": self.value(),
        }
        for name in self._rng.sample(sorted(message), self._rng.randrange(3)):
            message[name] = self.value()
        if self._rng.random() < 0.3:
            message.pop(self._rng.choice(sorted(message)))
        return framed(json.dumps(self._rng.choice([message, [message], message])).encode())

    def wrong_params(self) -> bytes:
        message: Any = {"jsonrpc": "2.0", "method": self._rng.choice(METHODS), "params": self.params()}
        if self._rng.random() < 0.5:
            message["id"] = self._rng.choice([self._rng.randrange(10**6, 10**7), f"hostile-{self._rng.random()}"])
        return framed(json.dumps(message).encode())

    def wrong_change(self) -> bytes:
        place = {"line": self.number(), "character": self.number()}
        change = {
            "range": {"start": place, "end": self._rng.choice([place, self.value()])},
            "text": self._rng.choice(["a\n", "", 5, None]),
        }
        document = {"uri": self._rng.choice([self._uri + "x", "file:///nowhere", "", 7]), "version": self.number()}
        params = {"textDocument": document, "contentChanges": self._rng.choice([[change], [change] * 50, change, None])}
        return framed(json.dumps({"jsonrpc": "2.0", "method": "textDocument/didChange", "params": params}).encode())

    def stray_answer(self) -> bytes:
        message: Any = {"jsonrpc": "2.0", "id": self._rng.choice([1, 2, "x", None, [], 10**30])}
        message[self._rng.choice(["result", "error"])] = self.value()
        return framed(json.dumps(message).encode())

    def deep(self) -> bytes:
        depth = self._rng.randrange(10, 3000)
        inner = self._rng.choice(['{"a":', "["]) * depth
        return framed(f'{{"jsonrpc":"2.0","id":1,"method":"perforch/reject","params":{inner}'.encode())

    def huge(self) -> bytes:
        text = self._rng.choice(["x" * 3_000_000, "def f():\n    pass\n" * 100_000, "(" * 500_000, '"""' * 300_000])
        item = {"uri": f"file:///huge{self._rng.random()}.py", "languageId": "python", "version": 1, "text": text}
        params = {"textDocument": item}
        return framed(json.dumps({"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": params}).encode())

    def params(self) -> Any:
        names = ["textDocument", "position", "range", "context", "uri", "id", "token", "settings", "event", "command",
                 "arguments", "stage", "name", "value", "contentChanges", "limit", "alternative"]  # fmt: skip
        return {name: self.value() for name in self._rng.sample(names, self._rng.randrange(8))}

    def number(self) -> Any:
        return self._rng.choice([0, 1, 5, -1, 2**31, 2**70, 1.5, None, "1", True])

    def value(self, depth: int = 0) -> Any:
        simple = [None, True, -1, 2**80, 1e308, "", "file:///a.py", self._uri, "😋\u2028\x00", "x" * 500]
        if depth > 2 or self._rng.random() < 0.6:
            return self._rng.choice(simple)
        if self._rng.random() < 0.5:
            return [self.value(depth + 1) for _ in range(self._rng.randrange(4))]
        return {self._rng.choice(["uri", "line", "start", "only", "x"]): self.value(depth + 1) for _ in range(3)}


def framed(content: bytes) -> bytes:
    return b"Content-Length: %d\r\n\r\n%s" % (len(content), content)
