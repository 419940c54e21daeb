"""Two versions of small functions side by side, as the product measures them: what the benchmarks of the rule share."""

import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from random import Random

from perforch.adapters.bench import Invocation
from perforch.adapters.copies import Copies
from perforch.adapters.profiler import SandboxedLaboratory
from perforch.adapters.sandbox import Sandbox
from perforch.adapters.syntax import TreeSitterSyntax
from perforch.core.calls import Side, Versions, Workload
from perforch.core.measurement import Sample
from perforch.core.ports import Bout
from perforch.core.survey import TestId
from perforch.core.task import Category, Concerned, Limits, Stage, Task, Workspace
from perforch.judging.faster import Aim, Race

FILE = PurePosixPath("work.py")
BURNER = "while True: pass"

# Each does the given number of rounds, of which one takes a millisecond or so.
KINDS = {
    "cpu": """
def work(rounds):
    total = 0
    for _ in range(rounds):
        for k in range(20_000):
            total += k * k % 7
    return 0
""",
    "allocation": """
def work(rounds):
    for _ in range(rounds):
        rows = [[k, str(k), {k: k}] for k in range(2_000)]
        rows.reverse()
    return 0
""",
    "io": """
def work(rounds):
    for _ in range(rounds):
        for _ in range(25):
            with open(__file__, "rb") as file:
                lines = file.read().decode().split()
            with open("/dev/null", "w") as out:
                out.write(" ".join(lines) * 20)
    return 0
""",
}


@dataclass(frozen=True)
class Here:
    """The Python that runs this is the workspace's own."""

    async def invocation(self, _workspace: Workspace) -> Invocation:
        places = (Path(sys.prefix), Path(sys.base_prefix))
        return Invocation(Path(sys.executable), "pytest", {"PATH": os.environ["PATH"]}, places)


def race(bout: Bout, rng: Random) -> Race:
    return Race(bout, Aim(), rng, is_exact=True)


@asynccontextmanager
async def opened(kind: str, share: float = 1.0) -> AsyncIterator[Bout]:
    """A bout of a kind of work against one that does `share` of its rounds; its only recorded call has 20 rounds."""
    old = KINDS[kind].strip("\n")
    new = old.replace("range(rounds)", f"range(int(rounds * {share!r} + 0.5))") if share != 1.0 else old
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / FILE).write_text(old + "\n", encoding="utf-8")
        test = "from work import work\n\ndef test_work():\n    assert work(20) == 0\n"
        (root / "test_work.py").write_text(test, encoding="utf-8")
        sandbox = Sandbox.probe("process")
        copies = Copies(sandbox, root.parent)
        try:
            laboratory = SandboxedLaboratory(copies, sandbox, Here())
            versions = Versions(old, new, old + "\n", new + "\n")
            async with laboratory.open(_task(root, old + "\n"), versions) as bout:
                yield bout
        finally:
            copies.close()


async def lasting(bout: Bout, seconds: float) -> Workload:
    """The recorded call, repeated until the old version takes about so long."""
    once = Workload("the recorded call", bout.recording.calls, 1, fresh=False)
    sample = await bout.sample(Side.OLD, once)
    assert isinstance(sample, Sample), sample
    repeats = max(1, round(seconds / sample.cpu_seconds))
    return Workload(once.name, once.calls, repeats, fresh=False)


@contextmanager
def loaded(cores: int) -> Iterator[None]:
    """So many other processes that do nothing but compute, meanwhile."""
    burners = [subprocess.Popen([sys.executable, "-c", BURNER]) for _ in range(cores)]
    try:
        yield
    finally:
        for burner in burners:
            burner.kill()
            burner.wait()


def _task(root: Path, text: str) -> Task:
    target = TreeSitterSyntax().find(FILE, text, "work", None)
    test = (TestId("test_work.py::test_work"),)
    concerned = Concerned(entering=test, collected=test, passing=test)
    return Task(Workspace(root), target, text, Stage.REFINE, Category.GLUE, concerned, Limits(test_seconds=60.0))
