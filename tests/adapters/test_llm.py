"""A model behind the gateway: prompt, price, purse, call, answer; the gateway's process is a stand-in."""

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest

import fakes
from perforch.adapters.gateway import Gateway
from perforch.adapters.gateway_prices import PriceTable
from perforch.adapters.gateway_process import Launch
from perforch.adapters.ledger import DayLedger, Purse
from perforch.adapters.llm import LlmModel, LlmSettings, Wording, completed
from perforch.core.asking import Message, Replacement, Unusable
from perforch.core.budget import FREE, Price
from perforch.core.candidate import Answer, Candidate, NoAnswer
from perforch.core.hot_lines import HotLine
from perforch.core.ports import Question
from perforch.core.task import Stage
from perforch.core.verdict import Fault

STAND_IN = (sys.executable, "-S", str(Path(__file__).parent.parent / "gateway_stand_in.py"))
PAID = Price(2.0, 10.0)  # the stand-in's answers cost 0.007 USD
SETTINGS = LlmSettings("x/echoes", api_key_env="X_KEY", api_key="key-0123456789", price=PAID, max_tokens=1000)


def read(question: Question, text: str) -> Sequence[Replacement] | Unusable:
    """Answers of the form `code | code`; nothing else."""
    if "def" not in text:
        return Unusable("the answer has no function")
    return [Replacement(code.strip(), ("import math",), "as told") for code in text.split("|")]


@dataclass
class Desk:
    """Asks one model once and says what was left of the money."""

    folder: Path
    limit_usd: float = 1.0
    day_usd: float = 1.0

    @property
    def ledger(self) -> DayLedger:
        return DayLedger(self.folder / "spending.json", self.day_usd, lambda: date(2026, 11, 21))

    async def ask(self, settings: LlmSettings = SETTINGS, text: str = "def double(x): ...") -> Answer:
        purse = Purse(self.limit_usd, self.ledger)
        async with Gateway(Launch({}, command=STAND_IN), sleep=no_sleep) as gateway:
            wording = Wording(lambda question: [Message("user", text)], read)
            answer = await LlmModel("mine", settings, gateway, purse, wording).answer(question())
        self.left_usd = purse.remaining_usd
        return answer

    async def refusal(self, settings: LlmSettings = SETTINGS, text: str = "def double(x): ...") -> NoAnswer:
        answer = await self.ask(settings, text)
        assert isinstance(answer, NoAnswer), answer
        return answer


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


async def no_sleep(seconds: float) -> None:
    await asyncio.sleep(0)


def question() -> Question:
    task = fakes.task()
    return Question(task, Stage.FIX, task.target.source)


async def test_an_answer_becomes_candidates_and_is_paid_for_once(desk: Desk) -> None:
    answer = await desk.ask(text="def double(x): return 2 * x | def double(x): return x + x")
    assert not isinstance(answer, NoAnswer)
    first, second = answer
    expected = Candidate("def double(x): return 2 * x", "mine", Stage.FIX, ("import math",), note="as told")
    assert replace(first, cost_usd=0.0, seconds=0.0) == expected
    assert first.cost_usd == pytest.approx(0.007)
    assert first.seconds > 0
    assert (second.code, second.cost_usd, second.seconds) == ("def double(x): return x + x", 0.0, 0.0)
    assert desk.left_usd == pytest.approx(1.0 - 0.007)


async def test_an_answer_that_cannot_be_read_says_why_and_was_paid_for(desk: Desk) -> None:
    answer = await desk.refusal(text="sorry, I cannot")
    assert (answer.fault, answer.text) == (Fault.PARSE, "the answer has no function")
    assert answer.cost_usd == pytest.approx(0.007)


async def test_a_model_elsewhere_is_refused_for_that_first_when_all_must_stay_local(tmp_path: Path) -> None:
    purse = Purse(1.0, DayLedger(tmp_path / "spending.json", 1.0))
    async with Gateway(Launch({}, local_only=True, command=STAND_IN)) as gateway:
        wording = Wording(lambda question: [Message("user", "hi")], read)
        answer = await LlmModel("far", LlmSettings("openai/new", price=None), gateway, purse, wording).answer(
            question()
        )
    assert isinstance(answer, NoAnswer)
    assert "local_only is set" in answer.text


@pytest.mark.parametrize(
    ("model", "words", "cost_usd"),
    [
        ("x/truncates", "cut off at 1000 tokens", 0.007),
        ("x/is-refused", "x refused the call (401): bad key", 0.0),
        ("x/is-down", "x reports an error (503): overloaded", 0.0),
        ("x/times-out", "no complete answer from x", None),
        ("x/crashes", "process ended during the call", None),
    ],
)
async def test_a_failed_call_says_why_and_what_it_cost(
    desk: Desk, model: str, words: str, cost_usd: float | None
) -> None:
    answer = await desk.refusal(replace(SETTINGS, model=model))
    assert answer.fault == Fault.PROVIDER
    assert answer.text.startswith("mine: ")
    assert words in answer.text
    # What may have been billed counts as the most that it can have cost: 1000 tokens of answer and the prompt.
    assert answer.cost_usd == pytest.approx(0.01005 if cost_usd is None else cost_usd)
    assert desk.left_usd == pytest.approx(1.0 - answer.cost_usd)


async def test_a_cost_that_the_provider_does_not_tell_counts_as_the_most_it_can_be(desk: Desk) -> None:
    answer = await desk.ask(replace(SETTINGS, model="x/forgets-usage"))
    assert not isinstance(answer, NoAnswer)
    assert answer[0].cost_usd == pytest.approx(0.01005)


async def test_a_cancelled_call_counts_as_the_most_it_can_have_cost(desk: Desk) -> None:
    asking = asyncio.create_task(desk.ask(replace(SETTINGS, model="x/stalls")))
    while desk.ledger.budget.spent_usd == 0:
        await asyncio.sleep(0.01)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert desk.ledger.budget.spent_usd == pytest.approx(0.01005)


@pytest.mark.parametrize(("limit_usd", "day_usd", "scope"), [(0.01, 1.0, "request"), (1.0, 0.01, "day")])
async def test_a_call_that_could_pass_a_budget_is_not_made(
    tmp_path: Path, limit_usd: float, day_usd: float, scope: str
) -> None:
    desk = Desk(tmp_path, limit_usd, day_usd)
    answer = await desk.refusal()
    assert f"$0.0100 of the {scope}'s budget is left" in answer.text
    assert (answer.fault, answer.cost_usd, desk.left_usd) == (Fault.PROVIDER, 0.0, 0.01)


async def test_many_calls_at_once_stay_within_the_request(tmp_path: Path) -> None:
    purse = Purse(0.1, DayLedger(tmp_path / "spending.json", 1.0))
    async with Gateway(Launch({}, command=STAND_IN)) as gateway:
        wording = Wording(lambda question: [Message("user", "def f(): ...")], read)
        model = LlmModel("mine", SETTINGS, gateway, purse, wording)
        answers = await asyncio.gather(*(model.answer(question()) for _ in range(30)))
    assert sum(not isinstance(answer, NoAnswer) for answer in answers) == 9  # of 0.01005 USD each at most
    assert purse.remaining_usd == pytest.approx(0.1 - 9 * 0.007)


async def test_a_free_model_needs_no_budget(tmp_path: Path) -> None:
    answer = await Desk(tmp_path, 0.0, 0.0).ask(replace(SETTINGS, price=FREE))
    assert not isinstance(answer, NoAnswer)
    assert answer[0].cost_usd == 0


async def test_a_damaged_ledger_stops_paid_calls_only(desk: Desk) -> None:
    (desk.folder / "spending.json").write_text("{", encoding="utf-8")
    async with Gateway(Launch({}, command=STAND_IN)) as gateway:
        wording = Wording(lambda question: [Message("user", "def f(): ...")], read)
        purse = Purse(1.0, desk.ledger)
        refused = await LlmModel("mine", SETTINGS, gateway, purse, wording).answer(question())
        free = replace(SETTINGS, price=FREE)
        assert not isinstance(await LlmModel("mine", free, gateway, purse, wording).answer(question()), NoAnswer)
    assert isinstance(refused, NoAnswer)
    assert "delete the file" in refused.text


async def test_an_unknown_price_is_refused_with_the_settings_to_add(desk: Desk) -> None:
    answer = await desk.refusal(replace(SETTINGS, price=None))
    assert "input_usd_per_million" in answer.text
    assert '[models.options."mine"]' in answer.text


@pytest.mark.parametrize(
    ("settings", "variable"),
    [
        (replace(SETTINGS, api_key=None), "X_KEY"),
        (replace(SETTINGS, api_key=None, base_url="http://127.0.0.1:1/v1"), "X_KEY"),
        (replace(SETTINGS, api_key=None, api_key_env=None), "the provider's key"),
    ],
)
async def test_without_a_key_nothing_is_asked(desk: Desk, settings: LlmSettings, variable: str) -> None:
    answer = await desk.refusal(settings)
    assert f"set {variable} in the environment" in answer.text


async def test_a_server_that_asks_for_no_key_is_asked_without_one(desk: Desk) -> None:
    settings = replace(SETTINGS, model="x/shows-order", api_key=None, api_key_env=None, base_url="http://[::1]:1/v1")
    answer = await desk.ask(settings)
    assert not isinstance(answer, NoAnswer)
    assert json.loads(answer[0].code)["key"] == "none"


async def test_a_prompt_beyond_the_known_prices_is_refused(desk: Desk) -> None:
    answer = await desk.refusal(text="def f(): ..." * 20_000)
    assert "too long" in answer.text


async def test_secrets_are_replaced_on_the_way_out_and_put_back_in_the_answer(desk: Desk) -> None:
    text = 'def login():\n    password = "hunter2x"'
    answer = await desk.ask(text=text)  # the stand-in answers with what it was sent
    assert not isinstance(answer, NoAnswer)
    assert answer[0].code == text


async def test_what_would_be_sent_can_be_shown_without_sending(desk: Desk) -> None:
    async with Gateway(Launch({}, command=STAND_IN)) as gateway:
        wording = Wording(lambda question: [Message("user", 'password = "hunter2x" # key-0123456789')], read)
        model = LlmModel("mine", SETTINGS, gateway, Purse(1.0, desk.ledger), wording)
        shown = await model.messages(question())
        assert gateway.pid is None
    assert shown == (Message("user", 'password = "PERFORCH_SECRET_1" # PERFORCH_SECRET_2'),)


async def test_more_is_found_out_about_a_question_before_it_is_put(desk: Desk) -> None:
    async def study(asked: Question) -> Question:
        return replace(asked, hot_lines=(HotLine(2, 1.0, 7, "return x + 1"),))

    async with Gateway(Launch({}, command=STAND_IN)) as gateway:
        wording = Wording(lambda asked: [Message("user", asked.hot_lines[0].text)], read, study)
        model = LlmModel("mine", SETTINGS, gateway, Purse(1.0, desk.ledger), wording)
        assert await model.messages(question()) == (Message("user", "return x + 1"),)


async def test_a_question_that_no_answer_could_settle_is_not_put(desk: Desk) -> None:
    async def study(asked: Question) -> str:
        return f"{asked.task.target.function} cannot be compared"

    async with Gateway(Launch({}, command=STAND_IN)) as gateway:
        wording = Wording(lambda asked: [Message("user", "?")], read, study)
        answer = await LlmModel("mine", SETTINGS, gateway, Purse(1.0, desk.ledger), wording).answer(question())
        assert gateway.pid is None
    assert isinstance(answer, NoAnswer)
    assert (answer.cost_usd, answer.text) == (0.0, f"{question().task.target.function} cannot be compared")


async def test_nothing_is_found_out_for_a_model_that_cannot_be_asked(desk: Desk) -> None:
    async def study(asked: Question) -> Question:
        raise AssertionError(asked)

    async with Gateway(Launch({}, command=STAND_IN)) as gateway:
        wording = Wording(lambda asked: [Message("user", "?")], read, study)
        for settings in (replace(SETTINGS, api_key=None), replace(SETTINGS, price=None)):
            answer = await LlmModel("mine", settings, gateway, Purse(1.0, desk.ledger), wording).answer(question())
            assert isinstance(answer, NoAnswer)


def test_open_settings_are_completed_from_what_is_known() -> None:
    row = {"litellm_provider": "openai", "input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6}
    table = PriceTable({"gpt-x": row})
    local = "http://127.0.0.1:8080/v1"
    assert completed(LlmSettings("openai/gpt-x"), table).price == Price(1.0, 2.0)
    assert completed(LlmSettings("openai/gpt-x", base_url=local), table).price == FREE
    assert completed(LlmSettings("openai/gpt-x", base_url=local, price=PAID), table).price == PAID
    assert completed(LlmSettings("openai/gpt-x", base_url="http://10.0.0.1/v1"), table).price is None
    assert completed(LlmSettings("openai/other"), table).price is None
    ollama = completed(LlmSettings("ollama_chat/qwen"), table)
    assert (ollama.base_url, ollama.price) == ("http://127.0.0.1:11434", FREE)


def test_settings_never_show_the_key() -> None:
    assert "key-0123456789" not in repr(SETTINGS)
