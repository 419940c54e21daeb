"""What a whole `perforch fix` costs on the demo workspace, as cold runs of its tests.

    python benchmarks/demo_overhead.py [--rounds N]

The bar: at most five cold `pytest` runs plus two seconds. Both are measured in turn, nothing is cached.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

DEMO = Path(__file__).resolve().parent.parent / "examples" / "demo"
RUNS, SECONDS = 5, 2.0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    pairs = [(pytest_seconds(), fix_seconds()) for _ in range(rounds)]
    cold, whole = (statistics.median(each) for each in zip(*pairs, strict=True))
    allowed = RUNS * cold + SECONDS
    print(f"cold pytest {cold:.2f} s, perforch fix {whole:.2f} s: {whole / cold:.1f} runs; allowed {allowed:.2f} s")
    return int(whole > allowed)


def pytest_seconds() -> float:
    """One run of the demo's tests, which fail, as a user would start it."""
    return seconds([sys.executable, "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider"], {}, expected=1)


def fix_seconds() -> float:
    """One whole request with empty caches."""
    with tempfile.TemporaryDirectory(prefix="perforch-bench-") as home:
        own = {"PERFORCH_CACHE_DIR": f"{home}/cache", "PERFORCH_DATA_DIR": f"{home}/data"}
        own["PERFORCH_LANGUAGES_PYTHON_INTERPRETER"] = sys.executable
        return seconds([sys.executable, "-m", "perforch", "fix"], own, expected=0)


def seconds(command: list[str], variables: dict[str, str], expected: int, folder: Path = DEMO) -> float:
    started = time.monotonic()
    ended = subprocess.run(command, cwd=folder, env=os.environ | variables, capture_output=True, check=False)
    if ended.returncode != expected:
        raise SystemExit(f"{command} ended with {ended.returncode}: {ended.stderr.decode()[-500:]}")
    return time.monotonic() - started


if __name__ == "__main__":
    sys.exit(main())
