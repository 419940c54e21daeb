"""How many proven repairs are right beyond their tests: equal to the data set's own solution on inputs not seen.

    python benchmarks/strict_agreement.py REPORT.json --data DIR [--as reference|broken]

REPORT.json is what `perforch evaluate repair --suite quixbugs|humanevalfix --json` printed. `--as` puts the data set's
own right or broken program in the place of every result: the first has to agree always, the second hardly ever.
QuixBugs: 300 made-up inputs per program. HumanEvalFix: every input of HumanEval+ mini, where either that set's solution
counts, which differs from HumanEvalFix's own on some inputs of 17 tasks, or (`--solution own`) HumanEvalFix's own.
"""

import argparse
import gzip
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from perforch.evaluation.suites import load_suite
from perforch.evaluation.suites_task import SuiteTask

CHILD = Path(__file__).parent / "agreement_child.py"
MADE_UP = 300
CHILD_SECONDS = 300
TEST_SECONDS = 30
ANY_ROOT = "HumanEval/32"  # asks for some zero of a polynomial, so results may differ


@dataclass(frozen=True)
class Agreement:
    """`passes` its task's tests; `agree` of `compared` inputs; `differing` are some that do not."""

    task_id: str
    passes: bool
    compared: int
    agree: int
    differing: tuple[str, ...] = ()

    @property
    def is_strict(self) -> bool:
        return self.passes and 0 < self.compared == self.agree


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("report", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--solution", choices=("plus", "own"), default="plus")
    parser.add_argument("--as", choices=("reference", "broken"), dest="instead")
    options = parser.parse_args()
    report = json.loads(options.report.read_text(encoding="utf-8"))
    tasks = {task.task_id: task for task in load_suite(report["suite"], options.data, report["language"])}
    plus = _plus(options.data, options.solution) if report["suite"] == "humanevalfix" else {}
    proven = [row for row in report["tasks"] if row["outcome"] == "proposal" and row.get("level", "proven") == "proven"]
    agreements = []
    for row in proven:
        task = tasks[row["task_id"]]
        text = {"reference": task.reference_text, "broken": task.files[task.file], None: row["code"]}[options.instead]
        agreements.append(_agreement(task, text, plus))
        _tell(agreements[-1])
    strict = sum(agreement.is_strict for agreement in agreements)
    passing = sum(agreement.passes for agreement in agreements)
    total, share = len(agreements), strict / max(1, len(agreements))
    fewest = min((agreement.compared for agreement in agreements), default=0)
    print(
        f"{report['suite']}: {report['total']} tasks, {total} proven, {passing} pass the tests in a run of their own,"
    )
    print(
        f"{strict} also agree with the reference on every input compared ({share:.0%}; at least {fewest} inputs each)"
    )
    return 0


def _tell(agreement: Agreement) -> None:
    if not agreement.is_strict:
        inputs = "; ".join(agreement.differing)[:300]
        tests = "" if agreement.passes else " FAILS ITS TESTS"
        print(
            f"{agreement.task_id}:{tests} {agreement.agree} of {agreement.compared} agree; differ on {inputs}",
            flush=True,
        )


def _agreement(task: SuiteTask, text: str, plus: Mapping[str, Mapping[str, object]]) -> Agreement:
    with tempfile.TemporaryDirectory(prefix="perforch-agreement-") as name:
        folder = Path(name)
        task.write(folder)
        (folder / task.file).write_text(text, encoding="utf-8")
        passes = _run([sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"], folder, TEST_SECONDS)
        (folder / task.file).write_text(task.reference_text, encoding="utf-8")
        (folder / "candidate_program.py").write_text(text, encoding="utf-8")
        (folder / "reference_program.py").write_text(task.reference_text, encoding="utf-8")
        arguments = ["made-up", task.function, str(MADE_UP)]
        if plus:
            arguments = _given(folder, task, plus[task.task_id.replace("Python/", "HumanEval/")])
        ended = _run([sys.executable, "-B", str(CHILD), *arguments], folder, CHILD_SECONDS)
    counts = json.loads(ended.stdout.splitlines()[-1]) if ended and ended.returncode == 0 else _nothing(ended)
    return Agreement(task.task_id, passes is not None and passes.returncode == 0, **counts)


def _given(folder: Path, task: SuiteTask, plus: Mapping[str, object]) -> list[str]:
    """Lays out the inputs and the solution of HumanEval+; returns the child's arguments."""
    base, more = plus["base_input"], plus["plus_input"]
    assert isinstance(base, list)
    assert isinstance(more, list)
    (folder / "inputs.json").write_text(json.dumps([*base, *more]), encoding="utf-8")
    if "canonical_solution" in plus:
        program = f"{plus['prompt']}{plus['canonical_solution']}"
        (folder / "reference_program.py").write_text(program, encoding="utf-8")
    return ["given", task.function, "root" if plus["task_id"] == ANY_ROOT else str(plus["atol"])]


def _run(argv: list[str], folder: Path, seconds: float) -> subprocess.CompletedProcess[str] | None:
    try:
        return subprocess.run(argv, cwd=folder, capture_output=True, text=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        return None


def _nothing(ended: subprocess.CompletedProcess[str] | None) -> dict[str, object]:
    why = "took too long" if ended is None else ended.stderr[-300:]
    return {"compared": 0, "agree": 0, "differing": [f"nothing could be compared: {why}"]}


def _plus(data: Path, solution: str) -> Mapping[str, Mapping[str, object]]:
    """The rows of HumanEval+ mini by task; without their solution where the task's own is to count."""
    path = data / "humaneval-plus-mini" / "HumanEvalPlus-Mini.jsonl.gz"
    left_out = {"canonical_solution"} if solution == "own" else set()
    return {str(row["task_id"]): {key: row[key] for key in row.keys() - left_out} for row in _rows(path)}


def _rows(path: Path) -> Iterator[dict[str, object]]:
    for line in gzip.decompress(path.read_bytes()).decode("utf-8").splitlines():
        yield json.loads(line)


if __name__ == "__main__":
    sys.exit(main())
