"""Rewriting source files: whatever the code says, it says the same afterwards, and the marks are right."""

import ast
import importlib
import sys
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any

import pytest
from probe_runs import PROBE

SOURCES = {
    "branches": """
        def target(n):
            '''Doc.'''
            total = 0
            for at in range(n):
                if at == 1:
                    total += 1
                elif at == 2:
                    total += (
                        2
                    )
                else:
                    # a comment
                    total += 3
            else:
                total += 10
            while total > 100:
                total -= 1
            return total
        """,
    "exceptions": """
        def target(n):
            try:
                if n:
                    raise ValueError(n)
            except (TypeError,
                    ValueError) as error:
                n = str(error)
            else:
                n = "none"
            finally:
                n += "!"
            with open("/dev/null") as a, \\
                    open("/dev/null") as b:
                return n
        """,
    "nested": """
        def target(n):
            class Inner:
                '''Doc.'''
                value = n

                def method(self):
                    return self.value
            def generator():
                for at in range(n): yield at
            return Inner().method() + sum(generator()) + sum(x for x in [1]); n = 1
        """,
    "match": """
        def target(n):
            match n:
                case 0:
                    return "zero"
                case 1 | 2 if n > 1:
                    return "two"
                case _:
                    n = -1
            return n
        """,
}


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(PROBE))
    return importlib.import_module("perforch_source")


def rewritten(source: ModuleType, text: str, lines_of: str | None = None) -> tuple[Any, Any]:
    marks = sys.modules["perforch_marks"].Marks() if "perforch_marks" in sys.modules else None
    marks = marks or importlib.import_module("perforch_marks").Marks()
    instrument = source.Instrument(places=None, marks=marks, lines_of=lines_of)
    return instrument._compiled(text, "/ws/shop.py", ("shop.py", "shop")), marks


def loaded(source: ModuleType, code: Any, marks: Any) -> dict[str, Any]:
    names: dict[str, Any] = {source.MARK: marks.store, source.IMPORTING: marks.importing, "__name__": "shop"}
    exec(code, names)
    return names


def traced_lines(function: Any, argument: int) -> set[int]:
    """What Python itself says of the lines below a function, inner ones included."""
    seen: set[int] = set()

    def trace(frame: FrameType, event: str, _: object) -> Any:
        if event == "line" and frame.f_code.co_filename == "/ws/shop.py":
            seen.add(frame.f_lineno)
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        function(argument)
    finally:
        sys.settrace(before)
    return seen


@pytest.mark.parametrize("argument", [0, 1, 2, 3])
@pytest.mark.parametrize("name", SOURCES)
def test_the_marked_lines_are_those_that_python_traces(source: ModuleType, name: str, argument: int) -> None:
    text = SOURCES[name].replace("\n        ", "\n")
    plain: dict[str, Any] = {"__name__": "shop"}
    exec(compile(text, "/ws/shop.py", "exec"), plain)
    code, marks = rewritten(source, text, "shop.py:2")
    names = loaded(source, code, marks)
    marks.take()
    assert names["target"](argument) == plain["target"](argument)
    marked = {line for number in marks.take() for line in marks.lines.get(number, ())}
    traced = traced_lines(plain["target"], argument)
    executable = set(_statement_lines(text))
    assert traced & executable <= marked
    assert marked & executable <= traced | {2, 3}


def _statement_lines(text: str) -> list[int]:
    return [node.lineno for node in ast.walk(ast.parse(text)) if isinstance(node, ast.stmt)]


def test_the_standard_library_survives_rewriting(source: ModuleType) -> None:
    folder = Path(ast.__file__).parent
    for name in ("dataclasses", "enum", "asyncio/tasks", "contextlib", "json/decoder"):
        text = (folder / f"{name}.py").read_text(encoding="utf-8")
        code, marks = rewritten(source, text)
        plain = compile(text, "/ws/shop.py", "exec", dont_inherit=True)
        assert code.co_flags == plain.co_flags
        assert len(marks.functions) == sum(isinstance(node, source.FUNCTIONS) for node in ast.walk(ast.parse(text)))


def test_functions_that_others_compile_are_left_alone(source: ModuleType) -> None:
    text = "from numba import njit\n\n@njit(cache=True)\ndef fast(n): return n\n\ndef plain(): ...\n"
    _, marks = rewritten(source, text)
    assert list(marks.functions.values()) == ["shop.py:6"]
