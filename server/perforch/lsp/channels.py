"""Standard input and output as the protocol's own channels: whatever else is printed goes to the log."""

import asyncio
import os
import stat
import sys
from dataclasses import dataclass
from typing import BinaryIO

from perforch.core.errors import UsageError

READ_BYTES = 1 << 16
MOST_UNREAD_BYTES = 64 << 20  # a client that does not read loses what comes after so much


def protected_stdout() -> BinaryIO:
    """The real standard output; from now on what anybody prints is written to stderr."""
    own = os.dup(sys.stdout.fileno())
    sys.stdout.flush()
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    os.set_inheritable(own, False)  # noqa: FBT003 - the standard library's own signature
    return os.fdopen(own, "wb", buffering=0)


async def reader_of(stream: BinaryIO) -> asyncio.StreamReader:
    """Reads a pipe or socket without ever blocking the loop; raises UsageError for anything else."""
    _check(stream, "input")
    reader = asyncio.StreamReader(limit=READ_BYTES)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), stream)
    return reader


@dataclass(slots=True)
class Outgoing:
    """What pygls writes to; a client that reads slowly makes it wait in memory, not in the loop."""

    transport: asyncio.WriteTransport

    def write(self, data: bytes) -> None:
        if self.transport.get_write_buffer_size() < MOST_UNREAD_BYTES:
            self.transport.write(data)

    def close(self) -> None:
        self.transport.close()

    async def flushed(self, seconds: float) -> None:
        """Wait until all is written, or so long."""
        deadline = asyncio.get_running_loop().time() + seconds
        # The transport tells nobody when its buffer is empty.
        while self.transport.get_write_buffer_size() and asyncio.get_running_loop().time() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(0.005)


async def writer_to(stream: BinaryIO) -> Outgoing:
    """Writes to a pipe or socket; raises UsageError for anything else."""
    _check(stream, "output")
    transport, _ = await asyncio.get_running_loop().connect_write_pipe(asyncio.BaseProtocol, stream)
    return Outgoing(transport)


def _check(stream: BinaryIO, name: str) -> None:
    """The loop cannot wait for files, nor for /dev/null, and only finds out when it is too late."""
    mode = os.fstat(stream.fileno()).st_mode
    if not (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or os.isatty(stream.fileno())):
        raise UsageError(f"serve --stdio talks to an editor through pipes, but its {name} is none; start it from one")
