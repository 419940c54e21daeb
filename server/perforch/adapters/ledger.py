"""Where the money goes: a request's own budget in memory, the day's in a file that all processes share."""

import json
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from filelock import FileLock, Timeout

from perforch.core.budget import Budget, OverBudget
from perforch.core.errors import PerfOrchError
from perforch.core.events import Spending
from perforch.core.ports import Listener

LOCK_SECONDS = 10.0  # a holder needs about 2 ms, so only a process that hangs makes anyone wait so long


class LedgerUnusable(PerfOrchError):
    """The day's spending is not known, so that nothing may be spent; the message names the file."""


@dataclass(frozen=True, slots=True)
class _Day:
    day: str
    spent_usd: float


class DayLedger:
    """The day's spending. A reservation is written before the call, so that a crash can only count too much."""

    def __init__(self, path: Path, limit_usd: float, today: Callable[[], date] = date.today) -> None:
        self._path = path
        self._limit_usd = limit_usd
        self._today = today

    @property
    def budget(self) -> Budget:
        """Today's budget, with what all processes have spent or reserved; raises LedgerUnusable."""
        with self._lock():
            return self._budget()

    def reserve(self, usd: float) -> Budget | OverBudget:
        """Set so much aside, for every process to see; the day's budget after it. Raises LedgerUnusable."""
        with self._lock():
            budget = self._budget()
            reserved = budget.reserve(usd)
            if reserved is None:
                return OverBudget("day", usd, budget.remaining_usd)
            self._write(reserved)
            return reserved

    def settle(self, day: date, reserved_usd: float, actual_usd: float) -> None:
        """Put the true figure in the place of what was reserved on that day."""
        with self._lock():
            # What was reserved yesterday burdens yesterday, which nobody asks about any more.
            if day == self._today():
                self._write(self._budget().settle(reserved_usd, actual_usd))

    @property
    def today(self) -> date:
        return self._today()

    def _lock(self) -> "_Locked":
        return _Locked(self._path)

    def _budget(self) -> Budget:
        today = self._today().isoformat()
        day = _read(self._path)
        return Budget(self._limit_usd, day.spent_usd if day is not None and day.day == today else 0.0)

    def _write(self, budget: Budget) -> None:
        text = json.dumps({"day": self._today().isoformat(), "spent_usd": round(budget.spent_usd, 9)})
        descriptor, name = tempfile.mkstemp(dir=self._path.parent, prefix=self._path.name)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(self._path)


class Purse:
    """What one request may spend: never more than its own budget, and never more than the day's."""

    def __init__(self, limit_usd: float, day: DayLedger, listener: Listener | None = None) -> None:
        self._budget = Budget(limit_usd)
        self._ledger = day
        self._listener = listener

    @property
    def remaining_usd(self) -> float:
        return min(self._budget.remaining_usd, self._ledger.budget.remaining_usd)

    def reserve(self, usd: float, model: str) -> "Reservation | OverBudget":
        """Set so much aside before a model is called, and tell; what costs nothing touches no file.

        Raises LedgerUnusable.
        """
        reserved = self._budget.reserve(usd)
        if reserved is None:
            return OverBudget("request", usd, self._budget.remaining_usd)
        day = self._ledger.today
        if usd > 0:
            left = self._ledger.reserve(usd)
            if isinstance(left, OverBudget):
                return left
            if self._listener is not None:
                self._listener.on(Spending(model, usd, reserved.remaining_usd, left.remaining_usd))
        self._budget = reserved
        return Reservation(usd, day)

    def settle(self, reservation: "Reservation", actual_usd: float) -> None:
        self._budget = self._budget.settle(reservation.usd, actual_usd)
        if reservation.usd > 0 or actual_usd > 0:
            self._ledger.settle(reservation.day, reservation.usd, actual_usd)


@dataclass(frozen=True, slots=True)
class Reservation:
    """Money set aside for one call."""

    usd: float
    day: date


class _Locked:
    """Holds the lock of a file, over all processes of the machine."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._lock = FileLock(f"{path}.lock", timeout=LOCK_SECONDS)

    def __enter__(self) -> None:
        try:
            self._lock.acquire()
        except Timeout as error:
            raise LedgerUnusable(
                f"{self._path} has been locked for {LOCK_SECONDS:.0f} s; end the perforch process that hangs"
            ) from error

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def _read(path: Path) -> _Day | None:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return _Day(str(content["day"]), float(content["spent_usd"]))
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise LedgerUnusable(
            f"{path} is damaged, so what was spent today is not known; delete the file to count from 0 again"
        ) from error
