"""What a sandboxed program sees: the system, what it may read, and its copy at the workspace's own place."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from perforch.adapters.commands import Command
from perforch.adapters.copies_layers import FullLayer, OverlayLayer
from perforch.adapters.guard_plan import Mount, Overlay
from perforch.adapters.machine import Machine, visible_parts

if TYPE_CHECKING:
    from perforch.adapters.copies import Copy

INSIDE_TEMPORARY = Path("/tmp")  # noqa: S108 - the sandbox's own, a folder of the copy
INSIDE_HOME = INSIDE_TEMPORARY / "home"
_DEVICES = ("null", "zero", "full", "random", "urandom", "tty", "ptmx", "pts", "shm")


def mounts(machine: Machine, command: Command, copy: "Copy") -> list[Mount]:
    """In the order in which they are made: later ones lie over earlier ones."""
    return [
        *_system(machine),
        ("rw", str(copy.temporary), str(INSIDE_TEMPORARY)),
        ("rw", str(copy.temporary), "/var/tmp"),  # noqa: S108 - the same folder
        ("rw", str(copy.home), str(INSIDE_HOME)),
        *(("ro", str(folder), str(folder)) for folder in readable(machine, command, copy)),
        *_workspace(copy),
        ("rw", str(copy.exchange), str(copy.exchange)),
    ]


def overlay(copy: "Copy") -> Overlay | None:
    match copy.layer:
        case OverlayLayer(workspace, caches, top, work):
            lower = [str(folder) for folder in (*caches, workspace)]
            return {"lower": lower, "upper": str(top), "work": str(work), "target": str(workspace)}
        case FullLayer():
            return None


def readable(machine: Machine, command: Command, copy: "Copy") -> list[Path]:
    """The folders that the command asks for, with the places that they are links to, outermost first.

    Not those within the workspace, which the copy shows; and never one that contains the home folder.
    """
    asked = {path for folder in command.readable for path in (folder, folder.resolve()) if folder.exists()}
    workspace = copy.workspace
    return sorted(
        folder
        for folder in asked
        if folder not in {machine.home, *machine.home.parents} and workspace not in {folder, *folder.parents}
    )


def landlock_readable(machine: Machine, command: Command, copy: "Copy") -> list[str]:
    system = [part for folder in machine.system for part in visible_parts(folder.resolve(), machine.hidden)]
    return [str(path) for path in (*system, Path("/proc"), *readable(machine, command, copy), *_linked(copy))]


def landlock_writable(copy: "Copy") -> list[str]:
    own = (copy.layer.top, copy.temporary, copy.home, copy.exchange)
    return [*map(str, own), *(f"/dev/{name}" for name in _DEVICES)]


def _system(machine: Machine) -> list[Mount]:
    shown: list[Mount] = [("dev", "", "/dev"), ("proc", "", "/proc"), ("dir", "", "/run")]
    for folder in machine.system:
        if folder.is_symlink():
            shown.append(("link", str(folder.readlink()), str(folder)))
        else:
            shown.append(("ro", str(folder), str(folder)))
    return shown + [
        ("tmpfs", "", str(secret)) if secret.is_dir() else ("ro", os.devnull, str(secret)) for secret in machine.hidden
    ]


def _workspace(copy: "Copy") -> list[Mount]:
    match copy.layer:
        case OverlayLayer(workspace):
            return [("rw", str(workspace), str(workspace))]
        case FullLayer(workspace, top, linked):
            links: list[Mount] = [("ro", str(workspace / folder), str(workspace / folder)) for folder in linked]
            return [("rw", str(top), str(workspace)), *links]


def _linked(copy: "Copy") -> list[Path]:
    match copy.layer:
        case OverlayLayer():
            return []
        case FullLayer(workspace, _, linked):
            return [workspace / folder for folder in linked]
