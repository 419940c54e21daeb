"""Running a workspace's tests in isolation: what the survey says, what is kept, what is refused."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from textwrap import dedent

import pytest
from rungs import sandbox_of

from perforch.adapters.copies import Copies
from perforch.adapters.guard_plan import Rung
from perforch.adapters.interpreters import Interpreters
from perforch.adapters.runner import Isolation, PythonRunner, RunnerSettings
from perforch.adapters.sandbox import Sandbox
from perforch.adapters.sandbox_probe import LADDER
from perforch.adapters.survey_cache import SurveyCache
from perforch.core.errors import SettingsError, ToolMissing
from perforch.core.ports import Trial
from perforch.core.survey import Ending, Survey, TestId
from perforch.core.task import Workspace

pytestmark = pytest.mark.slow

SHOP = PurePosixPath("shop.py")
FILES = {
    "shop.py": "def add(a, b):\n    return a - b\n",
    "test_shop.py": "from shop import add\ndef test_add():\n    assert add(1, 2) == 3\ndef test_zero():\n    assert add(1, 0) == 1\n",
}
ADD, ZERO = TestId("test_shop.py::test_add"), TestId("test_shop.py::test_zero")


class Bench:
    """A runner and a workspace."""

    def __init__(self, folder: Path, copies: Copies, sandbox: Sandbox) -> None:
        self.root = folder / "workspace"
        self.root.mkdir()
        self.progress: list[tuple[int, int]] = []
        self._folder = folder
        self._isolation = Isolation(sandbox, copies)

    def write(self, files: dict[str, str]) -> None:
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(dedent(text), encoding="utf-8")

    def runner(self, python: str | None = sys.executable, **settings: object) -> PythonRunner:
        return PythonRunner(
            self._isolation,
            Interpreters({"PATH": os.environ["PATH"]}, python),
            SurveyCache(self._folder / "cache"),
            RunnerSettings(environment={"PYTHONPATH": "", "SECRET_KEY": "abc"}, **settings),  # type: ignore[arg-type]  # one helper for all fields
            lambda done, total: self.progress.append((done, total)),
        )

    def trial(self, *tests: TestId, seconds: float = 30.0, **parts: object) -> Trial:
        return Trial(Workspace(self.root), tests or None, seconds, **parts)  # type: ignore[arg-type]  # as above

    async def survey(self, *tests: TestId, seconds: float = 30.0, **parts: object) -> Survey:
        return await self.runner().run(self.trial(*tests, seconds=seconds, **parts))

    def snapshot(self) -> dict[str, bytes]:
        return {str(path.relative_to(self.root)): path.read_bytes() for path in self.root.rglob("*") if path.is_file()}


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    sandbox = Sandbox.probe("process")
    copies = Copies(sandbox, tmp_path)
    yield Bench(tmp_path, copies, sandbox)
    copies.close()


def outcomes(survey: Survey) -> dict[str, str]:
    return {test.partition("::")[2]: str(outcome) for test, outcome in survey.outcomes.items()}


async def test_a_baseline_and_a_candidate(bench: Bench) -> None:
    bench.write(FILES)
    before = bench.snapshot()
    runner = bench.runner()
    baseline = await runner.run(bench.trial(is_baseline=True))
    assert (baseline.ending, outcomes(baseline)) == (Ending.FINISHED, {"test_add": "failed", "test_zero": "passed"})
    assert [run.entered for run in baseline.runs] == [frozenset({"shop.py:1"})] * 2
    candidate = bench.trial(ADD, changes={SHOP: "def add(a, b):\n    return a + b\n"}, lines_of="shop.py:1")
    survey = await runner.run(candidate)
    assert (survey.ending, survey.tampered, outcomes(survey)) == (Ending.FINISHED, (), {"test_add": "passed"})
    assert survey.runs[0].lines == {1, 2}
    assert bench.snapshot() == before


async def test_unsaved_text_is_what_is_tested(bench: Bench) -> None:
    bench.write(FILES)
    workspace = Workspace(bench.root, {SHOP: "def add(a, b):\n    return a + b\n"})
    survey = await bench.runner().run(Trial(workspace, None, 30.0, is_baseline=True))
    assert outcomes(survey) == {"test_add": "passed", "test_zero": "passed"}


async def test_a_baseline_is_remembered_until_something_changes(bench: Bench) -> None:
    bench.write(FILES)
    first = await bench.survey(is_baseline=True)
    assert await bench.survey(is_baseline=True) == first  # by another runner, as in another process
    assert (await bench.survey()).seconds != first.seconds  # a repetition is a run of its own
    bench.write({"test_shop.py": FILES["test_shop.py"] + "def test_more(): ...\n"})
    assert "test_more" in outcomes(await bench.survey(is_baseline=True))


async def test_a_damaged_memory_is_ignored(bench: Bench, tmp_path: Path) -> None:
    bench.write(FILES)
    await bench.survey(is_baseline=True)
    for entry in (tmp_path / "cache").iterdir():
        entry.write_text('{"format": 1, "ending": "finished"}', encoding="utf-8")
    assert outcomes(await bench.survey(is_baseline=True)) == {"test_add": "failed", "test_zero": "passed"}


TAMPERING = {
    "a test file": "Path(__file__).with_name('test_shop.py').write_text('def test_add(): ...')",
    "a conftest": "Path(__file__).with_name('conftest.py').write_text('')",
    "the configuration": "Path(__file__).with_name('pytest.ini').unlink()",
}


@pytest.mark.parametrize("what", TAMPERING)
async def test_a_candidate_that_changes_what_decides_the_tests_is_found_out(bench: Bench, what: str) -> None:
    bench.write({**FILES, "conftest.py": "# as it is\n", "pytest.ini": "[pytest]\n"})
    runner = bench.runner()
    await runner.run(bench.trial(is_baseline=True))
    code = f"from pathlib import Path\n\ndef add(a, b):\n    {TAMPERING[what]}\n    return a + b\n"
    survey = await runner.run(bench.trial(ADD, changes={SHOP: code}))
    assert len(survey.tampered) == 1


async def test_a_suite_that_rewrites_its_own_data_may_do_so_with_a_candidate(bench: Bench) -> None:
    test = """
        from pathlib import Path
        from shop import add
        LOG = Path(__file__).parent / "log.txt"

        def test_add():
            LOG.write_text(LOG.read_text() + "again")
            LOG.with_name("new.txt").write_text("created")
            assert add(1, 2) == 3
        """
    bench.write({"shop.py": FILES["shop.py"], "tests/test_shop.py": test, "tests/log.txt": ""})
    runner = bench.runner()
    assert (await runner.run(bench.trial(is_baseline=True))).tampered == ("tests/log.txt",)
    assert (await runner.run(bench.trial())).tampered == ()


HAZARDS = {
    "a hang that no signal reaches": (
        "import signal\ndef add(a, b):\n    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})\n    while True: 0\n",
        Ending.TIMEOUT,
        "while test_shop.py::test_add was running",
    ),
    "gigabytes of output": (
        "def add(a, b):\n    import os\n    for _ in range(3000): os.write(1, b'x' * 999_999)\n",
        None,
        "",
    ),
    "processes without end": (
        "def add(a, b):\n    import os\n    if os.fork() == 0:\n        while True: os.fork() if False else None\n    return 3\n",
        None,
        "",
    ),
    "out at once": ("import os\nos._exit(0)\n", Ending.CRASHED, "gone before its report was complete"),
}


@pytest.mark.parametrize("what", HAZARDS)
async def test_a_candidate_that_misbehaves_costs_no_more_than_its_time(bench: Bench, what: str) -> None:
    code, ending, says = HAZARDS[what]
    bench.write(FILES)
    survey = await bench.survey(ADD, seconds=6.0, changes={SHOP: code})
    assert ending is None or survey.ending is ending
    assert says in survey.output
    assert len(survey.output) < 3 << 20
    assert survey.seconds < 15


async def test_an_endless_loop_is_that_tests_failure(bench: Bench) -> None:
    bench.write({**FILES, "shop.py": "def add(a, b):\n    while b:\n        pass\n    return a\n"})
    survey = await bench.survey(seconds=8.0, is_baseline=True)
    assert (survey.ending, outcomes(survey)) == (Ending.FINISHED, {"test_add": "failed", "test_zero": "passed"})
    assert survey.failures[0].exception == "TestTimeout"


async def test_a_test_that_took_long_before_may_take_long_again(bench: Bench) -> None:
    slow = "import time\nfrom shop import add\n\ndef test_slow():\n    time.sleep(1.5)\n    assert add(1, 2) == 3\n"
    bench.write({"shop.py": "def add(a, b):\n    return a + b\n", "test_shop.py": slow})
    for slowest, outcome in ((0.0, "failed"), (1.0, "passed")):
        survey = await bench.survey(seconds=12.0, slowest=slowest)
        assert outcomes(survey) == {"test_slow": outcome}, survey.failures


async def test_the_tests_see_no_key_no_network_and_no_home(bench: Bench) -> None:
    test = """
        import os, socket
        from pathlib import Path

        def test_key():
            assert "SECRET_KEY" not in os.environ and not [name for name in os.environ if name.startswith("PERFORCH")]

        def test_network():
            try:
                socket.create_connection(("192.0.2.1", 80), timeout=1)
            except OSError:
                return
            assert False, "there is a network"

        def test_variable():
            assert os.environ["API"] == "1"

        def test_home():
            assert not list(Path.home().iterdir())

        def test_python():
            import subprocess, sys
            assert subprocess.run(["python", "-c", "import pytest"]).returncode == 0
        """
    bench.write({"test_it.py": test})
    survey = await bench.runner(variables={"API": "1"}).run(bench.trial(is_baseline=True))
    assert set(outcomes(survey).values()) == {"passed"}, survey.output


async def test_the_configured_part_of_the_suite_is_what_runs(bench: Bench) -> None:
    bench.write({**FILES, "slow/test_slow.py": "def test_slow(): ...\n"})
    survey = await bench.runner(command="MODE=1 python -m pytest slow").run(bench.trial(is_baseline=True))
    assert outcomes(survey) == {"test_slow": "passed"}
    with pytest.raises(SettingsError, match="make check"):
        await bench.runner(command="make check").run(bench.trial())


async def test_without_pytest_unittest_runs_what_is_written_for_it(bench: Bench, tmp_path: Path) -> None:
    python = tmp_path / "bare" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info.minor}")
    settings = f"home = {sys.base_prefix}/bin\ninclude-system-site-packages = false\n"
    (tmp_path / "bare" / "pyvenv.cfg").write_text(settings, encoding="utf-8")
    test = "import unittest\nfrom shop import add\nclass T(unittest.TestCase):\n    def test_add(self): self.assertEqual(add(1, 2), 3)\n"
    bench.write({"src/shop.py": FILES["shop.py"], "tests/test_it.py": test})
    survey = await bench.runner(str(python)).run(bench.trial(is_baseline=True))
    assert survey.outcomes == {"test_it.T.test_add": "failed"}
    assert survey.runs[0].entered == {"src/shop.py:1"}
    bench.write(FILES)
    with pytest.raises(ToolMissing, match=f"pytest is not installed for {python}.*-m pip install pytest"):
        await bench.runner(str(python)).run(bench.trial(is_baseline=True))


@pytest.mark.parametrize("rung", LADDER)
async def test_an_environment_in_the_workspace_and_an_editable_install_are_used(tmp_path: Path, rung: Rung) -> None:
    sandbox = sandbox_of(rung)
    if isinstance(sandbox, str):
        pytest.skip(sandbox)
    copies = Copies(sandbox, tmp_path)
    bench = Bench(tmp_path, copies, sandbox)
    site = bench.root / f".venv/lib/python3.{sys.version_info.minor}/site-packages"
    (bench.root / ".venv/bin").mkdir(parents=True)
    (bench.root / ".venv/bin/python").symlink_to(Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info.minor}")
    (bench.root / ".venv/pyvenv.cfg").write_text(f"home = {sys.base_prefix}/bin\n", encoding="utf-8")
    site.mkdir(parents=True)
    packages = Path(pytest.__file__).parent.parent
    (site / "all.pth").write_text(f"{packages}\n{bench.root}/lib\n", encoding="utf-8")
    bench.write({"lib/shop/__init__.py": FILES["shop.py"], "tests/test_it.py": FILES["test_shop.py"]})
    repaired = {PurePosixPath("lib/shop/__init__.py"): "def add(a, b):\n    return a + b\n"}
    survey = await bench.runner(None).run(bench.trial(changes=repaired))
    copies.close()
    assert survey.ending is Ending.FINISHED, survey.output
    assert [(str(run.outcome), sorted(run.entered)) for run in survey.runs] == [
        ("passed", ["lib/shop/__init__.py:1"])
    ] * 2


async def test_tests_of_an_installed_copy_say_nothing_about_the_workspace(bench: Bench, tmp_path: Path) -> None:
    installed = tmp_path / "site-packages" / "shop"
    installed.mkdir(parents=True)
    (installed / "__init__.py").write_text(FILES["shop.py"], encoding="utf-8")
    (installed / "fast.so").touch()
    bench.write(
        {"src/shop/__init__.py": FILES["shop.py"], "src/shop/fast.pyx": "", "test_shop.py": FILES["test_shop.py"]}
    )
    runner = bench.runner(variables={"PYTHONPATH": str(installed.parent)})
    survey = await runner.run(bench.trial(is_baseline=True))
    assert survey.ending is Ending.ENVIRONMENT
    assert "pip install -e ." in survey.output


async def test_progress_is_told_while_the_tests_run(bench: Bench) -> None:
    test = "import pytest, time\n@pytest.mark.parametrize('n', range(8))\ndef test_it(n): time.sleep(0.15)\n"
    bench.write({"test_it.py": test})
    await bench.survey()
    done = [count for count, _ in bench.progress]
    assert done == sorted(done)
    assert len(done) > 1
    assert bench.progress[-1][1] == 8
