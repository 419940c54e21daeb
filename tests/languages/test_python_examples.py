"""Documented examples become tests that run."""

import unittest
from pathlib import Path, PurePosixPath

import pytest

from perforch.adapters.syntax import TreeSitterSyntax
from perforch.languages.python_examples import example_tests

TEXT = '''def double(x):
    """Twice x.

    >>> double(2)
    4
    >>> double("ab")
    'abab'
    """
    return {body}


def silent(x):
    return x
'''


def run(folder: Path, body: str, function: str, monkeypatch: pytest.MonkeyPatch) -> tuple[unittest.TestResult, int]:
    name = f"examples_of_{function}_{len(body)}"
    text = TEXT.replace("{body}", body)
    (folder / f"{name}.py").write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(str(folder))
    target = TreeSitterSyntax().find(PurePosixPath(f"{name}.py"), text, function, None)
    tests, count = example_tests(target)
    namespace: dict[str, object] = {"__name__": "tests"}
    exec(compile(tests, "tests", "exec"), namespace)
    cases = namespace["Examples"]
    assert isinstance(cases, type)
    assert issubclass(cases, unittest.TestCase)
    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(cases).run(result)
    return result, count


def test_examples_that_hold_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result, count = run(tmp_path, "x * 2", "double", monkeypatch)
    assert (count, result.testsRun, result.wasSuccessful()) == (2, 2, True)


def test_examples_that_do_not_hold_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result, _ = run(tmp_path, "x * 3 - x", "double", monkeypatch)
    assert len(result.failures) + len(result.errors) == 1


def test_without_examples_the_function_is_only_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result, count = run(tmp_path, "x", "silent", monkeypatch)
    assert (count, result.testsRun, result.wasSuccessful()) == (0, 1, True)


@pytest.mark.parametrize(
    ("file", "module"), [("a.py", "a"), ("pkg/a.py", "pkg.a"), ("src/pkg/a.py", "pkg.a"), ("pkg/__init__.py", "pkg")]
)
def test_the_module_is_imported_as_the_project_does(file: str, module: str) -> None:
    target = TreeSitterSyntax().find(PurePosixPath(file), TEXT.replace("{body}", "x"), "double", None)
    assert f"import_module('{module}')" in example_tests(target)[0]
