"""Small workspaces with one function to refine, compared by the real laboratory."""

import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from random import Random
from textwrap import dedent

from perforch.adapters.bench import Invocation
from perforch.adapters.copies import Copies
from perforch.adapters.profiler import SandboxedLaboratory
from perforch.adapters.sandbox import Sandbox
from perforch.adapters.sources import WorkspaceSources
from perforch.adapters.syntax import TreeSitterSyntax
from perforch.core import edits
from perforch.core.calls import Recording, Versions
from perforch.core.candidate import Candidate
from perforch.core.comparison import Comparison
from perforch.core.ports import Bout
from perforch.core.survey import TestId
from perforch.core.task import Category, Concerned, Limits, Stage, Task, Workspace
from perforch.core.verdict import Failed
from perforch.judging.faster import Aim, Refinement


@dataclass(frozen=True)
class Here:
    """The Python that runs these tests is the workspace's own."""

    runner: str = "pytest"

    async def invocation(self, workspace: Workspace) -> Invocation:
        places = (Path(sys.prefix), Path(sys.base_prefix))
        return Invocation(Path(sys.executable), self.runner, {"PATH": os.environ["PATH"]}, places)


@dataclass(frozen=True)
class Project:
    """`function` of m.py (`source`), entered by `entering` of test_m.py (`tests`)."""

    source: str
    tests: str
    function: str = "f"
    entering: Sequence[str] = ("test_f",)
    runner: str = "pytest"
    more: Mapping[str, str] = field(default_factory=dict)
    file: str = "m.py"

    def task(self, root: Path) -> Task:
        for name, text in {self.file: self.source, "test_m.py": self.tests, **self.more}.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(dedent(text).lstrip("\n"), encoding="utf-8")
        text = (root / self.file).read_text(encoding="utf-8")
        target = TreeSitterSyntax().find(PurePosixPath(self.file), text, self.function, None)
        head = "test_m.py::" if self.runner == "pytest" else "test_m."
        entering = tuple(TestId(head + name) for name in self.entering)
        concerned = Concerned(entering=entering, collected=entering, passing=entering)
        return Task(Workspace(root), target, text, Stage.REFINE, Category.GLUE, concerned, Limits(test_seconds=10.0))


def candidate(task: Task, code: str, imports: tuple[str, ...] = ()) -> Candidate:
    text = dedent(code).strip("\n")
    indented = "\n".join(task.target.indent + line if line else line for line in text.split("\n"))
    return Candidate(indented.removeprefix(task.target.indent), "m", Stage.REFINE, imports, parent=task.target.source)


def versions(task: Task, new: Candidate) -> Versions:
    return Versions(task.target.source, new.code, task.text, edits.apply(task.text, task.target, new))


@asynccontextmanager
async def laboratory(root: Path, runner: str = "pytest") -> AsyncIterator[SandboxedLaboratory]:
    sandbox = Sandbox.probe("process")
    copies = Copies(sandbox, root)
    try:
        yield SandboxedLaboratory(copies, sandbox, Here(runner))
    finally:
        copies.close()


@asynccontextmanager
async def bout(
    project: Project, root: Path, code: str | None = None, recording: Recording | None = None
) -> AsyncIterator[Bout]:
    """The project's function against `code`, or against itself."""
    workspace = root / "workspace"
    task = project.task(workspace)
    new = candidate(task, task.target.source if code is None else code)
    async with laboratory(root, project.runner) as lab, lab.open(task, versions(task, new), recording) as opened:
        yield opened


async def refined(project: Project, root: Path, *codes: str, aim: Aim | None = None) -> list[Comparison | Failed]:
    """What becomes of each candidate in turn."""
    task = project.task(root / "workspace")
    async with laboratory(root, project.runner) as lab:
        refinement = Refinement(lab, WorkspaceSources(), Random(1), aim or Aim())
        return [await refinement.better(task, candidate(task, code)) for code in codes]
