"""The process that does one job: it reads the job, tells how far it is, writes the end, and goes."""

import asyncio
import contextlib
import json
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from perforch import app
from perforch.app.health import health
from perforch.app.past import remember
from perforch.config import Settings
from perforch.core.errors import PerfOrchError
from perforch.core.events import Event, Examining
from perforch.core.report import as_json
from perforch.core.task import Limits, Request, Stage, Workspace
from perforch.lsp import outcomes, typed, views, wire
from perforch.lsp.channels import protected_stdout
from perforch.lsp.jobs import End, Job, Line, Origin, Refused, Solve, Solved, Tested
from perforch.lsp.telling import told

QUIET_SECONDS = 0.1  # between two lines about counts: an editor shows no more of them


def main() -> int:
    """One job; ended by SIGTERM, and by its input closing, which means that the server is gone."""
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    output = protected_stdout()
    job = typed.read(Job, json.loads(sys.stdin.buffer.readline()), "job")
    try:
        end = asyncio.run(_interruptible(job, output))
    except asyncio.CancelledError:
        return 130
    except PerfOrchError as error:
        end = Refused(str(error))
    _write(output, outcomes.line(end))
    return 0


async def _interruptible(job: Job, output: BinaryIO) -> End:
    loop = asyncio.get_running_loop()
    work = loop.create_task(_done(job, Telling(output)))
    loop.add_signal_handler(signal.SIGTERM, work.cancel)
    threading.Thread(target=_watch, args=(loop, work), daemon=True).start()
    return await work


def _watch(loop: asyncio.AbstractEventLoop, work: "asyncio.Task[End]") -> None:
    """Wait for the end of the input."""
    while os.read(sys.stdin.fileno(), 1024):
        pass
    with contextlib.suppress(RuntimeError):  # the loop is closed: the work is done
        loop.call_soon_threadsafe(work.cancel)


async def _done(job: Job, telling: "Telling") -> End:
    workspace = _workspace(job.origin, job.solve.file if job.solve else None)
    environment = {**os.environ, **job.origin.keys}
    if job.doctor:
        checkup = await app.doctor(workspace.root, environment)
        return wire.DoctorResult(tuple(checkup.lines()), checkup.is_ready)
    settings = app.settings_for(workspace.root, environment, models=job.origin.models)
    if job.rankings:
        return views.rankings(settings, job.rankings)
    if job.models:
        return views.models(settings, environment)
    if job.run_tests:
        return await _tested(workspace, settings, environment, telling)
    if job.solve:
        return await _solved(job.solve, workspace, settings, environment, telling)
    return Refused("there is nothing to do", is_fault_of_ours=True)


async def _solved(
    job: Solve, workspace: Workspace, settings: Settings, environment: Mapping[str, str], telling: "Telling"
) -> Solved:
    started = time.monotonic()
    request = Request(
        workspace=workspace,
        stage=Stage(job.stage),
        file=PurePosixPath(job.file) if job.file else None,
        line=job.line,
        tests=job.tests,
        limits=Limits(job.seconds, settings.test_seconds, settings.budget_usd_per_request),
    )
    async with app.opened(settings, environment, telling) as perforch:
        outcome = await perforch.solve(request)
    report = as_json(outcome, request, time.monotonic() - started)
    return outcomes.solved(outcome, report, remember(settings, workspace.root, outcome, report))


async def _tested(
    workspace: Workspace, settings: Settings, environment: Mapping[str, str], telling: "Telling"
) -> Tested:
    async with app.opened(settings, environment, telling) as perforch:
        telling.on(Examining("running the tests"))
        found = await health(perforch, workspace, settings.test_seconds)
    return outcomes.tested(found)


def _workspace(origin: Origin, target: str | None) -> Workspace:
    """The folder with what differs from the disk laid over it, and the target's file: it may be saved meanwhile."""
    root = Path(origin.root)
    texts = origin.unsaved.items()
    laid_over = {PurePosixPath(file): text for file, text in texts if file == target or _differs(root / file, text)}
    return Workspace(root, laid_over)


def _differs(path: Path, text: str) -> bool:
    try:
        return path.read_bytes() != text.encode(errors="surrogatepass")
    except OSError:
        return True


@dataclass(slots=True)
class Telling:
    """A listener that writes lines; of counts only as many as can be seen."""

    output: BinaryIO
    _last_count: float = 0.0

    def on(self, event: Event) -> None:
        said = told(event)
        if said.stage is None:
            now = time.monotonic()
            if now - self._last_count < QUIET_SECONDS:
                return
            self._last_count = now
        _write(self.output, Line(told=said))


def _write(output: BinaryIO, line: Line) -> None:
    content = memoryview(json.dumps(typed.write(line)).encode() + b"\n")
    with contextlib.suppress(BrokenPipeError):  # the server is gone, which is noticed by our input closing
        while content:
            content = content[output.write(content) :]


if __name__ == "__main__":
    sys.exit(main())
