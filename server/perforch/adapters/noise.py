"""How much this machine's measurements differ by themselves: found once by identical runs, and kept in a file."""

import base64
import itertools
import json
import logging
import math
import os
import pickle
import platform
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from perforch.adapters import profiler_wire as wire
from perforch.adapters.commands import Command, Rlimits
from perforch.adapters.copies import Copies
from perforch.adapters.copies_folders import scratch
from perforch.adapters.profiler import PROGRAM, Station, in_turns, station
from perforch.adapters.profiler_wire import Fields
from perforch.adapters.sandbox import Sandbox
from perforch.core.calls import Call, Workload
from perforch.core.errors import LaboratoryUnavailable, SandboxUnavailable
from perforch.core.measurement import Pair, Sample
from perforch.core.noise import Noise, noise_of
from perforch.core.task import Workspace

log = logging.getLogger(__name__)

PAIRS = 12  # tell the spread to within a quarter of it
LEAST_PAIRS = 6
SECONDS = 3.0  # after which fewer pairs must do
FRESH = timedelta(hours=1)  # what else the machine does changes
REGION_SECONDS = 0.055  # of CPU, as in a comparison
MODULE = "busy.py"
MODULE_TEXT = """
def work(turns):
    kept = {}
    for turn in range(turns):
        kept[turn % 997] = [turn * turn % 7, str(turn)]
    return sorted(map(str, kept.values()))[0]
"""
TURNS, TRIED_REPEATS = 5_000, 4


class MachineNoise:
    """The figure of this machine; another machine's in the same file counts for nothing."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "noise.json"

    def known(self) -> Noise | None:
        """What was found when this was last looked at, however long ago."""
        try:
            kept = json.loads(self._file.read_text(encoding="utf-8"))
            if kept["machine"] != identity():
                return None
            noise = Noise(float(kept["spread"]), int(kept["pairs"]), str(kept["date"]))
            _age(noise)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            log.warning("%s is damaged and is ignored: %s", self._file, error)
            return None
        return noise

    def is_fresh(self) -> bool:
        noise = self.known()
        return noise is not None and _age(noise) < FRESH

    async def measure(self, sandbox: Sandbox) -> Noise | None:
        """Look now, for a few seconds, and keep what was found; None where nothing can be measured here."""
        try:
            async with _twins(sandbox) as twins:
                pairs = await twins.pairs()
        except (LaboratoryUnavailable, SandboxUnavailable) as error:
            log.warning("the noise of this machine cannot be measured: %s", error)
            return None
        noise = noise_of(pairs, datetime.now(UTC).isoformat(timespec="seconds"))
        self._keep(noise)
        return noise

    def _keep(self, noise: Noise) -> None:
        fields = {"machine": identity(), "spread": noise.spread, "pairs": noise.pairs, "date": noise.date}
        beside = self._file.with_suffix(f".{os.getpid()}")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            beside.write_text(json.dumps(fields), encoding="utf-8")
            beside.replace(self._file)
        except OSError as error:  # then it is measured again
            log.warning("the noise of this machine was not kept: %s", error)


def _age(noise: Noise) -> timedelta:
    return datetime.now(UTC) - datetime.fromisoformat(noise.date)


def identity() -> str:
    """What makes this another machine than the one that wrote the file."""
    return "; ".join((platform.node(), platform.machine(), _processor(), f"{os.cpu_count()} CPUs", platform.release()))


def _processor() -> str:
    with suppress(OSError), Path("/proc/cpuinfo").open(encoding="utf-8", errors="replace") as file:
        for line in file:
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor()


@asynccontextmanager
async def _twins(sandbox: Sandbox) -> AsyncIterator["Twins"]:
    """The program that measures comparisons, twice, each in a copy of its own of a small workspace of ours."""
    with scratch("noise") as folder:
        workspace = _workspace(folder)
        copies = Copies(sandbox)
        try:
            async with AsyncExitStack() as stack:
                both = [await stack.enter_async_context(copies.open(workspace, {})) for _ in range(2)]
                command = _command(workspace)
                stations = [await stack.enter_async_context(station(sandbox, command, copy)) for copy in both]
                yield Twins(stations, [copy.translated(str(workspace.root)) for copy in both])
        finally:
            copies.close()


def _workspace(folder: Path) -> Workspace:
    (folder / MODULE).write_text(MODULE_TEXT, encoding="utf-8")
    return Workspace(folder.resolve())


def _command(workspace: Workspace) -> Command:
    return Command(
        argv=(sys.executable, str(PROGRAM)),
        cwd=workspace.root,
        environment={"PATH": os.defpath, "PYTHONHASHSEED": "0"},
        readable=(Path(sys.prefix), Path(sys.base_prefix), PROGRAM.parent),
        rlimits=Rlimits(wall_seconds=10 * SECONDS),
    )


class Twins:
    """Measures the same program twice, again and again, as two versions are compared."""

    def __init__(self, stations: Sequence[Station], folders: Sequence[str]) -> None:
        self._places = {one: _place(folder) for one, folder in zip(stations, folders, strict=True)}
        self._processors = itertools.count()

    async def pairs(self) -> list[Pair]:
        """As many as the time allows. Raises LaboratoryUnavailable."""
        packed = base64.b64encode(pickle.dumps(([TURNS], {}), protocol=4)).decode("ascii")
        workload = Workload("", (Call(packed, f"work({TURNS})"),), repeats=1, fresh=False)
        await self._pair(workload)  # compiles the modules
        once = (await self._pair(replace(workload, repeats=TRIED_REPEATS))).old
        workload = replace(workload, repeats=math.ceil(REGION_SECONDS / once.cpu_seconds * TRIED_REPEATS))
        found: list[Pair] = []
        end = time.monotonic() + SECONDS
        while len(found) < PAIRS and (time.monotonic() < end or len(found) < LEAST_PAIRS):
            found.append(await self._pair(workload))
        return found

    async def _pair(self, workload: Workload) -> Pair:
        job = wire.turns(workload, next(self._processors))
        answers = await in_turns({one: {**job, "place": place} for one, place in self._places.items()})
        old, new = (_measured(answers[one]) for one in self._places)
        return Pair(old, new)


def _place(folder: str) -> Sequence[object]:
    return [Path(MODULE).stem, f"{folder}/{MODULE}", ["work"], [folder, *filter(None, sys.path)]]


def _measured(answer: Fields) -> Sample:
    sample = wire.sample(answer["sample"])
    if isinstance(sample, str):
        raise LaboratoryUnavailable(f"identical runs cannot be measured: {sample}")
    return sample
