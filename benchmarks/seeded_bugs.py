"""How many bugs seeded in a published package are repaired, and whether each proven repair passes the package's suite.

    python benchmarks/seeded_bugs.py PACKAGE [--bugs N] [--seed N] [--source DIR] [--require NAME]... [--deselect ID]...

PACKAGE is a pure-Python package whose source distribution carries its pytest tests; it is fetched with `pip download`,
or taken from DIR. It gets an environment of its own, with pytest and what its tests require. Each bug is one small edit
that makes the suite fail. `perforch fix` is asked twice: with the function, and with the file alone.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random
from statistics import median

from perforch.evaluation.seeding import Seeded, seeded

SUITE_FACTOR = 4  # a suite with a bug may take this much longer than without before it counts as hanging
SUITE_SECONDS = 20.0
FIX_SECONDS = 60
NOT_SOURCES = {
    "tests",
    "test",
    "testing",
    "docs",
    "doc",
    "examples",
    "benchmarks",
    "build",
    ".venv",
    "setup.py",
    "tasks",
}


@dataclass(frozen=True)
class Package:
    """A workspace with the package, and how long its whole suite takes as it is."""

    root: Path
    sources: tuple[Path, ...]
    deselect: tuple[str, ...]
    seconds: float = 0.0

    def suite(self, seconds: float, *options: str) -> subprocess.CompletedProcess[str] | None:
        """The whole suite, by pytest alone; None when it does not end."""
        argv = [str(self.root / ".venv/bin/python"), "-m", "pytest", "-q", "-p", "no:cacheprovider", *options]
        return _run([*argv, *(f"--deselect={test}" for test in self.deselect)], self.root, seconds)


@dataclass(frozen=True)
class Try:
    """What `perforch fix` made of one bug; `holds` says whether the suite passes with its patch, None without one."""

    asked: str
    outcome: str
    reason: str
    seconds: float
    holds: bool | None
    is_original: bool


@dataclass(frozen=True)
class Bug:
    """One seeded bug and its tries."""

    file: str
    function: str
    kind: str
    line: int
    before: str
    after: str
    tries: list[Try] = field(default_factory=list)


def main() -> int:
    options = _options()
    folder = Path(tempfile.mkdtemp(prefix="perforch-seeded-"))
    try:
        package = _prepared(options, folder)
        bugs = []
        for number, (path, bug) in enumerate(_bugs(package, Random(options.seed), options.bugs), 1):  # noqa: S311
            bugs.append(_tried(package, path, bug))
            _tell(number, bugs[-1])
        print(json.dumps(_report(options.package, package, bugs)))
    finally:
        shutil.rmtree(folder)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("package")
    parser.add_argument("--bugs", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--source", type=Path, help="a folder with the package's source, instead of a download")
    parser.add_argument("--require", action="append", default=[], help="a package that the tests need")
    parser.add_argument("--deselect", action="append", default=[], help="a test that fails without any bug")
    return parser.parse_args()


# The workspace


def _prepared(options: argparse.Namespace, folder: Path) -> Package:
    root = _source(options, folder)
    _checked([sys.executable, "-m", "venv", ".venv"], root)
    pip = [str(root / ".venv/bin/python"), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    _checked([*pip, "pytest", *options.require, "-e", "."], root)
    sources = tuple(path for path in sorted(root.rglob("*.py")) if _is_source(path.relative_to(root)))
    package = Package(root, sources, tuple(options.deselect))
    began = time.monotonic()
    ended = package.suite(SUITE_SECONDS * SUITE_FACTOR)
    if ended is None or ended.returncode != 0:
        sys.exit(f"the suite does not pass without a bug:\n{ended.stdout[-3000:] if ended else 'it does not end'}")
    print(ended.stdout.splitlines()[-1], file=sys.stderr)
    return Package(root, sources, package.deselect, time.monotonic() - began)


def _source(options: argparse.Namespace, folder: Path) -> Path:
    if options.source:
        return Path(shutil.copytree(options.source, folder / "source", symlinks=True))
    download = ["pip", "download", "-q", "--no-binary", ":all:", "--no-deps", "-d", "sdist", options.package]
    _checked([sys.executable, "-m", *download], folder)
    with tarfile.open(next((folder / "sdist").glob("*.tar.gz"))) as archive:
        archive.extractall(folder / "source", filter="data")
    return next((folder / "source").iterdir())


def _is_source(path: Path) -> bool:
    return not NOT_SOURCES & set(path.parts) and not path.name.startswith(("test_", "conftest", "_version"))


# The bugs


def _bugs(package: Package, rng: Random, count: int) -> Iterator[tuple[Path, Seeded]]:
    """Bugs that the suite notices; a file is drawn as often as it is long."""
    texts = {path: path.read_bytes().decode("utf-8") for path in package.sources}
    found, drawn = 0, 0
    while found < count and drawn < count * 30:
        drawn += 1
        path = rng.choices(list(texts), weights=[len(text) for text in texts.values()])[0]
        bug = seeded(texts[path], rng)
        if bug is not None and _is_noticed(package, path, bug, texts[path]):
            found += 1
            yield path, bug
    print(f"{drawn} edits drawn, {found} of them noticed by the suite", file=sys.stderr)


def _is_noticed(package: Package, path: Path, bug: Seeded, original: str) -> bool:
    """Whether tests fail with the bug; not one that breaks their collection or hangs, which says little about code."""
    path.write_bytes(bug.text.encode())
    try:
        ended = package.suite(package.seconds * SUITE_FACTOR + 5, "-x")
        return ended is not None and ended.returncode == 1
    finally:
        path.write_bytes(original.encode())


# The repairs


def _tried(package: Package, path: Path, bug: Seeded) -> Bug:
    file = path.relative_to(package.root)
    original = path.read_bytes()
    tries = []
    try:
        for place in (f"{file}::{bug.function}", str(file)):
            path.write_bytes(bug.text.encode())
            tries.append(_fixed(package, path, place, original))
    finally:
        path.write_bytes(original)
    return Bug(str(file), bug.function, bug.kind, bug.line, bug.before, bug.after, tries)


def _fixed(package: Package, path: Path, place: str, original: bytes) -> Try:
    """One run of the command line, and one of the suite on what it proposes."""
    began = time.monotonic()
    fix = [sys.executable, "-m", "perforch", "fix", place, "--json", "--timeout", str(FIX_SECONDS)]
    ended = _run(fix, package.root, FIX_SECONDS * 4 + package.seconds * 10)
    seconds = time.monotonic() - began
    if ended is None or not ended.stdout:
        return Try(place, "error", (ended.stderr if ended else "did not end")[-500:], seconds, None, is_original=False)
    result = json.loads(ended.stdout)
    if result["outcome"] != "proposal":
        return Try(
            place,
            "none",
            f"{result['reason']['code']}: {result['reason']['text']}"[:500],
            seconds,
            None,
            is_original=False,
        )
    _checked(["patch", "-p1", "-s"], package.root, given=result["diff"])
    after = package.suite(package.seconds * SUITE_FACTOR + 20)
    holds = after is not None and after.returncode == 0
    return Try(place, "proposal", result["evidence"]["level"], seconds, holds, path.read_bytes() == original)


# What is told


def _tell(number: int, bug: Bug) -> None:
    print(
        f"{number}. {bug.file}:{bug.line} {bug.function} [{bug.kind}] {bug.before!r} -> {bug.after!r}", file=sys.stderr
    )
    for one in bug.tries:
        print(
            f"     {one.outcome:<9} {one.seconds:6.1f} s  holds: {one.holds}  {one.reason[:150]}",
            file=sys.stderr,
            flush=True,
        )


def _report(name: str, package: Package, bugs: Sequence[Bug]) -> dict[str, object]:
    return {
        "package": name,
        "suite_seconds": round(package.seconds, 2),
        "bugs": len(bugs),
        "with_function": _figures([bug.tries[0] for bug in bugs]),
        "with_file": _figures([bug.tries[1] for bug in bugs]),
        "all": [asdict(bug) for bug in bugs],
    }


def _figures(tries: Sequence[Try]) -> dict[str, object]:
    repaired = [one for one in tries if one.holds]
    return {
        "repaired": len(repaired),
        "share": round(len(repaired) / max(1, len(tries)), 3),
        "wrongly_proven": sum(one.holds is False for one in tries),
        "as_it_was": sum(one.is_original for one in tries),
        "median_seconds": round(median(one.seconds for one in repaired), 1) if repaired else None,
    }


def _run(
    argv: Sequence[str], folder: Path, seconds: float | None = None, given: str = ""
) -> subprocess.CompletedProcess[str] | None:
    try:
        return subprocess.run(
            argv, cwd=folder, capture_output=True, text=True, timeout=seconds, check=False, input=given
        )
    except subprocess.TimeoutExpired:
        return None


def _checked(argv: Sequence[str], folder: Path, given: str = "") -> None:
    ended = _run(argv, folder, given=given)
    if ended is None or ended.returncode != 0:
        sys.exit(f"{' '.join(argv)} failed:\n{ended.stdout + ended.stderr if ended else ''}")


if __name__ == "__main__":
    sys.exit(main())
