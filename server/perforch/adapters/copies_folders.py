"""Where copies live on disk: one folder per living owner, and none for the dead."""

import fcntl
import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from perforch.core.errors import SandboxUnavailable

LOCK = "lock"
_SESSION = "session-"


class Session:
    """The folder of one living process; who holds the lock on its file is alive, whatever process ids say."""

    def __init__(self, base: Path) -> None:
        with _locked(base):
            self.folder = Path(tempfile.mkdtemp(prefix=_SESSION, dir=base))
            self._lock = os.open(self.folder / LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def new_folder(self, kind: str) -> Path:
        return Path(tempfile.mkdtemp(prefix=f"{kind}-", dir=self.folder))

    def close(self) -> None:
        remove_tree(self.folder)
        os.close(self._lock)
        _remove_if_unused(self.folder.parent)


def usual_session() -> Session:
    """A session in the usual place: should its owner be killed, the next start sweeps it away."""
    return Session(private_base(Path(tempfile.gettempdir()).resolve()))


@contextmanager
def scratch(kind: str) -> Iterator[Path]:
    """A folder of its own, gone after the block or, at the latest, after the next start."""
    session = usual_session()
    try:
        yield session.new_folder(kind)
    finally:
        session.close()


def private_base(folder: Path) -> Path:
    """The folder below `folder` that is ours alone; made when it is first needed, and gone when nobody needs it."""
    return folder / f"perforch-{os.getuid()}"


def sweep(base: Path) -> tuple[Path, ...]:
    """Remove the folders of owners that no longer live; returns them."""
    if not base.exists():
        return ()
    with _locked(base):
        left = tuple(folder for folder in base.glob(f"{_SESSION}*") if not _is_owned(folder))
        for folder in left:
            remove_tree(folder)
    _remove_if_unused(base)
    return left


def remove_tree(folder: str | os.PathLike[str]) -> None:
    """Remove a tree in which programs may have done what they like; what is not there is no error."""
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        if os.path.lexists(folder):
            remove_tree(folder)  # something in it vanished meanwhile
    except (OSError, RecursionError):
        # They took away permissions, or nested deeper than Python can follow.
        subprocess.run(["chmod", "-R", "u+rwx", "--", folder], check=False, stderr=subprocess.DEVNULL)
        subprocess.run(["rm", "-rf", "--", folder], check=False, stderr=subprocess.DEVNULL)


def _is_owned(folder: Path) -> bool:
    try:
        lock = os.open(folder / LOCK, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False


@contextmanager
def _locked(base: Path) -> Iterator[None]:
    """Nobody sweeps while another is between making a folder and locking it."""
    lock = _lock_of(base)
    try:
        yield
    finally:
        os.close(lock)


def _lock_of(base: Path) -> int:
    while True:
        base.mkdir(mode=0o700, exist_ok=True)
        _check_ours(base)
        try:
            lock = os.open(base / LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        except FileNotFoundError:
            continue  # its last user has just removed the folder
        fcntl.flock(lock, fcntl.LOCK_EX)
        if os.fstat(lock).st_nlink:
            return lock
        os.close(lock)


def _check_ours(base: Path) -> None:
    """Another user may have made a folder of this name, to look into it or to lead us astray."""
    found = base.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise SandboxUnavailable(
            f"{base} must be a folder that only you can enter, since copies of workspaces are put there; "
            "remove it, or set TMPDIR to a folder of your own"
        )


def _remove_if_unused(base: Path) -> None:
    with _locked(base):
        if not any(base.glob(f"{_SESSION}*")):
            (base / LOCK).unlink()
            base.rmdir()
