"""How many candidates a core tries per second of its time: in process, and by cold runs of pytest.

    python benchmarks/candidates_per_second.py [--candidates N] [--workers N]

One line per function; the functions are small, and have tests that take far less than a millisecond.
"""

import argparse
import asyncio
import contextlib
import itertools
import math
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass
from pathlib import Path, PurePosixPath
from random import Random

import psutil

from perforch.adapters.bench import Invocation, SandboxedWorkbench
from perforch.adapters.copies import Copies
from perforch.adapters.sandbox import Sandbox
from perforch.adapters.syntax import TreeSitterSyntax
from perforch.core.survey import FailedTest, TestId
from perforch.core.task import Category, Concerned, Limits, Stage, Task, Workspace

COLD_RUNS = 5
FILE = PurePosixPath("mended.py")
TEST = """import pytest
from mended import {name}

CASES = {cases}


@pytest.mark.parametrize(("arguments", "right"), CASES, ids=range(len(CASES)))
def test_it(arguments, right):
    assert {name}(*arguments) == right
"""

SEARCH = '''def search(items, wanted):
    """The place of `wanted` in the sorted `items`, or -1."""
    low, high = 0, len(items)
    while low < high:
        middle = (low + high) // 2
        if items[middle] == wanted:
            return middle
        if items[middle] < wanted:
            low = middle + 1
        else:
            high = middle - 1
    return -1
'''
BALANCED = '''def balanced(text):
    """Whether the brackets in `text` match."""
    pairs = {")": "(", "]": "[", "}": "{"}
    stack = []
    for sign in text:
        if sign in pairs.values():
            stack.append(sign)
        elif sign in pairs:
            if not stack or stack.pop() != pairs[sign]:
                return False
    return len(stack) >= 0
'''
RUNS = '''def runs(items):
    """The runs of equal items, with their lengths."""
    found = []
    count = 0
    for at, item in enumerate(items):
        count += 1
        if at + 1 == len(items) or items[at + 1] != item:
            found.append((item, count))
            count = 1
    return found
'''
CHANGE = '''def change(total, coins):
    """In how many ways `coins` add up to `total`."""
    if total == 0:
        return 1
    if total < 0 or not coins:
        return 0
    return change(total - coins[0], coins) + change(total, coins[2:])
'''


@dataclass(frozen=True)
class Program:
    """A function with one wrong token; right results for some calls, of which it gets the first few wrong."""

    name: str
    source: str
    wrong: int
    cases: tuple[tuple[tuple[object, ...], object], ...]

    def task(self, root: Path) -> Task:
        (root / FILE).write_text(self.source, encoding="utf-8")
        (root / "test_mended.py").write_text(TEST.format(name=self.name, cases=self.cases), encoding="utf-8")
        ids = [TestId(f"test_mended.py::test_it[{number}]") for number in range(len(self.cases))]
        failing = tuple(FailedTest(test, "AssertionError", "", "") for test in ids[: self.wrong])
        target = TreeSitterSyntax().find(FILE, self.source, self.name, None)
        concerned = Concerned(failing=failing, entering=tuple(ids))
        return Task(Workspace(root), target, self.source, Stage.FIX, Category.GLUE, concerned, Limits())


ODD = [1, 3, 5, 7, 9, 11, 13]
PROGRAMS = (
    Program("search", SEARCH, 3, tuple(((ODD, wanted), (wanted - 1) // 2) for wanted in (1, 5, 9, 3, 7, 11, 13))),
    Program(
        "balanced",
        BALANCED,
        3,
        tuple(
            ((text,), right)
            for texts, right in ((("(", "([", "{[}"[:2]), False), (("()", "([]{})", ""), True), ((")(", "([)]"), False))
            for text in texts
        ),
    ),
    Program(
        "runs",
        RUNS,
        2,
        (
            (([1, 2, 2, 2, 1],), [(1, 1), (2, 3), (1, 1)]),
            (([1, 1, 2],), [(1, 2), (2, 1)]),
            (([3],), [(3, 1)]),
            (([],), []),
        ),
    ),
    Program("change", CHANGE, 2, (((4, [1, 2]), 3), ((10, [5, 2, 1]), 10), ((0, [1]), 1), ((3, [5]), 0))),
)
SWAPS: Mapping[str, tuple[str, ...]] = {
    "+": ("-", "*"),
    "-": ("+", "*"),
    "//": ("-", "%"),
    "<": ("<=", ">", ">="),
    ">=": (">", "<", "=="),
    "==": ("!=", "<=", ">="),
    "!=": ("==", "<"),
    "or": ("and",),
    "not ": ("",),
}
TOKEN = re.compile(r"\d+|//|[<>=!]=|[-+<]|\bor\b|\bnot |(?<=[ (\[])[a-z]+(?=[\])., :])")


def edits(source: str) -> list[tuple[int, int, str]]:
    """Small changes: start, end and new text."""
    words = sorted(set(re.findall(r"(?<=[ (\[])[a-z]+(?= (?:=|in) |[,)] )", source)))
    found = []
    for match in TOKEN.finditer(source, source.index('"""\n')):
        token = match.group()
        if token.isdigit():
            news: tuple[str, ...] = tuple(str(int(token) + change) for change in (-2, -1, 1, 2, 3))
        else:
            news = SWAPS.get(token, tuple(word for word in words if word != token) if token in words else ())
        found += [(match.start(), match.end(), new) for new in news]
    return found


def candidates(source: str, count: int) -> Iterator[str]:
    """Every single edit, then pairs of them, in a fixed order."""
    singles = edits(source)
    pairs = [pair for pair in itertools.combinations(singles, 2) if pair[0][1] <= pair[1][0]]
    Random(0).shuffle(pairs)  # noqa: S311 - nothing secret
    for chosen in itertools.islice(itertools.chain(((edit,) for edit in singles), pairs), count):
        text = source
        for start, end, new in reversed(chosen):
            text = text[:start] + new + text[end:]
        yield text


@dataclass(frozen=True)
class Here:
    """The Python that runs this benchmark runs the tests, too."""

    async def invocation(self, _: Workspace) -> Invocation:
        places = (Path(sys.prefix), Path(sys.base_prefix))
        return Invocation(Path(sys.executable), "pytest", {"PATH": os.environ["PATH"]}, places)


@dataclass(frozen=True)
class Rate:
    """Candidates that ran, and the time that they took; the CPU time of all processes is not raised by other load."""

    ran: int
    timed_out: int
    plausible: int
    open_seconds: float
    seconds: float
    cpu_seconds: float


async def measured(program: Program, root: Path, asked: argparse.Namespace) -> Rate:
    sandbox = Sandbox.probe("process")
    copies = Copies(sandbox)
    task = program.task(root)
    opening = time.perf_counter()
    try:
        async with SandboxedWorkbench(copies, sandbox, Here(), asked.workers).open(task, program.source) as bench:
            started, busy = time.perf_counter(), cpu_seconds()
            codes = candidates(program.source, asked.candidates)
            found = [tried async for tried in bench.evaluate(codes)]
            return Rate(
                ran=sum(tried.ran for tried in found),
                timed_out=sum(tried.timed_out for tried in found),
                plausible=sum(tried.is_plausible(len(bench.profile.failing)) for tried in found),
                open_seconds=started - opening,
                seconds=time.perf_counter() - started,
                cpu_seconds=cpu_seconds() - busy,
            )
    finally:
        copies.close()


def cpu_seconds() -> float:
    """Of this process and all that it has started, ended ones included."""
    total = 0.0
    for process in (psutil.Process(), *psutil.Process().children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess):
            total += sum(process.cpu_times()[:4])
    return total


def cold_seconds(root: Path) -> float:
    """The CPU time of a run of pytest on the same tests, up to the first failure."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", str(root)]
    before = cpu_seconds()
    for _ in range(COLD_RUNS):
        subprocess.run(command, cwd=root, capture_output=True, check=False)
    return (cpu_seconds() - before) / COLD_RUNS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--candidates", type=int, default=4000)
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    asked = parser.parse_args()
    rates, ratios = [], []
    titles = ("function", "ran", "timed out", "plausible", "open s", "s", "CPU s", "per s", "per CPU s", "cold runs")
    print("".join(f"{title:>13}" for title in titles))
    for program in PROGRAMS:
        with tempfile.TemporaryDirectory() as folder:
            rate = asyncio.run(measured(program, Path(folder), asked))
            cold = cold_seconds(Path(folder))
        per_core = rate.ran / rate.cpu_seconds
        rates.append(per_core)
        ratios.append(per_core * cold)
        figures = (*astuple(rate), rate.ran / rate.seconds, per_core)
        cells = (f"{figure:13.2f}" if isinstance(figure, float) else f"{figure:13}" for figure in figures)
        print(f"{program.name:>13}", *cells, f"{per_core * cold:12.0f}x", sep="")
    mean = [math.exp(statistics.fmean(map(math.log, values))) for values in (rates, ratios)]
    print(f"{asked.workers} workers: {mean[0]:.0f} candidates/s a core, {mean[1]:.0f} times what cold pytest runs try")


if __name__ == "__main__":
    main()
