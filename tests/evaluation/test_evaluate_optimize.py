"""Every function of the suite goes through the same door, and only a gain that is proven and the same counts."""

import gzip
import json
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePosixPath

import pytest

from fakes import PASSED
from perforch.cli import main
from perforch.core.candidate import Candidate
from perforch.core.comparison import Comparison, Ratio
from perforch.core.errors import ToolMissing, UsageError
from perforch.core.ports import Listener
from perforch.core.proposal import NoProposal, Proposal, Reason
from perforch.core.task import Category, Concerned, Request, Span, Stage, Target, Task
from perforch.core.verdict import Passed
from perforch.evaluation.optimize import Checked, Plan, optimize
from perforch.evaluation.optimize_report import as_json, as_table
from perforch.evaluation.optimize_suite import NAME, load_coffe
from perforch.evaluation.suites_task import SuiteTask

PLAN = Plan(NAME, "python", "builtin", seconds=5.0, workers=2)
ROWS = [
    {
        "task_id": f"openai_humaneval/{number}",
        "entry_point": "add",
        "prompt": 'def add(x, y):\n    """Add."""\n',
        "canonical_solution": "    return x + y\n",
        "tests": [{"input": [1, 2], "output": [3]}, {"input": [[1], []], "output": [[1]]}],
        "stress_tests": [{"input": " [random.randint(1, 9), 10 ** 6]", "output": None}, {"input": "['a', 1]"}],
    }
    for number in (2, 10, 1)
]
OTHER = {**ROWS[0], "task_id": "mbpp/1"}


def written(folder: Path, rows: list[dict[str, object]]) -> Path:
    (folder / NAME).mkdir()
    lines = "\n".join(json.dumps(row) for row in rows)
    (folder / NAME / "tasks.jsonl.gz").write_bytes(gzip.compress(lines.encode()))
    return folder


def proposal(request: Request, ratio: float) -> Proposal:
    text = (request.workspace.root / "solution.py").read_text(encoding="utf-8")
    start = text.index("def add")
    source = text[start:].rstrip()
    span = Span(start, start + len(source), 6, 8)
    target = Target(
        PurePosixPath("solution.py"),
        "add",
        "python",
        span,
        span,
        6,
        "add(x, y)",
        "Add.",
        None,
        source,
        (),
        0,
        is_stub=False,
    )
    task = Task(request.workspace, target, text, request.stage, Category.MATHS, Concerned(), request.limits)
    one = Ratio(ratio, ratio - 0.05, ratio + 0.05)
    comparison = Comparison("9 calls", 8, one, one, one, one)
    candidate = Candidate(source.replace("x + y", "y + x"), "builtin", Stage.REFINE, note="a rule")
    return Proposal(task, candidate, Passed(PASSED.evidence, comparison), "", (), ())


async def solving(request: Request, _listener: Listener, ratios: list[float | None], differs: str | None) -> Checked:
    assert request.stage is Stage.REFINE
    assert (request.workspace.root / "test_stress.py").exists()
    number = int((request.workspace.root / "number").read_text(encoding="utf-8"))
    ratio = ratios[number]
    if ratio is None:
        raise ToolMissing("no tool; install one")
    if ratio > 1:
        return Checked(NoProposal(Reason("nothing-proven", "nothing\nmore"), None, ()))
    return Checked(proposal(request, ratio), differs)


def numbered(data: Path) -> list[SuiteTask]:
    tasks = enumerate(load_coffe(data))
    return [replace(task, files={**task.files, PurePosixPath("number"): str(number)}) for number, task in tasks]


async def test_gains_from_ten_percent_on_are_counted_and_the_rest_is_shown(tmp_path: Path) -> None:
    tasks = numbered(written(tmp_path, ROWS))
    seen: list[str] = []
    solve = partial(solving, ratios=[0.5, 0.97, 2.0], differs=None)
    report = await optimize(tasks, solve, PLAN, lambda result, _done: seen.append(result.task_id))
    told = as_json(report)
    assert (told["experiment"], told["total"], told["proven_gain"], told["proposals"]) == ("optimize", 3, 1, 2)
    assert (told["median_gain"], told["different"]) == (2.0, 0)
    first, _, last = json.loads(json.dumps(told))["tasks"]
    assert (first["outcome"], first["ratio"], first["pairs"], first["rules"]) == ("proposal", 0.5, 8, "a rule")
    assert "return y + x" in first["code"]
    assert (last["outcome"], last["reason"]["code"]) == ("none", "nothing-proven")
    assert sorted(seen) == sorted(row["task_id"] for row in ROWS)
    table = as_table(report)
    assert "1 of 3 (33%) with a proven gain of 10 % or more" in table
    assert "45.0% to 55.0%" in table


async def test_what_differs_on_unseen_inputs_is_no_gain(tmp_path: Path) -> None:
    tasks = numbered(written(tmp_path, ROWS[:1]))
    solve = partial(solving, ratios=[0.5], differs="add(1, 2) returns 4")
    report = await optimize(tasks, solve, PLAN, lambda _result, _done: None)
    told = as_json(report)
    assert (told["proven_gain"], told["different"], told["median_gain"]) == (0, 1, None)
    assert "DIFFERENT: add(1, 2) returns 4" in as_table(report)


async def test_a_task_that_ends_in_an_error_is_a_row_like_any_other(tmp_path: Path) -> None:
    tasks = numbered(written(tmp_path, ROWS[:1]))
    report = await optimize(tasks, partial(solving, ratios=[None], differs=None), PLAN, lambda _result, _done: None)
    assert "error: no tool; install one" in as_table(report)


def test_the_suite_holds_the_references_of_humaneval_in_order(tmp_path: Path) -> None:
    tasks = load_coffe(written(tmp_path, [*ROWS, OTHER]))
    assert [task.task_id.rpartition("/")[2] for task in tasks] == ["1", "2", "10"]
    task = tasks[0]
    assert task.broken_code == 'def add(x, y):\n    """Add."""\n    return x + y'
    texts = {str(path): text for path, text in task.files.items()}
    assert set(texts) == {"solution.py", "reference.py", "test_solution.py", "test_stress.py"}
    assert texts["solution.py"] == texts["reference.py"]
    assert "assert plain(add(*[1, 2])) == 3" in texts["test_solution.py"]
    assert "given = [random.randint(1, 9), 10 ** 6]" in texts["test_stress.py"]


@pytest.mark.slow
def test_its_tests_hold_for_the_reference_and_not_for_another(tmp_path: Path) -> None:
    task = load_coffe(written(tmp_path, ROWS))[0]
    folder = tmp_path / "work"
    task.write(folder)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    assert subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode == 0
    (folder / "solution.py").write_text("def add(x, y):\n    return x or y\n", encoding="utf-8")
    wrong = subprocess.run(command, cwd=folder, capture_output=True, check=False, text=True)
    assert "3 failed, 1 passed" in wrong.stdout, wrong.stdout


@pytest.mark.parametrize("field", ["tests", "stress_tests"])
def test_another_version_of_the_data_set_is_named(tmp_path: Path, field: str) -> None:
    with pytest.raises(UsageError, match="line 1"):
        load_coffe(written(tmp_path, [{**ROWS[0], field: [1]}]))


@pytest.mark.slow
def test_a_function_of_the_suite_is_really_optimised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("config", "data", "cache"):
        monkeypatch.setenv(f"XDG_{name.upper()}_HOME", str(tmp_path / name))
    row = {
        "task_id": "openai_humaneval/1",
        "entry_point": "has_no_divisor",
        "prompt": "def has_no_divisor(n: int) -> bool:\n",
        "canonical_solution": "    for d in range(2, n):\n        if n % d == 0:\n            return False\n    return True\n",
        "tests": [{"input": [n], "output": [n in {2, 3, 5, 7, 11, 13, 1, 0}]} for n in range(15)],
        "stress_tests": [{"input": "[99991]", "output": None}, {"input": "[99989]", "output": None}],
    }
    assert main(["evaluate", "optimize", "--data", str(written(tmp_path, [row])), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["total"], told["proven_gain"], told["different"]) == (1, 1, 0)
    (task,) = told["tasks"]
    assert task["ratio"] < 0.2
    assert "isqrt" in task["code"]
    assert "divisors are looked for up to the root" in task["rules"]


def test_optimize_says_which_languages_it_knows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "optimize", "--data", str(tmp_path), "--language", "go"]) == 2
    assert "--language takes one of python" in capsys.readouterr().err


def test_other_experiments_ask_for_a_suite(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "repair", "--data", str(tmp_path)]) == 2
    assert "repair needs --suite; it takes one of" in capsys.readouterr().err
