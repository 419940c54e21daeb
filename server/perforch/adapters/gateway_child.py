"""The gateway's own process, the only place that loads LiteLLM: takes calls as JSON lines, and ends with its parent."""

import asyncio
import importlib
import importlib.metadata
import logging
import os
import sys
import threading
from collections.abc import Callable
from typing import Any, BinaryIO, assert_never

from perforch.adapters.copies_folders import usual_session
from perforch.adapters.gateway_faults import GatewayFault, Malformed, TimedOut, Unexpected
from perforch.adapters.gateway_places import is_loopback_host
from perforch.adapters.gateway_triage import triage
from perforch.adapters.gateway_wire import Ask, Cancel, Ended, Ready, Told, read_order, report_line
from perforch.core.budget import Usage

LOCAL_ONLY = "--local-only"
CLOSING_SECONDS = 0.5  # for a call that was dropped to close its connection
FIRST_CALL_SECONDS = 10.0  # it is refused at once, but what it loads takes long on a busy machine
TEXT_CHARACTERS = 500_000  # of an answer: more than 100,000 tokens, and at 12 bytes each still one line to the parent
NAME_CHARACTERS = 200  # of the model that answered
MOST_TOKENS = 10**9  # that a provider can mean


class Service:
    """Runs the calls side by side, each a task under the id that the parent gave it."""

    def __init__(self, litellm: Any, reports: BinaryIO) -> None:
        self._litellm = litellm
        self._reports = reports
        self._calls: dict[int, asyncio.Task[None]] = {}

    def take(self, order: Ask | Cancel) -> None:
        match order:
            case Ask():
                task = asyncio.create_task(self._run(order))
                self._calls[order.id] = task
                task.add_done_callback(lambda _: self._calls.pop(order.id, None))
            case Cancel(number):
                if (running := self._calls.get(number)) is not None:
                    running.cancel()
            case _ as never:
                assert_never(never)

    def report(self, report: Ready | Ended) -> None:
        self._reports.write(report_line(report))
        self._reports.flush()

    async def _run(self, ask: Ask) -> None:
        try:
            outcome = await answer(self._litellm, ask)
        except Exception as error:  # noqa: BLE001 - whatever it is, the parent waits for an answer
            outcome = Unexpected(type(error).__name__)
        self.report(Ended(ask.id, outcome))


async def answer(litellm: Any, ask: Ask) -> Told | GatewayFault:
    """One try, within its time; cancelling it closes the connection."""
    call: asyncio.Task[Any] = asyncio.create_task(litellm.acompletion(**_arguments(ask)))
    try:
        done, _ = await asyncio.wait({call}, timeout=ask.seconds)
    finally:
        call.cancel()  # does nothing to a call that is done
    if not done:
        await asyncio.wait({call}, timeout=CLOSING_SECONDS)
        return TimedOut(ask.seconds)
    error = call.exception()
    return triage(error, ask.key, ask.seconds) if error is not None else _told(call.result())


def _arguments(ask: Ask) -> dict[str, object]:
    optional = {"base_url": ask.base_url, "api_key": ask.key, "temperature": ask.temperature}
    return {
        "model": ask.model,
        "messages": [{"role": message.role, "content": message.content} for message in ask.messages],
        "max_tokens": ask.max_tokens,
        "timeout": ask.seconds,
        "num_retries": 0,  # LiteLLM's own retries need tenacity, which it does not bring, and hide the true error
        "max_retries": 0,
        "drop_params": True,  # some models know no temperature
        **{name: value for name, value in optional.items() if value is not None},
    }


def _told(response: Any) -> Told | GatewayFault:
    model = response.model[:NAME_CHARACTERS] if isinstance(response.model, str) else ""
    if not response.choices:
        return Told("", "no choices", model, _usage(response))
    choice = response.choices[0]
    text = choice.message.content or ""
    if not isinstance(text, str) or len(text) > TEXT_CHARACTERS:
        return Malformed()
    return Told(text, str(choice.finish_reason), model, _usage(response))


def _usage(response: Any) -> Usage | None:
    """What the provider counts; None where it says nothing, or what cannot be."""
    usage = getattr(response, "usage", None)
    prompt: Any = getattr(usage, "prompt_tokens", None)
    completion: Any = getattr(usage, "completion_tokens", None)
    if not all(type(count) is int and 0 <= count <= MOST_TOKENS for count in (prompt, completion)):
        return None
    # LiteLLM says 0 where the provider says nothing.
    return Usage(prompt, completion) if prompt and completion else None


def stay_local() -> None:
    """From now on this process connects to this machine alone, whatever any library tries."""

    def guard(event: str, arguments: tuple[Any, ...]) -> None:
        if event in {"socket.connect", "socket.sendto"} and isinstance(arguments[-1], tuple):
            host = arguments[-1][0]
        elif event in {"socket.getaddrinfo", "socket.gethostbyname"}:
            host = arguments[0]
        else:
            return
        name = host.decode() if isinstance(host, bytes) else host
        if name is not None and not is_loopback_host(name):
            raise ConnectionRefusedError(f"local_only is set, and {name} is not this machine")

    sys.addaudithook(guard)


def stay_put() -> None:
    """No redirection is followed: the prompt goes to the address that the user named, and to no other."""
    httpx: Any = importlib.import_module("httpx")
    send = httpx.AsyncClient.send

    async def send_once(client: Any, request: Any, **options: Any) -> Any:
        return await send(client, request, **{**options, "follow_redirects": False})

    httpx.AsyncClient.send = send_once


def load() -> Any:
    """LiteLLM, silent and without anything that reports elsewhere. Takes seconds."""
    stay_put()
    litellm: Any = importlib.import_module("litellm")
    litellm.suppress_debug_info = True
    litellm.telemetry = False
    litellm.turn_off_message_logging = True
    litellm.drop_params = True
    logging.disable(logging.CRITICAL)
    return litellm


async def call_once(litellm: Any) -> None:
    """A call that nobody takes, since LiteLLM loads another half second's worth of code at its first one."""
    nobody = Ask(0, "openai/none", (), 1, None, "http://127.0.0.1:1/v1", "none", FIRST_CALL_SECONDS)
    await answer(litellm, nobody)


def read_orders(lines: BinaryIO, take: Callable[[Ask | Cancel], None], at_end: Callable[[], None]) -> None:
    """Hand over each order; the end of the input means that the parent is gone."""
    for line in lines:
        take(read_order(line.decode()))
    at_end()


async def serve(orders: BinaryIO, reports: BinaryIO, at_end: Callable[[], None]) -> None:
    """Load LiteLLM, then take orders for ever; the orders are watched from the start, so that no orphan loads it."""
    loop = asyncio.get_running_loop()
    inbox: asyncio.Queue[Ask | Cancel] = asyncio.Queue()

    def take(order: Ask | Cancel) -> None:
        loop.call_soon_threadsafe(inbox.put_nowait, order)

    threading.Thread(target=read_orders, args=(orders, take, at_end), daemon=True).start()
    litellm = await asyncio.to_thread(load)
    await call_once(litellm)
    service = Service(litellm, reports)
    service.report(Ready(importlib.metadata.version("litellm")))
    while True:
        service.take(await inbox.get())


def main() -> None:
    # Whatever a library prints goes to stderr; only reports go where the parent reads them.
    reports = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    session = usual_session()
    home = session.folder
    os.environ.update(HOME=str(home), USERPROFILE=str(home))
    os.chdir(home)
    if LOCAL_ONLY in sys.argv:
        stay_local()

    def end() -> None:
        session.close()
        os._exit(0)  # at once: nothing is to be saved, and calls in flight must not go on

    asyncio.run(serve(sys.stdin.buffer, reports, end))


if __name__ == "__main__":
    main()
