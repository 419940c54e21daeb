"""What an editor can ask besides solving: the machine, the rankings, the models, and the keys it hands over."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from perforch.lsp import typed, wire
from perforch.lsp.jobs import Doctor, Job, Models, Rankings
from perforch.lsp.session import Session

Answer = Callable[[object], Awaitable[object]]


def answers(session: Session) -> dict[str, Answer]:
    """By method."""

    async def doctor(_: object) -> object:
        return typed.write(await session.run(Job(session.origin(_first(session)), doctor=Doctor()), _silently))

    async def rankings(params: object) -> object:
        wanted = typed.read(wire.RankingsParams, params or {})
        asked = Rankings(wanted.stage, wanted.language, wanted.category)
        return typed.write(await session.run(Job(session.origin(_first(session)), rankings=asked), _silently))

    async def models(_: object) -> object:
        return typed.write(await session.run(Job(session.origin(_first(session)), models=Models()), _silently))

    async def set_key(params: object) -> object:
        wanted = typed.read(wire.SetKeyParams, params)
        if wanted.value is None:
            session.keys.pop(wanted.name, None)
        else:
            session.keys[wanted.name] = wanted.value
        return {}

    return {wire.DOCTOR: doctor, wire.RANKINGS: rankings, wire.MODELS: models, wire.SET_KEY: set_key}


def _first(session: Session) -> Path:
    """Where questions that are about no file are answered."""
    return next(iter(session.documents.folders.values()), Path.home())


def _silently(_: object) -> None:
    """These take a moment only."""
