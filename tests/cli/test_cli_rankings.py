"""What people and scripts see of Memory: the tables, the reasons, and files that come and go."""

import json
from pathlib import Path

import pytest

from memory_cases import PLACE, many
from perforch.adapters.rankings_store import RankingsStore
from perforch.cli import main

USE = ["builtin", "openai/gpt-4o", "local/nobody-knows"]


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's folders of their own, an empty workspace as the current directory; gives the data folder."""
    for name in ("config", "data", "cache"):
        monkeypatch.setenv(f"XDG_{name.upper()}_HOME", str(tmp_path / name))
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "config" / "perforch").mkdir(parents=True)
    (tmp_path / "config" / "perforch" / "perforch.toml").write_text(f"[models]\nuse = {json.dumps(USE)}\n")
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "data" / "perforch"


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> "Told":
    return Told(capsys)


class Told:
    """Runs a command that has to succeed, and gives what it printed."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: str) -> str:
        assert main(arguments) == 0
        return self._capsys.readouterr().out

    def json(self, *arguments: str) -> dict[str, object]:
        parsed = json.loads(self(*arguments, "--json"))
        assert isinstance(parsed, dict)
        return parsed

    def rows(self, *arguments: str) -> list[dict[str, object]]:
        rows = self.json("rankings", *arguments)["rows"]
        assert isinstance(rows, list)
        return rows


def remember(data: Path) -> None:
    RankingsStore(data / "memory").remember([*many("openai/gpt-4o", 6, 2), *many("was/profiled", 1, 3)])


def test_an_unknown_model_is_said_to_be_unknown(told: Told) -> None:
    rows = {row["model"]: row for row in told.rows("--stage", "generate")}
    assert set(rows) == {"openai/gpt-4o", "local/nobody-knows"}
    assert (rows["local/nobody-knows"]["known"], rows["local/nobody-knows"]["source"]) == (False, "unknown")
    assert rows["openai/gpt-4o"]["known"]
    assert rows["openai/gpt-4o"]["published"]
    assert "unknown: neither seen here nor published" in told("rankings")


def test_what_was_seen_is_counted_apart_from_what_is_published(told: Told, machine: Path) -> None:
    remember(machine)
    rows = {row["model"]: row for row in told.rows("--stage", "generate", "--language", "python")}
    seen = {name: (row["successes"], row["trials"], row["local"]) for name, row in rows.items()}
    assert seen == {
        "openai/gpt-4o": (6, 8, True),
        "was/profiled": (1, 4, True),
        "local/nobody-knows": (0, 0, False),
    }
    assert [row["rank"] for row in rows.values()] == [1, 2, 3]
    for row in rows.values():
        low, mean, high = (row[name] for name in ("low", "mean", "high"))
        assert isinstance(low, float)
        assert isinstance(mean, float)
        assert isinstance(high, float)
        assert 0 <= low < mean < high <= 1
    assert {row["date"] for row in rows.values() if row["local"]} == {"2026-01-02T03:04:05+00:00"}
    assert "6 of 8" in told("rankings")


def test_a_category_and_another_language_are_tables_of_their_own(told: Told, machine: Path) -> None:
    remember(machine)
    place = ("--stage", PLACE.stage, "--language", PLACE.language)
    assert told.rows(*place, "--category", PLACE.category)[0]["trials"] == 8
    assert told.rows(*place, "--category", "geometry")[0]["trials"] == 0
    assert told.rows("--stage", "generate", "--language", "rust")[0]["trials"] == 0


def test_explain_tells_every_level_with_its_weight_and_who_is_asked(told: Told, machine: Path) -> None:
    remember(machine)
    place = ("--stage", "generate", "--language", "python", "--category", PLACE.category)
    explained = told.json("rankings", "explain", *place)
    models = explained["models"]
    assert isinstance(models, list)
    assert explained["asked"] == ["openai/gpt-4o", "local/nobody-knows"]
    assert [level["name"] for level in models[0]["levels"]] == ["family", "stage", "language", "category"]
    assert [(level["successes"], level["trials"]) for level in models[0]["levels"]][-1] == (6, 8)
    text = told("rankings", "explain", *place)
    assert "6 of 8 on top of" in text
    assert "score = 0.96 quality" in text
    assert "published: nothing known" in text


def test_what_is_exported_can_be_imported_elsewhere_and_counts_once(told: Told, machine: Path, tmp_path: Path) -> None:
    remember(machine)
    file = str(tmp_path / "mine.jsonl")
    assert told.json("rankings", "export", file) == {"exported": 12, "file": file}
    assert told.json("rankings", "import", file) == {"added": 0, "known": 12, "refused": []}
    backup = told.json("rankings", "reset")["backup"]
    assert isinstance(backup, str)
    assert Path(backup).is_file()
    assert told.rows("--stage", "generate")[0]["trials"] == 0
    assert "12 observations added" in told("rankings", "import", backup)
    assert told.rows("--stage", "generate")[0]["trials"] == 8


def test_a_reset_of_nothing_says_so(told: Told) -> None:
    assert told.json("rankings", "reset") == {"backup": None}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["export"], "needs a FILE"),
        (["import", "nowhere.jsonl"], "perforch rankings export"),
        (["show", "extra"], "takes no file"),
    ],
)
def test_wrong_use_says_what_to_do(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rankings", *arguments]) == 2
    assert message in capsys.readouterr().err


def test_models_tells_what_is_usable_and_never_a_keys_value(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-value")
    text, found = told("models"), told.json("models")
    usable = {one["name"]: one["usable"] for one in found["models"]}  # type: ignore[attr-defined]  # JSON has no type
    assert usable == {"builtin": True, "openai/gpt-4o": True, "local/nobody-knows": False}
    assert found["keys"] == {"openai": "OPENAI_API_KEY"}
    assert "OPENAI_API_KEY is set" in text
    assert found["budget_usd"] == {"per_request": 0.2, "per_day": 5.0, "left_today": 5.0}
    assert "budget: 0.20 USD a request, 5.00 USD a day, 5.00 USD of it left today" in text
    assert "secret" not in text + json.dumps(found)
    ranks = {one["name"]: one["rank"] for one in found["models"]}  # type: ignore[attr-defined]  # as above
    assert ranks["builtin"] is None
    assert sorted(ranks[name]["generate"] for name in USE[1:]) == [1, 2]
