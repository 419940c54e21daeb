"""Memory in use: ranks the models of a request, and remembers every verified outcome."""

import logging
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import blake2b

from perforch.adapters.rankings_store import RankingsStore
from perforch.core.belief import Knowledge
from perforch.core.errors import MemoryUnavailable
from perforch.core.fallback import Ordering, asked_in_turn
from perforch.core.observation import Observation, Place, Standing
from perforch.core.ports import Model
from perforch.core.proposal import Attempt
from perforch.core.ranking import Ranked
from perforch.core.task import Stage, Task
from perforch.core.verdict import Fault, Passed

log = logging.getLogger(__name__)

NO_OUTCOME = {Fault.PROVIDER, Fault.ENVIRONMENT}  # nothing is learnt of a model that could not answer


class Memory:
    """Fills the port Models for one request. Models of cost 0 that are `first` are asked before the ranked ones."""

    def __init__(
        self,
        first: Sequence[Model],
        others: Sequence[Model],
        store: RankingsStore,
        standings: Mapping[tuple[Stage, str], Standing],
        ordering: Ordering,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._first = tuple(first)
        self._others = {model.name: model for model in others}
        self._store = store
        self._standings = standings
        self._ordering = ordering
        self._now = now
        self._is_deaf = False
        self._failed: dict[tuple[str, Stage], set[str]] = {}

    def ranked(self, task: Task, stage: Stage) -> Sequence[Model]:
        order = self.order(place_of(task, stage))
        return (*self._first, *(self._others[one.model] for one in order))

    def order(self, place: Place) -> tuple[Ranked, ...]:
        """Whom to ask at a place, in turn, and why; those with next to no chance by then are left out."""
        known = Knowledge(self._store.experience(), self._standings)
        return asked_in_turn(self._others, place, known, self._ordering)

    def learn(self, task: Task, attempt: Attempt) -> None:
        verdict = attempt.verdict
        if not isinstance(verdict, Passed) and verdict.fault in NO_OUTCOME:
            return
        digest = _digest(task, attempt.stage)
        failed = self._failed.setdefault((digest, attempt.stage), set())
        success = isinstance(verdict, Passed)
        comparison = verdict.comparison if isinstance(verdict, Passed) else None
        seen = Observation(
            id=uuid.uuid4().hex,
            model=attempt.model,
            place=place_of(task, attempt.stage),
            success=success,
            date=self._now().isoformat(timespec="seconds"),
            source="local",
            seconds=attempt.seconds,
            cost_usd=attempt.cost_usd,
            gain=1 / comparison.cpu_time.ratio if comparison else None,
            task=digest,
            after=len(failed - {attempt.model}),
        )
        self._remember(seen)
        if not success:
            failed.add(attempt.model)

    def _remember(self, seen: Observation) -> None:
        """What is proven is proposed all the same where it cannot be remembered; that is told once."""
        try:
            self._store.remember([seen])
        except MemoryUnavailable as error:
            self._tell_once(str(error))

    def _tell_once(self, reason: str) -> None:
        if not self._is_deaf:
            log.error("what this request teaches about its models is lost: %s", reason)
        self._is_deaf = True


def place_of(task: Task, stage: Stage) -> Place:
    """Where the outcome of a stage on this task counts."""
    return Place(stage, task.target.language, task.category)


def _digest(task: Task, stage: Stage) -> str:
    """The same for the same problem, and holds no code."""
    parts = (stage, task.target.function, task.target.source, *task.tests.failing_ids)
    return blake2b("\0".join(parts).encode(errors="surrogatepass"), digest_size=12).hexdigest()
