"""Past requests outlive damage, and do not grow without end."""

from pathlib import Path

import pytest

from perforch.adapters import history as module
from perforch.adapters.history import History
from perforch.core.history import PastRun


def run(number: int, text: str = "") -> PastRun:
    return PastRun(f"run-{number}", f"2026-01-01T00:00:{number % 60:02}", {"outcome": "none"}, text, None)


def names(history: History) -> list[str]:
    return [each.id for each in history.runs()]


def test_runs_come_back_newest_first_with_what_was_decided(tmp_path: Path) -> None:
    history = History(tmp_path, tmp_path)
    for number in range(3):
        history.add(run(number, "before\n"))
    history.decide("run-1", accepted=False)
    history.decide("run-2", accepted=True)
    history.decide("run-9", accepted=True)
    assert [(each.id, each.accepted) for each in history.runs()] == [("run-2", True), ("run-1", False), ("run-0", None)]
    assert history.runs(1) == history.runs()[:1]
    assert history.find("run-0") == run(0, "before\n")
    assert history.find("run-9") is None


def test_each_workspace_has_its_own(tmp_path: Path) -> None:
    History(tmp_path, tmp_path / "a").add(run(1))
    assert names(History(tmp_path, tmp_path / "b")) == []


def test_damaged_lines_are_passed_over(tmp_path: Path) -> None:
    history = History(tmp_path, tmp_path)
    history.add(run(1))
    file = next(tmp_path.glob("history/*.jsonl"))
    damage = [
        b'{"id": "run-1"',
        b"[]",
        b'{"id": 3, "accepted": true}',
        b'{"id": "x", "report": 5}',
        b"\xff\xfe",
        b"",
        b"null",
    ]
    file.write_bytes(b"\n".join([*damage, file.read_bytes(), *damage, b""]))
    history.add(run(2))
    assert names(history) == ["run-2", "run-1"]


def test_the_oldest_are_forgotten_when_there_are_too_many(tmp_path: Path) -> None:
    history = History(tmp_path, tmp_path)
    for number in range(2 * module.MOST_RUNS + 2):
        history.add(run(number))
    found = names(history)
    assert found[0] == f"run-{2 * module.MOST_RUNS + 1}"
    assert len(found) <= module.MOST_RUNS + 1


def test_large_files_do_not_fill_the_disk(tmp_path: Path) -> None:
    history = History(tmp_path, tmp_path)
    for number in range(12):
        history.add(run(number, "x" * (module.MOST_BYTES // 8)))
    assert next(tmp_path.glob("history/*.jsonl")).stat().st_size <= module.MOST_BYTES
    assert names(history)[0] == "run-11"


def test_a_folder_that_cannot_be_written_fails_no_request(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "history").write_text("a file", encoding="utf-8")
    history = History(tmp_path, tmp_path)
    history.add(run(1))
    assert names(history) == []
    assert "not remembered" in caplog.text
