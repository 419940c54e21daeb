import ast
import gzip
import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from fakes import EVIDENCE, ScriptedJudge, task
from perforch.core.asking import Replacement, Unusable
from perforch.core.candidate import NoAnswer
from perforch.core.errors import UsageError
from perforch.core.ports import Question
from perforch.core.proposal import Declined, Reason
from perforch.core.task import Stage
from perforch.core.verdict import Fault, Passed
from perforch.evaluation.replay import RecordedAnswer, Recording, load_recording
from perforch.evaluation.replay_judging import judge_answers, load_workspaces
from perforch.evaluation.replay_models import recorded_models
from perforch.evaluation.suites_task import SuiteTask

SUITE = "completions-leetcode-python"
PROMPT = '"""\nDouble it.\n"""\nclass Solution:\n    def twice(self, n: int) -> int:\n        '
TEST = "\nmy_solution = Solution()\n\nassert my_solution.twice(n=2) == 4\n"


@pytest.fixture
def work(tmp_path: Path) -> SuiteTask:
    (tmp_path / SUITE).mkdir()
    row = json.dumps({"task_id": "t1", "prompt": PROMPT, "test": TEST})
    (tmp_path / SUITE / "tasks.jsonl.gz").write_bytes(gzip.compress(row.encode()))
    return load_workspaces(SUITE, tmp_path)["t1"]


def answer(code: str, *, passed: bool | None = None) -> RecordedAnswer:
    return RecordedAnswer("m", "t1", code, passed)


def read(question: Question, text: str) -> Sequence[Replacement] | Unusable:
    return Unusable("no code") if text == "prose" else (Replacement(text), Replacement("second thoughts"))


@pytest.mark.parametrize(
    ("code", "expected"), [("right", True), ("wrong", False), ("prose", False), ("second thoughts", False)]
)
async def test_the_judge_decides_whatever_the_recording_says(work: SuiteTask, code: str, expected: bool) -> None:
    judge = ScriptedJudge((task(),), {"right": Passed(EVIDENCE)})
    recorded = answer(code, passed=not expected)
    assert await judge_answers(work, [recorded], judge, read) == {recorded: expected}


async def test_a_task_without_a_baseline_cannot_be_judged(work: SuiteTask) -> None:
    judge = ScriptedJudge(Declined(Reason("environment", "no pytest")), {})
    with pytest.raises(UsageError, match="no pytest"):
        await judge_answers(work, [answer("right")], judge, read)


def test_a_contest_task_becomes_a_workspace_whose_tests_fail_on_the_stub_and_pass_on_a_solution(
    work: SuiteTask, tmp_path: Path
) -> None:
    assert work.function == "Solution.twice"
    program, tests = (work.files[path] for path in sorted(work.files, key=lambda path: path != work.file))
    ast.parse(tests)

    def run(text: str) -> None:
        names: dict[str, object] = {}
        exec(text, names)
        exec(tests.replace("from solution import *\nfrom solution import Solution\n", ""), names)
        names["test_solution"]()  # type: ignore[operator]  # exec gives no types

    with pytest.raises(NotImplementedError):
        run(program)
    run(program.replace("raise NotImplementedError", "return n * 2"))


def test_a_suite_without_workspaces_is_the_users_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="takes one of"):
        load_workspaces("unheard-of", tmp_path)


@pytest.mark.parametrize("prompt", ["x = 1", "not python at all ((", "def f(", ""])
def test_a_prompt_that_ends_in_no_header_is_the_users_error(tmp_path: Path, prompt: str) -> None:
    (tmp_path / SUITE).mkdir()
    rows = {"tasks": {"task_id": "t1", "prompt": prompt}, "completions": {"model": "m", "task_id": "t1", "code": ""}}
    for name, row in rows.items():
        (tmp_path / SUITE / f"{name}.jsonl.gz").write_bytes(gzip.compress(json.dumps(row).encode()))
    with pytest.raises(UsageError, match="header"):
        load_recording(SUITE, tmp_path)


async def test_a_recorded_model_says_what_it_once_said_and_nothing_where_it_said_nothing() -> None:
    recording = Recording(SUITE, "python", {}, (answer("right"),))
    models = recorded_models(recording, "recorded:m", ["t1", "t2"], lambda asked, text: read(asked, text or "prose"))
    question = Question(task(), Stage.GENERATE, "")
    said, absent = await models["t1"].answer(question), await models["t2"].answer(question)
    assert not isinstance(said, NoAnswer)
    assert [(one.code, one.model) for one in said] == [("right", "recorded:m"), ("second thoughts", "recorded:m")]
    assert isinstance(absent, NoAnswer)
    assert absent.fault is Fault.PARSE


def test_a_model_that_was_not_recorded_is_the_users_error() -> None:
    recording = Recording(SUITE, "python", {}, (answer("right"),))
    with pytest.raises(UsageError, match="none by 'x'; it has m"):
        recorded_models(recording, "recorded:x", ["t1"], read)
