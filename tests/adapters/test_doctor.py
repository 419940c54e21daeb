"""What doctor says of a machine."""

import sys
from pathlib import Path

from perforch.adapters.doctor import checkup
from perforch.adapters.interpreters import Interpreters
from perforch.core.checkup import Checkup, Finding, State
from perforch.core.noise import Noise

NOISE = Noise(0.021, 12, "2026-11-21T12:00:00+00:00")


async def test_every_part_is_looked_at_and_ready_where_nothing_needed_is_missing(tmp_path: Path) -> None:
    (tmp_path / "test_a.py").write_text("def test_a(): pass\n", encoding="utf-8")
    found = await checkup(tmp_path, Interpreters({}, sys.executable), "process", NOISE)
    assert [finding.name for finding in found.findings] == [
        *("python", "pytest", "tests", "sandbox", "measuring", "java", "c++", "go", "rust")
    ]
    assert found.is_ready
    assert "1 test files" in found.findings[2].detail
    said = "a pair of identical runs differs by 2.1 % (one standard deviation); gains from about 4 % can be proven"
    assert found.findings[4].detail.startswith(said)
    assert found.as_json()["noise"] == {"spread": 0.021, "provable_gain": 0.03405, "pairs": 12, "date": NOISE.date}


async def test_a_missing_interpreter_is_told_with_what_to_do(tmp_path: Path) -> None:
    found = await checkup(tmp_path, Interpreters({}, "/nowhere/python"), "process", None)
    assert not found.is_ready
    assert "interpreter" in found.findings[0].advice
    assert found.as_json()["noise"] is None
    assert any("measuring: the noise of this machine is not known yet" in line for line in found.lines())


def test_advice_stands_below_what_it_is_about() -> None:
    shown = list(Checkup((Finding("go", State.OPTIONAL, "not found", "install it"),)).lines())
    assert shown == ["absent  go: not found", "        install it"]
