"""COFFE: functions with tests of what they do, and with inputs that put them under stress."""

import ast
import textwrap
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PurePosixPath

from perforch.core.errors import UsageError
from perforch.evaluation.suites_task import Row, SuiteTask, python_function, read_rows

NAME = "efficiency-coffe-python"
_FILE, _REFERENCE = PurePosixPath("solution.py"), PurePosixPath("reference.py")
_TESTS, _STRESS = PurePosixPath("test_solution.py"), PurePosixPath("test_stress.py")
_PREFIX = "openai_humaneval/"  # the other rows are of MBPP
_IMPORTS = "import math\nimport random\nimport re\nfrom typing import *\n"  # what the data set runs its programs with

_PLAIN = '''
def plain(value):
    """As JSON knows it: the data set does not tell tuples from lists."""
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value
'''

_OUTCOME = """
def outcome(function, given):
    try:
        return plain(function(*copy.deepcopy(given)))
    except Exception as error:
        return type(error)
"""


def load(data: Path, language: str) -> Sequence[SuiteTask]:
    """The tasks in the order of their numbers; raises UsageError."""
    loader = LOADERS.get(language)
    if loader is None:
        known = ", ".join(LOADERS)
        raise UsageError(f"{NAME} has no functions in {language!r}; --language takes one of {known}")
    return loader(data)


def load_coffe(data: Path) -> Sequence[SuiteTask]:
    """The rows of HumanEval, whose references are what is to be optimised."""
    rows = read_rows(data, NAME, "tasks.jsonl.gz")
    tasks = [_task(row) for row in rows if row.text("task_id").startswith(_PREFIX)]
    return tuple(sorted(tasks, key=lambda task: int(task.task_id.rpartition("/")[2])))


def _task(row: Row) -> SuiteTask:
    function = row.text("entry_point")
    text = f"{_IMPORTS}\n\n{row.text('prompt').rstrip()}\n{row.text('canonical_solution').rstrip()}\n"
    code = python_function(text, function)
    return SuiteTask(
        task_id=row.text("task_id"),
        language="python",
        files={_FILE: text, _REFERENCE: text, _TESTS: _tests(row, function), _STRESS: _stress(row, function)},
        file=_FILE,
        function=function,
        broken_code=code,
        reference_code=code,
        reference_text=text,
    )


def _tests(row: Row, function: str) -> str:
    """What it does with given arguments."""
    head = f"from solution import {function}\n\n{_PLAIN}"
    cases = (
        f"def test_{function}_{number}():\n    assert plain({function}(*{given!r})) == {expected[0]!r}"
        for number, (given, expected) in enumerate(_pairs(row), start=1)
    )
    return "\n\n\n".join([head, *cases]) + "\n"


def _stress(row: Row, function: str) -> str:
    """That it does what the reference does where there is much to do."""
    head = f"import copy\nimport math\nimport random\n\nimport reference\nimport solution\n\n{_PLAIN}\n{_OUTCOME}"
    cases = (
        f"def test_{function}_under_stress_{number}():\n    random.seed({number})\n"
        f"    given = {expression}\n"
        f"    assert outcome(solution.{function}, given) == outcome(reference.{function}, given)"
        for number, expression in enumerate(_expressions(row), start=1)
    )
    return "\n\n\n".join([head, *cases]) + "\n"


def _pairs(row: Row) -> list[tuple[list[object], list[object]]]:
    return [(_list(row, each, "input"), _list(row, each, "output")) for each in _objects(row, "tests")]


def _expressions(row: Row) -> list[str]:
    """Each the text of a list of arguments."""
    found = [each.get("input") for each in _objects(row, "stress_tests")]
    return [_expression(row, each) for each in found]


def _expression(row: Row, text: object) -> str:
    if isinstance(text, str):
        try:
            return ast.unparse(ast.parse(textwrap.dedent(text).strip(), mode="eval"))
        except SyntaxError:
            pass
    raise UsageError(f"{row.place} has a stress test whose input is no expression; is it of the expected version?")


def _objects(row: Row, field: str) -> list[dict[str, object]]:
    value = row.fields.get(field)
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise UsageError(f"{row.place} has no list {field!r}; is this the data set that --data should name?")
    return value


def _list(row: Row, each: dict[str, object], field: str) -> list[object]:
    value = each.get(field)
    if not isinstance(value, list):
        raise UsageError(f"{row.place} has a test without a list {field!r}; is it of the expected version?")
    return value


LOADERS: Mapping[str, Callable[[Path], Sequence[SuiteTask]]] = {"python": load_coffe}
