"""The gateway with the real LiteLLM, against a server that misbehaves in every way that we know of."""

import asyncio
import json
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
import pytest
import pytest_asyncio

import fakes
from model_server import Dribbles, Hangs, ModelServer, Reply, Resets, Says, Sends, completion, error, serving
from perforch.adapters.copies_folders import sweep
from perforch.adapters.gateway import Call, Failure, Gateway, Success
from perforch.adapters.gateway_faults import (
    ContextTooLong,
    Empty,
    GatewayFault,
    Interrupted,
    Malformed,
    ProviderError,
    RateLimited,
    Redirected,
    Refused,
    TimedOut,
    Truncated,
    UnknownModel,
    Unreachable,
)
from perforch.adapters.gateway_process import Launch
from perforch.adapters.ledger import DayLedger, Purse
from perforch.adapters.llm import LlmModel, LlmSettings, Wording
from perforch.core.asking import Message, Replacement
from perforch.core.budget import FREE, Price, Usage
from perforch.core.candidate import NoAnswer
from perforch.core.ports import Question
from perforch.core.task import Stage

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

KEY = "sk-0123456789abcdef"
PAID = Price(2.0, 10.0)


@dataclass
class Rig:
    """One warm gateway and one server for the whole module; before each test the clock jumps past any cool-down."""

    gateway: Gateway
    server: ModelServer
    waits: list[float]

    def call(self, provider: str = "openai", seconds: float = 5.0) -> Call:
        base_url = self.server.url if provider == "openai" else self.server.url.removesuffix("/v1")
        messages = (Message("user", "hi"),)
        return Call(f"{provider}/m", messages, 64, seconds, FREE, temperature=0.0, base_url=base_url, key=KEY)

    async def ask(self, *replies: Reply, provider: str = "openai", seconds: float = 5.0) -> Success | Failure:
        self.server.script(*replies)
        return await self.gateway.complete(self.call(provider, seconds))

    async def fault(self, *replies: Reply, provider: str = "openai", seconds: float = 5.0) -> GatewayFault:
        outcome = await self.ask(*replies, provider=provider, seconds=seconds)
        assert isinstance(outcome, Failure), outcome
        return outcome.fault


@dataclass
class JumpingClock:
    jumped: float = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.jumped


CLOCK = JumpingClock()


@pytest.fixture(scope="module")
def server() -> Iterator[ModelServer]:
    with serving() as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def warm_rig(server: ModelServer) -> AsyncIterator[Rig]:
    waits = list[float]()

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        await asyncio.sleep(0)

    async with Gateway(Launch({**os.environ, "OPENAI_API_KEY": "sk-never"}), clock=CLOCK, sleep=sleep) as gateway:
        assert await gateway.warm() is None
        yield Rig(gateway, server, waits)


@pytest.fixture
def rig(warm_rig: Rig) -> Rig:
    CLOCK.jumped += 100.0
    warm_rig.waits.clear()
    return warm_rig


async def test_an_answer(rig: Rig) -> None:
    outcome = await rig.ask(Says("hello", usage=(1000, 500)))
    assert isinstance(outcome, Success)
    assert (outcome.text, outcome.model, outcome.usage, outcome.cost_usd) == ("hello", "m", Usage(1000, 500), 0.0)
    asked = rig.server.asked[0]
    assert (asked.path, asked.model, asked.max_tokens, asked.temperature) == ("/v1/chat/completions", "m", 64, 0.0)
    assert asked.headers["authorization"] == f"Bearer {KEY}"


def answer(**choice: object) -> str:
    """A completion as OpenAI words it, with another choice."""
    body = json.loads(completion("m", Says("x")))
    body["choices"][0] |= choice
    return json.dumps(body)


FAULTS: dict[str, tuple[Reply, GatewayFault]] = {
    "refused": (error(401, "no such key"), Refused(401, "no such key")),
    "forbidden": (error(403, "not for you"), Refused(403, "not for you")),
    "no credit": (error(402, "pay first"), Refused(402, "pay first")),
    "quota": (error(429, "quota exceeded", "insufficient_quota"), Refused(429, "quota exceeded")),
    "rate limit": (error(429, "slow down"), RateLimited(None, "slow down")),
    "retry after": (error(429, "slow down", Retry_After="33"), RateLimited(33.0, "slow down")),
    "unknown model": (error(404, "no model m", "model_not_found"), UnknownModel("no model m")),
    "no such path": (Sends(404, "404 page not found", "text/plain"), UnknownModel("404 page not found")),
    "context": (
        error(400, "maximum context length is 8 tokens", "context_length_exceeded"),
        ContextTooLong("maximum context length is 8 tokens"),
    ),
    "bad request": (error(400, "no such parameter"), ProviderError(400, "no such parameter")),
    "500": (error(500, "boom"), ProviderError(500, "boom")),
    "503": (error(503, "overloaded"), ProviderError(503, "overloaded")),
    "gateway page": (
        Sends(502, "<html>bad gateway</html>", "text/html"),
        ProviderError(502, "<html>bad gateway</html>"),
    ),
    "HTML": (Sends(200, "<html>please log in</html>", "text/html"), Malformed()),
    "broken JSON": (Sends(200, '{"choices": ['), Malformed()),
    "other JSON": (Sends(200, '{"hello": 1}'), Malformed()),
    "a list": (Sends(200, "[1]"), Malformed()),
    "nothing": (Sends(200, ""), Malformed()),
    "content in parts": (Sends(200, answer(message={"role": "assistant", "content": [{"text": "x"}]})), Malformed()),
    "content of another kind": (Sends(200, answer(message={"role": "assistant", "content": {"a": 1}})), Malformed()),
    "a redirection": (
        Sends(307, "", headers={"Location": "http://127.0.0.1:9/v1?key=1"}),
        Redirected("http://127.0.0.1:9/v1"),
    ),
    "far too long": (Says("é" * 1_900_000), Malformed()),
    "cut body": (Sends(200, '{"id"', claims=500), Interrupted()),
    "reset": (Resets(), Interrupted()),
    "empty": (Says(""), Empty("stop")),
    "blank": (Says(" \n "), Empty("stop")),
    "null content": (Says(None), Empty("stop")),
    "no choices": (Says("x", choices=0), Empty("no choices")),
    "filtered": (Says(None, finish="content_filter"), Empty("content_filter")),
    "truncated": (Says("def f(", finish="length"), Truncated(64)),
    "thought too long": (Says(None, finish="length"), Truncated(64)),
}


@pytest.mark.parametrize(("reply", "fault"), FAULTS.values(), ids=FAULTS)
async def test_each_way_to_fail_is_told_apart(rig: Rig, reply: Reply, fault: GatewayFault) -> None:
    assert await rig.fault(reply) == fault


@pytest.mark.parametrize("provider", ["openai", "anthropic", "ollama_chat"])
@pytest.mark.parametrize("status", [400, 401, 429, 500])
async def test_a_key_that_the_provider_repeats_is_blotted_out(rig: Rig, provider: str, status: int) -> None:
    assert KEY not in repr(await rig.fault(error(status, f"Incorrect key: {KEY}"), provider=provider))


OTHER_PROVIDERS = ["refused", "rate limit", "retry after", "unknown model", "context", "bad request", "500", "HTML"]
OTHER_PROVIDERS += ["broken JSON", "other JSON", "nothing", "cut body", "reset"]


@pytest.mark.parametrize("provider", ["anthropic", "ollama_chat"])
@pytest.mark.parametrize("mode", OTHER_PROVIDERS)
async def test_other_providers_fail_in_the_same_words(rig: Rig, provider: str, mode: str) -> None:
    reply, fault = FAULTS[mode]
    assert await rig.fault(reply, provider=provider) == fault


@pytest.mark.parametrize("base_url", ["http://127.0.0.1:9/v1", "http://no-such-host.invalid/v1"])
@pytest.mark.parametrize("provider", ["openai", "anthropic", "ollama_chat"])
async def test_where_nobody_listens_nothing_was_sent(rig: Rig, provider: str, base_url: str) -> None:
    outcome = await rig.gateway.complete(replace(rig.call(provider), base_url=base_url, price=PAID))
    assert isinstance(outcome, Failure)
    assert isinstance(outcome.fault, Unreachable)
    assert outcome.cost_usd == 0


async def test_a_provider_that_litellm_does_not_know(rig: Rig) -> None:
    outcome = await rig.gateway.complete(replace(rig.call(), model="no-such-provider/m", base_url=None))
    assert isinstance(outcome, Failure)
    assert isinstance(outcome.fault, UnknownModel)


async def test_what_goes_over_the_wire_holds_no_secret(rig: Rig, tmp_path: Path) -> None:
    code = 'def login():\n    password = "hunter2x"\n'

    def read(question: Question, text: str) -> list[Replacement]:
        return [Replacement(text)]

    rig.server.script(lambda asked: Says(asked.messages[-1]["content"]))
    settings = LlmSettings("openai/m", rig.server.url, "X_KEY", KEY, FREE)
    wording = Wording(lambda question: [Message("user", code)], read)
    purse = Purse(0.0, DayLedger(tmp_path / "spending.json", 0.0))
    task = fakes.task()
    answer = await LlmModel("m", settings, rig.gateway, purse, wording).answer(Question(task, Stage.FIX, code))
    assert rig.server.asked[0].messages[-1]["content"] == code.replace("hunter2x", "PERFORCH_SECRET_1")
    assert not isinstance(answer, NoAnswer)
    assert answer[0].code == code


async def test_the_name_of_the_model_that_really_answered_is_told(rig: Rig) -> None:
    outcome = await rig.ask(Says("hello", model="other-model"))
    assert isinstance(outcome, Success)
    assert outcome.model == "other-model"


@pytest.mark.parametrize("counts", [(10, -(10**8)), (10, 10**400), (10, 0.5), (10, "many"), (10, None)])
async def test_a_count_of_tokens_that_cannot_be_is_an_unknown_cost(rig: Rig, counts: tuple[int, object]) -> None:
    body = json.loads(completion("m", Says("x")))
    body["usage"] = {"prompt_tokens": counts[0], "completion_tokens": counts[1], "total_tokens": 10}
    outcome = await rig.ask(Sends(200, json.dumps(body)))
    assert (outcome.usage if isinstance(outcome, Success) else None) is None


async def test_a_model_that_is_no_text_answers_all_the_same(rig: Rig) -> None:
    outcome = await rig.ask(Sends(200, json.dumps(json.loads(completion("m", Says("x"))) | {"model": 123})))
    assert isinstance(outcome, Success), outcome
    assert outcome.model == ""


async def test_a_rate_limit_that_never_ends_is_answered_at_once(rig: Rig) -> None:
    fault = await rig.fault(error(429, "slow down", Retry_After_Ms="9" * 400))
    assert isinstance(fault, RateLimited)


async def test_an_answer_without_usage_has_an_unknown_cost(rig: Rig) -> None:
    rig.server.script(Says("hello", usage=None))
    outcome = await rig.gateway.complete(replace(rig.call(), price=PAID))
    assert isinstance(outcome, Success)
    assert (outcome.usage, outcome.cost_usd) == (None, None)


@pytest.mark.parametrize("reply", [Hangs(), Dribbles("hello", gap=0.02)], ids=["hangs", "one byte at a time"])
async def test_the_deadline_holds_for_the_whole_call(rig: Rig, reply: Reply) -> None:
    began = time.monotonic()
    assert await rig.fault(reply, seconds=0.7) == TimedOut(0.7)
    assert 0.6 < time.monotonic() - began < 1.7
    assert await asyncio.to_thread(rig.server.wait_for_disconnect, 1.0)


async def test_a_slow_answer_within_the_deadline_is_an_answer(rig: Rig) -> None:
    assert isinstance(await rig.ask(Dribbles("hello", gap=0.001)), Success)


async def test_a_rate_limit_is_waited_for_as_long_as_the_provider_says(rig: Rig) -> None:
    outcome = await rig.ask(error(429, "slow down", Retry_After="2"), Says("hello"))
    assert isinstance(outcome, Success)
    assert rig.server.hits == 2
    assert rig.waits == [pytest.approx(2.05, abs=0.06)]


async def test_a_rate_limit_longer_than_the_deadline_is_not_waited_for(rig: Rig) -> None:
    assert await rig.fault(error(429, "slow down", Retry_After="60")) == RateLimited(60.0, "slow down")
    assert (rig.server.hits, rig.waits) == (1, [])


async def test_a_server_that_recovers_is_asked_until_it_does(rig: Rig) -> None:
    assert isinstance(await rig.ask(error(500, "boom"), Resets(), Says("hello")), Success)
    assert rig.server.hits == 3


async def test_a_server_that_does_not_recover_is_asked_three_times(rig: Rig) -> None:
    await rig.fault(error(500, "boom"))
    assert rig.server.hits == 3


async def test_what_may_have_been_billed_is_asked_once(rig: Rig) -> None:
    rig.server.script(Resets())
    outcome = await rig.gateway.complete(replace(rig.call(), price=PAID))
    assert isinstance(outcome, Failure)
    assert (outcome.fault, outcome.cost_usd, rig.server.hits) == (Interrupted(), None, 1)


async def test_cancelling_a_hanging_call_closes_its_connection_within_a_second(rig: Rig) -> None:
    rig.server.script(Hangs())
    call = asyncio.create_task(rig.gateway.complete(rig.call()))
    assert await asyncio.to_thread(rig.server.wait_for_hits, 1, 2.0)
    began = time.monotonic()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert await asyncio.to_thread(rig.server.wait_for_disconnect, 1.0)
    assert rig.server.disconnected[0] - began < 1.0


async def test_a_hanging_call_does_not_hold_up_the_others(rig: Rig) -> None:
    rig.server.script(Hangs(), Says("hello"))
    hanging = asyncio.create_task(rig.gateway.complete(rig.call(seconds=3.0)))
    await asyncio.to_thread(rig.server.wait_for_hits, 1, 2.0)
    began = time.monotonic()
    outcomes = await asyncio.gather(*(rig.gateway.complete(rig.call()) for _ in range(5)))
    assert all(isinstance(outcome, Success) for outcome in outcomes)
    assert time.monotonic() - began < 2.0
    hanging.cancel()
    await asyncio.wait({hanging})


async def test_a_killed_gateway_is_replaced_and_the_call_in_flight_made_good(rig: Rig) -> None:
    rig.server.script(Hangs(), Says("hello"))
    call = asyncio.create_task(rig.gateway.complete(rig.call(seconds=60.0)))
    await asyncio.to_thread(rig.server.wait_for_hits, 1, 2.0)
    assert rig.gateway.pid is not None
    home = psutil.Process(rig.gateway.pid).cwd()
    os.kill(rig.gateway.pid, signal.SIGKILL)
    assert isinstance(await call, Success)
    sweep(Path(home).parent)  # as the next start does
    assert not Path(home).exists()
