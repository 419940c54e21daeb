"""rankings: what Memory knows of each model, why an order is as it is, and how to share or forget it."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from perforch import app
from perforch.app import memory_views
from perforch.app.memory_views import Filter
from perforch.cli.arguments import FOUND, Command
from perforch.cli.rankings_text import explained_as_json, explained_lines, row_as_json, table_lines
from perforch.cli.terminal import Terminal
from perforch.core.errors import UsageError
from perforch.core.task import Category, Stage


async def rankings(arguments: argparse.Namespace) -> int:
    """Do what was named; prints one JSON object with --json."""
    settings = app.settings_for(app.workspace_root(Path.cwd()), os.environ)
    if arguments.file and arguments.action not in {"export", "import"}:
        raise UsageError(f"`perforch rankings {arguments.action}` takes no file; export and import do")
    ACTIONS[arguments.action](arguments, settings)
    return FOUND


def _show(arguments: argparse.Namespace, settings: app.Settings) -> None:
    rows = memory_views.rows(settings, _filter(arguments))
    if arguments.json:
        print(json.dumps({"rows": [row_as_json(row) for row in rows]}))
    else:
        print("\n".join(table_lines(rows)))


def _explain(arguments: argparse.Namespace, settings: app.Settings) -> None:
    """Of a fix in Python over all categories, where nothing else is named."""
    wanted = _filter(arguments)
    found = memory_views.explained(
        settings, wanted.stage or Stage.FIX, wanted.language or memory_views.FIRST_LANGUAGE, wanted.category
    )
    print(json.dumps(explained_as_json(found)) if arguments.json else "\n".join(explained_lines(found)))


def _export(arguments: argparse.Namespace, settings: app.Settings) -> None:
    file = _file(arguments)
    count = app.store(settings).export_to(file)
    _tell(arguments, {"exported": count, "file": str(file)}, f"{count} observations written to {file}; no code in them")


def _import(arguments: argparse.Namespace, settings: app.Settings) -> None:
    file = _file(arguments)
    merged = app.store(settings).merge_from(file)
    shown = Terminal.on(sys.stderr, os.environ)
    for reason in merged.refused:
        shown.line(f"refused: {reason}")
    result = {"added": merged.added, "known": merged.known, "refused": list(merged.refused)}
    refused = f", {len(merged.refused)} lines refused" if merged.refused else ""
    _tell(arguments, result, f"{merged.added} observations added, {merged.known} were known{refused}")


def _reset(arguments: argparse.Namespace, settings: app.Settings) -> None:
    backup = app.store(settings).reset()
    text = f"everything is forgotten; it can be had back: `perforch rankings import {backup}`"
    _tell(arguments, {"backup": str(backup) if backup else None}, text if backup else "there was nothing to forget")


ACTIONS: Mapping[str, Callable[[argparse.Namespace, app.Settings], None]] = {
    "show": _show,
    "explain": _explain,
    "export": _export,
    "import": _import,
    "reset": _reset,
}


def _filter(arguments: argparse.Namespace) -> Filter:
    stage = Stage(arguments.stage) if arguments.stage else None
    return Filter(stage, arguments.language, Category(arguments.category) if arguments.category else None)


def _file(arguments: argparse.Namespace) -> Path:
    if arguments.file is None:
        raise UsageError(f"`perforch rankings {arguments.action}` needs a FILE")
    return Path(arguments.file)


def _tell(arguments: argparse.Namespace, result: Mapping[str, object], text: str) -> None:
    print(json.dumps(result) if arguments.json else text)


def _describe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", nargs="?", choices=tuple(ACTIONS), default="show")
    parser.add_argument("file", nargs="?", metavar="FILE", help="where to export to or import from")
    parser.add_argument("--stage", choices=tuple(map(str, Stage)))
    parser.add_argument("--language", metavar="L")
    parser.add_argument("--category", choices=tuple(map(str, Category)))


RANKINGS = Command("rankings", "what is known of each model, and why they are asked in this order", _describe, rankings)
