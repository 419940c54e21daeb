"""The bundled rankings: what others published about models, as standings by stage and family."""

import json
import logging
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from perforch.core.model_names import family
from perforch.core.observation import Figure, Standing
from perforch.core.task import Stage

log = logging.getLogger(__name__)


def default_rankings(folder: Path) -> dict[tuple[Stage, str], Standing]:
    """All of `folder`/<stage>.json; a stage without a readable file has no standings, and the log says so."""
    standings: dict[tuple[Stage, str], Standing] = {}
    for stage in Stage:
        path = folder / f"{stage}.json"
        try:
            content = json.loads(path.read_bytes())
            standings |= {(stage, name): standing for name, standing in _standings(content)}
        except (OSError, ValueError, KeyError, TypeError) as error:
            log.warning("cannot read the default rankings %s (%s); going on without them", path, error)
    return standings


def _standings(content: Mapping[str, Any]) -> Iterator[tuple[str, Standing]]:
    figures: dict[str, list[Figure]] = defaultdict(list)
    for table in content["tables"]:
        for row in table["figures"]:
            figures[family(row["model"])].append(_figure(table, row))
    for name, strength in content["strengths"].items():
        own = tuple(figures[name])
        yield name, Standing(float(strength), len({figure.table for figure in own}), own)


def _figure(table: Mapping[str, Any], row: Mapping[str, Any]) -> Figure:
    return Figure(
        as_written=row["model"],
        table=f"{table['metric']}, {table['language']}, {table['source']}",
        language=table["language"],
        metric=table["metric"],
        value=float(row["value"]),
        n=row.get("n"),
        date=row.get("date"),
        source=row.get("source", table["source"]),
    )
