"""Small workspaces with one bug each, opened on a real workbench."""

import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from textwrap import dedent

from perforch.adapters.bench import Invocation, SandboxedBench, SandboxedWorkbench
from perforch.adapters.copies import Copies
from perforch.adapters.sandbox import Sandbox
from perforch.adapters.syntax import TreeSitterSyntax
from perforch.core.ports import Tried
from perforch.core.survey import FailedTest, TestId
from perforch.core.task import Category, Concerned, Limits, Stage, Task, Workspace


@dataclass(frozen=True)
class Case:
    """`function` of m.py (`source`), which `tests` (test_m.py) show to be wrong; test names without the file."""

    source: str
    tests: str
    function: str
    failing: Sequence[str]
    passing: Sequence[str] = ()
    runner: str = "pytest"
    more: dict[str, str] = field(default_factory=dict)
    file: str = "m.py"
    test_seconds: float = 10.0
    uncollected: Sequence[str] = ()

    def id(self, name: str) -> TestId:
        return TestId(f"test_m.py::{name}" if self.runner == "pytest" else f"test_m.{name}")

    def write(self, root: Path) -> Task:
        for name, text in {self.file: self.source, "test_m.py": self.tests, **self.more}.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(dedent(text).lstrip("\n"), encoding="utf-8")
        text = (root / self.file).read_text(encoding="utf-8")
        target = TreeSitterSyntax().find(PurePosixPath(self.file), text, self.function, None)
        failing = tuple(FailedTest(self.id(name), "AssertionError", "", "") for name in self.failing)
        entering = tuple(self.id(name) for name in (*self.failing, *self.passing))
        return Task(
            Workspace(root),
            target,
            text,
            Stage.FIX,
            Category.GLUE,
            Concerned(
                failing=failing,
                entering=entering,
                uncollected=tuple(FailedTest(TestId(name), "NameError", "", "") for name in self.uncollected),
            ),
            Limits(test_seconds=self.test_seconds),
        )


@dataclass(frozen=True)
class Here:
    """The Python that runs these tests is the workspace's own."""

    runner: str

    async def invocation(self, workspace: Workspace) -> Invocation:
        places = (Path(sys.prefix), Path(sys.base_prefix))
        return Invocation(Path(sys.executable), self.runner, {"PATH": os.environ["PATH"]}, places)


@asynccontextmanager
async def opened(case: Case, root: Path, workers: int = 2) -> AsyncIterator[tuple[SandboxedBench, Task]]:
    workspace = root / "workspace"
    workspace.mkdir()
    task = case.write(workspace)
    sandbox = Sandbox.probe("process")
    copies = Copies(sandbox, root)
    try:
        async with SandboxedWorkbench(copies, sandbox, Here(case.runner), workers).open(
            task, task.target.source
        ) as bench:
            yield bench, task
    finally:
        copies.close()


@dataclass(frozen=True)
class Edit:
    """A candidate: the target's text with `old` replaced."""

    old: str
    new: str

    def of(self, source: str) -> str:
        assert self.old in source, (self.old, source)
        return source.replace(self.old, self.new)


async def results(case: Case, root: Path, edits: Sequence[Edit], workers: int = 2) -> list[Tried]:
    """The last result of each edit, in their order."""
    async with opened(case, root, workers) as (bench, task):
        found = {tried.mutant: tried async for tried in bench.evaluate([edit.of(task.target.source) for edit in edits])}
        return [found[number] for number in range(len(edits))]
