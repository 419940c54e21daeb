"""Makes the bundled default rankings from published figures: one file per stage, every figure with its source.

    PYTHONPATH=server python rankings/build.py --data DATA

DATA/rankings/published_figures.jsonl has one figure per line: stage, language, model, metric, value, source, and n and
date where the source says so. Figures stay in their own scale, in the table that they came from. The strengths are the
only thing computed here, from who beats whom within a table (perforch/core/standings.py); they say nothing about by how
much, and Memory gives them the weight of a few outcomes.
"""

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from perforch.core.model_names import family
from perforch.core.standings import strengths
from perforch.core.task import Stage

# Figures for two stages at once, or for a stage that we do not have, stay out: they cannot be taken apart.
STAGES = {"generate": Stage.GENERATE, "fix": Stage.FIX, "optimize": Stage.REFINE}
LEAST_SHARED = 3  # models; a source with fewer is one of several files of a repository, which is the table then


@dataclass(frozen=True, slots=True)
class Row:
    """One published figure, as in the input."""

    stage: str
    language: str
    model: str
    metric: str
    value: float
    source: str
    n: int | None = None
    date: str | None = None
    rest: dict[str, object] = field(default_factory=dict)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder that holds rankings/")
    parser.add_argument("--into", type=Path, default=Path(__file__).parent, help="where the files go")
    options = parser.parse_args()
    rows = list(read(options.data / "rankings" / "published_figures.jsonl"))
    generate: dict[str, float] = {}
    for name, stage in STAGES.items():
        tables = tables_of([row for row in rows if row.stage == name])
        found = strengths([[(family(row.model), row.value) for row in table] for table in tables.values()], generate)
        generate = generate or found  # the first, and by far the best known: it anchors the others
        path = options.into / f"{stage}.json"
        path.write_text(text_of(stage, tables, found), encoding="utf-8")
        print(f"{path}: {sum(map(len, tables.values()))} figures in {len(tables)} tables", file=sys.stderr)


def read(path: Path) -> Iterator[Row]:
    """Unknown fields (cost, seconds per case) are left alone."""
    for line in path.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        known = {name: record.pop(name) for name in Row.__slots__ if name in record}
        yield Row(**known, rest=record)


def tables_of(rows: list[Row]) -> dict[tuple[str, str, str], list[Row]]:
    """By metric, language and source; where a source has a file per model, its repository is the source."""
    by_source: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in rows:
        by_source[row.metric, row.language, row.source].append(row)
    tables: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for (metric, language, source), found in by_source.items():
        repository = source if len(found) >= LEAST_SHARED else source.split()[0]
        tables[metric, language, repository].extend(found)
    return dict(sorted(tables.items()))


def text_of(stage: Stage, tables: dict[tuple[str, str, str], list[Row]], found: dict[str, float]) -> str:
    """JSON with one figure and one strength per line, so that changes can be read."""
    listed = [
        f' {{"metric": {quoted(metric)}, "language": {quoted(language)}, "source": {quoted(source)}, "figures": [\n'
        + ",\n".join(f"  {figure(row, source)}" for row in sorted(table, key=lambda row: (-row.value, row.model)))
        + "\n ]}"
        for (metric, language, source), table in tables.items()
    ]
    ordered = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    ranked = [f"  {quoted(name)}: {strength:.2f}" for name, strength in ordered]
    return (
        f'{{"stage": {quoted(stage)},\n"tables": [\n' + ",\n".join(listed) + "\n],\n"
        '"strengths": {\n' + ",\n".join(ranked) + "\n}}\n"
    )


def figure(row: Row, source: str) -> str:
    """As little as is known: the name as written, the figure, and n, date and a source of its own where there are."""
    own = {"n": row.n, "date": row.date, "source": row.source if row.source != source else None}
    known = {key: value for key, value in own.items() if value is not None}
    return json.dumps({"model": row.model, "value": row.value, **known}, ensure_ascii=False)


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


if __name__ == "__main__":
    main()
