"""Looks at the machine: the project's interpreter and tests, the sandbox, and the tools of each language."""

import asyncio
import shutil
from collections.abc import Iterable
from pathlib import Path

from perforch.adapters.interpreters import Interpreters
from perforch.adapters.projects import Projects
from perforch.adapters.sandbox import Sandbox
from perforch.core.checkup import Checkup, Finding, State
from perforch.core.errors import SandboxUnavailable, ToolMissing
from perforch.core.noise import Noise
from perforch.core.task import Workspace

# Per language the programs that its builds and tests need, and the Debian package that brings them.
TOOLS = {
    "java": (("javac", "java"), "default-jdk"),
    "c++": (("g++",), "g++"),
    "go": (("go",), "golang"),
    "rust": (("cargo", "rustc"), "cargo"),
}
VERSION_FLAGS = {"go": "version"}
VERSION_SECONDS = 10.0
NOISY_GAIN = 0.10  # where smaller gains cannot be proven, a quieter machine would show more


async def checkup(root: Path, interpreters: Interpreters, minimum: str, noise: Noise | None) -> Checkup:
    """Everything that `perforch doctor` shows for the workspace at `root`; `noise` is what is known of the machine."""
    python = await _python(root, interpreters)
    tools = await asyncio.gather(*(_tool(language, *needs) for language, needs in TOOLS.items()))
    return Checkup((*python, _tests(root), *_sandbox(minimum), _measuring(noise), *tools), noise)


async def _python(root: Path, interpreters: Interpreters) -> Iterable[Finding]:
    try:
        found = await interpreters.find(root)
    except ToolMissing as error:
        return (Finding("python", State.MISSING, "no interpreter for this project", str(error)),)
    version = ".".join(map(str, found.version))
    interpreter = Finding("python", State.OK, f"{found.executable} ({version}), {found.found}")
    if found.has_pytest:
        return interpreter, Finding("pytest", State.OK, "installed in that interpreter")
    advice = f"tests written for unittest run without it; for others: {found.install_pytest}"
    return interpreter, Finding("pytest", State.OPTIONAL, "not installed in that interpreter", advice)


def _tests(root: Path) -> Finding:
    files = Projects().test_files(Workspace(root))
    if files:
        return Finding("tests", State.OK, f"{len(files)} test files in {root}")
    advice = "write a test that shows what the code should do: only what tests show can be proven"
    return Finding("tests", State.OPTIONAL, f"no test files in {root}", advice)


def _sandbox(minimum: str) -> Iterable[Finding]:
    try:
        sandbox = Sandbox.probe(minimum)
    except SandboxUnavailable as error:
        return (Finding("sandbox", State.MISSING, f"not at the level {minimum}", str(error)),)
    detail = f"level {sandbox.level} ({'; '.join(sandbox.reasons)})"
    advice = "" if sandbox.level == "namespaces" else "for the strictest level: apt-get install bubblewrap"
    return (Finding("sandbox", State.OK, detail, advice),)


def _measuring(noise: Noise | None) -> Finding:
    if noise is None:
        advice = "`perforch doctor` on the command line measures it; so does the first Optimize"
        return Finding("measuring", State.OPTIONAL, "the noise of this machine is not known yet", advice)
    is_noisy = noise.provable_gain > NOISY_GAIN
    advice = (
        "only great gains can be told from noise here: close what else keeps the processor busy" if is_noisy else ""
    )
    return Finding("measuring", State.OK, noise.in_words, advice)


async def _tool(language: str, programs: tuple[str, ...], package: str) -> Finding:
    absent = [name for name in programs if shutil.which(name) is None]
    if absent:
        advice = f"for {language} on Debian: apt-get install {package}"
        return Finding(language, State.OPTIONAL, f"{', '.join(absent)} not found on PATH", advice)
    return Finding(language, State.OK, await _version(programs[0]))


async def _version(program: str) -> str:
    """The first line that the program says of its version."""
    process = await asyncio.create_subprocess_exec(
        program,
        VERSION_FLAGS.get(program, "--version"),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(VERSION_SECONDS):
            printed, _ = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        return f"{program} does not say its version"
    return printed.decode(errors="replace").strip().split("\n", 1)[0]
