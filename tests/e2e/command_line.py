"""Runs the real command line on small workspaces, the way a user does."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

BUGGY = '''"""Numbers."""


def largest(numbers):
    """The largest of the numbers."""
    best = numbers[0]
    for number in numbers:
        if number < best:  # the bug
            best = number
    return best


def double(x):
    return x * 2
'''
TESTS = """\
from numbers_ import double, largest


def test_largest():
    assert largest([3, 9, 2]) == 9


def test_largest_of_one():
    assert largest([4]) == 4


def test_double():
    assert double(2) == 4
"""
WORKSPACE: Mapping[str, str | bytes] = {"numbers_.py": BUGGY, "test_numbers.py": TESTS}


@dataclass(frozen=True)
class Ended:
    status: int
    out: str
    err: str

    @property
    def object(self) -> dict[str, object]:
        """What --json printed."""
        parsed = json.loads(self.out)
        assert isinstance(parsed, dict)
        return parsed

    @property
    def reason(self) -> tuple[str, str]:
        """Code and text of why nothing is proposed."""
        reason = self.object["reason"]
        assert isinstance(reason, dict)
        return str(reason["code"]), str(reason["text"])


def write(folder: Path, files: Mapping[str, str | bytes] = WORKSPACE) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def environment(home: Path, **more: str) -> dict[str, str]:
    """The user's, with folders of its own and the tests' own interpreter."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "PYTHONPATH", "VIRTUAL_ENV") if name in os.environ}
    own = {
        "HOME": str(home),
        "PERFORCH_DATA_DIR": str(home / "data"),
        "PERFORCH_CACHE_DIR": str(home / "cache"),
        "PERFORCH_CONFIG": str(home / "perforch.toml"),
        "PERFORCH_LANGUAGES_PYTHON_INTERPRETER": sys.executable,
    }
    return kept | own | more


def start(folder: Path, *arguments: str, **variables: str) -> subprocess.Popen[str]:
    home = folder.parent / f"{folder.name}-home"
    home.mkdir(exist_ok=True)
    return subprocess.Popen(
        [sys.executable, "-m", "perforch", *arguments],
        cwd=folder,
        env=environment(home, **variables),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def perforch(folder: Path, *arguments: str, **variables: str) -> Ended:
    with start(folder, *arguments, **variables) as process:
        out, err = process.communicate(timeout=300)
    return Ended(process.returncode, out, err)


def digest(folder: Path) -> dict[str, str]:
    """Every file of the folder with a hash of its content, mode and time."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() + str(path.stat().st_mode)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
