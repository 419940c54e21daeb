"""The way to the models: LiteLLM in a process of its own, asked within a deadline, patiently and without loose ends."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random
from types import TracebackType
from typing import Self

from perforch.adapters.gateway_faults import (
    MAY_HAVE_COST,
    CannotStart,
    Empty,
    GatewayFault,
    NotLocal,
    NotReady,
    TimedOut,
    Truncated,
)
from perforch.adapters.gateway_places import is_loopback, place
from perforch.adapters.gateway_process import GatewayProcess, Launch
from perforch.adapters.gateway_retry import CoolDowns, wait_before_retry
from perforch.adapters.gateway_wire import Ask, Told
from perforch.core.asking import Message
from perforch.core.budget import Price, Usage

log = logging.getLogger(__name__)

GRACE_SECONDS = 0.5  # after a deadline, for the process to say so itself
MAX_STARTS = 4  # within START_WINDOW_SECONDS; more is a process that crashes again and again
START_WINDOW_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Call:
    """What to ask of which model. `seconds` is the whole time, retries included; `price` is free on this machine."""

    model: str  # as LiteLLM calls it
    messages: tuple[Message, ...]
    max_tokens: int
    seconds: float
    price: Price
    temperature: float | None = None
    base_url: str | None = None
    key: str | None = None

    def __repr__(self) -> str:  # neither key nor prompt, wherever this ends up
        return f"Call({self.model!r}, {len(self.messages)} messages)"


@dataclass(frozen=True, slots=True)
class Success:
    """An answer. `usage` and `cost_usd` are None where the provider says nothing about tokens."""

    text: str
    model: str  # the one that the provider says has answered
    usage: Usage | None
    cost_usd: float | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Failure:
    """No answer. `cost_usd` is None where the call may have been billed all the same."""

    fault: GatewayFault
    cost_usd: float | None
    seconds: float


class Gateway:
    """Asks models. Belongs to one event loop; close it, or use it as a context, so that its process ends."""

    def __init__(
        self,
        launch: Launch,
        clock: Callable[[], float] = time.monotonic,
        rng: Random | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._launch = launch
        self._clock = clock
        self._rng = rng or Random()  # noqa: S311 - jitter, not cryptography
        self._sleep = sleep
        self._cool_downs = CoolDowns(clock)
        self._process: GatewayProcess | None = None
        self._starting = asyncio.Lock()
        self._starts: deque[float] = deque(maxlen=MAX_STARTS)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def pid(self) -> int | None:
        """The process that is running, if one is."""
        return self._process.pid if self._process is not None and self._process.is_alive else None

    async def warm(self) -> CannotStart | None:
        """Start the process and wait until it is ready; why not, if it cannot."""
        process = await self._ready_process()
        return process if isinstance(process, CannotStart) else None

    async def close(self) -> None:
        """End the process; a later call starts a new one."""
        async with self._starting:
            process, self._process = self._process, None
            if process is not None:
                await process.close()

    async def complete(self, call: Call) -> Success | Failure:
        """Ask, with retries, within the call's time; when cancelled, the connection is closed."""
        began = self._clock()
        log.info("asking %s", call.model)
        outcome = self._refusal(call) or await self._try_repeatedly(call, began)
        seconds = self._clock() - began
        match outcome:
            case Told():
                return self._judge(call, outcome, seconds)
            case fault:
                log.warning("%s: %s after %.1f s", call.model, type(fault).__name__, seconds)
                unknown = isinstance(fault, MAY_HAVE_COST) and not call.price.is_free
                return Failure(fault, None if unknown else 0.0, seconds)

    def forbids(self, base_url: str | None) -> NotLocal | None:
        """Why nothing may be sent there, if that is so."""
        return NotLocal() if self._launch.local_only and not is_loopback(base_url) else None

    def _refusal(self, call: Call) -> GatewayFault | None:
        return self.forbids(call.base_url) or self._cool_downs.check(place(call.model, call.base_url), call.model)

    async def _try_repeatedly(self, call: Call, began: float) -> Told | GatewayFault:
        where = place(call.model, call.base_url)
        tries = 0
        while True:
            tries += 1
            outcome = await self._try(call, call.seconds - (self._clock() - began))
            if isinstance(outcome, Told):
                self._cool_downs.succeeded(where, call.model)
                return outcome
            self._cool_downs.failed(where, call.model, outcome)
            wait = wait_before_retry(outcome, tries, self._rng, is_free=call.price.is_free)
            if wait is None or self._clock() - began + wait >= call.seconds:
                return outcome
            await self._sleep(wait)

    async def _try(self, call: Call, seconds: float) -> Told | GatewayFault:
        deadline = self._clock() + seconds
        try:
            async with asyncio.timeout(seconds):
                process = await self._ready_process()
        except TimeoutError:
            return NotReady(call.seconds)
        if isinstance(process, CannotStart):
            return process
        return await self._ask(process, call, max(0.0, deadline - self._clock()))

    async def _ask(self, process: GatewayProcess, call: Call, seconds: float) -> Told | GatewayFault:
        ask = Ask(
            id=process.next_id(),
            model=call.model,
            messages=call.messages,
            max_tokens=call.max_tokens,
            temperature=call.temperature,
            base_url=call.base_url,
            key=call.key,
            seconds=seconds,
        )
        try:
            async with asyncio.timeout(seconds + GRACE_SECONDS):
                outcome = await process.ask(ask)
        except TimeoutError:
            log.warning("the gateway does not answer; ending it")
            process.kill()
            return TimedOut(call.seconds)
        return TimedOut(call.seconds) if isinstance(outcome, TimedOut) else outcome

    async def _ready_process(self) -> GatewayProcess | CannotStart:
        process = await self._running()
        if isinstance(process, CannotStart):
            return process
        return await process.ready() or process

    async def _running(self) -> GatewayProcess | CannotStart:
        """The process, started anew if it has ended, but not for ever."""
        async with self._starting:
            if self._process is not None:
                if self._process.is_alive:
                    return self._process
                await self._process.close()
            now = self._clock()
            if len(self._starts) == MAX_STARTS and now - self._starts[0] < START_WINDOW_SECONDS:
                return CannotStart(f"it ended {MAX_STARTS} times within {START_WINDOW_SECONDS:.0f} s")
            self._starts.append(now)
            self._process = await GatewayProcess.start(self._launch)
            return self._process

    @staticmethod
    def _judge(call: Call, told: Told, seconds: float) -> Success | Failure:
        """An answer that is empty or cut off is a failure, which has cost as much as any other."""
        cost = 0.0 if call.price.is_free else call.price.of(told.usage) if told.usage is not None else None
        if told.finish == "length":
            return Failure(Truncated(call.max_tokens), cost, seconds)
        if not told.text.strip():
            return Failure(Empty(told.finish), cost, seconds)
        return Success(told.text, told.model, told.usage, cost, seconds)
