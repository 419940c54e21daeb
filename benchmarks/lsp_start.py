"""How long the language server takes from its start to its answer to initialize, and its memory, against bare pygls.

The two are started in turn, so that a busy machine is busy for both. Exit status 1 where a bar is missed.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

MOST_TIME, MOST_MEMORY = 1.25, 1.5  # times the bare server's
BARE = (
    "from pygls.lsp.server import LanguageServer\n"
    "server = LanguageServer('bare', '1')\n"
    "@server.feature('textDocument/codeAction')\n"
    "def actions(ls, params): return []\n"
    "server.start_io()\n"
)
SERVERS = {
    "bare pygls": (sys.executable, "-c", BARE),
    "perforch": (sys.executable, "-P", "-m", "perforch", "serve", "--stdio"),
}
INITIALIZE = {"processId": None, "rootUri": None, "capabilities": {}}


@dataclass(frozen=True, slots=True)
class Start:
    """One start: seconds until the answer, and resident MB half a second after it."""

    seconds: float
    megabytes: float


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    starts: dict[str, list[Start]] = {name: [] for name in SERVERS}
    for _ in range(rounds):
        for name, command in SERVERS.items():
            starts[name].append(start(command))
    times = {name: statistics.median(each.seconds for each in found) for name, found in starts.items()}
    sizes = {name: statistics.median(each.megabytes for each in found) for name, found in starts.items()}
    for name in SERVERS:
        print(f"{name:<11} {times[name] * 1000:6.0f} ms to the answer, {sizes[name]:5.1f} MB (median of {rounds})")
    time_ratio = times["perforch"] / times["bare pygls"]
    size_ratio = sizes["perforch"] / sizes["bare pygls"]
    print(f"ratio       {time_ratio:.2f} (bar {MOST_TIME}), {size_ratio:.2f} (bar {MOST_MEMORY})")
    return int(time_ratio > MOST_TIME or size_ratio > MOST_MEMORY)


def start(command: tuple[str, ...]) -> Start:
    began = time.perf_counter()
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        content = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": INITIALIZE}).encode()
        server.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(content), content))
        server.stdin.flush()
        length = 0
        while (line := server.stdout.readline()) != b"\r\n":
            if line.lower().startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        server.stdout.read(length)
        seconds = time.perf_counter() - began
        time.sleep(0.5)  # what is done after the answer counts as well
        status = Path(f"/proc/{server.pid}/status").read_text(encoding="ascii")
        resident = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        server.kill()
    return Start(seconds, int(resident.split()[1]) / 1024)


if __name__ == "__main__":
    sys.exit(main())
