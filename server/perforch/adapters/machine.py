"""What this machine has to isolate with, and what of it a sandbox shows."""

import os
import pwd
import shutil
from dataclasses import dataclass
from pathlib import Path

# Mounted read-only, where it exists; `/home`, `/root`, `/srv`, `/mnt`, `/var` and the rest are not there at all.
SYSTEM = (
    *("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc", "/opt"),
    *("/nix/store", "/gnu/store", "/run/current-system"),
)
# Only here, so that a PATH that somebody else filled cannot name the program that is to protect us.
_TRUSTED_PATH = "/usr/bin:/bin:/usr/local/bin:/run/current-system/sw/bin"
_INSIDE_ID = 1000  # for root: a program that believes itself root behaves differently


@dataclass(frozen=True, slots=True)
class Machine:
    """Facts that do not change while we run. `hidden`: parts of the system that only root may read, if we are root."""

    bubblewrap: str | None
    home: Path
    uid: int  # as a program in a user namespace sees itself
    gid: int
    system: tuple[Path, ...]
    hidden: tuple[Path, ...]


def this_machine() -> Machine:
    user = os.geteuid()
    return Machine(
        bubblewrap=shutil.which("bwrap", path=_TRUSTED_PATH),
        home=Path(pwd.getpwuid(user).pw_dir) if _is_known(user) else Path("/"),
        uid=user or _INSIDE_ID,
        gid=os.getegid() or _INSIDE_ID,
        system=tuple(Path(folder) for folder in SYSTEM if os.path.lexists(folder)),
        hidden=() if user else tuple(_secrets(Path("/etc"))),
    )


def visible_parts(folder: Path, hidden: tuple[Path, ...]) -> list[Path]:
    """`folder` as the largest parts that contain nothing hidden."""
    if folder in hidden:
        return []
    if not any(folder in secret.parents for secret in hidden):
        return [folder]
    return [part for child in sorted(folder.iterdir()) for part in visible_parts(child, hidden)]


def _is_known(user: int) -> bool:
    return any(entry.pw_uid == user for entry in pwd.getpwall())


def _secrets(folder: Path) -> list[Path]:
    """Root's programs would read what others may not: passwords, host keys."""
    found: list[Path] = []
    for entry in os.scandir(folder):
        mode = entry.stat(follow_symlinks=False).st_mode
        if entry.is_symlink():
            continue
        if not mode & 0o004:
            found.append(Path(entry.path))
        elif entry.is_dir():
            found += _secrets(Path(entry.path))
    return found
