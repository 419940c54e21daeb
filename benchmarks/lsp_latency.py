"""How long code actions take at the end of files of ten thousand lines, in each language, while a solve runs.

    python benchmarks/lsp_latency.py [--requests N]

Each request follows a typed character; the bar is the 95th percentile. Exit status 1 where it is missed.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "lsp"))

from editor import Editor, connected

BAR_MS = 20.0
LINES = 10_000
FILES = {"python": "long.py", "java": "Long.java", "cpp": "long.cpp", "go": "long.go", "rust": "long.rs"}
FUNCTIONS = {
    "python": """def NAME(items):
    total = 0
    for item in items:
        total += item
    return total


""",
    "java": """class NAME {
    int sum(int[] items) {
        int total = 0;
        for (int item : items) total += item;
        return total;
    }
}
""",
    "cpp": """int NAME(const std::vector<int>& items) {
    int total = 0;
    for (int item : items) total += item;
    return total;
}

""",
    "go": """func NAME(items []int) int {
\ttotal := 0
\tfor _, item := range items {
\t\ttotal += item
\t}
\treturn total
}

""",
    "rust": """fn NAME(items: &[i64]) -> i64 {
    let mut total = 0;
    for item in items {
        total += item;
    }
    total
}

""",
}
SEARCHED = "def slow(n):\n    return n + 1\n"
TEST = """import time
from searched import slow


def test_slow():
    time.sleep(0.2)
    assert slow(1) == "no such thing"
"""


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds over all requests of one language, and how many came while a solve ran."""

    median: float
    p95: float
    worst: float
    found: int


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=200)
    requests = parser.parse_args().requests
    with tempfile.TemporaryDirectory(prefix="perforch-bench-") as folder:
        found = asyncio.run(measured(Path(folder), requests))
    for language, latency in found.items():
        print(
            f"{language:<7} median {latency.median:5.2f} ms, p95 {latency.p95:5.2f} ms, worst {latency.worst:6.2f} ms, "
            f"{latency.found} of {requests} with the function at the cursor"
        )
    return int(any(latency.p95 > BAR_MS or latency.found < requests for latency in found.values()))


async def measured(folder: Path, requests: int) -> dict[str, Latency]:
    (folder / "searched.py").write_text(SEARCHED, encoding="utf-8")
    (folder / "test_searched.py").write_text(TEST, encoding="utf-8")
    async with connected(folder) as editor:
        searched = editor.open(folder / "searched.py")
        solving = asyncio.create_task(keep_solving(editor, searched))
        await editor.told("perforch/status", state="running")
        found = {}
        for language, function in FUNCTIONS.items():
            uri = editor.open(folder / FILES[language], language, long_file(function))
            found[language] = await latency_at_the_end(editor, uri, requests)
        solving.cancel()
    return found


def long_file(function: str) -> str:
    count = LINES // function.count("\n")
    return "".join(function.replace("NAME", f"f{number}") for number in range(count))


async def latency_at_the_end(editor: Editor, uri: str, requests: int) -> Latency:
    line = editor.texts[uri].text.rstrip().count("\n") - 2
    assert await editor.actions(uri, line), "the first reading is waited for"
    times, found = [], 0
    place = editor.texts[uri].text.rindex("total")
    for number in range(requests):
        editor.edit(uri, place, place, "x" if number % 2 else " ")
        started = time.perf_counter()  # the server has yet to take in what was typed
        actions = await editor.actions(uri, line)
        times.append((time.perf_counter() - started) * 1000)
        found += bool(actions)
        await asyncio.sleep(0.02)  # a very fast typist
    ordered = sorted(times)
    return Latency(statistics.median(times), ordered[int(len(ordered) * 0.95)], ordered[-1], found)


async def keep_solving(editor: Editor, uri: str) -> None:
    while True:
        await editor.answer(editor.ask_solve(uri, 0), 300)


if __name__ == "__main__":
    sys.exit(main())
