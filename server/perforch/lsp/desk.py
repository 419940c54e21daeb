"""Which request is answered by what, once the editor has introduced itself."""

import logging
from typing import Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInternalError, JsonRpcInvalidParams

from perforch.core.errors import PerfOrchError
from perforch.lsp import inquiries, typed, wire
from perforch.lsp.actions import Actions
from perforch.lsp.client import Client
from perforch.lsp.commands import Commands
from perforch.lsp.diagnosing import Diagnosing
from perforch.lsp.lifecycle import Lifecycle
from perforch.lsp.outlines import Outlines
from perforch.lsp.past import Past
from perforch.lsp.reader import Reader
from perforch.lsp.server import Answer, React, Server
from perforch.lsp.session import RequestFailed, Session
from perforch.lsp.solving import Solving

log = logging.getLogger(__name__)


def furnish(server: Server) -> Session:
    """Tie everything that answers to what it answers."""
    reader = Reader()
    session = Session(Client(server), reader, Outlines(reader))
    diagnosing, solving, past = Diagnosing(session), Solving(session), Past(session)
    lifecycle = Lifecycle(session, diagnosing)
    answers: dict[str, Answer] = {
        wire.SOLVE: solving.solve,
        wire.ACCEPT: solving.accept,
        wire.REJECT: solving.reject,
        wire.RUN_TESTS: diagnosing.run_tests,
        wire.HISTORY: past.history,
        wire.HISTORY_ITEM: past.item,
        **inquiries.answers(session),
    }
    for method, answer in answers.items():
        server.feature(method)(_answering(answer))
    server.feature(wire.SET_TRUST)(_reacting(lifecycle.trusted))
    server.answers[types.TEXT_DOCUMENT_CODE_ACTION] = _answering(Actions(session, diagnosing).offer)
    server.reactions |= {method: _reacting(react) for method, react in lifecycle.reactions().items()}
    server.orders |= Commands(session, solving, diagnosing).all()
    if server.introduced is not None:
        lifecycle.introduced(server.introduced)
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
