"""The parent's side of the gateway, against a stand-in process without LiteLLM."""

import asyncio
import json
import logging
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from perforch.adapters.gateway import MAX_STARTS, Call, Failure, Gateway, Success
from perforch.adapters.gateway_faults import (
    CannotStart,
    CoolingDown,
    Crashed,
    GatewayFault,
    NotLocal,
    ProviderError,
    Refused,
    TimedOut,
    Truncated,
)
from perforch.adapters.gateway_process import Launch
from perforch.core.asking import Message
from perforch.core.budget import FREE, Price, Usage

STAND_IN = (sys.executable, "-S", str(Path(__file__).parent.parent / "gateway_stand_in.py"))
PAID = Price(2.0, 10.0)
KEY = "key-0123456789"


def gateway(
    outer: Mapping[str, str] | None = None,
    clock: Callable[[], float] = time.monotonic,
    command: tuple[str, ...] = STAND_IN,
    proxy: str | None = None,
) -> Gateway:
    async def no_sleep(seconds: float) -> None:
        await asyncio.sleep(0)

    return Gateway(Launch(outer or {}, proxy=proxy, command=command), clock=clock, sleep=no_sleep)


def call(model: str, text: str = "hello", seconds: float = 5.0, price: Price = FREE) -> Call:
    messages = (Message("system", "be brief"), Message("user", text))
    return Call(f"x/{model}", messages, 64, seconds, price, temperature=0.0, base_url="http://[::1]:1/v1", key=KEY)


async def ask(call: Call) -> Success | Failure:
    async with gateway() as running:
        return await running.complete(call)


async def fault_of(call: Call) -> GatewayFault:
    outcome = await ask(call)
    assert isinstance(outcome, Failure)
    return outcome.fault


async def test_an_answer_comes_with_its_tokens_and_its_cost() -> None:
    outcome = await ask(call("echoes", "some text", price=PAID))
    assert isinstance(outcome, Success)
    assert (outcome.text, outcome.model, outcome.usage) == ("some text", "served", Usage(1000, 500))
    assert outcome.cost_usd == pytest.approx(0.007)


async def test_calls_at_the_same_time_get_each_their_own_answer() -> None:
    async with gateway() as running:
        outcomes = await asyncio.gather(*(running.complete(call("echoes", f"text {n}")) for n in range(20)))
    assert [outcome.text for outcome in outcomes if isinstance(outcome, Success)] == [f"text {n}" for n in range(20)]


async def test_a_cost_that_nobody_knows_is_not_called_zero() -> None:
    paid = await ask(call("forgets-usage", price=PAID))
    free = await ask(call("forgets-usage", price=FREE))
    assert (paid.cost_usd, free.cost_usd) == (None, 0.0)


async def test_a_truncated_answer_is_a_failure_that_has_cost_money() -> None:
    outcome = await ask(call("truncates", price=PAID))
    assert isinstance(outcome, Failure)
    assert outcome.fault == Truncated(64)
    assert outcome.cost_usd == pytest.approx(0.007)


async def test_the_process_gets_one_key_per_call_and_none_in_its_environment() -> None:
    outer = {"OPENAI_API_KEY": "sk-other", "PATH": "/bin", "HTTPS_PROXY": "http://proxy", "SSL_CERT_FILE": "/ca.pem"}
    async with gateway(outer) as running:
        outcome = await running.complete(call("shows-environment"))
    assert isinstance(outcome, Success)
    environment = json.loads(outcome.text)
    assert environment["PATH"] == "/bin"
    assert environment["SSL_CERT_FILE"] == "/ca.pem"
    assert environment["LITELLM_LOCAL_MODEL_COST_MAP"] == "True"
    assert not {"OPENAI_API_KEY", "HTTPS_PROXY", "HOME"} & environment.keys()
    assert KEY not in outcome.text


async def test_a_proxy_is_used_only_when_it_is_configured() -> None:
    async with gateway(proxy="http://proxy:8080") as running:
        outcome = await running.complete(call("shows-environment"))
    assert isinstance(outcome, Success)
    environment = json.loads(outcome.text)
    assert environment["HTTPS_PROXY"] == "http://proxy:8080"
    assert "127.0.0.1" in environment["NO_PROXY"]


async def test_the_process_is_told_all_of_the_call() -> None:
    outcome = await ask(call("shows-order"))
    assert isinstance(outcome, Success)
    order = json.loads(outcome.text)
    assert (order["model"], order["key"], order["max_tokens"], order["temperature"]) == ("x/shows-order", KEY, 64, 0.0)
    assert order["messages"][0] == {"role": "system", "content": "be brief"}
    assert 4.0 < order["seconds"] <= 5.0


async def test_a_crash_during_a_free_call_is_made_good(tmp_path: Path) -> None:
    outcome = await ask(call("crashes-once", str(tmp_path / "crashed")))
    assert isinstance(outcome, Success)
    assert outcome.text == "recovered"


async def test_a_crash_during_a_paid_call_is_not_tried_again_since_it_may_have_been_billed(tmp_path: Path) -> None:
    outcome = await ask(call("crashes-once", str(tmp_path / "crashed"), price=PAID))
    assert isinstance(outcome, Failure)
    assert (outcome.fault, outcome.cost_usd) == (Crashed(), None)


async def test_after_a_crash_the_next_call_has_a_new_process() -> None:
    async with gateway() as running:
        await running.complete(call("crashes", price=PAID))
        assert isinstance(await running.complete(call("echoes")), Success)


async def test_all_calls_in_flight_learn_of_a_crash() -> None:
    async with gateway() as running:
        stalled = asyncio.create_task(running.complete(call("stalls", price=PAID)))
        await asyncio.sleep(0.2)
        await running.complete(call("crashes", price=PAID))
        outcome = await stalled
    assert isinstance(outcome, Failure)
    assert outcome.fault == Crashed()


async def test_a_process_that_crashes_again_and_again_is_given_up_for_a_while() -> None:
    now = 0.0
    async with gateway(clock=lambda: now) as running:
        for _ in range(MAX_STARTS):
            await running.complete(call("crashes", price=PAID))
        given_up = await running.complete(call("echoes"))
        now = 61.0
        assert isinstance(await running.complete(call("echoes")), Success)
    assert isinstance(given_up, Failure)
    assert isinstance(given_up.fault, CannotStart)


async def test_a_process_that_cannot_start_says_why() -> None:
    async with gateway(command=(*STAND_IN, "--broken")) as running:
        assert await running.warm() == CannotStart("ImportError: no LiteLLM here")


async def test_a_report_that_is_cut_counts_as_a_crash() -> None:
    assert await fault_of(call("babbles", price=PAID)) == Crashed()


@pytest.mark.slow
async def test_a_process_that_does_not_answer_in_time_is_ended_and_replaced() -> None:
    async with gateway() as running:
        await running.warm()
        stuck = running.pid
        outcome = await running.complete(call("stalls", seconds=0.2, price=PAID))
        assert isinstance(await running.complete(call("echoes")), Success)
        assert running.pid != stuck
    assert isinstance(outcome, Failure)
    assert (outcome.fault, outcome.cost_usd) == (TimedOut(0.2), None)


async def test_a_cancelled_call_ends_at_once_and_leaves_the_process_to_the_others() -> None:
    async with gateway() as running:
        await running.warm()
        hanging = asyncio.create_task(running.complete(call("stalls")))
        await asyncio.sleep(0.05)
        hanging.cancel()
        with pytest.raises(asyncio.CancelledError):
            await hanging
        assert isinstance(await running.complete(call("echoes")), Success)


async def test_closing_ends_the_process() -> None:
    async with gateway() as running:
        await running.warm()
        pid = running.pid
    assert pid is not None
    assert not psutil.pid_exists(pid)


async def test_a_provider_that_keeps_failing_is_left_alone_for_a_while_and_then_asked_again() -> None:
    now = 0.0
    async with gateway(clock=lambda: now) as running:
        first = await running.complete(call("is-down"))
        second = await running.complete(call("echoes"))
        now = 20.0
        third = await running.complete(call("echoes"))
    assert isinstance(first, Failure)
    assert first.fault == ProviderError(503, "overloaded")
    assert isinstance(second, Failure)
    assert second.fault == CoolingDown(3, 15.0)
    assert isinstance(third, Success)


async def test_nothing_goes_elsewhere_when_only_this_machine_is_allowed() -> None:
    launch = Launch({}, local_only=True, command=STAND_IN)
    async with Gateway(launch) as running:
        for base_url in ("http://models.example.com/v1", "http://10.0.0.5/v1", None):
            outcome = await running.complete(replace(call("echoes"), base_url=base_url))
            assert isinstance(outcome, Failure)
            assert outcome.fault == NotLocal()
        assert running.pid is None
        assert isinstance(await running.complete(call("echoes")), Success)


@pytest.mark.parametrize("model", ["echoes", "is-refused", "is-down", "times-out", "crashes"])
async def test_no_key_prompt_or_answer_is_logged(model: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    asked = call(model, "def secret_sauce(): pass", seconds=0.3, price=PAID)
    await ask(asked)
    assert f"asking x/{model}" in caplog.text
    for private in (KEY, "secret_sauce", "be brief"):
        assert private not in caplog.text
        assert private not in repr(asked)


async def test_a_refusal_is_not_tried_again() -> None:
    assert await fault_of(call("is-refused")) == Refused(401, "bad key")
