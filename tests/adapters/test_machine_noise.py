"""The noise of this machine: measured with real processes, kept, and believed only of this machine."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from perforch.adapters.noise import MachineNoise, identity
from perforch.adapters.sandbox import Sandbox


@pytest.mark.slow
async def test_identical_runs_are_measured_once_and_the_figure_is_kept(tmp_path: Path) -> None:
    found = await MachineNoise(tmp_path / "cache").measure(Sandbox.probe("process"))
    again = MachineNoise(tmp_path / "cache")
    assert found is not None
    assert 0 < found.spread < 1
    assert found.pairs >= 6
    assert again.known() == found
    assert again.is_fresh()


def kept(folder: Path, **other: object) -> MachineNoise:
    now = datetime.now(UTC).isoformat()
    fields = {"machine": identity(), "spread": 0.02, "pairs": 12, "date": now, **other}
    (folder / "noise.json").write_text(json.dumps(fields), encoding="utf-8")
    return MachineNoise(folder)


def test_what_was_found_long_ago_is_known_but_not_fresh(tmp_path: Path) -> None:
    old = kept(tmp_path, date=(datetime.now(UTC) - timedelta(days=3)).isoformat())
    assert (old.known() is not None, old.is_fresh()) == (True, False)
    assert kept(tmp_path).is_fresh()


@pytest.mark.parametrize(
    "other",
    [{"machine": "another"}, {"spread": "much"}, {"date": "yesterday"}, {"date": "2026-01-01"}, {"pairs": None}],
    ids=str,
)
def test_figures_of_other_machines_and_damaged_ones_count_for_nothing(other: dict[str, object], tmp_path: Path) -> None:
    noise = kept(tmp_path, **other)
    assert noise.known() is None
    assert not noise.is_fresh()


def test_a_machine_that_was_never_measured_has_no_figure(tmp_path: Path) -> None:
    assert MachineNoise(tmp_path).known() is None
