"""What the server knows while an editor is connected, and how it lets workers do the work."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pygls.exceptions import JsonRpcException

from perforch import resident
from perforch.core.errors import PerfOrchError
from perforch.lsp import wire
from perforch.lsp.client import Client
from perforch.lsp.documents import Documents
from perforch.lsp.jobs import End, Job, Origin, Refused, Told
from perforch.lsp.outlines import Outlines
from perforch.lsp.preferences import Preferences
from perforch.lsp.reader import Reader
from perforch.lsp.workers import Workers

REQUEST_FAILED = -32803  # LSP 3.17, ErrorCodes: the request was fine, but could not be done
UNTRUSTED = "PerfOrch runs the workspace's code, so it does nothing here until you trust this workspace"
log = logging.getLogger(__name__)


class RequestFailed(JsonRpcException):
    """What the user is told instead of a result."""

    CODE = REQUEST_FAILED


@dataclass(slots=True)
class Session:
    """One editor, from initialize to exit."""

    client: Client
    reader: Reader
    outlines: Outlines
    documents: Documents = field(default_factory=Documents)
    workers: Workers = field(default_factory=Workers)
    keys: dict[str, str] = field(default_factory=dict)
    preferences: dict[Path | None, Preferences] = field(default_factory=dict)  # None: where no folder has its own
    is_trusted: bool = True
    shows_status: bool = False
    spent_today_usd: float = 0.0
    _active: int = 0
    _errands: set["asyncio.Task[None]"] = field(default_factory=set)

    def root_of(self, path: Path) -> Path:
        """The workspace folder of a file, or the project around it where it lies in none."""
        return self.documents.root_of(path) or resident.workspace_root(path.parent)

    def preferences_of(self, root: Path) -> Preferences:
        return self.preferences.get(root) or self.preferences.get(None) or Preferences()

    def origin(self, root: Path) -> Origin:
        """Where a job takes place, with the documents as they are now."""
        return Origin(str(root), self.documents.unsaved(root), dict(self.keys), self.preferences_of(root).models.use)

    async def run(self, job: Job, listen: Callable[[Told], None], stage: str | None = None) -> End:
        """Let a worker do the job; raises RequestFailed with what the user is to be told."""
        if not self.is_trusted:
            raise RequestFailed(UNTRUSTED)

        def tell(told: Told) -> None:
            self.status("running", told.stage or stage, told.text)
            listen(told)

        self._active += 1
        try:
            if self.workers.is_busy(job.origin.root):
                self.status("queued", stage, "waiting for another request in this folder")
                listen(Told("queued: another request is running in this folder"))
            else:
                self.status("running", stage, "starting")
            end = await self.workers.run(job, tell)
            self.spent_today_usd = await asyncio.to_thread(_spent_today_usd, Path(job.origin.root))
        finally:
            self._active -= 1
            if not self._active:
                self.status("idle", None, "")
        if isinstance(end, Refused):
            raise RequestFailed(end.message)
        return end

    def status(self, state: str, stage: str | None, text: str) -> None:
        params = {"state": state, "stage": stage, "text": text, "spent_today_usd": self.spent_today_usd}
        if self.shows_status:
            self.client.notify(wire.STATUS, params)

    def errand(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something that no answer waits for; what goes wrong is told to the user in a sentence."""
        task = asyncio.get_running_loop().create_task(self._told(work))
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)

    async def _told(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except (JsonRpcException, PerfOrchError) as error:
            self.client.show(str(error))

    async def close(self) -> None:
        """End everything that runs, and return when it is gone."""
        for task in self._errands:
            task.cancel()
        self.outlines.close()
        await self.reader.close()
        await self.workers.close()


def _spent_today_usd(root: Path) -> float:
    try:
        return resident.spent_today_usd(root)
    except PerfOrchError as error:  # no reason to fail a request that has ended
        log.warning("what was spent today is not known: %s", error)
        return 0.0
