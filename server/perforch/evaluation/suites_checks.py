"""A benchmark's `check` function becomes pytest functions that assert exactly the same.

The asserts are independent of each other in nearly every task; then each becomes a test of its own, as a user would
have written them, so that a function that is wrong in one case still passes the other tests.
"""

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from perforch.core.errors import UsageError


@dataclass(frozen=True, slots=True)
class _Check:
    """The check function taken apart: what each statement that asserts needs to have run before it."""

    parameter: str
    preamble: tuple[ast.stmt, ...]
    asserting: tuple[ast.stmt, ...]
    body: tuple[ast.stmt, ...]


def pytest_file(test: str, program: str, function: str, module: str) -> str:
    """The text of a pytest file for the program's `function`, imported from `module`."""
    check = _take_apart(test)
    lines = test.split("\n")
    imports = ", ".join(_used_names(check, program) or [function])
    indent = lines[check.body[0].lineno - 1][: check.body[0].col_offset]
    alias = [f"{indent}{check.parameter} = {function}"] if check.parameter != function else []
    preamble = [_text(lines, statement, statement) for statement in check.preamble]
    cases = (
        [[*preamble, _text(lines, statement, statement)] for statement in check.asserting]
        if _are_independent(check)
        else [[_text(lines, check.body[0], check.body[-1])]]
    )
    tests = (
        "\n".join([f"def test_{function}_{number}():", *alias, *case]) for number, case in enumerate(cases, start=1)
    )
    return "\n\n\n".join([f"from {module} import {imports}", *tests]) + "\n"


def _take_apart(test: str) -> _Check:
    functions = [node for node in ast.parse(test).body if isinstance(node, ast.FunctionDef)]
    check = next((node for node in functions if node.name == "check"), None)
    if check is None or len(check.args.args) != 1:
        raise UsageError("the data set's test has no function check(candidate); is it of the expected version?")
    asserting = tuple(statement for statement in check.body if _asserts(statement))
    first = check.body.index(asserting[0]) if asserting else 0
    return _Check(check.args.args[0].arg, tuple(check.body[:first]), asserting, tuple(check.body))


def _asserts(statement: ast.stmt) -> bool:
    return any(isinstance(node, ast.Assert) for node in ast.walk(statement))


def _are_independent(check: _Check) -> bool:
    """Whether nothing but imports and the asserts themselves happens, so that none can depend on another."""
    bound = {
        node.id
        for statement in check.body
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    simple = all(isinstance(statement, ast.Import | ast.ImportFrom) for statement in check.preamble)
    complete = len(check.preamble) + len(check.asserting) == len(check.body)
    complete = complete and len({statement.lineno for statement in check.body}) == len(check.body)
    plain = all(isinstance(statement, ast.Assert) for statement in check.asserting)
    return simple and complete and (plain or not _shared(check.asserting, bound))


def _shared(statements: Sequence[ast.stmt], bound: set[str]) -> bool:
    """Whether a name that one of the statements binds is met in another one."""
    names = [
        {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)} & bound for statement in statements
    ]
    return any(one & other for index, one in enumerate(names) for other in names[:index])


def _used_names(check: _Check, program: str) -> list[str]:
    """The program's own functions that the check refers to."""
    defined = {node.name for node in ast.parse(program).body if isinstance(node, ast.FunctionDef)}
    used = {node.id for statement in check.body for node in ast.walk(statement) if isinstance(node, ast.Name)}
    return sorted(defined & used)


def _text(lines: Sequence[str], first: ast.stmt, last: ast.stmt) -> str:
    """The statements' own lines, unchanged: the bodies of check and of the tests are indented alike."""
    return "\n".join(lines[first.lineno - 1 : last.end_lineno])
