import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from perforch.adapters.default_rankings import default_rankings
from perforch.core.model_names import family
from perforch.core.task import Stage

ROOT = Path(__file__).parents[2]
BUNDLED = ROOT / "rankings"


@pytest.mark.parametrize("stage", Stage)
def test_every_bundled_figure_has_its_metric_language_and_source(stage: Stage) -> None:
    standings = {name: one for (at, name), one in default_rankings(BUNDLED).items() if at is stage}
    assert len(standings) >= 30
    for name, standing in standings.items():
        assert standing.figures, name
        assert standing.tables == len({figure.table for figure in standing.figures})
        for figure in standing.figures:
            assert family(figure.as_written) == name
            assert all((figure.metric, figure.language, figure.source))


def test_figures_of_different_metrics_share_no_table() -> None:
    metrics: dict[str, set[str]] = {}
    for standing in default_rankings(BUNDLED).values():
        for figure in standing.figures:
            metrics.setdefault(figure.table, set()).add(figure.metric)
    assert all(len(found) == 1 for found in metrics.values())


def test_the_bundled_files_stay_small() -> None:
    assert sum(path.stat().st_size for path in BUNDLED.glob("*.json")) < 300_000


@pytest.mark.parametrize("content", [None, b"", b"{}", b'{"tables": [{}], "strengths": {}}', b"\xff"])
def test_missing_or_broken_defaults_are_gone_on_without(tmp_path: Path, content: bytes | None) -> None:
    (tmp_path / "fix.json").write_bytes((BUNDLED / "fix.json").read_bytes())
    if content is not None:
        (tmp_path / "generate.json").write_bytes(content)
    assert {stage for stage, _ in default_rankings(tmp_path)} == {Stage.FIX}


@pytest.mark.slow
@pytest.mark.data
def test_the_script_makes_the_bundled_files(tmp_path: Path) -> None:
    data = Path(os.environ.get("PERFORCH_DATA", ROOT.parent / "shared" / "data"))
    if not (data / "rankings" / "published_figures.jsonl").is_file():
        pytest.skip("the published figures are not here; set PERFORCH_DATA to the folder that holds rankings/")
    script = [sys.executable, str(BUNDLED / "build.py"), "--data", str(data), "--into", str(tmp_path)]
    subprocess.run(script, env={"PYTHONPATH": str(ROOT / "server")}, check=True, capture_output=True)
    for stage in Stage:
        made, bundled = (json.loads((folder / f"{stage}.json").read_bytes()) for folder in (tmp_path, BUNDLED))
        assert made == bundled
