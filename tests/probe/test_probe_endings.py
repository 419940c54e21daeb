"""How runs end that do not simply pass or fail, and reports that are not to be believed."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from probe_runs import lay_out, run_pytest

from perforch.core.survey import Ending

pytestmark = pytest.mark.slow

PASSES = "def test_passes(): ...\n"
FAILS = "def test_fails(): assert False\n"


@dataclass(frozen=True, slots=True)
class Case:
    files: dict[str, str]
    ending: Ending
    shows: str = ""  # in the output, or in what could not be collected
    frame: tuple[str, int] | None = None  # the last workspace frame of what could not be collected


CASES = {
    "no tests": Case({"test_a.py": "X = 1\n"}, Ending.NOTHING_COLLECTED),
    "a module that is not installed": Case(
        {"test_a.py": "import a_module_that_nobody_has\n", "test_b.py": PASSES},
        Ending.NOT_COLLECTED,
        "a_module_that_nobody_has",
        ("test_a.py", 1),
    ),
    "a syntax error in the code": Case(
        {"shop.py": "def f():\n    return (\n", "test_a.py": "import shop\n"},
        Ending.NOT_COLLECTED,
        "never closed",
        ("shop.py", 2),
    ),
    "a stub that raises at import": Case(
        {"shop.py": "def f():\n    raise NotImplementedError('later')\n\nX = f()\n", "test_a.py": "import shop\n"},
        Ending.NOT_COLLECTED,
        "later",
        ("shop.py", 2),
    ),
    "a conftest that fails because of the code": Case(
        {"shop.py": "1 / 0\n", "conftest.py": "import shop\n", "test_a.py": PASSES},
        Ending.NOT_COLLECTED,
        "division by zero",
        ("shop.py", 1),
    ),
    "sys.exit at import": Case(
        {"shop.py": "import sys\nsys.exit(0)\n", "test_a.py": "import shop\n"},
        Ending.NOT_COLLECTED,
        "SystemExit",
        ("shop.py", 2),
    ),
    "an option that the tool does not know": Case(
        {"pytest.ini": "[pytest]\naddopts = --nonsense\n", "test_a.py": PASSES},
        Ending.ENVIRONMENT,
        "unrecognized arguments: --nonsense",
    ),
    "a plugin that is not installed": Case(
        {"pytest.ini": "[pytest]\naddopts = -p a_plugin_that_nobody_has\n", "test_a.py": PASSES},
        Ending.ENVIRONMENT,
        "a_plugin_that_nobody_has",
    ),
    "os._exit with the status of success": Case(
        {"test_a.py": "import os\ndef test_out(): os._exit(0)\n"}, Ending.CRASHED
    ),
    "os.abort": Case({"test_a.py": "import os\ndef test_out(): os.abort()\n"}, Ending.CRASHED),
    "an interrupt in a test": Case(
        {"test_a.py": "def test_stop(): raise KeyboardInterrupt\n" + PASSES}, Ending.CRASHED
    ),
    "sys.exit in a test is that test's failure": Case(
        {"test_a.py": "import sys\ndef test_out(): sys.exit(0)\n" + PASSES}, Ending.FINISHED
    ),
    "another exit status at the very end": Case(
        {"test_a.py": "import atexit, os\natexit.register(os._exit, 0)\n" + FAILS}, Ending.DISAGREES
    ),
    "pytest.exit with the status of success": Case(
        {"test_a.py": "import pytest\ndef test_out(): pytest.exit('fine', returncode=0)\n" + FAILS}, Ending.CRASHED
    ),
    "a printed success": Case(
        {"test_a.py": "import os\ndef test_out():\n    os.write(1, b'1 passed\\n')\n    os._exit(0)\n"}, Ending.CRASHED
    ),
    "a forged report": Case(
        {
            "test_a.py": """
                import os

                def test_out():
                    for number in map(int, os.listdir("/proc/self/fd")):
                        if os.path.basename(os.path.realpath(f"/proc/self/fd/{number}")) == "report":
                            os.write(number, b'0000000000000000 {"event": "end", "status": 0, "collected": 0}\\n')
                    os._exit(0)
                """
        },
        Ending.DISAGREES,
    ),
    "a failure turned into a skip by the exit status alone": Case(
        {
            "conftest.py": "def pytest_sessionfinish(session):\n    session.exitstatus = 0\n",
            "test_a.py": FAILS,
        },
        Ending.DISAGREES,
    ),
    "a fork that goes on running tests": Case(
        {
            "test_a.py": "import os\ndef test_fork():\n    if (child := os.fork()):\n"
            "        os.waitpid(child, 0)\n" + PASSES
        },
        Ending.FINISHED,
    ),
    "the report's descriptor closed and used again": Case(
        {
            "test_a.py": """
                import os

                def test_close(tmp_path):
                    for number in map(int, os.listdir("/proc/self/fd")):
                        if os.path.basename(os.path.realpath(f"/proc/self/fd/{number}")) == "report":
                            os.close(number)
                    assert os.open(tmp_path / "other", os.O_CREAT | os.O_WRONLY) >= 0

                def test_next(): ...
                """
        },
        Ending.FINISHED,
    ),
    "modules of the standard library's names": Case(
        {"logging.py": "X = 1\n", "queue.py": "X = 1\n", "typing.py": "X = 1\n", "test_a.py": PASSES}, Ending.FINISHED
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_run_ends_as_what_it_is(tmp_path: Path, name: str) -> None:
    case = CASES[name]
    run = run_pytest(lay_out(tmp_path / "project", case.files))
    assert run.ending is case.ending, run.output
    told = run.output + "".join(failure.text + failure.exception for failure in run.account.uncollected)
    assert case.shows in told
    if case.frame is not None:
        frame = run.account.uncollected[0].frames[-1]
        assert (frame.file, frame.line) == case.frame


def test_other_tests_run_although_one_module_cannot_be_collected(tmp_path: Path) -> None:
    run = run_pytest(lay_out(tmp_path / "project", CASES["a module that is not installed"].files))
    assert run.outcomes == {"test_b.py::test_passes": "passed"}


def test_the_test_that_was_running_when_the_process_died_is_named(tmp_path: Path) -> None:
    run = run_pytest(lay_out(tmp_path / "project", CASES["os.abort"].files))
    assert run.account.running == "test_a.py::test_out"


def test_an_endless_test_fails_where_it_is_and_the_others_run(tmp_path: Path) -> None:
    files = {
        "shop.py": "def spin():\n    while True:\n        try:\n            pass\n        except Exception:\n            pass\n"
    }
    tests = "from shop import spin\ndef test_spin(): spin()\ndef test_spin_again(): spin()\n" + PASSES
    root = lay_out(tmp_path / "project", {**files, "test_a.py": tests})
    run = run_pytest(root, seconds=1.0)
    assert list(run.outcomes.values()) == ["failed", "failed", "passed"]
    failure = run["test_a.py::test_spin"].failure
    assert failure is not None
    assert (failure.exception, failure.frames[-1].file) == ("TestTimeout", "shop.py")


@pytest.mark.parametrize(
    "options",
    ["--cov=shop --cov-report term -n auto", "-n 2 --dist loadfile", "--cov-fail-under=100 --cov", "-x", "--maxfail=1"],
)
def test_options_of_coverage_and_distribution_are_accepted_and_change_nothing(tmp_path: Path, options: str) -> None:
    files = {"pytest.ini": f"[pytest]\naddopts = {options}\n", "test_a.py": FAILS + PASSES}
    run = run_pytest(lay_out(tmp_path / "project", files))
    assert (run.ending, list(run.outcomes.values())) == (Ending.FINISHED, ["failed", "passed"]), run.output


def test_the_project_chooses_its_tests_by_its_own_configuration(tmp_path: Path) -> None:
    files = {"pytest.ini": "[pytest]\naddopts = -k passes\n", "test_a.py": FAILS + PASSES}
    assert run_pytest(lay_out(tmp_path / "project", files)).outcomes == {"test_a.py::test_passes": "passed"}


def test_tests_that_are_plugged_in_by_the_project_are_left_alone(tmp_path: Path) -> None:
    conftest = """
        def pytest_collection_modifyitems(items):
            items.reverse()

        def pytest_addoption(parser):
            parser.addoption("--shop", default="open")

        def pytest_configure(config):
            assert config.getoption("--shop") == "open"
        """
    run = run_pytest(lay_out(tmp_path / "project", {"conftest.py": conftest, "test_a.py": FAILS + PASSES}))
    assert list(run.outcomes) == ["test_a.py::test_passes", "test_a.py::test_fails"]


def test_a_plugin_that_the_project_itself_brings_keeps_its_options(tmp_path: Path) -> None:
    plugin = "def pytest_addoption(parser):\n    parser.addoption('--cov', nargs='?')\n"
    files = {"conftest.py": plugin, "pytest.ini": "[pytest]\naddopts = -n auto --cov=shop\n", "test_a.py": PASSES}
    assert run_pytest(lay_out(tmp_path / "project", files)).ending is Ending.FINISHED


def test_a_random_order_is_made_a_fixed_one(tmp_path: Path) -> None:
    plugin = """
        import random

        def pytest_addoption(parser):
            group = parser.getgroup("randomly")
            group._addoption("--randomly-seed", dest="randomly_seed", default="default")
            group._addoption("--randomly-dont-reorganize", dest="randomly_reorganize", action="store_false", default=True)

        def pytest_collection_modifyitems(config, items):
            if config.getoption("randomly_reorganize"):
                items.reverse()

        def pytest_runtest_setup(item):
            random.seed(item.config.getoption("randomly_seed"))
        """
    test = "import random\ndef test_b(): assert random.Random(0).random() == random.random()\ndef test_a(): ...\n"
    root = lay_out(tmp_path / "project", {"conftest.py": plugin, "test_a.py": test})
    assert run_pytest(root).outcomes == {"test_a.py::test_b": "passed", "test_a.py::test_a": "passed"}
