"""What a whole `perforch fix` costs where the suite is long, as runs of that suite.

    python benchmarks/long_suite.py [--seconds N]

The workspace is made up: half of its tests compute, half of them wait, and all of them enter the one function that has
a bug. The bar: at most 2.5 runs of a suite of 20 seconds or more.
"""

import argparse
import sys
import tempfile
from pathlib import Path

from demo_overhead import seconds

BAR = 2.5
MODULE = '''\
def collatz(number):
    """How many steps lead from the number to 1."""
    steps = 0
    while number > 1:
        number = number // 2 if number % 2 == 0 else 3 * number + 1
        steps += 1
    return steps


def longest(limit):
    """The number below the limit with the most steps, the first of them."""
    best, most = 0, 0
    for number in range(1, limit):
        steps = collatz(number)
        if steps >= most:
            best, most = number, steps
    return best
'''
TESTS = """\
import time

import pytest

from chains import collatz, longest


@pytest.mark.parametrize("number", range({count}))
def test_computing(number):
    end = time.process_time() + 0.2
    while time.process_time() < end:
        assert longest(2) == 1


@pytest.mark.parametrize("number", range({count}))
def test_waiting(number):
    time.sleep(0.2)
    assert collatz(2 ** (number % 10)) == number % 10
    assert longest(2) == 1


def test_the_first_of_equals():
    assert longest(20) == 18


def test_few():
    assert longest(4) == 3
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=24.0)
    wanted = parser.parse_args().seconds
    with tempfile.TemporaryDirectory(prefix="perforch-bench-") as home:
        root = Path(home) / "work"
        root.mkdir()
        (root / "pyproject.toml").write_text(
            "[project]\nname = 'chains'\n[tool.pytest.ini_options]\npythonpath = ['.']\n"
        )
        (root / "chains.py").write_text(MODULE)
        (root / "test_chains.py").write_text(TESTS.format(count=int(wanted / 0.4)))
        suite = seconds([sys.executable, "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider"], {}, 1, root)
        own = {"PERFORCH_CACHE_DIR": f"{home}/cache", "PERFORCH_DATA_DIR": f"{home}/data"}
        own["PERFORCH_LANGUAGES_PYTHON_INTERPRETER"] = sys.executable
        whole = seconds([sys.executable, "-m", "perforch", "fix"], own, 0, root)
    print(f"suite {suite:.1f} s, perforch fix {whole:.1f} s: {whole / suite:.2f} runs; allowed {BAR}")
    return int(whole > BAR * suite)


if __name__ == "__main__":
    sys.exit(main())
