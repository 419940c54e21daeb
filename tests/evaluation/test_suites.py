"""Rows of published benchmarks become workspaces that a user could have."""

import ast
import gzip
import json
import subprocess
import sys
from pathlib import Path, PurePosixPath

import pytest

from perforch.core.errors import UsageError
from perforch.evaluation.suites import load_suite
from perforch.evaluation.suites_checks import pytest_file
from perforch.evaluation.suites_quixbugs import plain_imports
from perforch.evaluation.suites_task import SuiteTask

COUNTING: dict[str, object] = {
    "task_id": "quixbugs/countdown",
    "python_buggy": "\nimport math\n\ndef countdown(n):\n    while n > 1:\n        yield math.floor(n)\n        n -= 1\n\n\n'''Counts.'''\n",
    "python_correct": "\nimport math\n\ndef countdown(n):\n    while n > 0:\n        yield math.floor(n)\n        n -= 1\n",
    "json_tests": [[[2], [2, 1]], [[0], []]],
    "python_pytest": (
        "import pytest\nfrom load_testdata import load_json_testcases\n\nif pytest.use_correct:\n"
        "    from correct_python_programs.countdown import countdown\nelse:\n"
        "    from python_programs.countdown import countdown\n\n\ntestdata = load_json_testcases(countdown.__name__)\n\n\n"
        '@pytest.mark.parametrize("input_data,expected", testdata)\ndef test_countdown(input_data, expected):\n'
        "    if not pytest.run_slow and input_data == [7]:\n        pytest.skip('slow')\n"
        "    assert list(countdown(*input_data)) == expected\n"
    ),
}
LAST: dict[str, object] = {
    "task_id": "quixbugs/last",
    "python_buggy": "def last(node):\n    return node.value\n",
    "python_correct": "def last(node):\n    return node.value if node.successor is None else last(node.successor)\n",
    "python_pytest": (
        "import pytest\nfrom node import Node\n\nif pytest.use_correct:\n    from correct_python_programs.last import last\n"
        "else:\n    from python_programs.last import last\n\n\ndef test1():\n    assert last(Node(1, Node(2))) == 2\n"
    ),
}
DOUBLE: dict[str, object] = {
    "task_id": "Python/0",
    "entry_point": "double",
    "prompt": '\n\ndef one():\n    return 1\n\n\ndef double(n: int) -> int:\n    """Twice n"""\n',
    "declaration": "\ndef one():\n    return 1\n\n\ndef double(n: int) -> int:\n",
    "canonical_solution": "    return n * 2\n",
    "buggy_solution": "    return n + 2\n",
    "test": "\ndef check(double):\n    import math\n    assert double(2) == math.floor(4.5)\n    assert double(3 * one()) == 6\n\ncheck(double)\n",
}


def data_folder(tmp_path: Path, rows: dict[str, list[dict[str, object]]]) -> Path:
    for name, objects in rows.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress("".join(json.dumps(row) + "\n" for row in objects).encode()))
    return tmp_path


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return data_folder(
        tmp_path / "data",
        {
            "quixbugs/tasks.jsonl.gz": [COUNTING, LAST],
            "humanevalpack/humanevalpack_python.jsonl.gz": [DOUBLE],
            "humaneval-x/humaneval_python.jsonl.gz": [DOUBLE],
        },
    )


def failing_tests(task: SuiteTask, folder: Path, text: str) -> list[str]:
    task.write(folder)
    (folder / task.file).write_text(text, encoding="utf-8")
    argv = [sys.executable, "-m", "pytest", "-q", "-rf", "--no-header", "-p", "no:cacheprovider"]
    done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode in {0, 1}, done.stdout
    return [line.split()[1] for line in done.stdout.splitlines() if line.startswith("FAILED ")]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("suite", "failing"),
    [
        ("quixbugs", ["tests/test_countdown.py::test_countdown[input_data0-expected0]", "tests/test_last.py::test1"]),
        ("humanevalfix", ["test_solution.py::test_double_2"]),
        ("humaneval-x", ["test_solution.py::test_double_1", "test_solution.py::test_double_2"]),
    ],
)
def test_a_workspace_fails_as_broken_and_passes_with_the_reference(
    suite: str, failing: list[str], data: Path, tmp_path: Path
) -> None:
    failed = []
    for number, task in enumerate(load_suite(suite, data, "python")):
        failed += failing_tests(task, tmp_path / str(number), task.files[task.file])
        assert failing_tests(task, tmp_path / str(number), task.reference_text) == []
    assert failed == failing


def test_the_code_of_a_task_is_the_function_alone(data: Path) -> None:
    task = load_suite("quixbugs", data, "python")[0]
    assert task.broken_code.startswith("def countdown(n):")
    assert task.broken_code.endswith("n -= 1")
    assert task.files[PurePosixPath("countdown.py")] == COUNTING["python_buggy"]
    assert "n > 0" in task.reference_code


def test_a_stub_keeps_its_signature_and_docstring(data: Path) -> None:
    (task,) = load_suite("humaneval-x", data, "python")
    assert task.function == "double"
    assert task.broken_code == 'def double(n: int) -> int:\n    """Twice n"""\n    raise NotImplementedError'


def test_only_the_choice_of_programs_changes_in_a_test_file() -> None:
    tests = "import pytest\nif pytest.use_correct:\n    from correct_python_programs.f import f, g\nelse:\n    from python_programs.f import f, g  # x\nX = 1   # kept\n"
    assert plain_imports(tests) == "import pytest\nfrom f import f, g\nX = 1   # kept\n"
    assert plain_imports("from python_programs.f import f\nx = f") == "from f import f\nx = f"


@pytest.mark.parametrize(
    ("body", "tests"),
    [
        ("    assert f(1) == 2\n    assert f(2) == 3\n", 2),
        ("    import math\n    assert f(1) == 2\n    for i in range(3):\n        assert f(i) == i + 1\n", 2),
        ("    for i in range(3):\n        assert f(i) == i + 1\n    assert f(i) == 3\n", 1),
        ("    xs = []\n    assert f(xs) == 1\n    assert f(xs) == 2\n", 1),
        ("    assert f(1) == 2\n    print('between')\n    assert f(2) == 3\n", 1),
        ("    assert f(1) == 2; assert f(2) == 3\n", 1),
    ],
)
def test_asserts_that_cannot_depend_on_each_other_become_tests_of_their_own(body: str, tests: int) -> None:
    text = pytest_file(f"def check(f):\n{body}\ncheck(f)\n", "def f(x):\n    return x\n", "f", "solution")
    functions = [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]
    assert len(functions) == tests
    assert asserts(text) == asserts(f"if True:\n{body}")


def asserts(text: str) -> list[str]:
    return sorted(ast.unparse(node) for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Assert))


def test_a_check_under_another_name_gets_the_function_under_that_name() -> None:
    text = pytest_file("def check(candidate):\n  assert candidate(1) == 2\n", "def f(x):\n    return x\n", "f", "m")
    assert text == "from m import f\n\n\ndef test_f_1():\n  candidate = f\n  assert candidate(1) == 2\n"


@pytest.mark.parametrize(
    ("suite", "language", "words"),
    [
        ("nosuch", "python", ["nosuch", "quixbugs, humanevalfix", "--suite"]),
        ("quixbugs", "cobol", ["cobol", "--language", "python"]),
        ("quixbugs", "python", ["--data", "quixbugs/tasks.jsonl.gz", "not there"]),
    ],
)
def test_what_is_missing_is_named_with_its_option(suite: str, language: str, words: list[str], tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        load_suite(suite, tmp_path, language)
    assert all(word in str(caught.value) for word in words)


def test_a_data_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"--data: .*nowhere is not a folder"):
        load_suite("quixbugs", tmp_path / "nowhere", "python")


@pytest.mark.parametrize(
    "content", [b"plain text", gzip.compress(b"{broken", mtime=0), gzip.compress(b"[1]\n", mtime=0)]
)
def test_a_data_file_that_cannot_be_read_is_named(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "quixbugs").mkdir()
    (tmp_path / "quixbugs" / "tasks.jsonl.gz").write_bytes(content)
    with pytest.raises(UsageError, match=r"tasks\.jsonl\.gz"):
        load_suite("quixbugs", tmp_path, "python")


def test_a_row_without_an_expected_field_names_its_line(tmp_path: Path) -> None:
    row: dict[str, object] = {"task_id": "quixbugs/x"}
    with pytest.raises(UsageError, match=r"line 1 has no text 'python_buggy'"):
        load_suite("quixbugs", data_folder(tmp_path, {"quixbugs/tasks.jsonl.gz": [row]}), "python")
