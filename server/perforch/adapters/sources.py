"""The text of the user's files: unsaved text first, then the disk, byte for byte as it is."""

import os
import tempfile
from pathlib import Path, PurePosixPath

from perforch.core.errors import UsageError
from perforch.core.task import Workspace

ROOT_MARKS = (
    *("perforch.toml", "pyproject.toml", "setup.py", "setup.cfg", "pytest.ini", "tox.ini", ".git", ".hg"),
    *("go.mod", "Cargo.toml", "pom.xml", "build.gradle", "CMakeLists.txt"),
)


class WorkspaceSources:
    """Fills the port Sources. Line ends and a byte order mark stay in the text: nothing is lost on the way back."""

    def read(self, workspace: Workspace, file: PurePosixPath) -> str:
        """Raises UsageError for a file that is missing, outside the workspace, or not UTF-8."""
        unsaved = workspace.unsaved.get(file)
        if unsaved is not None:
            return unsaved
        try:
            return _inside(workspace, file).read_bytes().decode("utf-8")
        except FileNotFoundError:
            raise UsageError(f"there is no file {file} in {workspace.root}; check the path") from None
        except IsADirectoryError:
            raise UsageError(f"{file} is a folder; name a file, or nothing to let the failing tests choose") from None
        except PermissionError:
            raise UsageError(f"{file} cannot be read; check its permissions") from None
        except UnicodeDecodeError as error:
            raise UsageError(
                f"{file} is not UTF-8 (byte {error.start}: {error.object[error.start]:#04x}); save it as UTF-8 first"
            ) from None

    def write(self, workspace: Workspace, file: PurePosixPath, before: str, after: str) -> None:
        """Replace the file's text in one step; raises UsageError where it cannot be, or is no longer `before`."""
        path = _inside(workspace, file).resolve()
        if path.read_bytes() != before.encode():
            raise UsageError(f"{file} has changed since it was tested, so nothing was applied; run the command again")
        try:
            _replace(path, after.encode())
        except OSError as error:
            raise UsageError(
                f"{file} cannot be written ({error.strerror}); the diff above can be applied by hand"
            ) from None


def workspace_root(start: Path) -> Path:
    """The nearest folder from `start` upwards that looks like a project; `start` itself where none does."""
    start = start.resolve()
    home = Path.home()
    for folder in (start, *start.parents):
        if folder == home or folder == Path(folder.anchor):
            break
        if any((folder / mark).exists() for mark in ROOT_MARKS):
            return folder
    return start


def _inside(workspace: Workspace, file: PurePosixPath) -> Path:
    path = workspace.root / file
    if not path.resolve().is_relative_to(workspace.root.resolve()):
        raise UsageError(
            f"{file} lies outside the workspace {workspace.root}; run perforch in the folder that holds it"
        )
    return path


def _replace(path: Path, content: bytes) -> None:
    """Write beside the file and rename over it: a crash leaves the old text or the new, never half of one."""
    status = path.stat()
    if not os.access(path, os.W_OK):
        raise PermissionError(13, "Permission denied", str(path))
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    beside = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        beside.chmod(status.st_mode)
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise
