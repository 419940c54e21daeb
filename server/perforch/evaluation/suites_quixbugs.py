"""QuixBugs: classic algorithms with a bug in one line, tested by the repository's own pytest files."""

import ast
import json
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from perforch.core.edits import Splice, splice
from perforch.core.errors import UsageError
from perforch.evaluation.suites_task import Row, SuiteTask, python_function, read_rows

# What the repository's conftest gives its tests; at the root, so that pytest puts the programs on the path.
_CONFTEST = """\
import pytest


def pytest_addoption(parser):
    parser.addoption("--runslow", action="store_true", default=False, help="run the slow tests")


def pytest_configure(config):
    pytest.run_slow = config.getoption("--runslow")
"""

_LOAD_TESTDATA = """\
import json
from pathlib import Path


def load_json_testcases(algorithm):
    path = Path(__file__).parent / "json_testcases" / f"{algorithm}.json"
    return [json.loads(line) for line in path.read_text().splitlines()]
"""

_NODE = '''\
class Node:
    """A node of a list, a tree or a graph."""

    def __init__(
        self,
        value=None,
        successor=None,
        successors=None,
        predecessors=None,
        incoming_nodes=None,
        outgoing_nodes=None,
    ):
        self.value = value
        self.successor = successor
        self.successors = [] if successors is None else successors
        self.predecessors = [] if predecessors is None else predecessors
        self.incoming_nodes = [] if incoming_nodes is None else incoming_nodes
        self.outgoing_nodes = [] if outgoing_nodes is None else outgoing_nodes
'''

_PROGRAMS = "python_programs"  # the package that the repository's tests import the broken programs from


def load_quixbugs(data: Path) -> Sequence[SuiteTask]:
    """The Python programs of `data/quixbugs/tasks.jsonl.gz`."""
    return tuple(_task(row) for row in read_rows(data, "quixbugs", "tasks.jsonl.gz"))


def _task(row: Row) -> SuiteTask:
    task_id = row.text("task_id")
    name = task_id.rsplit("/", 1)[-1]
    file = PurePosixPath(f"{name}.py")
    broken, correct = row.text("python_buggy"), row.text("python_correct")
    tests = PurePosixPath("tests")
    files = {
        file: broken,
        PurePosixPath("node.py"): _NODE,
        PurePosixPath("conftest.py"): _CONFTEST,
        tests / f"test_{name}.py": plain_imports(row.text("python_pytest")),
    }
    if row.has("json_tests"):
        files[tests / "load_testdata.py"] = _LOAD_TESTDATA
        files[tests / "json_testcases" / f"{name}.json"] = _json_lines(row)
    return SuiteTask(
        task_id=task_id,
        language="python",
        files=files,
        file=file,
        function=name,
        broken_code=python_function(broken, name),
        reference_code=python_function(correct, name),
        reference_text=correct,
    )


def plain_imports(tests: str) -> str:
    """The repository's test file, importing the program from beside it, not from one of the packages of programs."""
    lines = tests.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    return splice(
        tests,
        [
            Splice(starts[node.lineno - 1], starts[node.end_lineno or node.lineno] - 1, _plain_import(node))
            for node in ast.parse(tests).body
            if _chooses_programs(node)
        ],
    )


def _chooses_programs(node: ast.stmt) -> bool:
    """Whether this is `if pytest.use_correct: ... else: ...`, or an import from the broken programs."""
    match node:
        case ast.If(test=ast.Attribute(attr="use_correct")):
            return True
        case ast.ImportFrom(module=str(module)):
            return module.split(".")[0] == _PROGRAMS
        case _:
            return False


def _plain_import(node: ast.stmt) -> str:
    imports = node.orelse if isinstance(node, ast.If) else [node]
    return "\n".join(ast.unparse(line) for line in imports).replace(f"from {_PROGRAMS}.", "from ")


def _json_lines(row: Row) -> str:
    cases = row.fields["json_tests"]
    if not isinstance(cases, list):
        raise UsageError(f"{row.place}: json_tests is not a list of [arguments, expected]")
    return "".join(json.dumps(case) + "\n" for case in cases)
