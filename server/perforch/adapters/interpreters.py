"""Which Python a project uses, and what is installed there."""

import asyncio
import json
import logging
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL, PIPE

from perforch.core.errors import ToolMissing

log = logging.getLogger(__name__)

ENVIRONMENT_FOLDERS = (".venv", "venv", "env", ".env")
EXECUTABLES = ("bin/python", "bin/python3", "Scripts/python.exe", "python.exe")
DESCRIBE_SECONDS = 20.0
OLDEST = (3, 8)  # the probe's oldest Python
_DESCRIBE = """
import importlib.util, json, site, sys
places = [place for place in sys.path if place]
for module in list(sys.modules.values()):
    if module.__name__.startswith("__editable__"):
        places += [place for place in getattr(module, "MAPPING", {}).values() if isinstance(place, str)]
print(json.dumps({
    "executable": sys.executable, "version": sys.version_info[:3], "places": places,
    "prefixes": [sys.prefix, sys.base_prefix, sys.exec_prefix], "user_base": site.getuserbase(),
    "has_pytest": importlib.util.find_spec("pytest") is not None,
}))
"""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A project's own Python. `readable` are the folders that it needs outside the workspace, and their real places.

    `found` says why it was chosen, for people. `stamp` changes when packages are installed or removed.
    """

    executable: Path
    version: tuple[int, int, int]
    prefix: Path
    user_base: Path
    readable: tuple[Path, ...]
    has_pytest: bool
    found: str
    stamp: str

    @property
    def install_pytest(self) -> str:
        """The command that installs pytest for this interpreter."""
        return f"{self.executable} -m pip install pytest"


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an interpreter may be, and why there."""

    executable: Path
    why: str


class Interpreters:
    """Finds interpreters, and remembers what they are like until their files change."""

    def __init__(self, environment: Mapping[str, str], setting: str | None = None) -> None:
        self._environment = environment
        self._setting = setting
        self._known: dict[tuple[str, str], Interpreter] = {}

    async def find(self, root: Path) -> Interpreter:
        """The interpreter of the workspace at `root`; raises ToolMissing."""
        place = await self._place(root)
        key = (str(place.executable), _stamp((place.executable, place.executable.parent.parent / "pyvenv.cfg")))
        known = self._known.get(key)
        if known is None or known.stamp != _stamp((known.prefix, *known.readable)):
            known = self._known[key] = await self._described(place, root)
        return known

    async def _place(self, root: Path) -> _Place:
        if self._setting is not None:
            return _Place(self._set(root, self._setting), "the setting languages.python.interpreter")
        for place in self._usual(root):
            return place
        poetry = await self._poetry(root)
        if poetry is not None:
            return _Place(poetry, "poetry's environment")
        for name in ("python3", "python"):
            found = shutil.which(name, path=self._environment.get("PATH", os.defpath))
            if found is not None:
                return _Place(Path(found), "the first on PATH")
        raise ToolMissing(
            f"no Python was found for {root}: there is no .venv in it and no python3 on PATH; "
            "install Python or set languages.python.interpreter"
        )

    def _set(self, root: Path, setting: str) -> Path:
        path = root / Path(setting).expanduser()
        if path.is_dir():
            path = _executable_in(path) or path
        if not path.is_file():
            raise ToolMissing(
                f"languages.python.interpreter is {setting!r}, and there is no file {path}; correct or remove it"
            )
        return path

    def _usual(self, root: Path) -> Iterator[_Place]:
        inside = [(root / name, f"the environment {name} in the workspace") for name in ENVIRONMENT_FOLDERS]
        active = [
            (Path(self._environment[name]), f"the active environment ({name})")
            for name in ("VIRTUAL_ENV", "CONDA_PREFIX")
            if self._environment.get(name)
        ]
        for folder, why in (*inside, *active):
            executable = _executable_in(folder)
            if executable is not None:
                yield _Place(executable, why)

    async def _poetry(self, root: Path) -> Path | None:
        """The environment that poetry keeps elsewhere, where the project is poetry's."""
        project = root / "pyproject.toml"
        poetry = shutil.which("poetry", path=self._environment.get("PATH", os.defpath))
        if poetry is None or not project.is_file() or "[tool.poetry" not in project.read_text("utf-8", "replace"):
            return None
        printed = await _printed((poetry, "env", "info", "--path"), root, self._environment)
        return _executable_in(Path(printed.strip())) if printed and printed.strip() else None

    async def _described(self, place: _Place, root: Path) -> Interpreter:
        command = (str(place.executable), "-E", "-c", _DESCRIBE)
        # Not in the workspace: its modules must not be imported outside the sandbox. A pyenv shim looks there for
        # the version all the same.
        environment = {**self._environment, "PYENV_DIR": str(root)}
        printed = await _printed(command, Path(place.executable.anchor), environment)
        if printed is None:
            raise ToolMissing(
                f"{place.executable} ({place.why}) does not work as a Python interpreter; "
                "create the environment anew or set languages.python.interpreter"
            )
        interpreter = _parsed(printed, place, root)
        log.info("the interpreter of %s is %s, %s", root, interpreter.executable, interpreter.found)
        return interpreter


def _parsed(printed: str, place: _Place, root: Path) -> Interpreter:
    said = json.loads(printed.splitlines()[-1])
    version = (int(said["version"][0]), int(said["version"][1]), int(said["version"][2]))
    if version < OLDEST:
        raise ToolMissing(
            f"{place.executable} is Python {version[0]}.{version[1]}, and Python 3.8 is the oldest that works; "
            "set languages.python.interpreter to a newer one"
        )
    # A shim is not the interpreter; a virtual environment's link to one is, for it finds the environment.
    executable = Path(said["executable"] or place.executable)
    prefix = Path(said["prefixes"][0])
    readable = _readable([executable, *said["prefixes"], *said["places"]], root)
    return Interpreter(
        executable=executable,
        version=version,
        prefix=prefix,
        user_base=Path(said["user_base"]),
        readable=readable,
        has_pytest=bool(said["has_pytest"]),
        found=place.why,
        stamp=_stamp((prefix, *readable)),
    )


def _readable(places: list[str | Path], root: Path) -> tuple[Path, ...]:
    """Existing folders and archives outside the workspace, each with its real place, outermost only."""
    paths = {path for place in places for path in (Path(place), Path(place).resolve()) if path.is_absolute()}
    outside = sorted(path for path in paths if path.exists() and not path.is_relative_to(root))
    kept: list[Path] = []
    for path in outside:
        if len(path.parts) > 1 and not any(path.is_relative_to(other) for other in kept):
            kept.append(path)
    return tuple(kept)


def _executable_in(folder: Path) -> Path | None:
    return next((folder / name for name in EXECUTABLES if (folder / name).is_file()), None)


def _stamp(places: Iterable[Path]) -> str:
    """The times of files and folders; of an environment, those of its package folders."""
    kept = list(places)
    watched = [*kept, *(packages for place in kept for packages in place.glob("lib/python*/site-packages"))]
    return " ".join(str(place.stat().st_mtime_ns) for place in watched if place.exists())


async def _printed(command: tuple[str, ...], folder: Path, environment: Mapping[str, str]) -> str | None:
    """What a program prints, or None if it fails or takes too long."""
    try:
        process = await asyncio.create_subprocess_exec(
            *command, cwd=folder, env=environment, stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL
        )
    except OSError:
        return None
    try:
        async with asyncio.timeout(DESCRIBE_SECONDS):
            printed, _ = await process.communicate()
    except TimeoutError:
        return None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return printed.decode(errors="replace") if process.returncode == 0 else None
