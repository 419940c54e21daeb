"""The history of requests, as an editor shows it."""

import asyncio
import logging
from pathlib import Path

from perforch import resident
from perforch.core.history import PastRun
from perforch.lsp import typed, wire
from perforch.lsp.session import RequestFailed, Session

SHOWN = 100
log = logging.getLogger(__name__)


class Past:
    """Answers perforch/history and perforch/historyItem, over all folders that are open."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def history(self, params: object) -> object:
        """perforch/history."""
        wanted = typed.read(wire.HistoryParams, params or {})
        most = max(0, wanted.limit) if wanted.limit is not None else SHOWN
        found = [run for root in self._roots() for run in await asyncio.to_thread(_runs, root, most)]
        newest = sorted(found, key=lambda run: run.time, reverse=True)[:most]
        return typed.write(wire.HistoryResult(tuple(run for each in newest if (run := _run(each)))))

    async def item(self, params: object) -> object:
        """perforch/historyItem."""
        wanted = typed.read(wire.HistoryItemParams, params)
        for root in self._roots():
            run = await asyncio.to_thread(_find, root, wanted.id)
            if run is not None:
                more = {"id": run.id, "edit": None, "before": run.before, "after": run.after}
                return typed.write(typed.read(wire.HistoryItem, {**run.report, **more}, "history"))
        raise RequestFailed("this run is no longer in the history")

    def _roots(self) -> set[Path]:
        """The open folders, and those of open files that lie in none."""
        lone = (self._session.root_of(document.path) for document in self._session.documents)
        return {*self._session.documents.folders.values(), *lone}


async def decide(root: str, number: str, *, accepted: bool) -> None:
    """Remember what the user made of a proposal."""
    await asyncio.to_thread(_decide, Path(root), number, accepted)


def _runs(root: Path, most: int) -> tuple[PastRun, ...]:
    return resident.history(root).runs(most)


def _find(root: Path, number: str) -> PastRun | None:
    return resident.history(root).find(number)


def _decide(root: Path, number: str, accepted: bool) -> None:  # noqa: FBT001 - handed to a thread by position
    resident.history(root).decide(number, accepted=accepted)


def _run(run: PastRun) -> wire.Run | None:
    """The line of a list, out of the whole; None for what another version has written."""
    try:
        result = typed.read(wire.SolveResult, {**run.report, "id": run.id, "edit": None}, "history")
    except typed.Misfit as error:
        log.warning("the run %s cannot be shown: %s", run.id, error)
        return None
    return wire.Run(
        id=run.id,
        time=run.time,
        stage=result.stage,
        file=result.target.file,
        function=result.target.function,
        outcome=result.outcome,
        model=result.candidate.model if result.candidate else None,
        level=result.evidence.level if result.evidence else None,
        accepted=run.accepted,
        seconds=result.seconds,
        cost_usd=result.cost_usd,
    )
