"""Many processes at once, and processes killed at any moment."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from perforch.adapters.journal import Journal
from perforch.adapters.rankings_store import RankingsStore

SERVER = Path(__file__).parents[2] / "server"
TESTS = Path(__file__).parents[1]
# Prints an id when its observation is acknowledged. A small `compact_every` makes kills hit the compact form too.
WRITER = """
import sys
from pathlib import Path
from memory_cases import seen
from perforch.adapters.rankings_store import RankingsStore
folder, name, count, compact_every = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
memory = RankingsStore(folder, compact_every=compact_every)
print("ready", flush=True)
for number in range(count):
    memory.remember([seen("a", number % 2 == 0, task=f"t{number % 50}", key=f"{name}-{number}")])
    print(f"{name}-{number}", flush=True)
"""


def writer(folder: Path, name: str, count: int, compact_every: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder), name, str(count), str(compact_every)],
        env={"PYTHONPATH": f"{SERVER}:{TESTS}"},
        stdout=subprocess.PIPE,
        text=True,
    )


def check_that_many_processes_lose_nothing(folder: Path, processes: int, appends: int) -> None:
    running = [writer(folder, f"p{number}", appends, compact_every=64) for number in range(processes)]
    for process in running:
        process.communicate()
        assert process.returncode == 0
    expected = {f"p{number}-{index}" for number in range(processes) for index in range(appends)}
    extract = Journal(folder / "observations.jsonl").read()
    assert [one.id for one in extract.observations if one.id not in expected] == []
    assert len(extract.observations) == len(expected)
    check_that_memory_is_whole(folder, extract_size=len(expected))


def check_that_memory_is_whole(folder: Path, extract_size: int) -> None:
    memory = RankingsStore(folder)
    assert not [notice for notice in memory.notices if "damaged" in notice or "gone" in notice or "lost" in notice]
    assert sum(tally.asked for tally in memory.experience().leaves.values()) == extract_size


def check_that_kills_lose_nothing(folder: Path, kills: int) -> None:
    chance, acknowledged = random.Random(7), set[str]()
    for number in range(kills):
        with writer(folder, f"k{number}", 10_000, compact_every=2) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            time.sleep(chance.uniform(0.0, 0.06))
            process.send_signal(signal.SIGKILL)
            rest, _ = process.communicate()
            # A line that the kill cut off was acknowledged to nobody.
            acknowledged |= {line.strip() for line in rest.splitlines(keepends=True) if line.endswith("\n")}
        kept = {one.id for one in Journal(folder / "observations.jsonl").read().observations}
        assert acknowledged <= kept
        check_that_memory_is_whole(folder, extract_size=len(kept))
    assert acknowledged  # how many depends on how busy the machine is


def test_processes_that_append_at_once_lose_nothing(tmp_path: Path) -> None:
    check_that_many_processes_lose_nothing(tmp_path, processes=3, appends=30)


def test_a_killed_process_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    check_that_kills_lose_nothing(tmp_path, kills=3)


@pytest.mark.slow
def test_eight_processes_with_five_hundred_observations_each_lose_none(tmp_path: Path) -> None:
    check_that_many_processes_lose_nothing(tmp_path, processes=8, appends=500)


@pytest.mark.slow
def test_two_hundred_kills_lose_nothing_and_never_leave_an_unreadable_memory(tmp_path: Path) -> None:
    check_that_kills_lose_nothing(tmp_path, kills=200)
