"""The language server's loop, and what it takes to answer initialize; everything else is imported after that."""

import argparse
import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO

from lsprotocol import types
from pygls.lsp.server import LanguageServer

import perforch
from perforch.core.errors import PerfOrchError
from perforch.lsp.channels import READ_BYTES, protected_stdout, reader_of, writer_to
from perforch.lsp.framing import Frames
from perforch.lsp.names import CLIENT, COMMANDS, REWRITE, RUN_TESTS
from perforch.lsp.protocol import Protocol

if TYPE_CHECKING:
    from perforch.lsp.session import Session

FLUSH_SECONDS = 1.0
INTERRUPTED = 130
NOTIFIED = (
    types.INITIALIZED,
    types.TEXT_DOCUMENT_DID_OPEN,
    types.TEXT_DOCUMENT_DID_CHANGE,
    types.TEXT_DOCUMENT_DID_CLOSE,
    types.TEXT_DOCUMENT_DID_SAVE,
    types.WORKSPACE_DID_CHANGE_CONFIGURATION,
    types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS,
    types.WINDOW_WORK_DONE_PROGRESS_CANCEL,
)
log = logging.getLogger(__name__)
Answer = Callable[[Any], Awaitable[object]]
React = Callable[[Any], None]


class Server(LanguageServer):
    """pygls's server. What initialize must announce is there from the start; what it leads to, `furnish` brings."""

    protocol: Protocol

    def __init__(self) -> None:
        super().__init__("perforch", perforch.__version__, protocol_cls=Protocol)
        self.introduced: types.InitializeParams | None = None
        self.answers: dict[str, Answer] = {}
        self.reactions: dict[str, React] = {}
        self.orders: dict[str, Callable[..., None]] = {}
        self.feature(types.INITIALIZE)(self._introduce())
        kinds = [types.CodeActionKind.QuickFix, types.CodeActionKind.Refactor, REWRITE]
        self.feature(types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions(kinds))(
            self._answer(types.TEXT_DOCUMENT_CODE_ACTION)
        )
        for method in NOTIFIED:
            self.feature(method)(self._react(method))

    def report_server_error(self, error: Exception, source: object) -> None:
        """Faults are for the log, not for the user."""
        log.error("%s: %s", source, error)

    def _introduce(self) -> React:
        def introduce(params: types.InitializeParams) -> None:
            self.introduced = params
            options = params.initialization_options
            if not (isinstance(options, dict) and options.get("client") == CLIENT):
                for name in (*COMMANDS.values(), RUN_TESTS):
                    self.command(name)(self._order(name))

        return introduce

    def _answer(self, method: str) -> Answer:
        async def answer(params: Any) -> object:
            return await self.answers[method](params)

        return answer

    def _react(self, method: str) -> React:
        def react(params: Any) -> None:
            self.reactions[method](params)

        return react

    def _order(self, name: str) -> Callable[..., None]:
        # pygls would hand the server to a first parameter that could be one, as it could for `object`.
        def order(*arguments: Any) -> None:
            self.orders[name](*arguments)

        return order


def main(argv: Sequence[str]) -> int:
    """`perforch serve --stdio`: talk to an editor until it says exit or goes away; returns the exit status."""
    parser = argparse.ArgumentParser(prog="perforch serve", description="The language server, for editors.")
    parser.add_argument("--stdio", action="store_true", required=True, help="talk over standard input and output")
    parser.add_argument("--verbose", action="store_true", help="log every message to stderr")
    arguments = parser.parse_args(argv)
    logging.basicConfig(level=logging.DEBUG if arguments.verbose else logging.WARNING, stream=sys.stderr)
    try:
        return asyncio.run(_serve(sys.stdin.buffer, protected_stdout()))
    except PerfOrchError as error:
        sys.stderr.write(f"perforch: {error}\n")
        return error.exit_status
    except KeyboardInterrupt:
        return INTERRUPTED


async def _serve(source: BinaryIO, sink: BinaryIO) -> int:
    reader, outgoing = await reader_of(source), await writer_to(sink)
    server = Server()
    server.protocol.set_writer(outgoing)
    try:
        await _conversation(server, reader)
    finally:
        await outgoing.flushed(FLUSH_SECONDS)
        outgoing.close()
    return server.protocol.exit_status


async def _conversation(server: Server, reader: asyncio.StreamReader) -> None:
    """Handle messages until the editor says exit, or hangs up."""
    protocol, frames = server.protocol, Frames()
    session: Session | None = None
    try:
        while not protocol.ended.is_set() and (data := await reader.read(READ_BYTES)):
            for frame in frames.feed(data):
                _receive(protocol, frame)
                if session is None and protocol.is_initialized:
                    session = _furnished(server)
                await asyncio.sleep(0)  # what the message began may go on before the next one comes
    finally:
        if session is not None:
            await session.close()


def _receive(protocol: Protocol, frame: Any) -> None:
    try:
        protocol.receive(frame)
    except Exception:
        log.exception("a message could not be handled, and was dropped")


def _furnished(server: Server) -> "Session":
    from perforch.lsp.desk import furnish  # noqa: PLC0415 - initialize is answered before this is imported

    return furnish(server)
