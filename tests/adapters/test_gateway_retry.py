"""When a failed call is tried again, and what an exception means."""

from datetime import UTC, datetime
from random import Random

import pytest

from perforch.adapters.gateway_faults import (
    ContextTooLong,
    CoolingDown,
    Crashed,
    Empty,
    GatewayFault,
    Interrupted,
    Malformed,
    NoKey,
    ProviderError,
    RateLimited,
    Redirected,
    Refused,
    TimedOut,
    Truncated,
    Unexpected,
    UnknownModel,
    Unreachable,
    explain,
)
from perforch.adapters.gateway_places import is_loopback, place
from perforch.adapters.gateway_prices import PriceTable, load_prices
from perforch.adapters.gateway_retry import COOL_SECONDS, MAX_TRIES, CoolDowns, wait_before_retry
from perforch.adapters.gateway_triage import seconds_until, triage, without_key
from perforch.core.budget import Price

DOWN = ProviderError(503, "")


@pytest.mark.parametrize(
    ("fault", "free", "paid"),
    [
        (RateLimited(None, ""), True, True),
        (Unreachable(""), True, True),
        (DOWN, True, True),
        (Interrupted(), True, False),
        (Crashed(), True, False),
        (ProviderError(400, ""), False, False),
        (Refused(401, ""), False, False),
        (TimedOut(1.0), False, False),
        (Malformed(), False, False),
        (Empty("stop"), False, False),
        (Truncated(5), False, False),
        (ContextTooLong(""), False, False),
        (UnknownModel(""), False, False),
        (NoKey("X"), False, False),
        (Redirected("http://x"), False, False),
        (Unexpected(""), False, False),
    ],
)
def test_only_what_may_pass_and_was_not_billed_is_tried_again(fault: GatewayFault, free: bool, paid: bool) -> None:
    assert (wait_before_retry(fault, 1, Random(0), is_free=True) is not None) == free
    assert (wait_before_retry(fault, 1, Random(0), is_free=False) is not None) == paid
    assert wait_before_retry(fault, MAX_TRIES, Random(0), is_free=True) is None


def test_the_wait_is_what_the_provider_asks_for() -> None:
    wait = wait_before_retry(RateLimited(7.0, ""), 1, Random(0), is_free=True)
    assert wait is not None
    assert 7.0 <= wait <= 7.2


def test_without_a_word_from_the_provider_the_wait_grows_and_differs() -> None:
    rng = Random(0)
    waits = [[wait_before_retry(DOWN, tries, rng, is_free=True) or 0 for _ in range(50)] for tries in (1, 2)]
    assert sum(waits[1]) > 1.5 * sum(waits[0])
    assert len(set(waits[0])) == 50


def test_a_place_is_left_alone_after_three_failures_in_a_row_until_it_succeeds() -> None:
    now = 0.0
    cool_downs = CoolDowns(lambda: now)
    for _ in range(2):
        cool_downs.failed("host", "m", DOWN)
    assert cool_downs.check("host", "m") is None
    cool_downs.failed("host", "m", DOWN)
    assert cool_downs.check("host", "other") == CoolingDown(3, COOL_SECONDS)
    assert cool_downs.check("elsewhere", "m") is None
    now = COOL_SECONDS
    assert cool_downs.check("host", "m") is None
    cool_downs.failed("host", "m", DOWN)  # one more is enough now
    assert cool_downs.check("host", "m") == CoolingDown(4, COOL_SECONDS)
    cool_downs.succeeded("host", "m")
    assert cool_downs.check("host", "m") is None


def test_a_rate_limit_is_the_matter_of_one_model_and_lasts_as_long_as_it_says() -> None:
    cool_downs = CoolDowns(lambda: 0.0)
    for _ in range(3):
        cool_downs.failed("host", "m", RateLimited(90.0, ""))
    assert cool_downs.check("host", "m") == CoolingDown(3, 90.0)
    assert cool_downs.check("host", "other") is None


def test_what_is_the_callers_fault_cools_nothing_down() -> None:
    cool_downs = CoolDowns(lambda: 0.0)
    for fault in (Refused(401, ""), ProviderError(400, ""), TimedOut(1.0), Malformed()) * 3:
        cool_downs.failed("host", "m", fault)
    assert cool_downs.check("host", "m") is None


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("0.5", 0.5),
        ("-3", 0.0),
        ("Sat, 21 Nov 2026 12:00:30 GMT", 30.0),
        ("Sat, 21 Nov 2026 11:00:00 GMT", 0.0),
        ("soon", None),
    ],
)
def test_retry_after_is_a_number_or_a_date(header: str, seconds: float | None) -> None:
    assert seconds_until(header, datetime(2026, 11, 21, 12, tzinfo=UTC)) == seconds


def test_a_key_is_blotted_out_also_where_it_stands_in_an_address() -> None:
    assert without_key("bad key a/b+c at http://x?key=a%2Fb%2Bc", "a/b+c") == "bad key [key] at http://x?key=[key]"


def test_an_exception_of_no_known_kind_is_reported_without_the_key() -> None:
    fault = triage(RuntimeError("litellm.APIError: something odd about sk-123456"), "sk-123456", 5.0)
    assert fault == Unexpected("something odd about [key]")


def test_a_key_that_a_long_message_cuts_in_two_is_blotted_out_too() -> None:
    fault = triage(RuntimeError("x" * 230 + " sk-0123456789abcdef is wrong"), "sk-0123456789abcdef", 5.0)
    assert isinstance(fault, Unexpected)
    assert "sk-" not in fault.detail


ALL_FAULTS: list[GatewayFault] = [
    NoKey("X_KEY"), Refused(401, "no"), RateLimited(3.0, ""), RateLimited(None, ""), ContextTooLong("9 > 8"),
    UnknownModel(""), Unreachable("Connection refused"), Interrupted(), TimedOut(5.0), Malformed(), Empty("stop"),
    Truncated(64), ProviderError(500, "boom"), Redirected("http://x/v1"), Unexpected("odd"), CoolingDown(3, 12.0), Crashed(),
]  # fmt: skip


@pytest.mark.parametrize("fault", ALL_FAULTS, ids=repr)
def test_every_fault_says_which_model_where_and_what_to_do(fault: GatewayFault) -> None:
    text = explain(fault, "local/qwen", "127.0.0.1:8080")
    assert text.startswith("local/qwen: ")
    what, _, cure = text.partition("; ")
    assert len(what) > len("local/qwen: ")
    assert len(cure) > 8
    assert "{" not in text
    assert getattr(fault, "detail", "") in text


def test_braces_in_what_a_provider_says_do_no_harm() -> None:
    assert '{"a": {b}}' in explain(Refused(400, '{"a": {b}}'), "m", "host")


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://127.0.0.1:8080/v1", True),
        ("http://localhost/v1", True),
        ("http://LOCALHOST.:1/", True),
        ("http://127.9.9.9", True),
        ("http://[::1]:11434", True),
        ("http://127.0.0.1.example.com/v1", False),
        ("http://127.0.0.1%2eexample.com/v1", False),
        ("http://localhost@example.com/", False),
        ("http://10.0.0.1/v1", False),
        ("http://0.0.0.0:1/v1", False),
        ("https://api.openai.com/v1", False),
        ("localhost", False),
        (None, False),
    ],
)
def test_only_the_loopback_is_this_machine(url: str | None, local: bool) -> None:
    assert is_loopback(url) == local


def test_a_place_never_shows_a_password() -> None:
    assert place("openai/x", "http://user:password@host:80/v1") == "host:80"
    assert place("anthropic/x", None) == "anthropic"


ROWS = {
    "gpt-x": {"litellm_provider": "openai", "input_cost_per_token": 1e-6, "output_cost_per_token": 4e-6},
    "groq/fast": {"litellm_provider": "groq", "input_cost_per_token": 1e-7, "output_cost_per_token": 2e-7},
    "thinker": {
        "litellm_provider": "openai",
        "input_cost_per_token": 1e-6,
        "output_cost_per_token": 2e-6,
        "output_cost_per_reasoning_token": 3e-6,
    },
    "half": {"litellm_provider": "openai", "input_cost_per_token": 1e-6},
}


@pytest.mark.parametrize(
    ("model", "price"),
    [
        ("openai/gpt-x", Price(1.0, 4.0)),
        ("gpt-x", Price(1.0, 4.0)),
        ("groq/fast", Price(0.1, 0.2)),
        ("openai/thinker", Price(1.0, 3.0)),
        ("azure/gpt-x", None),
        ("openai/half", None),
        ("openai/unheard-of", None),
    ],
)
def test_a_price_is_known_or_said_to_be_unknown(model: str, price: Price | None) -> None:
    found = PriceTable(ROWS).price(model)
    assert found == (pytest.approx(price) if price is None else found)
    if price is not None:
        assert found is not None
        assert (found.input_usd_per_million, found.output_usd_per_million) == pytest.approx(
            (price.input_usd_per_million, price.output_usd_per_million)
        )


def test_the_installed_table_knows_well_known_models() -> None:
    price = load_prices().price("openai/gpt-4o")
    assert price is not None
    assert 0 < price.input_usd_per_million < price.output_usd_per_million
