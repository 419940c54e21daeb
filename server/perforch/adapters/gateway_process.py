"""The gateway's process as the server sees it: started with a clean environment, asked, cancelled, seen to die."""

import asyncio
import logging
import os
import site
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from perforch.adapters.gateway_faults import CannotStart, Crashed, GatewayFault
from perforch.adapters.gateway_wire import LINE_BYTES, Ask, Cancel, Ended, Ready, Told, order_line, read_report

log = logging.getLogger(__name__)

CHILD = "perforch.adapters.gateway_child"
PACKAGE_ROOT = str(Path(__file__).parent.parent.parent)
# Nothing that could hold a key: only where programs, certificates and temporary folders are.
PASSED_ON = ("PATH", "SYSTEMROOT", "TMPDIR", "TEMP", "TMP", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE")
ENDING_SECONDS = 2.0
KEPT_BYTES = 2000  # of what a process that cannot start says


@dataclass(frozen=True, slots=True)
class Launch:
    """How the process is started. `outer` is the server's environment, of which little is passed on."""

    outer: Mapping[str, str]
    proxy: str | None = None
    local_only: bool = False
    command: Sequence[str] = field(default=(sys.executable, "-s", "-P", "-X", "utf8", "-m", CHILD))

    @property
    def argv(self) -> tuple[str, ...]:
        return (*self.command, *(["--local-only"] if self.local_only else []))

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: self.outer[name] for name in PASSED_ON if name in self.outer}
        user_site = site.getusersitepackages()
        libraries = [PACKAGE_ROOT, *([user_site] if user_site in sys.path else [])]
        proxies = {"HTTP_PROXY": self.proxy, "HTTPS_PROXY": self.proxy, "NO_PROXY": "localhost,127.0.0.1,::1"}
        return {
            **kept,
            **({name: text for name, text in proxies.items() if text is not None} if self.proxy else {}),
            "PYTHONPATH": os.pathsep.join(libraries),
            "LITELLM_LOCAL_MODEL_COST_MAP": "True",
            # Otherwise LiteLLM obeys the nearest .env above its own folder. Installed in a workspace's .venv, that is
            # the workspace's, and could send key and prompt to any address.
            "LITELLM_MODE": "PRODUCTION",
            "LITELLM_TELEMETRY": "False",
            "DO_NOT_TRACK": "1",
        }


class GatewayProcess:
    """One running child. When it ends, everyone who waits for it is told so."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._ids = count(1)
        self._waiting: dict[int, asyncio.Future[Told | GatewayFault]] = {}
        self._ready: asyncio.Future[CannotStart | None] = asyncio.get_running_loop().create_future()
        self._complaint = b""
        self._ended = False
        self._complaining = asyncio.create_task(self._read_complaints())
        self._reporting = asyncio.create_task(self._read_reports())

    @classmethod
    async def start(cls, launch: Launch) -> "GatewayProcess":
        """Start it; it is ready only some seconds later."""
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            *launch.argv, stdin=pipe, stdout=pipe, stderr=pipe, env=launch.environment, limit=LINE_BYTES
        )
        log.info("started the gateway, process %d", process.pid)
        return cls(process)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return not self._ended and self._process.returncode is None

    async def ready(self) -> CannotStart | None:
        """Wait until LiteLLM is loaded; several may wait, and any may stop waiting."""
        return await asyncio.shield(self._ready)

    async def ask(self, ask: Ask) -> Told | GatewayFault:
        """One try; when the caller is cancelled, the connection to the provider is closed."""
        outcome: asyncio.Future[Told | GatewayFault] = asyncio.get_running_loop().create_future()
        self._waiting[ask.id] = outcome
        try:
            self._send(ask)
            return await outcome
        finally:
            del self._waiting[ask.id]
            if not outcome.done() or outcome.cancelled():
                self._send(Cancel(ask.id))

    def next_id(self) -> int:
        return next(self._ids)

    def kill(self) -> None:
        """End it at once, because it broke its promise of an answer in time."""
        self._ended = True
        if self._process.returncode is None:
            self._process.kill()

    async def close(self) -> None:
        """Let it go: it ends when its input does, and is killed if not."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            async with asyncio.timeout(ENDING_SECONDS):
                await self._process.wait()
        except TimeoutError:
            self.kill()
            await self._process.wait()
        await asyncio.gather(self._reporting, self._complaining)

    def _send(self, order: Ask | Cancel) -> None:
        stdin = self._process.stdin
        if stdin is not None and not stdin.is_closing():
            stdin.write(order_line(order))

    async def _read_reports(self) -> None:
        stdout = self._process.stdout
        assert stdout is not None
        while line := await _line(stdout):
            match read_report(line):
                case Ready(version):
                    log.info("the gateway is ready, LiteLLM %s", version)
                    self._ready.set_result(None)
                case Ended(number, outcome):
                    if (waiting := self._waiting.get(number)) is not None and not waiting.done():
                        waiting.set_result(outcome)
        if not self._ready.done():
            await asyncio.wait({self._complaining}, timeout=ENDING_SECONDS)
        self._end()

    def _end(self) -> None:
        # No kill: asyncio loses the exit status of a process that just ended, and `close` sees to one that lives on.
        self._ended = True
        if not self._ready.done():
            last = self._complaint.decode(errors="replace").strip().rpartition("\n")[2]
            self._ready.set_result(CannotStart(last))
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_result(Crashed())

    async def _read_complaints(self) -> None:
        """Keep the end of what is said until it is ready; later it could hold parts of a prompt, and is dropped."""
        stderr = self._process.stderr
        assert stderr is not None
        while chunk := await stderr.read(KEPT_BYTES):
            if not self._ready.done():
                self._complaint = (self._complaint + chunk)[-KEPT_BYTES:]


async def _line(stream: asyncio.StreamReader) -> bytes:
    """The next line, or nothing at the end, which is also where a line is cut or far too long."""
    try:
        line = await stream.readline()
    except ValueError:
        return b""
    return line if line.endswith(b"\n") else b""
