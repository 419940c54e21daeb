"""A model behind the gateway: a question becomes a prompt, the prompt an answer, the answer candidates."""

import logging
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, assert_never

from perforch.adapters.gateway import Call, Failure, Gateway, Success
from perforch.adapters.gateway_faults import ContextTooLong, NoKey, explain
from perforch.adapters.gateway_places import base_url_of, is_loopback, place
from perforch.adapters.gateway_prices import PriceTable
from perforch.adapters.ledger import LedgerUnusable, Purse
from perforch.core.asking import Message, Parse, Prompt, Replacement, Study, Unusable
from perforch.core.budget import FREE, OverBudget, Price, most_tokens, most_usd
from perforch.core.candidate import Answer, Candidate, NoAnswer
from perforch.core.ports import Question
from perforch.core.verdict import Fault

if TYPE_CHECKING:
    from perforch.adapters.redaction import Redaction

log = logging.getLogger(__name__)

ANY_KEY = "none"  # LiteLLM wants a key even for a server that asks for none
MAX_PROMPT_TOKENS = 100_000  # above, several providers charge more than PriceTable says


@dataclass(frozen=True, slots=True)
class LlmSettings:
    """What is known about one model before it is asked; `price` None is unknown, and then it is not asked."""

    model: str  # as LiteLLM calls it
    base_url: str | None = None
    api_key_env: str | None = None  # where the key was looked for
    api_key: str | None = field(default=None, repr=False)
    price: Price | None = None
    max_tokens: int = 4096
    temperature: float | None = 0.0
    seconds: float = 120.0


def completed(settings: LlmSettings, prices: PriceTable) -> LlmSettings:
    """The settings with what the user left open: where a local provider is, and what the model costs."""
    base_url = base_url_of(settings.model, settings.base_url)
    # Whoever answers at an address of the user's own need not charge what the model's maker does.
    known = FREE if is_loopback(base_url) else prices.price(settings.model) if base_url is None else None
    return replace(settings, base_url=base_url, price=settings.price or known)


async def as_it_is(question: Question) -> Question:
    """Nothing more is found out."""
    return question


@dataclass(frozen=True, slots=True)
class Wording:
    """A conversation: what is found out before a question is put, how it is put, and how an answer is read."""

    prompt: Prompt
    parse: Parse
    study: Study = as_it_is


class LlmModel:
    """Answers the questions of one request, whose purse pays for them."""

    def __init__(self, name: str, settings: LlmSettings, gateway: Gateway, purse: Purse, wording: Wording) -> None:
        self._name = name
        self._settings = settings
        self._gateway = gateway
        self._purse = purse
        self._wording = wording

    @property
    def name(self) -> str:
        return self._name

    async def messages(self, question: Question) -> tuple[Message, ...] | str:
        """Exactly what `answer` would send once it has a key and a price, or why it would send nothing."""
        if (barred := self._barred()) is not None:
            return barred
        studied = await self._wording.study(question)
        return studied if isinstance(studied, str) else self._prepare(studied)[0]

    async def answer(self, question: Question) -> Answer:
        price = self._price()
        if isinstance(price, str):  # before anything is found out about the question, which takes its time
            return self._no_answer(price)
        studied = await self._wording.study(question)
        if isinstance(studied, str):
            return self._no_answer(studied)
        messages, redaction = self._prepare(studied)
        call = self._call(messages, question.task.limits.seconds, price)
        if isinstance(call, str):
            return self._no_answer(call)
        try:
            outcome = await self._pay_and_ask(call)
        except LedgerUnusable as error:
            return self._no_answer(f"{self._name}: {error}")
        match outcome:
            case OverBudget():
                return self._no_answer(f"{self._name}: {outcome.text}")
            case Failure(fault, _, seconds):
                text = explain(fault, self._name, place(call.model, call.base_url))
                return replace(self._no_answer(text), cost_usd=_cost(outcome, call), seconds=seconds)
            case Success():
                return self._read(question, outcome, redaction.restore(outcome.text), _cost(outcome, call))
            case _ as never:
                assert_never(never)

    def _prepare(self, question: Question) -> tuple[tuple[Message, ...], "Redaction"]:
        from perforch.adapters.redaction import redact  # noqa: PLC0415 - takes 0.1 s, and only when something is sent

        messages = self._wording.prompt(question)
        key = self._settings.api_key
        redaction = redact([message.content for message in messages], [key] if key is not None else [])
        sent = zip(messages, redaction.texts, strict=True)
        return tuple(replace(message, content=text) for message, text in sent), redaction

    def _price(self) -> Price | str:
        """What it costs to ask it, or why it cannot be asked."""
        settings = self._settings
        if (barred := self._barred()) is not None:
            return barred
        if settings.api_key is None and (settings.api_key_env is not None or settings.base_url is None):
            return explain(NoKey(settings.api_key_env or "the provider's key"), self._name, self._where)
        if settings.price is None:
            return (
                f"{self._name}: its price at {self._where} is not known, so that no budget can be kept; set "
                "input_usd_per_million and output_usd_per_million under "
                f'[models.options."{self._name}"] in perforch.toml'
            )
        return settings.price

    def _barred(self) -> str | None:
        """Why nothing may be sent to where it is, if that is so."""
        fault = self._gateway.forbids(self._settings.base_url)
        return explain(fault, self._name, self._where) if fault is not None else None

    @property
    def _where(self) -> str:
        return place(self._settings.model, self._settings.base_url)

    def _call(self, messages: tuple[Message, ...], seconds: float, price: Price) -> Call | str:
        """The call, or why there is none to make."""
        settings = self._settings
        if (tokens := most_tokens(message.content for message in messages)) > MAX_PROMPT_TOKENS:
            return explain(
                ContextTooLong(f"up to {tokens} tokens, at most {MAX_PROMPT_TOKENS}"), self._name, self._where
            )
        return Call(
            model=settings.model,
            messages=messages,
            max_tokens=settings.max_tokens,
            seconds=min(seconds, settings.seconds),
            price=price,
            temperature=settings.temperature,
            base_url=settings.base_url,
            key=settings.api_key or ANY_KEY,
        )

    async def _pay_and_ask(self, call: Call) -> Success | Failure | OverBudget:
        """Ask with the most that it can cost set aside; a call that we do not see the end of keeps all of it."""
        reservation = self._purse.reserve(_most(call), self._name)
        if isinstance(reservation, OverBudget):
            return reservation
        cost = reservation.usd
        try:
            outcome = await self._gateway.complete(call)
            cost = _cost(outcome, call)
        finally:
            self._purse.settle(reservation, cost)
        return outcome

    def _read(self, question: Question, success: Success, text: str, cost_usd: float) -> Answer:
        found = self._wording.parse(question, text)
        if isinstance(found, Unusable):
            return NoAnswer(self._name, Fault.PARSE, found.text, cost_usd, success.seconds)
        if success.model not in self._settings.model:
            log.info("%s was answered by %s", self._settings.model, success.model)
        first, *others = (self._candidate(question, one) for one in found)
        return replace(first, cost_usd=cost_usd, seconds=success.seconds), *others  # one call is paid for once

    def _candidate(self, question: Question, found: Replacement) -> Candidate:
        return Candidate(found.code, self._name, question.stage, found.imports, note=found.note)

    def _no_answer(self, text: str) -> NoAnswer:
        return NoAnswer(self._name, Fault.PROVIDER, text)


def _most(call: Call) -> float:
    return most_usd(call.price, [message.content for message in call.messages], call.max_tokens)


def _cost(outcome: Success | Failure, call: Call) -> float:
    """What the call has cost; where nobody says, the most that it can have cost."""
    return outcome.cost_usd if outcome.cost_usd is not None else _most(call)
