"""The append-only file that is Memory's truth: one observation per line, on the disk before anybody is told so."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from perforch.adapters.records import BadRecord, line_of, observation_of
from perforch.core.observation import Observation


@dataclass(frozen=True, slots=True)
class Extract:
    """What stands in the journal from some offset on. `end`: the offset behind the last complete line."""

    observations: tuple[Observation, ...]
    end: int
    skipped: tuple[str, ...]  # why lines could not be read
    torn: bool  # a last line without an end: a write in progress, or one that was killed


@dataclass(frozen=True, slots=True)
class Identity:
    """Which file it is and how long: a changed inode or a shorter file means that it was replaced."""

    inode: int
    size: int


class Journal:
    """All writing methods expect that the caller holds the lock of the folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def identity(self) -> Identity | None:
        """None: there is no journal yet."""
        try:
            status = self.path.stat()
        except FileNotFoundError:
            return None
        return Identity(status.st_ino, status.st_size)

    def append(self, observations: Iterable[Observation]) -> None:
        """Returns when the lines are on the disk."""
        text = "".join(line_of(observation) + "\n" for observation in observations)
        is_new = not self.path.exists()
        descriptor = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
        try:
            # A killed writer may have left half a line: end it, so that it spoils only itself.
            _write(descriptor, ("" if _ends_with_line(descriptor) else "\n").encode() + text.encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if is_new:
            sync_folder(self.path.parent)

    def read(self, start: int = 0) -> Extract:
        """From a line's start to the end of the last complete line; lines that make no sense are skipped and told."""
        try:
            with self.path.open("rb") as file:
                file.seek(start)
                complete, end_of_line, rest = file.read().rpartition(b"\n")
        except FileNotFoundError:
            return Extract((), 0, (), torn=False)
        observations, skipped = [], []
        for number, line in enumerate(complete.split(b"\n"), 1):
            try:
                observations.extend([observation_of(line.decode())] if line.strip() else [])
            except (BadRecord, UnicodeDecodeError) as error:
                skipped.append(f"line {number} after byte {start}: {error}")
        end = start + len(complete) + len(end_of_line)
        return Extract(tuple(observations), end, tuple(skipped), torn=bool(rest.strip()))

    def ends_line(self, offset: int) -> bool:
        """Whether a line ends right before this byte."""
        try:
            with self.path.open("rb") as file:
                file.seek(max(0, offset - 1))
                return offset == 0 or file.read(1) == b"\n"
        except FileNotFoundError:
            return offset == 0

    def first_line_digest(self) -> str:
        """Tells one journal from another; "" while there is no complete line."""
        try:
            with self.path.open("rb") as file:
                line = file.readline(1 << 16)
        except FileNotFoundError:
            return ""
        return sha256(line).hexdigest() if line.endswith(b"\n") else ""


def sync_folder(folder: Path) -> None:
    """A new or renamed file is safe only when its folder is on the disk too; Windows knows no such thing."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write(descriptor: int, content: bytes) -> None:
    """All of it, also where the system takes it in pieces."""
    while content:
        content = content[os.write(descriptor, content) :]


def _ends_with_line(descriptor: int) -> bool:
    size = os.fstat(descriptor).st_size
    if size == 0:
        return True
    os.lseek(descriptor, size - 1, os.SEEK_SET)
    return os.read(descriptor, 1) == b"\n"
