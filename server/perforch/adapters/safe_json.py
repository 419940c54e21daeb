"""A storage for TinyDB that a crash cannot damage: the stock one writes in place and loses data to a second process.

The caller holds a lock around everything between opening and closing the database, so that a whole read-modify-write
is one step for other processes.
"""

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from tinydb.storages import Storage

from perforch.adapters.journal import sync_folder

UNFINISHED = ".new"  # ends the name of a file that is being written


class DamagedFile(Exception):
    """The file is not what was written."""


class SafeJsonStorage(Storage):
    """Reads a whole JSON file; replaces it atomically. The types are TinyDB's."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def read(self) -> dict[str, dict[str, Any]] | None:
        try:
            content = json.loads(self._path.read_bytes())
        except FileNotFoundError:
            return None
        except (ValueError, RecursionError) as error:
            raise DamagedFile(str(error)) from error
        if not isinstance(content, dict) or not all(isinstance(table, dict) for table in content.values()):
            raise DamagedFile("not a database of tables")
        return content

    def write(self, data: dict[str, dict[str, Any]]) -> None:
        replace_file(self._path, json.dumps(data, separators=(",", ":")).encode())


def replace_file(path: Path, content: bytes) -> None:
    """The file has either its old content or the new one, whenever power or process ends."""
    descriptor, name = tempfile.mkstemp(prefix=path.name + ".", suffix=UNFINISHED, dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    sync_folder(path.parent)
