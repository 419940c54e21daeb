"""A Python function's documented examples as tests, for functions that have no others."""

import ast
import textwrap
from pathlib import PurePosixPath

from perforch.core.examples import documented
from perforch.core.task import Target

_HEAD = """\
import importlib
import unittest

module = importlib.import_module({module!r})


class Examples(unittest.TestCase):
"""
_EXAMPLE = """\
    def test_{number}(self):
        self.assertEqual(module.{function}({arguments}), {result})

"""
_LOADS = """\
    def test_{number}(self):
        self.assertTrue(callable(module.{function}))

"""


def example_tests(target: Target) -> tuple[str, int]:
    """The text of a test module, and how many examples it holds; with none it only loads the function."""
    examples = documented(target.docstring, target.function.rpartition(".")[2], _parameters(target))
    head = _HEAD.format(module=_module(target.file))
    if not examples or target.enclosing:
        return head + _LOADS.format(number=1, function=target.function), 0
    tests = [
        _EXAMPLE.format(
            number=number,
            function=target.function,
            arguments=", ".join(map(repr, example.arguments)),
            result=repr(example.result),
        )
        for number, example in enumerate(examples, 1)
    ]
    return head + "".join(tests), len(examples)


def _module(file: PurePosixPath) -> str:
    """The dotted name under which the file is imported from the root, or from a src folder."""
    parts = file.with_suffix("").parts
    inside = parts[1:] if parts[0] == "src" else parts
    return ".".join(inside[:-1] if inside[-1] == "__init__" else inside)


def _parameters(target: Target) -> list[str]:
    header = textwrap.dedent(target.signature).strip().rstrip(":")
    try:
        (function,) = ast.parse(f"{header}: pass").body
    except (SyntaxError, ValueError):
        return []
    if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
        return []
    return [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
