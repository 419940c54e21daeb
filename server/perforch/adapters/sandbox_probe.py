"""Finds the best rung of the ladder by standing on each: what a machine claims to have is not always allowed."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from perforch.adapters.commands import Command, Rlimits
from perforch.adapters.copies import Copy
from perforch.adapters.copies_folders import scratch
from perforch.adapters.copies_layers import FullLayer, OverlayLayer
from perforch.adapters.guard_plan import Rung
from perforch.adapters.machine import Machine, this_machine
from perforch.adapters.processes import GuardLost, run_guarded
from perforch.adapters.sandbox import LEVELS, Sandbox
from perforch.core.errors import SandboxUnavailable

LADDER: tuple[Rung, ...] = ("bubblewrap", "unshare", "landlock", "process")
_ORDER = ("process", "landlock", "namespaces")
_ANSWER = 7  # an exit status that only a program that really ran gives
_NETWORK: Mapping[Rung, str] = {
    "landlock": "TCP is closed, the loopback included, if the kernel is 6.7 or newer; UDP is open",
    "process": "files and network are open to the programs; only limits and copies protect you",
}
_ADVICE = (
    "install bubblewrap (`apt install bubblewrap`), allow unprivileged user namespaces "
    "(`sysctl kernel.unprivileged_userns_clone=1`, on Ubuntu also kernel.apparmor_restrict_unprivileged_userns=0), "
    "or lower `sandbox.minimum` in perforch.toml"
)


def probe(minimum: str, ladder: Sequence[Rung] = LADDER) -> Sandbox:
    """The first rung that holds, with the reasons why those before it did not.

    `minimum` is a level: "namespaces", "landlock" or "process". Raises SandboxUnavailable below it.
    """
    machine = this_machine()
    reasons: list[str] = []
    for rung in ladder:
        if _ORDER.index(LEVELS[rung]) < _ORDER.index(minimum):
            break
        trouble = why_not(rung, machine)
        if trouble is None:
            return _described(rung, machine, reasons)
        reasons.append(f"no {rung}: {trouble}")
    raise SandboxUnavailable(
        f"programs cannot be isolated at the level {minimum!r} here ({'; '.join(reasons)}); {_ADVICE}"
    )


def why_not(rung: Rung, machine: Machine) -> str | None:
    """What keeps this machine from the rung, or None."""
    if rung == "bubblewrap" and machine.bubblewrap is None:
        return "bwrap is not installed"
    return _attempt(Sandbox(rung, machine), with_overlay=False)


def _described(rung: Rung, machine: Machine, reasons: list[str]) -> Sandbox:
    if LEVELS[rung] != "namespaces":
        return Sandbox(rung, machine, (*reasons, f"uses {rung}", _NETWORK[rung]), has_overlay=False)
    trouble = _attempt(Sandbox(rung, machine), with_overlay=True)
    note = "copies are overlays" if trouble is None else f"copies are full, no overlay: {trouble}"
    return Sandbox(rung, machine, (*reasons, f"uses {rung}", note), has_overlay=trouble is None)


def _attempt(sandbox: Sandbox, *, with_overlay: bool) -> str | None:
    """Run a small program for real, in an empty workspace; what went wrong, or None."""
    try:
        with scratch("probe") as folder:
            return _tried(sandbox, folder, with_overlay=with_overlay)
    except GuardLost:
        return "the guard did not start; it needs Linux"


def _tried(sandbox: Sandbox, folder: Path, *, with_overlay: bool) -> str | None:
    workspace = folder / "workspace"
    workspace.mkdir()
    top, work = folder / "top", folder / "work"
    top.mkdir()
    work.mkdir()
    layer = OverlayLayer(workspace, (), top, work) if with_overlay else FullLayer(workspace, top, ())
    copy = Copy(folder, layer, workspace if sandbox.hides_original else top)
    script = f"test -d / && echo x > written && mkdir d && rmdir d && mkdir d && exit {_ANSWER}"
    command = Command(("/bin/sh", "-c", script), workspace, {}, (), Rlimits(wall_seconds=10))
    report = run_guarded(sandbox.plan(command, copy))
    if report["status"] == _ANSWER and (top / "written").exists():
        return None
    return report["trouble"] or report["output"].decode(errors="replace").strip() or "the program did not run"
