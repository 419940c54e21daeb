"""HumanEvalFix and HumanEval-X: small documented functions, broken by hand in the one, not yet written in the other."""

import ast
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from perforch.evaluation.suites_checks import pytest_file
from perforch.evaluation.suites_task import Row, SuiteTask, python_function, read_rows

_FILE = PurePosixPath("solution.py")
_TESTS = PurePosixPath("test_solution.py")
_STUB = "    raise NotImplementedError\n"


def load_humanevalfix(data: Path) -> Sequence[SuiteTask]:
    """The Python rows of HumanEvalPack, whose bodies carry one bug each."""
    rows = read_rows(data, "humanevalpack", "humanevalpack_python.jsonl.gz")
    return tuple(_task(row, row.text("entry_point"), row.text("buggy_solution")) for row in rows)


def load_humaneval_x(data: Path) -> Sequence[SuiteTask]:
    """The Python rows of HumanEval-X; the functions start as stubs."""
    rows = read_rows(data, "humaneval-x", "humaneval_python.jsonl.gz")
    return tuple(_task(row, _last_function(row.text("prompt")), _STUB) for row in rows)


def _task(row: Row, function: str, body: str) -> SuiteTask:
    prompt = row.text("prompt").lstrip("\n")
    broken, reference = prompt + body, prompt + row.text("canonical_solution")
    return SuiteTask(
        task_id=row.text("task_id"),
        language="python",
        files={_FILE: broken, _TESTS: pytest_file(row.text("test"), reference, function, _FILE.stem)},
        file=_FILE,
        function=function,
        broken_code=python_function(broken, function),
        reference_code=python_function(reference, function),
        reference_text=reference,
    )


def _last_function(prompt: str) -> str:
    functions = [node for node in ast.parse(prompt + _STUB).body if isinstance(node, ast.FunctionDef)]
    return functions[-1].name
