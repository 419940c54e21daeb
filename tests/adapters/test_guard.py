"""Nothing of a run survives its owner, however the owner ends."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from rungs import LADDER, Place, alive, place_on, rungs, wait_until

from perforch.adapters.copies import Copies

OWNER = """
    import asyncio, sys
    from pathlib import Path
    from perforch.adapters.commands import Command
    from perforch.adapters.copies import Copies
    from perforch.adapters.sandbox_probe import probe
    from perforch.core.task import Workspace

    async def main(rung, folder, marker):
        sandbox = probe("process", (rung,))
        copies = Copies(sandbox, Path(folder) / "copies")
        root = Path(folder) / "workspace"
        script = f"setsid sleep {marker} & (setsid sh -c 'sleep {marker} & sleep {marker}' &) ; sleep {marker}"
        async with copies.open(Workspace(root), {}) as copy:
            await sandbox.run(Command(("/bin/sh", "-c", script), root, {"PATH": "/usr/bin:/bin"}), copy)

    asyncio.run(main(*sys.argv[1:]))
"""


@pytest.fixture(params=rungs())
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    yield from place_on(request.param, tmp_path.resolve())


@pytest.mark.parametrize(
    "number",
    [signal.SIGKILL, *(pytest.param(number, marks=pytest.mark.slow) for number in (signal.SIGTERM, signal.SIGINT))],
)
def test_the_owners_death_ends_the_run_and_removes_its_copy(place: Place, number: signal.Signals) -> None:
    marker = f"86400.{os.getpid()}{int(number)}"
    place.put(kept="old\n")
    folder = place.root.parent
    line = [sys.executable, "-c", textwrap.dedent(OWNER), place.sandbox.rung, str(folder), marker]
    environment = {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path), "PATH": "/usr/bin:/bin"}
    with subprocess.Popen(line, env=environment, stderr=subprocess.DEVNULL) as owner:
        assert wait_until(lambda: len(alive(f"sleep {marker}")) >= 4, 15)
        assert alive("perforch.adapters.guard")
        owner.send_signal(number)
        owner.wait()
        ended = time.monotonic()
        assert wait_until(lambda: not alive(marker), 2)
        assert time.monotonic() - ended < 2
    assert wait_until(lambda: not list(folder.glob("copies/*/session-*/copy-*")), 2)
    Copies(place.sandbox, folder / "copies").sweep()
    assert list(folder.glob("copies/*/session-*")) == []
    assert [path.read_text() for path in place.root.rglob("*")] == ["old\n"]


async def test_a_guard_that_is_killed_takes_the_program_with_it(place: Place) -> None:
    marker = f"86401.{os.getpid()}{len(place.sandbox.rung)}"
    run = asyncio.ensure_future(place.once(f"exec sleep {marker}"))
    assert await asyncio.to_thread(wait_until, lambda: alive(f"sleep {marker}"))
    for guard in guards():
        os.kill(guard, signal.SIGKILL)
    done = await run
    assert done.status == -9
    assert "guard was killed" in done.trouble
    assert await asyncio.to_thread(wait_until, lambda: not alive(marker))


@pytest.mark.slow
async def test_a_guard_that_is_killed_at_any_moment_of_the_start_leaves_nothing(place: Place) -> None:
    for milliseconds in range(0, 60, 4):
        marker = f"86402.{os.getpid()}{milliseconds:02}"
        run = asyncio.ensure_future(place.once(f"exec sleep {marker}"))
        while not (found := guards()):
            await asyncio.sleep(0.001)
        await asyncio.sleep(milliseconds / 1000)
        for guard in found:
            os.kill(guard, signal.SIGKILL)
        assert (await run).status == -9
        assert await asyncio.to_thread(wait_until, lambda text=marker: not alive(text))


def guards() -> list[int]:
    """Those that this process has started."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            line = (process / "cmdline").read_bytes()
            parent = (process / "stat").read_text().rpartition(")")[2].split()[1]
        except OSError:
            continue
        if b"perforch.adapters.guard" in line and parent == str(os.getpid()):
            found.append(int(process.name))
    return found


def test_the_ladder_goes_from_strict_to_loose() -> None:
    assert LADDER == ("bubblewrap", "unshare", "landlock", "process")
