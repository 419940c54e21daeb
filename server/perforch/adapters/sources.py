"""The text of the user's files: unsaved text first, then the disk, byte for byte as it is."""

from pathlib import PurePosixPath

from perforch.core.errors import UsageError
from perforch.core.task import Workspace


class WorkspaceSources:
    """Fills the port Sources. Line ends and a byte order mark stay in the text: nothing is lost on the way back."""

    def read(self, workspace: Workspace, file: PurePosixPath) -> str:
        """Raises UsageError for a file that is missing, outside the workspace, or not UTF-8."""
        unsaved = workspace.unsaved.get(file)
        if unsaved is not None:
            return unsaved
        path = workspace.root / file
        if not path.resolve().is_relative_to(workspace.root.resolve()):
            raise UsageError(
                f"{file} lies outside the workspace {workspace.root}; run perforch in the folder that holds it"
            )
        try:
            return path.read_bytes().decode("utf-8")
        except FileNotFoundError:
            raise UsageError(f"there is no file {file} in {workspace.root}; check the path") from None
        except IsADirectoryError:
            raise UsageError(
                f"{file} is a folder; name a file, or nothing at all to let the failing tests choose"
            ) from None
        except PermissionError:
            raise UsageError(f"{file} cannot be read; check its permissions") from None
        except UnicodeDecodeError as error:
            raise UsageError(
                f"{file} is not UTF-8 (byte {error.start}: {error.object[error.start]:#04x}); save it as UTF-8 first"
            ) from None
