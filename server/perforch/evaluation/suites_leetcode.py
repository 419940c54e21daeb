"""LeetCode contest tasks as workspaces: the method to be written in its class, and its test inputs as a pytest file.

The data set has no solutions of its own, so these tasks are for judging recorded answers, not for `--model reference`.
"""

import ast
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from textwrap import indent

from perforch.evaluation.suites_task import Row, SuiteTask, read_rows

_FILE = PurePosixPath("solution.py")
_TESTS = PurePosixPath("test_solution.py")
_STUB = "raise NotImplementedError\n"
# Contest solutions are written for a judge that has imported all this (LiveCodeBench's header).
_HEADER = (
    "".join(
        f"from {module} import *\n"
        for module in (
            *("string", "re", "datetime", "collections", "heapq", "bisect", "copy", "math", "random", "statistics"),
            *("itertools", "functools", "operator", "typing"),
        )
    )
    + "import string, re, datetime, collections, heapq, bisect, copy, math, random, statistics, itertools, functools\n"
)


def load_leetcode(data: Path) -> Sequence[SuiteTask]:
    """Every task of the recording, the method starting as a stub."""
    return tuple(_task(row) for row in read_rows(data, "completions-leetcode-python", "tasks.jsonl.gz"))


def _task(row: Row) -> SuiteTask:
    prompt = row.text("prompt").rstrip()
    text = f"{_HEADER}\n\n{prompt[prompt.rindex('class Solution') :]}\n        {_STUB}"
    method = _last_method(text)
    checks = indent(row.text("test"), "    ")
    tests = f"from solution import *\nfrom solution import Solution\n\n\ndef test_solution():\n{checks}\n"
    return SuiteTask(
        task_id=row.text("task_id"),
        language="python",
        files={_FILE: text, _TESTS: tests},
        file=_FILE,
        function=f"Solution.{method.name}",
        broken_code=ast.unparse(method),
        reference_code="",
        reference_text="",
    )


def _last_method(text: str) -> ast.FunctionDef:
    classes = [node for node in ast.parse(text).body if isinstance(node, ast.ClassDef)]
    return [node for node in classes[-1].body if isinstance(node, ast.FunctionDef)][-1]
