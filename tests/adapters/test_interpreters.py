"""The project's own interpreter is found where projects keep it."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from perforch.adapters.interpreters import Interpreter, Interpreters
from perforch.core.errors import ToolMissing

BASE = Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info.minor}"


def make_environment(folder: Path, *packages: str) -> Path:
    """A virtual environment, as far as Python looks at one."""
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").symlink_to(BASE)
    (folder / "pyvenv.cfg").write_text(
        f"home = {BASE.parent}\ninclude-system-site-packages = false\n", encoding="utf-8"
    )
    site = folder / "lib" / f"python3.{sys.version_info.minor}" / "site-packages"
    site.mkdir(parents=True)
    for package in packages:
        (site / package).mkdir()
        (site / package / "__init__.py").touch()
    return site


def make_script(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n" + text + "\n", encoding="utf-8")
    path.chmod(0o755)
    return path


async def find(root: Path, variables: Mapping[str, str] | None = None, setting: str | None = None) -> Interpreter:
    return await Interpreters({"PATH": os.defpath, **(variables or {})}, setting).find(root)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "workspace"
    folder.mkdir()
    return folder


async def test_an_environment_in_the_workspace_is_taken_before_an_active_one(root: Path, tmp_path: Path) -> None:
    make_environment(root / ".venv", "pytest")
    make_environment(tmp_path / "active")
    found = await find(root, {"VIRTUAL_ENV": str(tmp_path / "active")})
    assert (found.executable, found.has_pytest) == (root / ".venv/bin/python", True)
    assert found.prefix == root / ".venv"
    assert found.version[:2] == sys.version_info[:2]


async def test_an_active_environment_is_taken_before_the_path(root: Path, tmp_path: Path) -> None:
    make_environment(tmp_path / "active")
    found = await find(root, {"VIRTUAL_ENV": str(tmp_path / "active")})
    assert (found.executable, found.has_pytest) == (tmp_path / "active/bin/python", False)
    assert "VIRTUAL_ENV" in found.found
    assert found.install_pytest == f"{tmp_path}/active/bin/python -m pip install pytest"


@pytest.mark.parametrize("setting", ["tools", "tools/bin/python"])
async def test_the_setting_is_taken_before_everything(root: Path, setting: str) -> None:
    make_environment(root / ".venv")
    make_environment(root / "tools")
    assert (await find(root, setting=setting)).executable == root / "tools/bin/python"


async def test_poetrys_environment_is_asked_for_where_the_project_is_poetrys(root: Path, tmp_path: Path) -> None:
    make_environment(tmp_path / "cache" / "shop-py3")
    make_script(tmp_path / "bin" / "poetry", f"echo {tmp_path}/cache/shop-py3")
    variables = {"PATH": f"{tmp_path}/bin:{os.defpath}"}
    (root / "pyproject.toml").write_text("[tool.poetry]\nname = 'shop'\n", encoding="utf-8")
    assert (await find(root, variables)).executable == tmp_path / "cache/shop-py3/bin/python"


async def test_a_shim_on_the_path_leads_to_the_interpreter_itself(root: Path, tmp_path: Path) -> None:
    make_script(tmp_path / "shims" / "python3", f'exec {BASE} "$@"')
    found = await find(root, {"PATH": str(tmp_path / "shims")})
    assert found.executable.resolve() == BASE.resolve()
    assert any(found.executable.is_relative_to(folder) for folder in found.readable)


async def test_what_is_installed_from_outside_the_workspace_is_readable(root: Path, tmp_path: Path) -> None:
    site = make_environment(root / ".venv")
    (tmp_path / "library").mkdir()
    (site / "library.pth").write_text(f"{tmp_path}/library\n{root}\n", encoding="utf-8")
    found = await find(root)
    assert tmp_path / "library" in found.readable
    assert Path(sys.base_prefix).resolve() in found.readable
    assert not [folder for folder in found.readable if folder.is_relative_to(root)]


async def test_an_interpreter_is_asked_once_until_packages_change(root: Path, tmp_path: Path) -> None:
    site = make_environment(root / ".venv")
    interpreters = Interpreters({"PATH": os.defpath})
    first = await interpreters.find(root)
    assert await interpreters.find(root) is first
    (site / "pytest").mkdir()
    (site / "pytest" / "__init__.py").touch()
    assert (await interpreters.find(root)).has_pytest


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("exit 1", "does not work as a Python interpreter"),
        ('echo \'{"executable": "/x", "version": [3, 6, 9]}\'', "Python 3.6"),
    ],
)
async def test_an_interpreter_that_cannot_be_used_is_named(root: Path, tmp_path: Path, script: str, says: str) -> None:
    python = make_script(tmp_path / "bin" / "python", script)
    with pytest.raises(ToolMissing, match=says) as caught:
        await find(root, setting=str(python))
    assert str(python) in str(caught.value)
    assert "languages.python.interpreter" in str(caught.value)


async def test_no_python_at_all_is_said_with_what_to_do(root: Path, tmp_path: Path) -> None:
    with pytest.raises(ToolMissing, match="install Python or set languages"):
        await find(root, {"PATH": str(tmp_path)})
    with pytest.raises(ToolMissing, match="there is no file"):
        await find(root, setting="gone/python")


async def test_code_of_the_workspace_is_not_run_to_describe_its_interpreter(root: Path) -> None:
    make_environment(root / ".venv")
    (root / "json.py").write_text("raise SystemExit('imported outside the sandbox')\n", encoding="utf-8")
    assert (await find(root, {"PYTHONPATH": str(root)})).executable == root / ".venv/bin/python"
