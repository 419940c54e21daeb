"""`perforch fix` as a user meets it: what it proposes, what it leaves alone, what it says to bad input."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import BUGGY, TESTS, WORKSPACE, digest, environment, perforch, write

from perforch.cli import main

pytestmark = pytest.mark.slow


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "workspace"
    place.mkdir()
    return place


def test_what_is_printed_into_the_workspace_is_no_change_of_it(folder: Path) -> None:
    write(folder)
    home = folder.parent / f"{folder.name}-home"
    home.mkdir()
    with (folder / "out.txt").open("w") as out, (folder / "err.txt").open("w") as err:
        command = [sys.executable, "-m", "perforch", "fix", "numbers_.py::largest", "--json"]
        ended = subprocess.run(command, cwd=folder, env=environment(home), stdout=out, stderr=err, check=False)
    assert ended.returncode == 0, (folder / "err.txt").read_text()


@pytest.mark.parametrize("option", ["--timeout", "--budget"])
@pytest.mark.parametrize("value", ["nan", "-5", "inf", "soon"])
def test_a_number_that_is_none_is_the_users_error(option: str, value: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["fix", f"{option}={value}"])
    assert ended.value.code == 2
    assert option in capsys.readouterr().err


def test_a_failing_test_is_repaired_and_nothing_is_changed(folder: Path) -> None:
    before = digest(write(folder))
    ended = perforch(folder, "fix", "--json")
    assert ended.status == 0, ended.err
    assert digest(folder) == before
    found = ended.object
    assert found["outcome"] == "proposal"
    assert "number > best:  # the bug" in str(found["diff"])
    evidence = found["evidence"]
    assert isinstance(evidence, dict)
    assert evidence["level"] == "proven"
    assert evidence["failed_before"] == ["test_numbers.py::test_largest"]
    assert evidence["failed_after"] == []
    assert evidence["changed_lines_executed"] == [1, 1]


def test_apply_changes_exactly_the_target(folder: Path) -> None:
    before = digest(write(folder))
    ended = perforch(folder, "fix", "numbers_.py::largest", "--apply")
    assert ended.status == 0, ended.err
    after = digest(folder)
    assert {name for name in after if after[name] != before.get(name)} == {"numbers_.py"}
    assert (folder / "numbers_.py").read_text() == BUGGY.replace("number < best", "number > best")


@pytest.mark.parametrize(
    "arguments", [[], ["numbers_.py"], ["numbers_.py", "--line", "6"], ["test_numbers.py::test_largest"]]
)
def test_every_way_to_name_the_job_finds_the_function(folder: Path, arguments: list[str]) -> None:
    write(folder)
    ended = perforch(folder, "fix", "--json", *arguments)
    assert ended.status == 0, ended.err
    target = ended.object["target"]
    assert isinstance(target, dict)
    assert target["function"] == "largest"


@pytest.mark.parametrize(
    "text",
    [
        BUGGY.replace("\n", "\r\n"),
        "\ufeff" + BUGGY,
        BUGGY.replace("    ", "\t"),
        BUGGY + "\n" * 3 + "".join(f"def filler_{n}():\n    return {n}\n\n\n" for n in range(5_000)),
    ],
    ids=["CRLF", "byte order mark", "tabs", "a long file"],
)
def test_the_form_of_the_file_is_kept(folder: Path, text: str) -> None:
    write(folder, WORKSPACE | {"numbers_.py": text.encode()})
    ended = perforch(folder, "fix", "numbers_.py::largest", "--apply")
    assert ended.status == 0, ended.err
    assert (folder / "numbers_.py").read_bytes() == text.replace("number < best", "number > best").encode()


SOUND = BUGGY.replace("number < best", "number > best")
REFUSED: dict[str, tuple[dict[str, str | bytes], list[str], str, str]] = {
    "no tests": ({"numbers_.py": BUGGY}, ["numbers_.py::largest"], "no-tests", "no tests were found"),
    "it passes already": ({"numbers_.py": SOUND, "test_numbers.py": TESTS}, [], "already-passes", "nothing to fix"),
    "the named function is not to blame": (dict(WORKSPACE), ["numbers_.py::double"], "not-about-target", "largest"),
    "the test itself is broken": (
        {"test_a.py": "def test_a():\n    assert undefined_name\n"},
        [],
        "test-broken",
        "its own code",
    ),
    "a fixture is missing": ({"test_a.py": "def test_a(nowhere):\n    pass\n"}, [], "test-broken", "its own code"),
    "tests cannot be collected": (
        {"a.py": "def f():\n    return 1\n", "test_a.py": "import a\nraise RuntimeError('broken set-up')\n"},
        [],
        "cannot-collect",
        "broken set-up",
    ),
    "a module is not installed": (
        {"a.py": "import no_such_module\n", "test_a.py": "import a\ndef test_a(): pass\n"},
        [],
        "environment",
        "no_such_module",
    ),
    "the network is needed": (
        {
            "a.py": "import socket\ndef f():\n    return socket.create_connection(('192.0.2.1', 80), 2)\n",
            "test_a.py": "import a\ndef test_a():\n    a.f()\n",
        },
        [],
        "environment",
        "network",
    ),
    "an environment variable is needed": (
        {
            "a.py": "import os\ndef f():\n    return os.environ['TOKEN']\n",
            "test_a.py": "import a\ndef test_a():\n    a.f()\n",
        },
        [],
        "environment",
        "test.environment",
    ),
    "a test is flaky": (
        {
            "a.py": "import time\ndef f():\n    return time.time_ns() // 1000 % 2\n",
            "test_a.py": "import a, os\ndef test_a():\n    assert os.getpid() % 2 == a.f() * 0 + os.getpid() % 2 and not os.path.exists('/nowhere')\n"
            + "import secrets\ndef test_b():\n    a.f()\n    assert secrets.randbelow(2)\n" * 0
            + "".join(
                f"def test_{n}():\n    a.f()\n    import random; random.seed(); assert random.random() < 0.5\n"
                for n in range(12)
            ),
        },
        [],
        "flaky",
        "changed their mind",
    ),
}


@pytest.mark.parametrize(("files", "arguments", "code", "says"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_fixed_is_said_plainly(
    folder: Path, files: dict[str, str | bytes], arguments: list[str], code: str, says: str
) -> None:
    before = digest(write(folder, files))
    ended = perforch(folder, "fix", "--json", *arguments)
    assert ended.status == 1, ended.err
    found, text = ended.reason
    if code == "flaky" and found != "flaky":
        assert "flaky" in ended.out or found in {"nothing-proven", "timeout"}
    else:
        assert found == code, text
        assert says in text
    assert digest(folder) == before


WRONG_USE = {
    "no such file": (dict(WORKSPACE), ["nowhere.py"], "no file nowhere.py"),
    "a folder": ({**WORKSPACE, "pkg/a.py": ""}, ["pkg::f"], "is a folder"),
    "no such function": (dict(WORKSPACE), ["numbers_.py::larges"], "largest"),
    "two functions of that name": (
        {"a.py": "class A:\n    def f(self): pass\nclass B:\n    def f(self): pass\n"},
        ["a.py::f"],
        "A.f",
    ),
    "no such test": (dict(WORKSPACE), ["--test", "test_nowhere"], "test_nowhere"),
    "a file that is not UTF-8": (
        {**WORKSPACE, "latin.py": b"def f():\n    return '\xe9'\n"},
        ["latin.py::f"],
        "not UTF-8",
    ),
    "not a language of ours": ({**WORKSPACE, "a.txt": "x"}, ["a.txt::f"], "a.txt"),
    "a wrong setting": ({**WORKSPACE, "perforch.toml": "[test]\ntimeout = 3\n"}, [], "perforch.toml:2"),
    "a key in the workspace": (
        {**WORKSPACE, "perforch.toml": '[models.options."m"]\nbase_url = "http://x"\n'},
        [],
        "your own perforch.toml",
    ),
}


@pytest.mark.parametrize(("files", "arguments", "says"), WRONG_USE.values(), ids=WRONG_USE.keys())
def test_wrong_use_is_told_with_status_2(
    folder: Path, files: dict[str, str | bytes], arguments: list[str], says: str
) -> None:
    before = digest(write(folder, files))
    ended = perforch(folder, "fix", *arguments)
    assert ended.status == 2, ended.out + ended.err
    assert says in ended.err
    assert "Traceback" not in ended.err
    assert digest(folder) == before


def test_a_python_without_pytest_is_told_with_how_to_install_it(folder: Path, tmp_path: Path) -> None:
    import venv

    venv.create(tmp_path / "bare", with_pip=False, symlinks=True)
    bare = tmp_path / "bare" / "bin" / "python"
    write(folder)
    ended = perforch(folder, "fix", PERFORCH_LANGUAGES_PYTHON_INTERPRETER=str(bare))
    assert ended.status == 3
    assert f"{bare} -m pip install pytest" in ended.err


def test_a_function_that_does_not_end_is_repaired_all_the_same(folder: Path) -> None:
    code = "def halvings(n):\n    total = 0\n    while n > 1:\n        total += 1\n        n //= 1\n    return total\n"
    tests = "from a import halvings\n" + "".join(
        f"def test_{n}():\n    assert halvings({n}) == {expected}\n"
        for n, expected in ((8, 3), (9, 3), (1, 0), (64, 6))
    )
    write(folder, {"a.py": code, "test_a.py": tests})
    ended = perforch(folder, "fix", "a.py::halvings", "--json", PERFORCH_TEST_TIMEOUT_S="24")
    assert ended.status == 0, ended.err + ended.out
    assert "+        n //= 2" in str(ended.object["diff"])


@pytest.mark.parametrize(
    "nasty",
    [
        "import os\ndef test_nasty():\n    open('numbers_.py', 'w').write('gone')\n    open('new.txt', 'w').write('x')\n",
        "def test_nasty():\n    for _ in range(3_000_000):\n        print('x' * 1000)\n    assert True\n",
        "import os, time\ndef test_nasty():\n    for _ in range(5):\n        if os.fork() == 0:\n            os.setsid()\n            time.sleep(60)\n            os._exit(0)\n",
    ],
    ids=["writes into the tree", "prints gigabytes", "leaves processes behind"],
)
def test_a_nasty_suite_does_no_harm(folder: Path, nasty: str) -> None:
    before = digest(write(folder, {**WORKSPACE, "test_znasty.py": nasty}))
    perforch(folder, "fix", "numbers_.py::largest", "--json", "--timeout", "20", PERFORCH_TEST_TIMEOUT_S="60")
    assert digest(folder) == before


@pytest.mark.skipif(os.geteuid() != 0 and sys.platform != "linux", reason="needs to drop write permission")
def test_apply_in_a_read_only_workspace_says_so_and_loses_nothing(folder: Path) -> None:
    import subprocess

    before = digest(write(folder))
    script = f'mount --bind "{folder}" "{folder}" && mount -o remount,ro,bind "{folder}" && cd "{folder}" && exec "$@"'
    home = folder.parent / "home"
    home.mkdir()
    from command_line import environment

    command = ["unshare", "-Urm", "sh", "-c", script, "sh", sys.executable, "-m", "perforch", "fix", "--apply"]
    ended = subprocess.run(command, env=environment(home), capture_output=True, text=True, timeout=200, check=False)
    assert ended.returncode == 2, ended.stdout + ended.stderr
    assert "cannot be written" in ended.stderr
    assert digest(folder) == before


TWICE = '''def twice(values):
    """All of them, each twice."""
    result = 0
    for value in values:
        for _ in range(2):
            result += value
    return result
'''
TWICE_TESTS = """\
import random

from twice_ import twice


def test_twice():
    for size in (0, 1, 5, 30, 200):
        values = [random.Random(size).randint(-1000, 1000) for _ in range(size)]
        assert twice(values) == sum(values) + sum(values)
"""


def test_a_faster_body_is_found_by_what_the_code_does_where_nothing_says_it(folder: Path) -> None:
    """No example in the documentation, and none in the tests that could be read."""
    write(folder, {"twice_.py": TWICE, "test_twice.py": TWICE_TESTS})
    ended = perforch(folder, "optimize", "twice_.py::twice", "--json")
    assert ended.status == 0, ended.err
    assert "sum(values)" in str(ended.object["diff"])
    comparison = ended.object["comparison"]
    assert isinstance(comparison, dict)
    assert comparison["cpu_time"]["high"] < 0.5
