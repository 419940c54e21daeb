import json
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from memory_cases import PLACE, many, seen
from perforch.adapters.journal import Journal
from perforch.adapters.rankings_store import RankingsStore
from perforch.core.belief import Knowledge
from perforch.core.errors import MemoryUnavailable, UsageError
from perforch.core.experience import Experience, experience_of
from perforch.core.fallback import conditional_order
from perforch.core.observation import Observation
from perforch.core.ranking import Preference, rank


def store(folder: Path, *, compact_every: int = 4) -> RankingsStore:
    return RankingsStore(folder, now=lambda: datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), compact_every=compact_every)


def sums(experience: Experience) -> dict[str, tuple[int, int]]:
    counts: dict[str, tuple[int, int]] = {}
    for (model, _), tally in experience.leaves.items():
        successes, asked = counts.get(model, (0, 0))
        counts[model] = (successes + tally.successes, asked + tally.asked)
    return counts


def filled(folder: Path, observations: list[Observation] | None = None) -> RankingsStore:
    memory = store(folder)
    for observation in observations or many("a", 6, 4):
        memory.remember([observation])
    return memory


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir() if path.name != ".lock"}


def test_what_was_remembered_is_there_after_a_restart(tmp_path: Path) -> None:
    observations = [*many("a", 6, 3), *many("b", 1, 0), seen("b", True, task="t", cost_usd=0.5, after=1)]
    before = filled(tmp_path, observations).experience()
    after = store(tmp_path).experience()
    assert after.leaves == before.leaves == experience_of(observations).leaves
    assert list(after.joint(PLACE.stage, PLACE.language).outcomes()) == [("t", "b", True)]


def test_a_second_process_sees_what_the_first_remembers(tmp_path: Path) -> None:
    one, other = store(tmp_path), store(tmp_path)
    for number in range(1, 12):
        one.remember([seen("a", True)])
        assert sums(other.experience()) == {"a": (number, number)}


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("rankings.json", b""),
        ("rankings.json", b"\x00" * 4096),
        ("rankings.json", b'{"reach": {"1": {"format": 1'),
        ("rankings.json", b"[]"),
        ("rankings.json", b'{"reach": {}}'),
        ("rankings.json", b'{"reach": {"1": {"format": 1, "first_line": "x", "offset": "many"}}}'),
        ("rankings.json", b"[" * 100_000),
        ("rankings.json", b'{"reach": {"1": {"format": 2, "first_line": "x", "offset": Infinity}}}'),
        ("observations.jsonl", b""),
        ("observations.jsonl", b"\xff\xfe\x00garbage without any line"),
        ("observations.jsonl", b"\x00" * 10_000 + b"\n{}\n"),
    ],
)
def test_either_file_is_made_anew_from_the_other_when_damaged(tmp_path: Path, name: str, damage: bytes) -> None:
    filled(tmp_path, many("a", 5, 3))  # all of them are in the compact form too
    (tmp_path / name).write_bytes(damage)
    memory = store(tmp_path)
    assert sums(memory.experience()) == {"a": (5, 8)}
    assert memory.notices
    memory.remember([seen("a", True)])
    again = store(tmp_path)
    assert sums(again.experience()) == {"a": (6, 9)}
    assert again.notices == ()


@pytest.mark.parametrize(
    ("table", "change"),
    [
        ("tallies", {"successes": 10**300}),
        ("tallies", {"successes": -1}),
        ("tallies", {"trials": float("nan")}),
        ("tallies", {"trials": -40.0}),
        ("tallies", {"gained": 1, "log_gains": 1e6}),
        ("tallies", {"asked": 10**400}),
        ("tallies", {"model": "\ud800"}),
        ("reach", {"offset": 7}),
        ("reach", {"offset": -5}),
    ],
)
def test_sums_that_cannot_be_are_made_anew(tmp_path: Path, table: str, change: dict[str, object]) -> None:
    filled(tmp_path, many("a", 5, 3))
    content = json.loads((tmp_path / "rankings.json").read_bytes())
    content[table]["1"] |= change
    (tmp_path / "rankings.json").write_text(json.dumps(content), encoding="utf-8")
    memory = store(tmp_path)
    assert sums(memory.experience()) == {"a": (5, 8)}
    assert memory.notices


@pytest.mark.parametrize("name", ["after", "seconds", "cost_usd"])
def test_a_number_that_is_too_large_is_skipped(tmp_path: Path, name: str) -> None:
    filled(tmp_path, many("a", 3, 0))
    path = tmp_path / "observations.jsonl"
    record = json.loads(path.read_text(encoding="utf-8").splitlines()[0]) | {"id": "new", name: 10**400}
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(record) + "\n")
    assert sums(store(tmp_path).experience()) == {"a": (3, 3)}


def test_what_a_killed_process_left_half_written_is_cleared_away(tmp_path: Path) -> None:
    filled(tmp_path)
    (tmp_path / "rankings.json.x1y2.new").write_bytes(b"half")
    store(tmp_path)
    assert not list(tmp_path.glob("*.new"))


def test_a_damaged_file_is_kept_under_a_dated_name(tmp_path: Path) -> None:
    filled(tmp_path)
    for _ in range(2):
        (tmp_path / "rankings.json").write_bytes(b"broken")
        assert "rankings.json.damaged-20260102-030405" in store(tmp_path).notices[0]
    assert {"rankings.json.damaged-20260102-030405", "rankings.json.damaged-20260102-030405-1"} <= files(tmp_path)


def test_a_deleted_journal_leaves_its_sums(tmp_path: Path) -> None:
    filled(tmp_path, many("a", 5, 3))
    (tmp_path / "observations.jsonl").unlink()
    assert sums(store(tmp_path).experience()) == {"a": (5, 8)}


def test_a_line_cut_off_by_a_crash_spoils_only_itself(tmp_path: Path) -> None:
    filled(tmp_path, many("a", 2, 0))
    with (tmp_path / "observations.jsonl").open("ab") as file:
        file.write(b'{"id": "half", "mod')
    memory = store(tmp_path)
    assert any("cut off" in notice for notice in memory.notices)
    memory.remember([seen("a", True)])
    assert sums(store(tmp_path).experience()) == {"a": (3, 3)}


def test_lines_that_make_no_sense_are_skipped_and_told(tmp_path: Path) -> None:
    path = tmp_path / "observations.jsonl"
    filled(tmp_path, many("a", 3, 0))
    lines = path.read_bytes().splitlines(keepends=True)
    bad = [b"nonsense\n", b'{"id": 7}\n', b"\xff\n", lines[0].replace(b"strings", b"unheard-of")]
    path.write_bytes(b"".join([*bad, *lines]))
    memory = store(tmp_path)
    assert sums(memory.experience()) == {"a": (3, 3)}
    assert sum("was skipped" in notice for notice in memory.notices) == len(bad)


def test_an_id_counts_once_however_often_it_stands_in_the_journal(tmp_path: Path) -> None:
    Journal(tmp_path / "observations.jsonl").append([seen("a", True, key="same")] * 3)
    assert sums(store(tmp_path).experience()) == {"a": (1, 1)}


def test_the_observations_of_several_people_merge_and_count_nothing_twice(tmp_path: Path) -> None:
    ann, bob = filled(tmp_path / "ann", many("a", 3, 1)), filled(tmp_path / "bob", many("a", 1, 1))
    shared = tmp_path / "shared.jsonl"
    assert ann.export_to(shared) == 4
    first, second = bob.merge_from(shared), bob.merge_from(shared)
    assert (first.added, first.known, second.added, second.known) == (4, 0, 0, 4)
    bob.export_to(shared)
    assert (ann.merge_from(shared).added, ann.merge_from(shared).known) == (2, 6)
    assert sums(ann.experience()) == sums(bob.experience()) == {"a": (4, 6)}
    assert sums(store(tmp_path / "ann").experience()) == {"a": (4, 6)}


def test_an_import_refuses_what_is_no_observation_and_takes_the_rest(tmp_path: Path) -> None:
    ann, bob = filled(tmp_path / "ann", many("a", 2, 0)), store(tmp_path / "bob")
    shared = tmp_path / "shared.jsonl"
    ann.export_to(shared)
    record = json.loads(shared.read_text().splitlines()[0])
    bad = [
        {**record, "id": "x1", "model": "def f():\n    return 1"},
        {**record, "id": "x2", "success": "yes"},
        {**record, "id": "x3", "seconds": -1},
        {**record, "id": "x4", "stage": "think"},
        {**record, "id": "x" * 1000},
    ]
    carrying = {**record, "id": "ok", "code": "def secret(): ..."}
    shared.write_text("\n".join([shared.read_text(), *map(json.dumps, [*bad, carrying])]))
    merged = bob.merge_from(shared)
    assert (merged.added, len(merged.refused)) == (3, len(bad))
    assert "secret" not in (tmp_path / "bob" / "observations.jsonl").read_text()


def test_a_reset_forgets_everything_and_leaves_a_backup_that_can_be_imported(tmp_path: Path) -> None:
    memory, other = filled(tmp_path, many("a", 6, 4)), store(tmp_path)
    backup = memory.reset()
    assert backup is not None
    assert sums(memory.experience()) == sums(other.experience()) == sums(store(tmp_path).experience()) == {}
    assert memory.merge_from(backup).added == 10
    assert sums(other.experience()) == {"a": (6, 10)}


def test_a_reset_of_nothing_makes_no_backup(tmp_path: Path) -> None:
    assert store(tmp_path).reset() is None


def test_a_folder_that_cannot_be_used_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(MemoryUnavailable, match="make the folder writable"):
        store(tmp_path / "file" / "memory")


def test_an_import_of_a_missing_file_is_the_users_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="rankings export"):
        store(tmp_path).merge_from(tmp_path / "nowhere.jsonl")


def test_a_look_up_takes_less_than_a_millisecond_at_ten_thousand_observations(tmp_path: Path) -> None:
    models = [f"model-{number}" for number in range(12)]
    Journal(tmp_path / "observations.jsonl").append(
        seen(models[number % 12], number % 7 < 4, task=f"t{number // 12 % 500}") for number in range(10_000)
    )
    memory = store(tmp_path)

    def look_up() -> float:  # CPU time: other programs on the machine are not the point
        start = time.thread_time()
        known = Knowledge(memory.experience())
        conditional_order(rank(models, PLACE, known), known.experience.joint(PLACE.stage, "python"), Preference.QUALITY)
        return time.thread_time() - start

    assert sorted(look_up() for _ in range(51))[25] < 0.001
