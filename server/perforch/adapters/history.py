"""Past requests of each workspace: one file of JSON lines, to which runs and decisions are appended."""

import json
import logging
from collections.abc import Iterator
from dataclasses import asdict, replace
from hashlib import blake2b
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from perforch.core.history import PastRun

MOST_RUNS = 200
MOST_BYTES = 16 << 20  # a run holds its file's text twice; beyond this the older half is dropped
LOCK_SECONDS = 5.0
log = logging.getLogger(__name__)


class History:
    """The runs of one workspace. A full disk or a damaged line never fails a request: the log says so."""

    def __init__(self, data_folder: Path, root: Path) -> None:
        name = blake2b(str(root.resolve()).encode(errors="surrogateescape"), digest_size=10).hexdigest()
        self._path = data_folder / "history" / f"{name}.jsonl"

    def add(self, run: PastRun) -> None:
        """Remember a run; the oldest are forgotten when there are too many."""
        self._append(asdict(run))

    def decide(self, run_id: str, *, accepted: bool) -> None:
        """Remember what the user made of it."""
        self._append({"id": run_id, "accepted": accepted})

    def runs(self, most: int = MOST_RUNS) -> tuple[PastRun, ...]:
        """The newest first."""
        return tuple(reversed(self._read()))[:most]

    def find(self, run_id: str) -> PastRun | None:
        return next((run for run in self._read() if run.id == run_id), None)

    def _append(self, line: dict[str, Any]) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(self._path.with_suffix(".lock"), timeout=LOCK_SECONDS):
                with self._path.open("ab") as file:
                    file.write(json.dumps(line).encode() + b"\n")
                if self._path.stat().st_size > MOST_BYTES or self._count() > 2 * MOST_RUNS:
                    self._shorten()
        except (OSError, Timeout) as error:
            log.warning("%s cannot be written, so this run is not remembered: %s", self._path, error)

    def _count(self) -> int:
        return self._path.read_bytes().count(b"\n")

    def _shorten(self) -> None:
        """Keep the newest runs, half of what may be kept, so that this is rare."""
        kept, left = [], MOST_BYTES // 2
        for run in self.runs():
            line = json.dumps(asdict(run)).encode() + b"\n"
            left -= len(line)
            if left < 0:
                break
            kept.append(line)
        beside = self._path.with_suffix(".new")
        beside.write_bytes(b"".join(reversed(kept)))
        beside.replace(self._path)

    def _read(self) -> list[PastRun]:
        runs: dict[str, PastRun] = {}
        for line in self._lines():
            if "report" in line:
                runs[line["id"]] = PastRun(**line)
            elif line["id"] in runs:
                runs[line["id"]] = replace(runs[line["id"]], accepted=bool(line["accepted"]))
        return list(runs.values())

    def _lines(self) -> Iterator[dict[str, Any]]:
        try:
            content = self._path.read_bytes()
        except OSError:
            return
        for number, raw in enumerate(content.splitlines(), 1):
            line = _parsed(raw)
            if line is None:
                log.warning("%s:%d is damaged and is passed over", self._path, number)
            else:
                yield line


def _parsed(raw: bytes) -> dict[str, Any] | None:
    """A line that has what a run or a decision has, or None."""
    try:
        line = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    if not isinstance(line, dict) or not isinstance(line.get("id"), str):
        return None
    if "report" not in line:
        return line if isinstance(line.get("accepted"), bool) else None
    fits = isinstance(line["report"], dict) and isinstance(line.get("time"), str)
    return line if fits and set(line) == set(PastRun.__dataclass_fields__) else None
