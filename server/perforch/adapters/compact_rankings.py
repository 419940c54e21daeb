"""The journal's compact form, in TinyDB: sums per model and place, outcomes per task, and how far they reach."""

import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from tinydb import TinyDB
from tinydb.middlewares import CachingMiddleware

from perforch.adapters.records import BadRecord, place_of, text_of
from perforch.adapters.safe_json import DamagedFile, SafeJsonStorage
from perforch.core.experience import Experience, Tally
from perforch.core.task import Stage

_FORMAT = 2
_ROUNDING = 1e-6  # of sums of fractions
_MOST_LOG_GAIN = 100.0  # of one answer: no program becomes faster by a factor of 10 to the 43


@dataclass(frozen=True, slots=True)
class Compact:
    """Everything up to `offset` of the journal whose first line has this digest.

    Digest "" with offset 0: what remains of a journal that is gone; the present journal comes on top.
    """

    experience: Experience
    first_line: str
    offset: int


def write_compact(path: Path, compact: Compact) -> None:
    """Replaces the file; the caller holds the lock."""
    tallies = [
        {"model": model, "stage": str(place.stage), "language": place.language, "category": str(place.category)}
        | asdict(tally)
        for (model, place), tally in compact.experience.leaves.items()
    ]
    outcomes = [
        {"stage": str(stage), "language": language, "task": task, "model": model, "success": success}
        for (stage, language), joint in compact.experience.joints.items()
        for task, model, success in joint.outcomes()
    ]
    with _open(path) as database:
        database.drop_tables()
        database.table("reach").insert(
            {"format": _FORMAT, "first_line": compact.first_line, "offset": compact.offset},
        )
        database.table("tallies").insert_multiple(tallies)
        database.table("outcomes").insert_multiple(outcomes)


def read_compact(path: Path) -> Compact | None:
    """None: there is none. Raises DamagedFile."""
    if not path.exists():
        return None
    try:
        with _open(path) as database:
            (reach,) = database.table("reach").all()
            experience = Experience()
            for row in database.table("tallies").all():
                experience.add_tally(text_of(row, "model"), place_of(row), _tally(row))
            for row in database.table("outcomes").all():
                joint = experience.joint(Stage(row["stage"]), text_of(row, "language"))
                joint.record(text_of(row, "task"), text_of(row, "model"), success=bool(row["success"]))
            if reach["format"] != _FORMAT:
                raise DamagedFile(f"format {reach['format']!r} is not {_FORMAT}")
            return Compact(experience, str(reach["first_line"]), _count(reach["offset"]))
    except (KeyError, TypeError, ValueError, AttributeError, BadRecord) as error:
        raise DamagedFile(f"{type(error).__name__}: {error}") from error


def _open(path: Path) -> TinyDB:
    """Reads once and writes once, at closing."""
    storage = CachingMiddleware(SafeJsonStorage)  # type: ignore[no-untyped-call]  # TinyDB leaves it without types
    return TinyDB(path, storage=storage)


def _tally(row: Mapping[str, object]) -> Tally:
    """Counts as whole numbers, sums as fractions; what no outcomes add up to raises TypeError or ValueError."""
    tally = Tally(
        asked=_count(row["asked"]),
        first=_count(row["first"]),
        successes=_count(row["successes"]),
        trials=_number(row["trials"]),
        seconds=_number(row["seconds"]),
        priced=_count(row["priced"]),
        cost_usd=_number(row["cost_usd"]),
        gained=_count(row["gained"]),
        log_gains=_number(row["log_gains"]),
        latest=str(row["latest"]),
    )
    parts = (tally.first, tally.successes, tally.priced, tally.gained, tally.trials - _ROUNDING)
    if max(parts) > tally.asked or tally.successes > tally.trials + _ROUNDING:
        raise ValueError("more of some outcomes than answers")
    if min(tally.trials, tally.seconds, tally.cost_usd) < 0 or abs(tally.log_gains) > _MOST_LOG_GAIN * tally.gained:
        raise ValueError("a sum that no outcomes have")
    return tally


def _count(value: object) -> int:
    number = _number(value)
    if number < 0 or not number.is_integer():
        raise ValueError(f"{value!r} is no count")
    return int(number)


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= sys.float_info.max:
        raise TypeError(f"{value!r} is not a number")
    return float(value)
