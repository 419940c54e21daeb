"""An OpenAI-compatible model server on the loopback that misbehaves on command, and counts what it sees."""

import json
import select
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

POLL_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came over the wire."""

    path: str
    headers: Mapping[str, str]  # names in lower case
    model: str
    messages: tuple[Mapping[str, str], ...]
    max_tokens: int | None
    temperature: float | None


@dataclass(frozen=True, slots=True)
class Says:
    """A well-formed answer; None leaves a part out (`text` None is a null content)."""

    text: str | None
    finish: str = "stop"
    model: str | None = None  # None: the name that was asked for
    usage: tuple[int, int] | None = (10, 5)  # prompt and completion tokens
    choices: int = 1
    after: float = 0.0


@dataclass(frozen=True, slots=True)
class Sends:
    """Any status and body: errors, HTML, bad JSON, a body cut short (`claims` bytes promised)."""

    status: int
    body: str
    kind: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    claims: int | None = None


@dataclass(frozen=True, slots=True)
class Dribbles:
    """A good answer of which one byte comes every `gap` seconds: no single read is ever late."""

    text: str
    gap: float


@dataclass(frozen=True, slots=True)
class Hangs:
    """Never answers; waits for the caller to go away."""


@dataclass(frozen=True, slots=True)
class Resets:
    """Reads the request and resets the connection."""


Reply = Says | Sends | Dribbles | Hangs | Resets
Script = Reply | Callable[[Asked], Reply]


def error(status: int, message: str, code: str | None = None, **headers: str) -> Sends:
    """An error as OpenAI words it; underscores in header names stand for hyphens."""
    body = {"error": {"message": message, "type": "error", "code": code, "param": None}}
    return Sends(status, json.dumps(body), headers={name.replace("_", "-"): text for name, text in headers.items()})


class ModelServer:
    """Answers each request with the next reply of its model's script; the last one repeats."""

    def __init__(self, http: ThreadingHTTPServer) -> None:
        self._http = http
        self._scripts: dict[str, deque[Script]] = {}
        self.stopping = threading.Event()
        self.asked: list[Asked] = []
        self.disconnected: list[float] = []  # when (monotonic) a caller went away before its answer was complete
        self.connections: set[socket.socket] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}/v1"

    @property
    def hits(self) -> int:
        return len(self.asked)

    def script(self, *replies: Script, model: str = "*") -> None:
        """What to answer from now on, and forget what was seen so far; `*` is any model without its own script."""
        self._scripts[model] = deque(replies)
        self.asked.clear()
        self.disconnected.clear()

    def next_reply(self, asked: Asked) -> Reply:
        replies = self._scripts.get(asked.model) or self._scripts["*"]
        reply = replies.popleft() if len(replies) > 1 else replies[0]
        return reply(asked) if callable(reply) else reply

    def wait_for_disconnect(self, seconds: float) -> bool:
        """Whether a caller went away within so many seconds."""
        return _within(seconds, lambda: bool(self.disconnected))

    def wait_for_hits(self, count: int, seconds: float) -> bool:
        """Whether so many requests have come in within so many seconds."""
        return _within(seconds, lambda: self.hits >= count)


@contextmanager
def serving(*replies: Script) -> Iterator[ModelServer]:
    """A model server in a thread of its own, that starts with these replies."""
    http = _Http(("127.0.0.1", 0), _Connection)
    server = ModelServer(http)
    http.model_server = server  # type: ignore[attr-defined]  # the handlers have no other way to find it
    server.script(*(replies or (Says("ok"),)))
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": POLL_SECONDS})
    thread.start()
    try:
        yield server
    finally:
        server.stopping.set()
        http.shutdown()
        for connection in tuple(server.connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        http.server_close()
        thread.join()


def _within(seconds: float, happened: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    while not happened() and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS / 4)
    return happened()


class _Http(ThreadingHTTPServer):
    def shutdown_request(self, request: socket.socket) -> None:  # type: ignore[override]  # never a datagram here
        request.close()  # without the orderly shutdown, so that a reset can be one


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # connections are kept, as real providers do
    disable_nagle_algorithm = True
    wbufsize = -1

    @property
    def models(self) -> ModelServer:
        server: ModelServer = self.server.model_server  # type: ignore[attr-defined]  # set in `serving`
        return server

    def setup(self) -> None:
        super().setup()
        self.models.connections.add(self.connection)

    def finish(self) -> None:
        self.models.connections.discard(self.connection)
        with suppress(OSError):
            super().finish()

    def handle(self) -> None:
        with suppress(ConnectionError):
            super().handle()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so
        pass

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        asked = Asked(
            self.path,
            {name.lower(): text for name, text in self.headers.items()},
            body["model"],
            tuple(body["messages"]),
            body.get("max_tokens") or body.get("max_completion_tokens"),
            body.get("temperature"),
        )
        reply = self.models.next_reply(asked)
        self.models.asked.append(asked)
        try:
            self._reply(asked, reply)
        except ConnectionError:
            self._gone()

    def _reply(self, asked: Asked, reply: Reply) -> None:
        match reply:
            case Says():
                if reply.after and self._caller_leaves(reply.after):
                    return
                self._send(Sends(200, completion(asked.model, reply)))
            case Sends():
                self._send(reply)
            case Dribbles(text, gap):
                self._dribble(completion(asked.model, Says(text)), gap)
            case Hangs():
                self._caller_leaves(3600)
            case Resets():
                # With this option closing sends a reset instead of an orderly end.
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.close_connection = True

    def _send(self, reply: Sends) -> None:
        data = reply.body.encode()
        self._head(reply.status, reply.kind, reply.claims or len(data), reply.headers)
        self.wfile.write(data)
        self.wfile.flush()
        self.close_connection = reply.claims is not None

    def _dribble(self, body: str, gap: float) -> None:
        data = body.encode()
        self._head(200, "application/json", len(data), {})
        for byte in data:
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            if self._caller_leaves(gap):
                return

    def _head(self, status: int, kind: str, length: int, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(length))
        for name, text in headers.items():
            self.send_header(name, text)
        self.end_headers()

    def _caller_leaves(self, seconds: float) -> bool:
        """Wait so long, but no longer than the caller does."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0 and not self.models.stopping.is_set():
            readable, _, _ = select.select([self.connection], [], [], min(POLL_SECONDS, left))
            if readable and not self.connection.recv(1, socket.MSG_PEEK):
                self._gone()
                return True
        self.close_connection = self.models.stopping.is_set()
        return self.close_connection

    def _gone(self) -> None:
        self.models.disconnected.append(time.monotonic())
        self.close_connection = True


def completion(model: str, says: Says) -> str:
    """A chat completion as OpenAI words it."""
    choice = {"index": 0, "message": {"role": "assistant", "content": says.text}, "finish_reason": says.finish}
    body: dict[str, object] = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": says.model or model,
        "choices": [choice] * says.choices,
    }
    if says.usage is not None:
        prompt, answer = says.usage
        body["usage"] = {"prompt_tokens": prompt, "completion_tokens": answer, "total_tokens": prompt + answer}
    return json.dumps(body)
