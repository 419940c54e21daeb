"""Whatever ends a run, the workspace is as it was, no process of ours is left, and no folder after the next start."""

import contextlib
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest
from command_line import digest, environment, perforch, write

pytestmark = pytest.mark.slow

# A search that takes long: no single edit makes these tests pass.
HARD = {
    "a.py": "def f(x, y):\n    total = 0\n    for i in range(x):\n        total += i * y\n    return total\n",
    "test_a.py": "from a import f\n"
    + "".join(
        f"def test_{n}():\n    assert f({n}, 3) == {value}\n" for n, value in enumerate((17, 4, 99, -5, 23, 1001))
    ),
}


def family(pid: int) -> list[psutil.Process]:
    with contextlib.suppress(psutil.NoSuchProcess):
        return [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    return []


def is_left(process: psutil.Process) -> bool:
    """Whether it still is there; a dead one that its new parent has not noticed yet is not."""
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def start(folder: Path, home: Path, temporary: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "perforch", "fix", "a.py::f", "--timeout", "60"],
        cwd=folder,
        env=environment(home, TMPDIR=str(temporary)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
@pytest.mark.parametrize("seconds", [0.6, 2.0, 6.0])
def test_an_interrupted_run_leaves_nothing_behind(tmp_path: Path, number: signal.Signals, seconds: float) -> None:
    folder, home = tmp_path / "workspace", tmp_path / "home"
    folder.mkdir()
    home.mkdir()
    before = digest(write(folder, HARD))
    with tempfile.TemporaryDirectory(prefix="pi-") as short:  # sockets and mounts want short paths
        temporary = Path(short)
        with start(folder, home, temporary) as process:
            time.sleep(seconds)
            seen = family(process.pid)
            process.send_signal(number)
            process.wait(timeout=30)
        _, alive = psutil.wait_procs(seen, timeout=2.0)
        assert [each for each in alive if is_left(each)] == []
        assert digest(folder) == before
        assert process.returncode == (-signal.SIGKILL if number is signal.SIGKILL else 130)
        perforch(folder, "fix", "a.py::nothing", TMPDIR=str(temporary))
        perforch(folder, "doctor", TMPDIR=str(temporary))
        assert [path for path in temporary.rglob("*") if "copy" in path.name] == []
