"""Runs the probe on small workspaces with a real interpreter and no sandbox."""

import os
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import perforch
from perforch.core.survey import Ending, RanTest, TestId
from perforch.toolchains import probed, pytest, unittest
from perforch.toolchains.probed import Account, Plan

PROBE = Path(perforch.__file__).parent / "probe"
KEY = "00" * 32


@dataclass(frozen=True, slots=True)
class Run:
    account: Account
    status: int
    output: str
    ending: Ending

    def __getitem__(self, test: str) -> RanTest:
        return next(run for run in self.account.runs if run.test == test)

    def entered(self, test: str) -> set[str]:
        return set(self[test].entered)

    @property
    def outcomes(self) -> dict[str, str]:
        return {run.test: str(run.outcome) for run in self.account.runs}


def lay_out(root: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
    return root


def line_of(root: Path, file: str, text: str) -> str:
    """The key of the function whose header holds `text`."""
    lines = (root / file).read_text(encoding="utf-8").splitlines()
    return f"{file}:{next(at for at, line in enumerate(lines, 1) if text in line)}"


def run_pytest(root: Path, *, seconds: float = 20.0, python: str = sys.executable, plan: Plan | None = None) -> Run:
    plan = plan or Plan(origin=root, tests=None, test_seconds=seconds)
    return _run(root, pytest.argv(Path(python), PROBE), plan)


def run_unittest(root: Path, *folders: str, python: str = sys.executable, plan: Plan | None = None) -> Run:
    return _run(
        root, unittest.argv(Path(python), PROBE, folders), plan or Plan(origin=root, tests=None, test_seconds=20.0)
    )


def chosen(root: Path, *tests: str, lines_of: str | None = None) -> Plan:
    ids = tuple(TestId(test) for test in tests)
    return Plan(origin=root, tests=ids, test_seconds=20.0, files=pytest.files_of(ids), lines_of=lines_of)


def _run(root: Path, command: tuple[str, ...], plan: Plan) -> Run:
    exchange = root.parent / (root.name + "-exchange")
    exchange.mkdir(exist_ok=True)
    report = exchange / "report"
    report.write_bytes(b"")
    (exchange / "plan.json").write_text(plan.text(report, KEY), encoding="utf-8")
    environment = {
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "PYTHONHASHSEED": "0",
        "PERFORCH_PLAN": str(exchange / "plan.json"),
    }
    done = subprocess.run(
        command, cwd=root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, check=False
    )
    account = probed.read(report.read_bytes(), KEY)
    ending = probed.ending(account, done.returncode, timed_out=False)
    return Run(account, done.returncode, done.stdout.decode(errors="replace"), ending)
