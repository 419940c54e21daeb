"""A standard client that we did not write: Debian's Neovim, headless, fixes a function from its code actions."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent
MODULE = """def area(width, height):
    return width * height


def perimeter(width, height):
    \"\"\"Around it once.\"\"\"
    return 2 * (width - height)
"""
TESTS = """from shapes import area, perimeter


def test_area():
    assert area(2, 3) == 6


def test_perimeter():
    assert perimeter(2, 3) == 10
"""


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("nvim") is None, reason="Neovim is not installed: apt-get install neovim")
def test_neovim_fixes_a_function_from_its_code_actions(tmp_path: Path) -> None:
    work = tmp_path / "work"
    work.mkdir()
    (work / "pyproject.toml").write_text("[project]\nname = 'shapes'\n", encoding="utf-8")
    module = work / "shapes.py"
    module.write_text(MODULE, encoding="utf-8")
    (work / "test_shapes.py").write_text(TESTS, encoding="utf-8")
    log, undone = tmp_path / "log.txt", tmp_path / "undone.txt"
    environment = {
        **os.environ,
        **{f"XDG_{name}_HOME": str(tmp_path / name) for name in ("CONFIG", "DATA", "STATE", "CACHE")},
        "SERVER_PYTHON": sys.executable,
        "FIX_ROOT": str(work),
        "FIX_FILE": str(module),
        "FIX_LINE": "7",
        "FIX_TITLE": "Fix perimeter with PerfOrch",
        "FIX_LOG": str(log),
        "FIX_UNDONE": str(undone),
    }
    command = ["nvim", "--headless", "-u", "NONE", "-i", "NONE", "-n", "-c", f"luafile {PROJECT / 'nvim_fix.lua'}"]
    ended = subprocess.run(command, env=environment, cwd=work, timeout=240, check=False, capture_output=True, text=True)
    said = log.read_text(encoding="utf-8") if log.exists() else ended.stderr
    assert ended.returncode == 0, said
    assert "offered: Fix perimeter with PerfOrch" in said
    assert module.read_text(encoding="utf-8") == MODULE.replace("width - height", "width + height")
    assert undone.read_text(encoding="utf-8") == MODULE  # one undo takes all of it back
