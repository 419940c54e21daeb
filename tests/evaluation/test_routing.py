import dataclasses
import gzip
import json
from collections.abc import Callable, Mapping
from itertools import permutations
from pathlib import Path
from random import Random
from statistics import fmean

import pytest

from perforch.core.errors import UsageError
from perforch.core.observation import Place
from perforch.core.task import Category, Stage
from perforch.evaluation.replay import limited_to, load_pool, load_recording, outcomes_of, unjudged
from perforch.evaluation.routing import TRIES, Order, Outcomes, Split, halves, try_orders
from perforch.evaluation.routing_report import Experiment, RoutingReport, measure
from perforch.evaluation.routing_table import as_table

HERE = Place(Stage.GENERATE, "python", Category.STRINGS)
SUITE = "completions-leetcode-python"


def outcomes(table: Mapping[str, str]) -> Outcomes:
    """One string per model, a character per task: 1 solved, 0 failed, ? absent."""
    tasks = [f"t{number:03}" for number in range(len(next(iter(table.values()))))]
    solved = {
        model: {task: mark == "1" for task, mark in zip(tasks, marks, strict=True) if mark != "?"}
        for model, marks in table.items()
    }
    return Outcomes(solved, dict.fromkeys(tasks, HERE))


def report(learn: Outcomes, test: Outcomes) -> RoutingReport:
    return measure(Experiment(SUITE, "pool", "python", "data"), test, [Split(learn, test)], {}, clock=lambda: 0.0)


GOOD = {"a": "1" * 8 + "00", "b": "1" * 6 + "0011", "c": "1" + "0" * 9}


def test_the_orders_are_what_the_table_says() -> None:
    found = report(outcomes(GOOD), outcomes(GOOD))
    static = found.orders[Order.STATIC]
    assert [one.mean for one in static.after] == pytest.approx([0.8, 1.0, 1.0, 1.0, 1.0])
    assert static.calls_per_task.mean == pytest.approx(1.2)
    assert static.calls_per_solved == pytest.approx(1.2)
    assert found.orders[Order.EXHAUSTIVE].calls_per_task.mean == 3
    assert (found.best_model, found.pass_at_1["a"], found.oracle) == ("a", 0.8, 1.0)


def test_a_random_order_is_the_mean_over_all_orders() -> None:
    table = outcomes({"a": "1100", "b": "1000", "c": "1010", "d": "1000"})
    tried = {one.task: one for one in try_orders(Split(table, table), {}) if one.order is Order.RANDOM}
    for task, one in tried.items():
        calls, first_two = [], []
        for order in permutations(table.solved):
            at = next((number for number, model in enumerate(order) if table.solves(model, task)), None)
            calls.append(4 if at is None else at + 1)
            first_two.append(at is not None and at < 2)
        assert one.calls == pytest.approx(fmean(calls))
        assert one.within[1] == pytest.approx(fmean(first_two))
        assert len(one.within) == TRIES


def test_an_absent_answer_is_a_failure_where_it_is_learnt_from_and_where_it_is_tried() -> None:
    found = report(outcomes({"a": "1110", "b": "11??"}), outcomes({"a": "0111", "b": "11??"}))
    assert found.pass_at_1["b"] == 0.5
    assert found.orders[Order.STATIC].after[0].mean == 0.75


def test_nothing_is_learnt_from_the_tasks_that_are_tried() -> None:
    table = outcomes({"a": "1" * 20 + "0" * 20, "b": "0" * 20 + "1" * 20})
    for split in halves(table, rounds=10):
        learnt, tried = set(split.learn.places), set(split.test.places)
        assert not learnt & tried
        assert learnt | tried == set(table.places)
        for results in split.learn.solved.values():
            assert set(results) == learnt


def test_models_outside_the_pool_are_learnt_from_and_never_asked() -> None:
    learn = outcomes({**GOOD, "other": "1" * 10})
    found = report(learn, outcomes(GOOD))
    assert set(found.pass_at_1) == set(GOOD)
    assert found.orders[Order.STATIC].after[0].mean == pytest.approx(0.8)


def test_on_models_that_complement_each_other_the_conditional_order_needs_fewer_calls() -> None:
    rng = Random(5)
    kinds = [rng.random() < 0.6 for _ in range(100)]
    table = outcomes(
        {
            "a": "".join("1" if kind else "0" for kind in kinds),
            "like-a": "".join("1" if kind and rng.random() < 0.95 else "0" for kind in kinds),
            "like-a-too": "".join("1" if kind and rng.random() < 0.95 else "0" for kind in kinds),
            "other": "".join("0" if kind else "1" for kind in kinds),
        }
    )
    found = measure(Experiment("s", "p", "python", "halves"), table, halves(table, 4), {}, clock=lambda: 0.0)
    calls = {order: one.calls_per_task.mean for order, one in found.orders.items()}
    assert calls[Order.CONDITIONAL] < calls[Order.STATIC] - 0.3


def test_an_interval_holds_its_mean_and_shrinks_with_more_tasks() -> None:
    few, many = ({"a": "1110" * n, "b": "1100" * n} for n in (4, 20))
    widths = []
    for table in (few, many):
        measured = report(outcomes(table), outcomes(table)).orders[Order.STATIC].after[0]
        low, high = measured.interval
        assert low <= measured.mean <= high
        widths.append(high - low)
    assert widths[1] < widths[0] * 0.6


def test_the_json_report_has_the_stable_names() -> None:
    found = json.loads(json.dumps(report(outcomes(GOOD), outcomes(GOOD)).as_json()))
    assert {"experiment", "suite", "pool", "language", "total", "seconds"} <= set(found)
    assert {"models", "best_single", "oracle", "orders"} <= set(found)
    assert set(found["orders"]) == {"static", "conditional", "random", "exhaustive"}
    for order in found["orders"].values():
        assert list(order["after"]) == ["1", "2", "3", "4", "5"]
        assert {"calls_per_task", "calls_per_solved"} <= set(order)


def write_recording(data: Path, *, outcome: bool = True) -> None:
    folder = data / SUITE
    folder.mkdir(parents=True)
    prompt = '"""\nReverse a string and count its vowels.\n"""\nclass Solution:\n    def work(self, s: str) -> str:\n        '
    answer = {"model": "m", "task_id": "t1", "code": "...", **({"outcome": "pass"} if outcome else {})}
    for name, row in (("tasks", {"task_id": "t1", "prompt": prompt}), ("completions", answer)):
        (folder / f"{name}.jsonl.gz").write_bytes(gzip.compress(json.dumps(row).encode()))
    (folder / "pools.json").write_text('{"small": ["m"]}')


def test_a_recording_is_read_with_what_is_known_of_its_tasks(tmp_path: Path) -> None:
    write_recording(tmp_path)
    recording = load_recording(SUITE, tmp_path)
    assert (recording.models, recording.language) == (("m",), "python")
    assert recording.places["t1"].category is Category.STRINGS
    assert outcomes_of(recording, {}).solved == {"m": {"t1": True}}


def test_where_outcomes_are_missing_the_judge_is_asked_about_those_alone(tmp_path: Path) -> None:
    write_recording(tmp_path, outcome=False)
    recording = load_recording(SUITE, tmp_path)
    (answer,) = recording.answers
    assert unjudged(recording) == {"t1": (answer,)}
    assert outcomes_of(recording, {answer: True}).solved == {"m": {"t1": True}}
    known = dataclasses.replace(recording, answers=(dataclasses.replace(answer, passed=False),))
    assert unjudged(known) == {}
    assert outcomes_of(known, {answer: True}).solved == {"m": {"t1": False}}


def test_a_recording_is_limited_to_the_models_of_a_pool(tmp_path: Path) -> None:
    write_recording(tmp_path)
    recording = load_recording(SUITE, tmp_path)
    assert limited_to(recording, ["m"]) == recording
    with pytest.raises(UsageError, match="'n'; it has m"):
        limited_to(recording, ["m", "n"])


def test_pools_may_lie_with_what_is_learnt_from(tmp_path: Path) -> None:
    write_recording(tmp_path / "learn")
    assert load_pool("small", SUITE, tmp_path / "test", tmp_path / "learn") == ("m",)


def test_a_report_for_people_tells_every_order_and_how_sure_it_is() -> None:
    text = as_table(report(outcomes(GOOD), outcomes(GOOD)))
    assert "best single model: a 80.0%" in text
    assert "static: first try +0.0 points [+0.0, +0.0]" in text
    for order in Order:
        assert order in text


def test_a_pool_is_a_name_or_a_file(tmp_path: Path) -> None:
    write_recording(tmp_path)
    (tmp_path / "mine.txt").write_text("m\nn\n\n")
    (tmp_path / "mine.json").write_text('["n"]')
    assert load_pool("small", SUITE, tmp_path) == ("m",)
    assert load_pool(str(tmp_path / "mine.txt"), SUITE, tmp_path) == ("m", "n")
    assert load_pool(str(tmp_path / "mine.json"), SUITE, tmp_path) == ("n",)


@pytest.mark.parametrize(
    ("load", "message"),
    [
        (lambda data: load_recording("unheard-of", data), "takes one of"),
        (lambda data: load_pool("large", SUITE, data), "there are: small"),
        (
            lambda data: load_pool(str(data / SUITE / "tasks.jsonl.gz"), SUITE, data / "nowhere"),
            "no list of model names",
        ),
    ],
)
def test_what_is_not_there_is_the_users_error(tmp_path: Path, load: Callable[[Path], object], message: str) -> None:
    write_recording(tmp_path)
    with pytest.raises(UsageError, match=message):
        load(tmp_path)
