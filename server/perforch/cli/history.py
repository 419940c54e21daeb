"""history: what was asked for in this workspace, and how it ended."""

import argparse
import json
import os
from pathlib import Path

from perforch import app
from perforch.app.past import history
from perforch.cli.arguments import FOUND, Command, positive
from perforch.core.history import PastRun
from perforch.core.report import Json

DECISIONS = {True: "accepted", False: "rejected", None: "undecided"}


async def show(arguments: argparse.Namespace) -> int:
    """The newest first."""
    root = app.workspace_root(Path.cwd())
    runs = history(app.settings_for(root, os.environ), root).runs(arguments.limit)
    if arguments.json:
        print(json.dumps({"runs": [_as_json(run) for run in runs]}))
    else:
        print("\n".join(map(_line, runs)) or f"nothing was asked for in {root} so far")
    return FOUND


def _as_json(run: PastRun) -> dict[str, Json]:
    return {"id": run.id, "time": run.time, "accepted": run.accepted, **run.report}


def _line(run: PastRun) -> str:
    target, candidate = run.report.get("target"), run.report.get("candidate")
    what = f"{target.get('function') or '?'} in {target.get('file') or '?'}" if isinstance(target, dict) else "?"
    if isinstance(candidate, dict):
        by = f"proposal by {candidate.get('model')}, {DECISIONS[run.accepted]}"
        return f"{run.time}  {run.report.get('stage'):<8} {what}: {by}"
    reason = run.report.get("reason")
    code = reason.get("code") if isinstance(reason, dict) else "unknown"
    return f"{run.time}  {run.report.get('stage'):<8} {what}: nothing ({code})"


def _describe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--limit", type=positive, default=20, metavar="N", help="show so many (20)")


HISTORY = Command("history", "what was asked for in this workspace, and how it ended", _describe, show)
