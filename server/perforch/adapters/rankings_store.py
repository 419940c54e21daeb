"""Memory on the disk: every outcome is kept, by many processes at once, and no crash makes it unreadable.

`observations.jsonl` is the truth (see journal.py); `rankings.json` is its compact form, so that starting is quick.
Either can be lost or damaged: the damaged file is set aside under a dated name, told in a message, and replaced from
the other.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from perforch.adapters.compact_rankings import Compact, read_compact, write_compact
from perforch.adapters.journal import Identity, Journal
from perforch.adapters.records import BadRecord, line_of, observation_of
from perforch.adapters.safe_json import UNFINISHED, DamagedFile, replace_file
from perforch.core.errors import MemoryUnavailable, UsageError
from perforch.core.experience import Experience
from perforch.core.observation import Observation

log = logging.getLogger(__name__)

COMPACT_EVERY = 256  # observations: writing 10,000 sums takes 30 ms, reading 256 lines 3 ms
LOCK_SECONDS = 20.0  # an append takes 3 ms; eight busy processes wait far less


@dataclass(frozen=True, slots=True)
class Merged:
    """What came of an import."""

    added: int
    known: int  # had been imported or made here before
    refused: tuple[str, ...]  # per line that is no observation, why


class RankingsStore:
    """One folder's Memory. Cheap to ask: what other processes append is folded in when the file has grown."""

    def __init__(
        self,
        folder: Path,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        compact_every: int = COMPACT_EVERY,
    ) -> None:
        """Creates the folder; raises MemoryUnavailable where it cannot be used."""
        self._folder, self._now, self._compact_every = folder, now, compact_every
        self._journal = Journal(folder / "observations.jsonl")
        self._compact_path = folder / "rankings.json"
        self._experience = Experience()
        self._seen: Identity | None = None
        self._offset = 0
        self._since_compact = 0
        self._notices: list[str] = []
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self._unavailable(error) from error
        self._lock = FileLock(folder / ".lock", timeout=LOCK_SECONDS)
        with self._locked():
            self._load()

    @property
    def notices(self) -> tuple[str, ...]:
        """What had to be repaired or skipped since the store was opened, for the user."""
        return tuple(self._notices)

    def experience(self) -> Experience:
        """All that was observed, also by other processes, up to now."""
        if self._journal.identity() != self._seen:
            with self._locked():
                self._refresh()
        return self._experience

    def remember(self, observations: Iterable[Observation]) -> None:
        """On the disk when it returns."""
        with self._locked():
            self._journal.append(observations)
            self._refresh()
            if self._since_compact >= self._compact_every:
                self._write_compact()

    def export_to(self, path: Path) -> int:
        """All observations, each once, to share with others; no code, no prompts, no paths. Returns how many."""
        observations = {one.id: one for one in self._journal.read().observations}
        try:
            replace_file(path, "".join(line_of(one) + "\n" for one in observations.values()).encode())
        except OSError as error:
            raise UsageError(f"cannot write {path}: {error}; name a file in a folder that is there") from error
        return len(observations)

    def merge_from(self, path: Path) -> Merged:
        """Adds what is not known yet, by id: files that overlap, or the same file again, count nothing twice."""
        offered, refused = _offered(path)
        with self._locked():
            known = {one.id for one in self._journal.read().observations}
            fresh = {one.id: one for one in offered if one.id not in known}
            if fresh:
                self._journal.append(fresh.values())
            self._refresh()
            self._write_compact()
        return Merged(len(fresh), len(offered) - len(fresh), refused)

    def reset(self) -> Path | None:
        """Forgets everything; returns where the observations were put instead, None if there were none."""
        with self._locked():
            # The sums go first: a crash in between leaves the observations, and with them everything.
            self._set_aside(self._compact_path, "backup")
            backup = self._set_aside(self._journal.path, "backup")
            self._load()
        return backup

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Everything that writes, or that must not see half a write, happens in here."""
        try:
            with self._lock:
                yield
        except Timeout as error:
            raise MemoryUnavailable(
                f"another process has held {self._folder / '.lock'} for {LOCK_SECONDS:.0f} s; "
                "end the PerfOrch process that hangs, then try again"
            ) from error
        except OSError as error:
            raise self._unavailable(error) from error

    def _refresh(self) -> None:
        """Folds in what was appended; starts anew if the journal was replaced."""
        present = self._journal.identity()
        if present == self._seen:
            return
        if present is None or self._seen is None or present.inode != self._seen.inode or present.size < self._offset:
            self._load()
        else:
            self._fold(self._offset)

    def _load(self) -> None:
        """From the compact form and the lines after it, or else from the journal alone."""
        for half_written in self._folder.glob(f"{self._compact_path.name}.*{UNFINISHED}"):
            half_written.unlink(missing_ok=True)  # a process was killed: nobody else writes while we hold the lock
        found = self._read_compact()
        compact = (self._reconciled(found) if found else None) or Compact(Experience(), "", 0)
        self._experience = compact.experience
        self._since_compact = 0
        self._fold(compact.offset)

    def _reconciled(self, compact: Compact) -> Compact | None:
        """The compact form as it fits the journal that is there; None if that one shall stand alone."""
        present, first_line = self._journal.identity(), self._journal.first_line_digest()
        if compact.offset == 0:
            return compact
        if first_line == compact.first_line and present and present.size >= compact.offset:
            if self._journal.ends_line(compact.offset):
                return compact
            self._tell(f"{self._compact_path} does not end where a line of {self._journal.path} does; it was made anew")
            return None
        whole = self._journal.read()
        if first_line == compact.first_line:
            self._tell(f"{self._journal.path} lost its end; what it held is kept as sums")
            return self._kept(Compact(compact.experience, first_line, whole.end))
        if not whole.observations:
            aside = self._set_aside(self._journal.path, "damaged")
            self._tell(
                f"{self._journal.path} {f'is unreadable, it is now {aside}' if aside else 'is gone'}; sums are kept"
            )
            return self._kept(Compact(compact.experience, "", 0))
        self._tell(f"{self._journal.path} is not the file that {self._compact_path} came from; that was made anew")
        return None

    def _kept(self, compact: Compact) -> Compact:
        write_compact(self._compact_path, compact)
        return compact

    def _fold(self, start: int) -> None:
        """Adds the journal's lines from `start` on, each id once."""
        present = self._journal.identity()
        extract = self._journal.read(start)
        for observation in {one.id: one for one in extract.observations}.values():
            self._experience.add(observation)
        for reason in extract.skipped:
            self._tell(f"{self._journal.path}, {reason}; the line was skipped", logging.WARNING)
        if extract.torn:
            self._tell(f"{self._journal.path}: the last line was cut off by a crash and was skipped", logging.WARNING)
        self._since_compact += len(extract.observations)
        self._seen, self._offset = present, extract.end

    def _read_compact(self) -> Compact | None:
        try:
            return read_compact(self._compact_path)
        except DamagedFile as error:
            aside = self._set_aside(self._compact_path, "damaged")
            self._tell(f"{self._compact_path} was damaged ({error}); it is now {aside} and was made anew")
            return None

    def _write_compact(self) -> None:
        """The journal has it all already, so failing to write this (a full disk) costs time, not outcomes."""
        compact = Compact(self._experience, self._journal.first_line_digest() if self._offset else "", self._offset)
        try:
            write_compact(self._compact_path, compact)
            self._since_compact = 0
        except OSError as error:
            self._tell(f"cannot write {self._compact_path}: {error}")

    def _set_aside(self, path: Path, word: str) -> Path | None:
        """Renames to a dated name that is not taken; None if there is nothing."""
        if not path.exists():
            return None
        stem = f"{path.name}.{word}-{self._now():%Y%m%d-%H%M%S}"
        names = (path.with_name(stem if number == 0 else f"{stem}-{number}") for number in range(10_000))
        return path.rename(next(name for name in names if not name.exists()))

    def _tell(self, text: str, level: int = logging.ERROR) -> None:
        log.log(level, "%s", text)
        self._notices.append(text)

    def _unavailable(self, error: OSError) -> MemoryUnavailable:
        return MemoryUnavailable(
            f"cannot use {self._folder} for PerfOrch's memory: {error}; make the folder writable, or free some space"
        )


def _offered(path: Path) -> tuple[tuple[Observation, ...], tuple[str, ...]]:
    """The observations of somebody's export, and why other lines are refused."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error}; give a file made by `perforch rankings export`") from error
    offered, refused = [], []
    for number, line in enumerate(lines, 1):
        try:
            offered.extend([observation_of(line)] if line.strip() else [])
        except BadRecord as error:
            refused.append(f"{path}, line {number}: {error}")
    return tuple(offered), tuple(refused)
