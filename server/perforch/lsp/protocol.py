"""The protocol as pygls speaks it, made to bear whatever comes in: nothing that a client sends ends the server."""

import asyncio
import concurrent.futures
import contextvars
import json
import logging
from collections.abc import Mapping
from typing import Any

import attrs
from cattrs.errors import BaseValidationError
from lsprotocol import types
from pygls.exceptions import (
    JsonRpcException,
    JsonRpcInvalidParams,
    JsonRpcInvalidRequest,
    JsonRpcParseError,
    JsonRpcServerNotInitialized,
)
from pygls.protocol import JsonRPCResponseMessage, LanguageServerProtocol, lsp_method

from perforch.lsp.framing import Body, Frame, Garbage
from perforch.lsp.names import OUR_METHODS

DOCUMENT_SYNC = frozenset(
    {
        types.TEXT_DOCUMENT_DID_OPEN,
        types.TEXT_DOCUMENT_DID_CHANGE,
        types.TEXT_DOCUMENT_DID_CLOSE,
        types.TEXT_DOCUMENT_DID_SAVE,
    }
)
log = logging.getLogger(__name__)
Message = Mapping[str, Any]  # a JSON object of which only the envelope was looked at


class Protocol(LanguageServerProtocol):
    """Checks every envelope itself; `ended` is the exit status once the client has said exit."""

    def __init__(self, server: Any, converter: Any) -> None:
        super().__init__(server, converter)
        self.ended: asyncio.Event = asyncio.Event()
        self.exit_status = 1
        self.is_initialized = False

    def receive(self, frame: Frame) -> None:
        """Handle one frame; what is no message is answered or dropped."""
        match frame:
            case Garbage(reason):
                log.warning("skipped %s", reason)
            case Body(content):
                self._receive(content)

    def _receive(self, content: bytes) -> None:
        try:
            message = json.loads(content)
        except (ValueError, RecursionError) as error:
            self._refuse(None, JsonRpcParseError(f"this is not JSON: {str(error)[:80]}"))
            return
        if not isinstance(message, dict) or message.get("jsonrpc") != "2.0":
            self._refuse(None, JsonRpcInvalidRequest("a message is a JSON object with jsonrpc 2.0"))
            return
        contextvars.copy_context().run(self._dispatch, message)

    def _dispatch(self, message: Message) -> None:
        number, method = message.get("id"), message.get("method")
        if method is None:
            self._answered(message)
        elif not isinstance(method, str):
            self._refuse(None, JsonRpcInvalidRequest("a method is a text"))
        elif "id" not in message:
            self._notified(method, message)
        elif isinstance(number, str | int) and not isinstance(number, bool):
            self._requested(number, method, message)
        else:
            self._refuse(None, JsonRpcInvalidRequest("an id is a number or a text"))

    def _requested(self, number: str | int, method: str, message: Message) -> None:
        refusal = self._refusal(number, method)
        if refusal is not None:
            self._refuse(number, refusal)
            return
        try:
            params = self._params(method, message)
        except JsonRpcException as error:
            log.warning("%s: the parameters do not fit: %s", method, error)
            self._refuse(number, JsonRpcInvalidParams(f"the parameters of {method} do not have the agreed form"))
            return
        self._handle_request(number, method, params)
        self.is_initialized |= method == types.INITIALIZE

    def _refusal(self, number: str | int, method: str) -> JsonRpcException | None:
        """Why a request cannot be taken in this state of affairs."""
        if self._shutdown:
            return JsonRpcInvalidRequest("the server is shutting down")
        if method == types.INITIALIZE:
            return JsonRpcInvalidRequest("the server is initialized already") if self.is_initialized else None
        if not self.is_initialized:
            return JsonRpcServerNotInitialized("send initialize first")
        if number in self._request_futures:
            return JsonRpcInvalidRequest(f"a request with the id {number!r} is still being worked on")
        return None

    def _notified(self, method: str, message: Message) -> None:
        if method != types.EXIT and (self._shutdown or not self.is_initialized):
            return
        try:
            params = self._params(method, message)
        except JsonRpcException as error:
            log.warning("dropped %s, whose parameters do not fit: %s", method, error)
            return
        self._handle_notification(method, params)

    def _params(self, method: str, message: Message) -> object:
        """The parameters as their type says; ours, and those of document changes, stay as they came."""
        if method.startswith(OUR_METHODS) or method in DOCUMENT_SYNC:
            return message.get("params", {})
        kind = self.get_message_type(method)
        if kind is None:
            return None
        whole = {name: value for name, value in message.items() if name != "params" or value is not None}
        if "params" not in whole and attrs.fields(kind).params.default is attrs.NOTHING:
            whole["params"] = {}  # some clients leave an empty object out
        return self._structured(whole, kind).params

    def _answered(self, message: Message) -> None:
        """The client's answer to a request of ours."""
        number = message.get("id")
        if not isinstance(number, str) or not isinstance(self._request_futures.get(number), concurrent.futures.Future):
            log.warning("dropped an answer to no request of ours")
            return
        if self._request_futures[number].done():  # we gave up waiting
            del self._request_futures[number]
            return
        kind = types.ResponseErrorMessage if "error" in message else self._result_types.pop(number, None)
        try:
            answer = self._structured(message, kind or JsonRPCResponseMessage)
        except JsonRpcException as error:
            self._request_futures.pop(number).set_exception(error)
            return
        self._handle_response(number, getattr(answer, "result", None), getattr(answer, "error", None))

    def _structured(self, message: Message, kind: Any) -> Any:
        """The message as its type; raises JsonRpcInvalidParams, and leaves the message itself out of the log."""
        try:
            return self._converter.structure(dict(message), kind)
        except (BaseValidationError, TypeError, ValueError, LookupError, AttributeError, RecursionError) as error:
            raise JsonRpcInvalidParams(f"this is no {kind.__name__}") from error

    def _handle_cancel_notification(self, msg_id: str | int) -> None:
        """Only what the client asked for can be cancelled by it."""
        if isinstance(self._request_futures.get(msg_id), asyncio.Future):
            super()._handle_cancel_notification(msg_id)

    def _send_handler_result(self, future: Any, *, msg_id: str | int) -> None:
        """A refusal is an answer, and nothing that the log must trace."""
        refusal = None if future.cancelled() else future.exception()
        if isinstance(refusal, JsonRpcException):
            self._request_futures.pop(msg_id, None)
            log.info("refused %s: %s", msg_id, refusal)
            self._refuse(msg_id, refusal)
        else:
            super()._send_handler_result(future, msg_id=msg_id)

    def _refuse(self, number: str | int | None, error: JsonRpcException) -> None:
        # Written by hand, since an id of null would be left out otherwise.
        error_object = {"code": error.code, "message": error.message}
        self._send_data({"jsonrpc": "2.0", "id": number, "error": error_object})

    @lsp_method(types.EXIT)
    def lsp_exit(self, *_: object) -> None:  # type: ignore[override]  # pygls runs what is no generator as well
        """Ends the main loop, which then closes everything in order."""
        self.exit_status = 0 if self._shutdown else 1
        self.ended.set()

    # The documents are kept by ourselves: pygls ends lines where editors do not.

    @lsp_method(types.TEXT_DOCUMENT_DID_OPEN)
    def lsp_text_document__did_open(self, params: Any) -> Any:
        yield self.fm.features[types.TEXT_DOCUMENT_DID_OPEN], (params,), None

    @lsp_method(types.TEXT_DOCUMENT_DID_CHANGE)
    def lsp_text_document__did_change(self, params: Any) -> Any:
        yield self.fm.features[types.TEXT_DOCUMENT_DID_CHANGE], (params,), None

    @lsp_method(types.TEXT_DOCUMENT_DID_CLOSE)
    def lsp_text_document__did_close(self, params: Any) -> Any:
        yield self.fm.features[types.TEXT_DOCUMENT_DID_CLOSE], (params,), None

    @lsp_method(types.WORKSPACE_EXECUTE_COMMAND)
    def lsp_workspace__execute_command(self, params: types.ExecuteCommandParams) -> Any:
        handler = self.fm.commands.get(params.command)
        if handler is None:
            raise JsonRpcInvalidParams(f"there is no command {params.command!r}")
        return (yield handler, tuple(params.arguments or ()), None)

    @lsp_method(types.WINDOW_WORK_DONE_PROGRESS_CANCEL)
    def lsp_work_done_progress_cancel(self, params: types.WorkDoneProgressCancelParams) -> Any:
        yield self.fm.features[types.WINDOW_WORK_DONE_PROGRESS_CANCEL], (params,), None
