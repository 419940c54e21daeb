"""`perforch history` shows what was asked for in this workspace."""

import json
from pathlib import Path

import pytest

from perforch.adapters.history import History
from perforch.cli import main
from perforch.core.history import PastRun

FOUND = {
    "outcome": "proposal", "stage": "fix", "target": {"file": "a.py", "function": "f"},
    "candidate": {"model": "builtin"}, "reason": None,
}  # fmt: skip
NOTHING = {**FOUND, "outcome": "none", "candidate": None, "reason": {"code": "already-passes", "text": "..."}}


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "pyproject.toml").touch()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setenv("PERFORCH_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "work"


def test_runs_are_listed_newest_first(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    history = History(workspace.parent / "data", workspace)
    history.add(PastRun("one", "2026-01-01T10:00:00", FOUND))
    history.add(PastRun("two", "2026-01-01T11:00:00", NOTHING))
    history.decide("one", accepted=True)
    assert main(["history"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "2026-01-01T11:00:00  fix      f in a.py: nothing (already-passes)",
        "2026-01-01T10:00:00  fix      f in a.py: proposal by builtin, accepted",
    ]
    assert main(["history", "--json", "--limit", "1"]) == 0
    assert [run["id"] for run in json.loads(capsys.readouterr().out)["runs"]] == ["two"]


def test_a_workspace_without_runs_says_so(workspace: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["history"]) == 0
    assert "nothing was asked for" in capsys.readouterr().out
