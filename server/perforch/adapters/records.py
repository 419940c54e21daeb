"""An observation as a line of JSON, and back, trusting nothing that comes from a file.

Only the fields named here are read and written, each short and on one line: an exchanged file cannot carry code.
"""

import json
import sys
from collections.abc import Mapping

from perforch.core.observation import Observation, Place
from perforch.core.task import Category, Stage

_LONGEST = 200  # characters of any text field; model ids and digests are shorter


class BadRecord(ValueError):
    """A line is no observation; the message says why."""


def line_of(observation: Observation) -> str:
    """One line, without its end; what is unknown or empty is left out."""
    place = observation.place
    record: dict[str, object] = {
        "id": observation.id,
        "model": observation.model,
        "stage": str(place.stage),
        "language": place.language,
        "category": str(place.category),
        "success": observation.success,
        "date": observation.date,
        "source": observation.source,
        "seconds": round(observation.seconds, 4),
        "cost_usd": observation.cost_usd,
        "gain": observation.gain,
        "task": observation.task or None,
        "after": observation.after or None,
    }
    return json.dumps({key: value for key, value in record.items() if value is not None}, ensure_ascii=False)


def observation_of(line: str) -> Observation:
    """Raises BadRecord."""
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadRecord(f"not JSON: {error}") from error
    if not isinstance(record, dict):
        raise BadRecord("not a JSON object")
    return Observation(
        id=text_of(record, "id"),
        model=text_of(record, "model"),
        place=place_of(record),
        success=_yes_or_no(record, "success"),
        date=text_of(record, "date"),
        source=text_of(record, "source"),
        seconds=_amount(record, "seconds") or 0.0,
        cost_usd=_amount(record, "cost_usd"),
        gain=_amount(record, "gain") or None,
        task=text_of(record, "task") if record.get("task") else "",
        after=int(_amount(record, "after") or 0),
    )


def place_of(record: Mapping[str, object]) -> Place:
    """Raises BadRecord."""
    try:
        stage, category = Stage(text_of(record, "stage")), Category(text_of(record, "category"))
    except ValueError as error:
        raise BadRecord(str(error)) from error
    return Place(stage, text_of(record, "language"), category)


def text_of(record: Mapping[str, object], key: str) -> str:
    """A short text on one line; raises BadRecord."""
    value = record.get(key)
    if not isinstance(value, str) or not value or len(value) > _LONGEST or not value.isprintable():
        raise BadRecord(f"{key!r} is not a short text on one line")
    return value


def _yes_or_no(record: Mapping[str, object], key: str) -> bool:
    value = record.get(key)
    if not isinstance(value, bool):
        raise BadRecord(f"{key!r} is neither true nor false")
    return value


def _amount(record: Mapping[str, object], key: str) -> float | None:
    value = record.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= sys.float_info.max:
        raise BadRecord(f"{key!r} is not a number of 0 or more")
    return float(value)
