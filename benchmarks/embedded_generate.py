"""How many of HumanEval's functions the embedded engine writes from the examples of their documentation alone.

    python benchmarks/embedded_generate.py --data DIR [--show]

Each task is a stub with its docstring, and no test is shown. The first body that fits the examples is put in the stub's
place and judged by the task's own tests, which the engine never sees. Prints how many pass, of all tasks and of those
that are confident enough to be shown for their examples alone.
"""

import argparse
import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from perforch.adapters.syntax import TreeSitterSyntax
from perforch.builtin.synthesis.generate import SECONDS, Found, NotFound, examples_of, generate
from perforch.core import edits
from perforch.core.candidate import Candidate
from perforch.core.ports import Question
from perforch.core.task import Category, Concerned, Limits, Stage, Target, Task, Workspace
from perforch.evaluation.suites import load_suite
from perforch.evaluation.suites_task import SuiteTask

SUITE = "humaneval-x"
TEST_SECONDS = 30


@dataclass(frozen=True)
class Written:
    """What became of one task: whether anything fits its examples, may be shown for that, and passes its tests."""

    task_id: str
    code: str = ""
    is_confident: bool = False
    passes: bool = False


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--show", action="store_true", help="print every body that is shown and fails")
    options = parser.parse_args()
    started = time.monotonic()
    written = list(_written(options.data))
    passing = [each for each in written if each.passes]
    confident = [each for each in written if each.is_confident]
    right = [each for each in confident if each.passes]
    for each in confident if options.show else ():
        if not each.passes:
            print(f"{each.task_id} is shown and fails:\n{each.code}\n")
    print(
        f"{len(written)} tasks in {time.monotonic() - started:.0f} s: {sum(bool(each.code) for each in written)} fitted"
    )
    print(f"{len(passing)} pass the tests; of {len(confident)} that are confident {len(right)} do")
    return 0


def _written(data: Path) -> Iterator[Written]:
    syntax = TreeSitterSyntax()
    for task in load_suite(SUITE, data, "python"):
        text = task.files[task.file]
        target = syntax.find(task.file, text, task.function, None)
        found = asyncio.run(_found(target, text))
        if found is None:
            yield Written(task.task_id)
        else:
            candidate = Candidate(found.code, "builtin", Stage.GENERATE, found.imports)
            passes = _passes(task, edits.apply(text, target, candidate))
            yield Written(task.task_id, found.code, found.is_confident, passes)


async def _found(target: Target, text: str) -> Found | None:
    """The first body that fits the examples of the documentation."""
    task = Task(Workspace(Path()), target, text, Stage.GENERATE, Category.GLUE, Concerned(), Limits())
    question = Question(task, Stage.GENERATE, target.source)
    found = await generate(question, examples_of(target, ()), time.monotonic() + SECONDS, time.monotonic)
    return None if isinstance(found, NotFound) else found[0]


def _passes(task: SuiteTask, text: str) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        for file, content in (task.files | {task.file: text}).items():
            Path(folder, file).write_text(content, encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]
        try:
            ended = subprocess.run(command, cwd=folder, capture_output=True, timeout=TEST_SECONDS, check=False)
        except subprocess.TimeoutExpired:
            return False
        return ended.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
