"""However the tests are written, they say the same in process as they do alone."""

from pathlib import Path

import pytest
from bench_workspace import Case, Edit, opened, results

pytestmark = pytest.mark.slow

SOURCE = "def f(x):\n    return x - 1\n"
RIGHT, WRONG = Edit("x - 1", "x + 1"), Edit("x - 1", "x")

CASES = {
    "parameters": Case(
        SOURCE,
        """
        import pytest
        from m import f

        @pytest.mark.parametrize(("x", "y"), [(1, 2), (4, 5)])
        def test_f(x, y):
            assert f(x) == y

        def test_zero():
            assert f(0) != 0
        """,
        "f",
        ["test_f[1-2]", "test_f[4-5]"],
        ["test_zero"],
    ),
    "fixtures of several scopes": Case(
        SOURCE,
        """
        import pytest
        from m import f

        @pytest.fixture(scope="session")
        def numbers():
            return [1, 4]

        @pytest.fixture
        def first(numbers, tmp_path, monkeypatch):
            monkeypatch.setattr("m.UNKNOWN", 1, raising=False)
            yield numbers[0]

        def test_f(first, capsys):
            print("noise")
            assert f(first) == 2

        class TestIt:
            def setup_method(self):
                self.x = 4

            def test_g(self, numbers):
                assert f(self.x) == numbers[1] + 1

            def test_zero(self):
                assert f(0) != 0
        """,
        "f",
        ["test_f", "TestIt::test_g"],
        ["TestIt::test_zero"],
    ),
    "a fixture of wide scope that calls the target": Case(
        SOURCE,
        """
        import pytest
        from m import f

        @pytest.fixture(scope="module")
        def result():
            return f(1)

        def test_f(result):
            assert result == 2

        def test_g(result):
            assert result != 1
        """,
        "f",
        ["test_f"],
        ["test_g"],
    ),
    "unittest cases under pytest": Case(
        SOURCE,
        """
        import unittest
        from m import f

        class T(unittest.TestCase):
            @classmethod
            def setUpClass(cls):
                cls.one = 1

            def setUp(self):
                self.two = 2

            def test_f(self):
                for i in range(3):
                    with self.subTest(i=i):
                        self.assertEqual(f(self.one + i), self.two + i)

            def test_zero(self):
                self.assertNotEqual(f(0), 0)
        """,
        "f",
        ["T::test_f"],
        ["T::test_zero"],
    ),
    "unittest alone": Case(
        SOURCE,
        """
        import unittest
        from m import f

        def setUpModule():
            global ONE
            ONE = 1

        class T(unittest.TestCase):
            def test_f(self):
                self.assertEqual(f(ONE), 2)

            def test_zero(self):
                self.assertNotEqual(f(0), 0)
        """,
        "f",
        ["T.test_f"],
        ["T.test_zero"],
        runner="unittest",
    ),
    "options of plugins that are not wanted": Case(
        SOURCE,
        "from m import f\n\ndef test_f():\n    assert f(1) == 2\n",
        "f",
        ["test_f"],
        more={"pytest.ini": "[pytest]\naddopts = -n auto --cov=m -x --tb=long -k nothing_like_this\n"},
    ),
    "tests of a package in a src folder": Case(
        SOURCE,
        "from p.m import f\n\ndef test_f():\n    assert f(1) == 2\n",
        "f",
        ["test_f"],
        file="src/p/m.py",
        more={"src/p/__init__.py": ""},
    ),
}


@pytest.mark.parametrize("name", CASES)
async def test_a_right_candidate_is_plausible_and_a_wrong_one_is_not(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    good, bad = await results(case, tmp_path, [RIGHT, WRONG])
    assert good.is_plausible(len(case.failing))
    assert bad.ran
    assert not bad.is_plausible(len(case.failing))


@pytest.mark.parametrize("name", CASES)
async def test_the_profile_knows_each_test(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    async with opened(case, tmp_path, workers=1) as (bench, task):
        profile = bench.profile
    assert set(profile.failing) == set(task.tests.failing_ids)
    assert {*profile.failing, *profile.passing} == set(task.tests.all_ids)
    assert set(profile.seconds) == set(task.tests.all_ids)
    assert any(lines == {2} for lines in profile.lines.values())
    assert profile.types == {"x": frozenset({"int"})}
