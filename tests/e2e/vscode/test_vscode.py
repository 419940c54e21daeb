"""The packaged extension in a real VS Code, driven as users do: every scenario of scenarios.mjs is a test here.

The editor is code-server from npm, prepared once in a cache folder ($PERFORCH_E2E_CACHE). Pictures and figures are kept in dist/e2e.
"""

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
DIST = ROOT / "dist"
SCENARIOS = re.findall(r"^export async function (\w+)\(at\)", (HERE / "scenarios.mjs").read_text("utf-8"), re.MULTILINE)
TOOLS = ("node", "npm", "rg", "chromium")
WITHOUT_NETWORK = "the_server_is_set_up_without_network"
SECONDS_PER_SCENARIO = 180
NOT_PREPARED = 3  # how prepare.sh ends where the editor cannot be made, say without a compiler

pytestmark = pytest.mark.slow


@dataclass(frozen=True, slots=True)
class Played:
    passed: bool
    seconds: float
    notes: Mapping[str, float]
    error: str = ""


@pytest.fixture(scope="module")
def played(request: pytest.FixtureRequest) -> Iterator[Mapping[str, Played]]:
    """All scenarios that were selected, in one editor: starting one for each would take minutes."""
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        pytest.skip(
            f"{', '.join(missing)} not installed; on Debian: apt-get install chromium ripgrep fonts-dejavu-core"
        )
    vsix = DIST / "perforch.vsix"
    assert vsix.exists(), "there is no dist/perforch.vsix; run `make package` first"
    selected = [item.callspec.params["name"] for item in request.session.items if item.path == request.path]
    cache = Path(os.environ.get("PERFORCH_E2E_CACHE") or Path.home() / ".cache" / "perforch-e2e")
    # Sockets live in the scratch folder, and their paths may have 107 characters at most.
    with tempfile.TemporaryDirectory(prefix="pe-", dir="/tmp") as scratch:
        yield _played(selected, cache, Path(scratch), vsix)


def _played(selected: list[str], cache: Path, scratch: Path, vsix: Path) -> Mapping[str, Played]:
    options = {
        "--code-server": _code_server(cache),
        "--vsix": vsix,
        "--python": sys.executable,
        "--wheels": _wheels(cache) if WITHOUT_NETWORK in selected else scratch,
        "--shots": DIST / "e2e",
        "--scratch": scratch,
    }
    command = ["node", str(HERE / "run.mjs"), *(str(part) for option in options.items() for part in option), *selected]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
    try:
        said, _ = process.communicate(timeout=SECONDS_PER_SCENARIO * (1 + len(selected)))
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    lines = [json.loads(line) for line in said.splitlines()]
    (DIST / "e2e" / "results.json").write_text(json.dumps(lines, indent=1), "utf-8")
    return {line.pop("name"): Played(**line) for line in lines}


def _code_server(cache: Path) -> str:
    prepared = subprocess.run([HERE / "prepare.sh", cache], capture_output=True, text=True, check=False)
    if prepared.returncode == NOT_PREPARED:
        pytest.skip(prepared.stderr.strip())
    assert prepared.returncode == 0, prepared.stderr
    return prepared.stdout.splitlines()[-1]


def _wheels(cache: Path) -> Path:
    """What the extension's own environment is made of, downloaded once."""
    requirements = DIST / "requirements.txt"
    folder = cache / f"wheels-{hashlib.sha256(requirements.read_bytes()).hexdigest()[:12]}"
    if not folder.exists():
        partial = folder.with_suffix(".partial")
        download = [sys.executable, "-m", "pip", "download", "--quiet", "--require-hashes", "--only-binary", ":all:"]
        subprocess.run([*download, "--dest", partial, "--requirement", requirements], check=True)
        partial.rename(folder)
    return folder


@pytest.mark.parametrize("name", SCENARIOS)
def test_in_a_real_vs_code(name: str, played: Mapping[str, Played]) -> None:
    assert name in played, "the driver ended before this scenario; its output says why"
    result = played[name]
    sys.stdout.write(f"{name}: {result.seconds:.1f} s {dict(result.notes)}\n")
    assert result.passed, f"{result.error}\na picture of the end is dist/e2e/failed-{name}.png"
