"""evaluate and profile from the command line: the stable object, and what wrong use is told."""

import gzip
import json
from pathlib import Path

import pytest

from perforch.cli import main

SUITE = "completions-leetcode-python"
PROMPT = '"""\nReverse a string.\n"""\nclass Solution:\n    def work(self, s: str) -> str:\n        '
ANSWERS = {"good": "1110", "weak": "0101", "other": "1111"}


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("config", "data", "cache"):
        monkeypatch.setenv(f"XDG_{name.upper()}_HOME", str(tmp_path / name))
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Four tasks, answered by three models; the pool holds two of them."""
    folder = tmp_path / "sets" / SUITE
    folder.mkdir(parents=True)
    tasks = [{"task_id": f"t{number}", "prompt": PROMPT, "test": "assert True"} for number in range(4)]
    completions = [
        {"model": model, "task_id": f"t{number}", "code": "...", "outcome": "pass" if mark == "1" else "assert"}
        for model, marks in ANSWERS.items()
        for number, mark in enumerate(marks)
    ]
    for name, rows in (("tasks", tasks), ("completions", completions)):
        lines = "\n".join(json.dumps(row) for row in rows)
        (folder / f"{name}.jsonl.gz").write_bytes(gzip.compress(lines.encode()))
    (folder / "pools.json").write_text('{"two": ["good", "weak"]}')
    return tmp_path / "sets"


def test_routing_prints_the_stable_object(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["evaluate", "routing", "--suite", SUITE, "--data", str(data), "--pool", "two", "--json"]
    assert main([*arguments, "--learn-from", str(data)]) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["experiment"], report["pool"], report["total"]) == ("routing", "two", 4)
    assert report["models"] == {"good": 0.75, "weak": 0.5}
    assert (report["best_single"], report["oracle"]) == (0.75, 1.0)
    assert set(report["orders"]) == {"static", "conditional", "random", "exhaustive"}
    static = report["orders"]["static"]
    assert (static["after"]["1"], static["after"]["5"]) == (0.75, 1.0)
    assert (static["calls_per_task"], static["calls_per_solved"]) == (1.25, 1.25)


def test_without_another_set_to_learn_from_halves_are_tested_in_turn(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", "routing", "--suite", SUITE, "--data", str(data), "--pool", "two"]) == 0
    out = capsys.readouterr().out
    assert "random halves" in out
    assert "best single model: good 75.0%" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["evaluate", "routing", "--suite", SUITE], "needs --pool"),
        (["evaluate", "routing", "--suite", SUITE, "--pool", "three"], "there are: two"),
        (["evaluate", "routing", "--suite", "nowhere", "--pool", "two"], "takes one of"),
        (["evaluate", "repair", "--suite", "nowhere"], "takes one of"),
        (["profile", "builtin", "--suite", "humanevalfix"], "is not there"),
    ],
)
def test_wrong_use_says_what_to_do(
    data: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    assert main([*arguments, "--data", str(data)]) == 2
    assert message in capsys.readouterr().err


def test_a_pool_of_models_that_were_not_recorded_is_the_users_error(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.txt").write_text("good\nnobody\n")
    arguments = ["evaluate", "routing", "--suite", SUITE, "--data", str(data), "--pool", str(tmp_path / "mine.txt")]
    assert main(arguments) == 2
    assert "no answers of 'nobody'; it has good, other, weak" in capsys.readouterr().err
