"""The engine on real workspaces: real tests, the project's interpreter, a copy in the sandbox."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from exec_bench import Events

from adapters.bench_workspace import Case, Here
from perforch.adapters.bench import SandboxedWorkbench
from perforch.adapters.copies import Copies
from perforch.adapters.sandbox import Sandbox
from perforch.builtin.engine import Builtin
from perforch.core.candidate import Answer
from perforch.core.ports import Question
from perforch.core.task import Stage

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Bug:
    case: Case
    wrong: str
    right: str


BUGS = {
    "a plain function": Bug(
        Case(
            source="""
                def clamp(value, low, high):
                    # keep it between the two
                    return max(low, max(value, high))
                """,
            tests="""
                from m import clamp
                def test_low(): assert clamp(-5, 0, 10) == 0
                def test_high(): assert clamp(50, 0, 10) == 10
                def test_between(): assert clamp(5, 0, 10) == 5
                """,
            function="clamp",
            failing=("test_low", "test_between"),
            passing=("test_high",),
        ),
        "max(value, high)",
        "min(value, high)",
    ),
    "a method that loops for ever": Bug(
        Case(
            source="""
                class Ring:
                    def __init__(self, size):
                        self.size = size
                        self.used = 0

                    def fill(self):
                        steps = 0
                        while self.used != self.size:
                            self.used -= 1
                            steps += 1
                        return steps
                """,
            tests="""
                from m import Ring
                def test_fill(): assert Ring(3).fill() == 3
                def test_full(): assert Ring(0).fill() == 0
                """,
            function="Ring.fill",
            failing=("test_fill",),
            passing=("test_full",),
        ),
        "self.used -= 1",
        "self.used += 1",
    ),
    "unittest": Bug(
        Case(
            source="""
                def initials(name):
                    return ".".join(word[:2].lower() for word in name.split())
                """,
            tests="""
                import unittest
                from m import initials
                class Initials(unittest.TestCase):
                    def test_two(self): self.assertEqual(initials("Ada lovelace"), "AD.LO")
                    def test_none(self): self.assertEqual(initials(""), "")
                """,
            function="initials",
            failing=("Initials.test_two",),
            passing=("Initials.test_none",),
            runner="unittest",
        ),
        "word[:2].lower()",
        "word[:2].upper()",
    ),
}


async def answered(case: Case, root: Path) -> Answer:
    workspace = root / "workspace"
    workspace.mkdir()
    task = case.write(workspace)
    sandbox = Sandbox.probe("process")
    copies = Copies(sandbox, root)
    try:
        workbench = SandboxedWorkbench(copies, sandbox, Here(case.runner), workers=1)
        return await Builtin(workbench, Events(), seconds=30).answer(Question(task, Stage.FIX, task.target.source))
    finally:
        copies.close()


@pytest.mark.parametrize("name", BUGS)
async def test_a_bug_in_a_workspace_is_repaired(name: str, tmp_path: Path) -> None:
    bug = BUGS[name]
    answer = await answered(bug.case, tmp_path)
    assert isinstance(answer, tuple), answer
    source = (tmp_path / "workspace" / "m.py").read_text(encoding="utf-8")
    assert any(candidate.code in source.replace(bug.wrong, bug.right) for candidate in answer)
    assert bug.wrong in source
