"""The day's spending: shared by all processes, and never less than what was spent."""

import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

from fakes import Remembering
from perforch.adapters.ledger import DayLedger, LedgerUnusable, Purse, Reservation
from perforch.core.budget import Budget, OverBudget
from perforch.core.events import Spending

TODAY = date(2026, 11, 21)
SERVER = str(Path(__file__).parent.parent.parent / "server")
RESERVE = """
import sys
from pathlib import Path
from perforch.adapters.ledger import DayLedger
from perforch.core.budget import Budget
ledger = DayLedger(Path(sys.argv[1]), 1.0)
print(sum(isinstance(ledger.reserve(0.01), Budget) for _ in range(60)))
"""


def ledger(folder: Path, limit_usd: float = 1.0, day: date = TODAY) -> DayLedger:
    return DayLedger(folder / "data" / "spending.json", limit_usd, lambda: day)


def reserve(purse: Purse, usd: float) -> Reservation:
    reservation = purse.reserve(usd, "m")
    assert isinstance(reservation, Reservation)
    return reservation


def test_what_one_process_spends_another_sees(tmp_path: Path) -> None:
    assert ledger(tmp_path).reserve(0.7) == Budget(1.0, 0.7)
    assert ledger(tmp_path).reserve(0.4) == OverBudget("day", 0.4, pytest.approx(0.3))  # type: ignore[arg-type]  # approx


def test_a_reservation_that_is_never_settled_stays_spent(tmp_path: Path) -> None:
    ledger(tmp_path).reserve(0.7)  # and the process dies
    assert ledger(tmp_path).budget.remaining_usd == pytest.approx(0.3)


def test_the_next_day_starts_anew(tmp_path: Path) -> None:
    ledger(tmp_path).reserve(0.7)
    assert ledger(tmp_path, day=TODAY + timedelta(days=1)).budget.remaining_usd == 1.0


def test_a_call_that_passes_midnight_does_not_change_the_new_day(tmp_path: Path) -> None:
    ledger(tmp_path).reserve(0.7)
    tomorrow = ledger(tmp_path, day=TODAY + timedelta(days=1))
    tomorrow.reserve(0.2)
    tomorrow.settle(TODAY, 0.7, 0.1)
    assert tomorrow.budget.spent_usd == pytest.approx(0.2)


def test_a_purse_keeps_to_the_stricter_of_both_caps(tmp_path: Path) -> None:
    assert Purse(0.2, ledger(tmp_path)).reserve(0.3, "m") == OverBudget("request", 0.3, 0.2)
    assert Purse(9.0, ledger(tmp_path)).reserve(2.0, "m") == OverBudget("day", 2.0, 1.0)
    assert Purse(0.2, ledger(tmp_path)).remaining_usd == 0.2


def test_a_refusal_by_the_day_leaves_the_request_untouched(tmp_path: Path) -> None:
    purse = Purse(9.0, ledger(tmp_path))
    purse.reserve(2.0, "m")
    assert purse.remaining_usd == 1.0


def test_what_a_call_can_cost_and_what_that_leaves_is_told_before_it_is_made(tmp_path: Path) -> None:
    ledger(tmp_path).reserve(0.25)
    listener = Remembering()
    purse = Purse(0.5, ledger(tmp_path), listener)
    purse.reserve(0.0, "free")
    purse.reserve(0.125, "dear")
    purse.reserve(9.0, "too dear")
    assert listener.events == [Spending("dear", 0.125, 0.375, 0.625)]


def test_settling_gives_back_what_was_not_needed(tmp_path: Path) -> None:
    purse = Purse(0.5, ledger(tmp_path))
    purse.settle(reserve(purse, 0.4), 0.1)
    assert purse.remaining_usd == pytest.approx(0.4)
    assert ledger(tmp_path).budget.spent_usd == pytest.approx(0.1)


def test_what_is_free_touches_no_file(tmp_path: Path) -> None:
    purse = Purse(0.0, ledger(tmp_path))
    purse.settle(reserve(purse, 0.0), 0.0)
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("damage", ["", "{", "[1]", '{"day": "2026-11-21"}', '{"day": "2026-11-21", "spent_usd": "x"}'])
def test_a_damaged_file_stops_spending_and_is_named(tmp_path: Path, damage: str) -> None:
    ledger(tmp_path).reserve(0.1)
    (tmp_path / "data" / "spending.json").write_text(damage, encoding="utf-8")
    with pytest.raises(LedgerUnusable, match=r"spending\.json is damaged.*delete the file"):
        ledger(tmp_path).reserve(0.1)


@pytest.mark.slow
def test_three_processes_at_once_never_pass_the_cap(tmp_path: Path) -> None:
    path = tmp_path / "spending.json"
    racers = [
        subprocess.Popen([sys.executable, "-c", RESERVE, str(path)], stdout=subprocess.PIPE, env={"PYTHONPATH": SERVER})
        for _ in range(3)
    ]
    granted = [int(racer.communicate()[0]) for racer in racers]
    assert sum(granted) == 100
    assert DayLedger(path, 1.0).budget.remaining_usd == pytest.approx(0.0)
