"""What the runner remembers: surveys by content, and when content has changed."""

import os
from pathlib import Path, PurePosixPath

import pytest

from perforch.adapters import survey_cache
from perforch.adapters.projects import Projects
from perforch.adapters.survey_cache import SurveyCache
from perforch.core.survey import Ending, FailedTest, Frame, Outcome, RanTest, Survey, TestId
from perforch.core.task import Workspace

FAILED = FailedTest(TestId("t::b[ü \ud800]"), "ValueError", "no", "text\n", (Frame("a.py", 3, "f"),))
SURVEY = Survey(
    ending=Ending.FINISHED,
    runs=(
        RanTest(TestId("t::a"), Outcome.PASSED, 0.5, frozenset({"a.py:1", "b.py:2"}), frozenset({1, 2})),
        RanTest(FAILED.test, Outcome.FAILED, 0.25, frozenset({"a.py:1"}), failure=FAILED),
    ),
    collection=(FAILED,),
    seconds=1.5,
    sandbox="namespaces",
    output="out",
    tampered=("tests/x",),
)


def test_a_survey_comes_back_as_it_was(tmp_path: Path) -> None:
    SurveyCache(tmp_path / "new").put("key", SURVEY)
    assert SurveyCache(tmp_path / "new").get("key") == SURVEY


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"format": 0}', '{"format": 1, "ending": "no"}'])
def test_a_damaged_entry_counts_as_absent(tmp_path: Path, content: str) -> None:
    (tmp_path / "key.json").write_text(content, encoding="utf-8")
    assert SurveyCache(tmp_path).get("key") is None


def test_the_oldest_entries_are_dropped(tmp_path: Path) -> None:
    cache = SurveyCache(tmp_path)
    for number in range(survey_cache.MOST_ENTRIES + 3):
        cache.put(str(number), SURVEY)
        os.utime(tmp_path / f"{number}.json", (number, number))
    assert [cache.get(str(number)) is None for number in range(5)] == [True, True, True, False, False]


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    cache = SurveyCache(tmp_path / "file")
    cache.put("key", SURVEY)
    assert cache.get("key") is None


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "a.py").write_text("X = 1\n", encoding="utf-8")
    return tmp_path


def test_the_fingerprint_changes_with_every_file_that_matters(root: Path) -> None:
    projects, seen = Projects(), set()
    changes = [
        lambda: None,
        lambda: (root / "pkg/a.py").write_text("X = 2\n", encoding="utf-8"),
        lambda: (root / "pkg/data.bin").write_bytes(b"\0"),
        lambda: (root / "pkg/a.py").rename(root / "pkg/b.py"),
        lambda: (root / "link").symlink_to("pkg"),
        (root / "pkg/b.py").unlink,
    ]
    for change in changes:
        change()
        seen.add(projects.fingerprint(Workspace(root)))
    assert len(seen) == len(changes)


def test_the_fingerprint_does_not_change_with_what_tools_leave(root: Path) -> None:
    projects = Projects()
    before = projects.fingerprint(Workspace(root))
    for name in (".git/index", "pkg/__pycache__/a.pyc", ".venv/lib/x.py", "other/pyvenv.cfg", ".pytest_cache/v/x"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("x", encoding="utf-8")
    os.utime(root / "pkg" / "a.py", (1, 1))
    assert projects.fingerprint(Workspace(root)) == before


def test_unsaved_text_counts_as_the_files_content(root: Path) -> None:
    projects, file = Projects(), PurePosixPath("pkg/a.py")
    saved = projects.fingerprint(Workspace(root))
    first = projects.fingerprint(Workspace(root, {file: "X = 3\n"}))
    assert len({saved, first, projects.fingerprint(Workspace(root, {file: "X = 4\n"}))}) == 3
    (root / "pkg/a.py").write_text("X = 9\n", encoding="utf-8")
    assert projects.fingerprint(Workspace(root, {file: "X = 3\n"})) == first
    assert projects.fingerprint(Workspace(root, {file: "X = 9\n"})) == projects.fingerprint(Workspace(root))


def test_a_workspace_with_strange_names_can_be_looked_at(root: Path) -> None:
    Path(os.fsdecode(os.fsencode(root) + b"/\xff.py")).touch()
    (root / "a\nb.py").touch()
    assert Projects().fingerprint(Workspace(root))
    assert Projects().discovery(Workspace(root)) == (".",)
