"""The journal's compact form, in TinyDB: sums per model and place, outcomes per task, and how far they reach."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from tinydb import TinyDB
from tinydb.middlewares import CachingMiddleware

from perforch.adapters.records import BadRecord, place_of
from perforch.adapters.safe_json import DamagedFile, SafeJsonStorage
from perforch.core.experience import Experience, Tally
from perforch.core.task import Stage

_FORMAT = 2


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
                experience.add_tally(str(row["model"]), place_of(row), _tally(row))
            for row in database.table("outcomes").all():
                joint = experience.joint(Stage(row["stage"]), str(row["language"]))
                joint.record(str(row["task"]), str(row["model"]), success=bool(row["success"]))
            if reach["format"] != _FORMAT:
                raise DamagedFile(f"format {reach['format']!r} is not {_FORMAT}")
            return Compact(experience, str(reach["first_line"]), int(reach["offset"]))
    except (KeyError, TypeError, ValueError, AttributeError, BadRecord) as error:
        raise DamagedFile(f"{type(error).__name__}: {error}") from error


def _open(path: Path) -> TinyDB:
    """Reads once and writes once, at closing."""
    storage = CachingMiddleware(SafeJsonStorage)  # type: ignore[no-untyped-call]  # TinyDB leaves it without types
    return TinyDB(path, storage=storage)


def _tally(row: Mapping[str, object]) -> Tally:
    """Counts as whole numbers, sums as fractions; anything else raises TypeError or KeyError."""
    counts = {name: _number(row[name]) for name in Tally.__dataclass_fields__ if name != "latest"}
    return Tally(
        asked=int(counts["asked"]),
        first=int(counts["first"]),
        successes=int(counts["successes"]),
        trials=counts["trials"],
        seconds=counts["seconds"],
        priced=int(counts["priced"]),
        cost_usd=counts["cost_usd"],
        gained=int(counts["gained"]),
        log_gains=counts["log_gains"],
        latest=str(row["latest"]),
    )


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{value!r} is not a number")
    return float(value)
