"""What is remembered of a request after it ended, for the user to look at again."""

from collections.abc import Mapping
from dataclasses import dataclass

from perforch.core.report import Json


@dataclass(frozen=True, slots=True)
class PastRun:
    """One request. `report` is the command line's object; `before` and `after` are the whole text of the file.

    `accepted` is None as long as the user has not decided. A rejection says nothing about whether the code was right.
    """

    id: str
    time: str  # when it ended, ISO 8601
    report: Mapping[str, Json]
    before: str | None = None
    after: str | None = None
    accepted: bool | None = None
