"""The language server: which request is answered by what, and the loop around it."""

import argparse
import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, BinaryIO

from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInternalError, JsonRpcInvalidParams
from pygls.lsp.server import LanguageServer

import perforch
from perforch import resident
from perforch.core.errors import PerfOrchError
from perforch.lsp import inquiries, typed, wire
from perforch.lsp.actions import REWRITE, Actions
from perforch.lsp.channels import READ_BYTES, protected_stdout, reader_of, writer_to
from perforch.lsp.client import Client
from perforch.lsp.commands import Commands
from perforch.lsp.diagnosing import Diagnosing
from perforch.lsp.framing import Frames
from perforch.lsp.lifecycle import Lifecycle
from perforch.lsp.outlines import Outlines
from perforch.lsp.protocol import Protocol
from perforch.lsp.session import RequestFailed, Session
from perforch.lsp.solving import Solving

FLUSH_SECONDS = 1.0
INTERRUPTED = 130
log = logging.getLogger(__name__)
Answer = Callable[[Any], Awaitable[object]]
React = Callable[[Any], None]


class Server(LanguageServer):
    """pygls's server, which keeps faults to the log."""

    protocol: Protocol

    def __init__(self) -> None:
        super().__init__("perforch", perforch.__version__, protocol_cls=Protocol)

    def report_server_error(self, error: Exception, source: object) -> None:
        log.error("%s: %s", source, error)


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
    session = connected(server)
    try:
        await _conversation(server.protocol, reader)
    finally:
        await session.close()
        await outgoing.flushed(FLUSH_SECONDS)
        outgoing.close()
    return server.protocol.exit_status


async def _conversation(protocol: Protocol, reader: asyncio.StreamReader) -> None:
    """Handle messages until the editor says exit, or hangs up."""
    frames = Frames()
    while not protocol.ended.is_set():
        data = await reader.read(READ_BYTES)
        if not data:
            return
        for frame in frames.feed(data):
            try:
                protocol.receive(frame)
            except Exception:
                log.exception("a message could not be handled, and was dropped")
            if protocol.ended.is_set():
                return
            await asyncio.sleep(0)  # what it began may go on before the next one comes


def connected(server: Server) -> Session:
    """Everything that answers, tied to what it answers."""
    client = Client(server)
    session = Session(client, Outlines(resident.syntax))
    diagnosing, solving = Diagnosing(session), Solving(session)
    lifecycle = Lifecycle(session, diagnosing, Commands(session, solving, diagnosing))
    answers: dict[str, Answer] = {
        wire.SOLVE: solving.solve,
        wire.ACCEPT: solving.accept,
        wire.REJECT: solving.reject,
        wire.RUN_TESTS: diagnosing.run_tests,
        **inquiries.answers(session),
    }
    for method, answer in answers.items():
        server.feature(method)(_answering(answer))
    actions = Actions(session, diagnosing)
    options = types.CodeActionOptions([types.CodeActionKind.QuickFix, types.CodeActionKind.Refactor, REWRITE])
    server.feature(types.TEXT_DOCUMENT_CODE_ACTION, options)(_answering(actions.offer))
    for method, react in lifecycle.reactions().items():
        server.feature(method)(_reacting(react))
    return session


def _answering(answer: Answer) -> Answer:
    """What goes wrong becomes a sentence for the user; a fault of ours goes to the log."""

    async def answered(params: Any) -> object:
        try:
            return await answer(params)
        except JsonRpcException:
            raise
        except typed.Misfit as error:
            raise JsonRpcInvalidParams(str(error)) from None
        except PerfOrchError as error:
            raise RequestFailed(str(error)) from None
        except Exception:
            log.exception("a request failed")
            raise JsonRpcInternalError("this failed for a reason of PerfOrch's own; the log says more") from None

    return answered


def _reacting(react: React) -> React:
    """A notification has no answer: what does not fit is dropped."""

    def reacted(params: Any) -> None:
        try:
            react(params)
        except PerfOrchError as error:
            log.warning("dropped a notification: %s", error)

    return reacted
