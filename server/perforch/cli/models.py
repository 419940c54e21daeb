"""models: which models can be asked now, what they cost, how they rank, and what else this machine could ask."""

import argparse
import dataclasses
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from perforch import app
from perforch.app import fleet, memory_views
from perforch.app.findable import Findable, findable
from perforch.app.fleet import Means, Usable
from perforch.cli.arguments import FOUND, Command
from perforch.core.budget import Price
from perforch.core.task import Stage

Ranks = Mapping[str, Mapping[Stage, int]]


async def models(arguments: argparse.Namespace) -> int:
    """Show them; keys are looked for by name only, and nothing leaves the machine."""
    settings = app.settings_for(app.workspace_root(Path.cwd()), os.environ)
    usable = fleet.usable_models(settings, os.environ)
    ranks = memory_views.ranks(settings)
    means = fleet.means(settings, app.day_ledger(settings))
    found = await findable(os.environ)
    if arguments.json:
        print(json.dumps({**_as_json(usable, ranks, found), "budget_usd": dataclasses.asdict(means)}))
    else:
        print("\n".join([*_lines(usable, ranks), "", _means_line(means), *_findable_lines(found)]))
    return FOUND


def _as_json(usable: list[Usable], ranks: Ranks, found: Findable) -> dict[str, object]:
    return {
        "models": [
            {
                "name": one.name,
                "usable": one.usable,
                "why": one.why,
                "price": _price_as_json(one.price),
                "rank": {stage.value: rank for stage, rank in ranks[one.name].items()} if one.name in ranks else None,
            }
            for one in usable
        ],
        "keys": dict(found.keys),
        "ollama": {"url": found.ollama_url, "running": found.ollama_runs},
    }


def _price_as_json(price: Price | None) -> dict[str, float] | None:
    if price is None:
        return None
    return dataclasses.asdict(price)


def _lines(usable: list[Usable], ranks: Ranks) -> Iterator[str]:
    for one in usable:
        yield f"{'usable  ' if one.usable else 'UNUSABLE'} {one.name}: {one.why}"
        yield f"         {_price(one.price)}; {_rank(ranks.get(one.name))}"


def _price(price: Price | None) -> str:
    if price is None:
        return "price unknown"
    if price.is_free:
        return "costs nothing"
    return f"{price.input_usd_per_million:g} USD per million tokens in, {price.output_usd_per_million:g} out"


def _rank(ranks: Mapping[Stage, int] | None) -> str:
    if ranks is None:
        return "asked before the ranked ones"
    return "rank in Python: " + ", ".join(f"{rank} in {stage}" for stage, rank in ranks.items())


def _means_line(means: Means) -> str:
    caps = f"budget: {means.per_request:.2f} USD a request, {means.per_day:.2f} USD a day"
    if isinstance(means.left_today, str):
        return f"{caps}; what is left today is not known: {means.left_today}"
    return f"{caps}, {means.left_today:.2f} USD of it left today"


def _findable_lines(found: Findable) -> Iterator[str]:
    for provider, variable in found.keys.items():
        yield f"{variable} is set: {provider}/MODEL can be named in models.use"
    if not found.keys:
        yield "no provider's key is set in the environment"
    running = "ollama/MODEL can be named in models.use" if found.ollama_runs else "nothing listens there"
    yield f"Ollama at {found.ollama_url}: {running}"


def _describe(_parser: argparse.ArgumentParser) -> None:
    """No arguments of its own."""


MODELS = Command("models", "which models can be asked now, their prices and ranks", _describe, models)
