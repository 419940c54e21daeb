"""The unittest runner, in every Python on this machine that the probe is meant for: it needs nothing but that."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from probe_runs import Run, lay_out, line_of, run_unittest

from perforch.core.survey import Ending, TestId
from perforch.toolchains.probed import Plan

PROJECT = {
    "shop/__init__.py": "",
    "shop/core.py": '''
        """Prices."""
        from __future__ import annotations


        def at_import():
            return 1


        FIRST = at_import()


        def opened(): return "opened"


        class Basket:
            @property
            def size(self) -> int:
                """How many."""
                return 1

            @staticmethod
            def static(): yield 1

            async def fetch(self): return 3


        def spin(n):
            while True:
                if n > 1:
                    n = n + 1
                    continue
                elif n < 0:
                    return n
                else:
                    n = -1
        ''',
    "tests/test_forms.py": """
        import asyncio
        import unittest

        from shop.core import Basket, opened, spin


        class Forms(unittest.TestCase):
            @classmethod
            def setUpClass(cls):
                opened()

            def test_good(self):
                self.assertEqual(Basket().size, 1)

            def test_bad(self):
                self.assertEqual(list(Basket.static()), [2])

            def test_subtests(self):
                for n in (1, 2):
                    with self.subTest(n=n):
                        self.assertEqual(n, 1)

            def test_async(self):
                self.assertEqual(asyncio.run(Basket().fetch()), 3)

            def test_lines(self):
                spin(0)

            @unittest.skip("later")
            def test_skipped(self): ...

            @unittest.expectedFailure
            def test_expected(self): self.fail()

            @unittest.expectedFailure
            def test_unexpected(self): ...


        class NotSetUp(unittest.TestCase):
            @classmethod
            def setUpClass(cls):
                raise RuntimeError("no")

            def test_never(self): ...


        class BadEnd(unittest.TestCase):
            @classmethod
            def tearDownClass(cls):
                raise RuntimeError("no")

            def test_last(self): ...
        """,
    "shop/test_inside.py": "import unittest\nclass T(unittest.TestCase):\n    def test_inside(self): ...\n",
    "tests/test_gone.py": "import a_module_that_nobody_has\n",
}
OUTCOMES = {
    "test_forms.Forms.test_good": "passed",
    "test_forms.Forms.test_bad": "failed",
    "test_forms.Forms.test_subtests": "failed",
    "test_forms.Forms.test_async": "passed",
    "test_forms.Forms.test_lines": "passed",
    "test_forms.Forms.test_skipped": "skipped",
    "test_forms.Forms.test_expected": "xfailed",
    "test_forms.Forms.test_unexpected": "xpassed",
    "test_forms.NotSetUp.test_never": "error",
    "test_forms.BadEnd.test_last": "error",
    "shop.test_inside.T.test_inside": "passed",
}
FOLDERS = (".", "tests")


def other_pythons() -> list[str]:
    """Those on PATH that work: asked for when a test runs, as asking each takes a while."""
    found = [shutil.which(f"python3.{minor}") for minor in range(8, 15)]
    return [path for path in found if path and subprocess.run([path, "-c", ""], check=False).returncode == 0]


def check(root: Path, python: str, tests: tuple[str, ...] | None = None, lines_of: str | None = None) -> Run:
    ids = None if tests is None else tuple(TestId(test) for test in tests)
    plan = Plan(origin=root, tests=ids, test_seconds=20.0, folders=FOLDERS, lines_of=lines_of)
    return run_unittest(root, python=python, plan=plan)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return lay_out(tmp_path / "project", PROJECT)


def test_unittest_tests_are_run_and_traced(project: Path) -> None:
    check_all(project, sys.executable)


def test_chosen_tests_alone_run_and_tell_the_executed_lines(project: Path) -> None:
    check_chosen(project, sys.executable)


@pytest.mark.slow
def test_other_versions_of_python_see_the_same(project: Path) -> None:
    for python in other_pythons():
        check_all(project, python)
        check_chosen(project, python)


def check_all(project: Path, python: str) -> None:
    run = check(project, python)
    assert run.ending is Ending.NOT_COLLECTED, run.output
    assert run.outcomes == OUTCOMES
    assert [(each.test, each.exception) for each in run.account.uncollected] == [("test_gone", "ModuleNotFoundError")]
    assert [frame.file for frame in run.account.uncollected[0].frames] == ["tests/test_gone.py"]
    everywhere = {line_of(project, "shop/core.py", header) for header in ("def at_import", "def opened")}
    entered = {"test_good": "def size", "test_bad": "def static", "test_async": "def fetch", "test_subtests": None}
    for test, header in entered.items():
        own = set() if header is None else {line_of(project, "shop/core.py", header)}
        assert run.entered(f"test_forms.Forms.{test}") == everywhere | own
    assert run.entered("shop.test_inside.T.test_inside") == set()


def check_chosen(project: Path, python: str) -> None:
    key = line_of(project, "shop/core.py", "def spin")
    run = check(project, python, ("test_forms.Forms.test_lines",), lines_of=key)
    assert (run.ending, run.status) == (Ending.FINISHED, 0), run.output
    start = int(key.partition(":")[2])
    # spin(0): the else branch, then `elif n < 0` and its return; never the two lines below `if n > 1`.
    assert run["test_forms.Forms.test_lines"].lines == {start + at for at in (0, 1, 2, 5, 6, 7, 8)}


def test_no_tests_are_nothing_collected(tmp_path: Path) -> None:
    root = lay_out(tmp_path / "project", {"shop.py": "X = 1\n"})
    run = run_unittest(root)
    assert (run.ending, run.status) == (Ending.NOTHING_COLLECTED, 5)
