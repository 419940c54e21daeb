"""What the gateway with the real LiteLLM cannot be brought to do, and when it ends."""

import asyncio
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from model_server import Says, Sends, serving
from perforch.adapters.gateway import Call, Failure, Gateway, Success
from perforch.adapters.gateway_faults import Redirected
from perforch.adapters.gateway_process import CHILD, Launch
from perforch.core.asking import Message
from perforch.core.budget import Price

pytestmark = pytest.mark.slow

SERVER = str(Path(__file__).parent.parent.parent / "server")


def call(base_url: str | None, seconds: float) -> Call:
    return Call(
        "openai/m", (Message("user", "hi"),), 64, seconds, Price(2.0, 10.0), base_url=base_url, key="sk-0123456789"
    )


async def test_a_redirection_does_not_lead_out_of_the_machine_when_all_must_stay_local() -> None:
    elsewhere = Sends(307, "", headers={"Location": "http://192.0.2.1/v1/chat/completions"})
    with serving(Says("hello"), elsewhere) as server:
        async with Gateway(Launch(os.environ, local_only=True)) as gateway:
            assert isinstance(await gateway.complete(call(server.url, 30.0)), Success)
            outcome = await gateway.complete(call(server.url, 30.0))
    assert isinstance(outcome, Failure)
    assert outcome.fault == Redirected("http://192.0.2.1/v1/chat/completions")


@pytest.mark.parametrize("connect", ["s.connect(('192.0.2.1', 9))", "socket.getaddrinfo('example.com', 80)"])
def test_whatever_a_library_tries_stays_on_this_machine_when_all_must(connect: str) -> None:
    code = f"""
import socket
from perforch.adapters.gateway_child import stay_local
stay_local()
s = socket.socket()
s.settimeout(2)
try:
    {connect}
except ConnectionRefusedError as error:
    print(error)
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "local_only is set" in ended.stdout


# As the gateway's own command, but with a LiteLLM that lies in the workspace, as it does in a workspace's own .venv.
WITH_LITELLM_HERE = (
    "import runpy, sys; sys.path.insert(0, sys.argv[1]); runpy.run_module(sys.argv[2], None, '__main__')"
)


async def test_a_workspace_cannot_lead_a_call_elsewhere_by_its_own_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """LiteLLM reads the nearest .env above its own folder, unless told not to."""
    with serving(Says("mine now")) as server:
        lines = [f"{name}={server.url}" for name in ("OPENAI_BASE_URL", "OPENAI_API_BASE", "HTTPS_PROXY")]
        (tmp_path / ".env").write_text("\n".join(lines), encoding="utf-8")
        (tmp_path / "perforch.py").write_text("raise SystemExit('not the real one')", encoding="utf-8")
        monkeypatch.chdir(tmp_path)
        command = (*Launch({}).command[:-2], "-c", WITH_LITELLM_HERE, str(own_litellm(tmp_path)), CHILD)
        async with Gateway(Launch(os.environ, command=command)) as gateway:
            assert await gateway.warm() is None
            outcome = await gateway.complete(call(None, 2.0))
        assert isinstance(outcome, Failure)
        assert server.hits == 0


def own_litellm(folder: Path) -> Path:
    site_packages = folder / ".venv"
    site_packages.mkdir()
    spec = importlib.util.find_spec("litellm")
    assert spec is not None
    assert spec.origin is not None
    (site_packages / "litellm").symlink_to(Path(spec.origin).parent)
    return site_packages


PARENT = """
import asyncio, os, sys
from perforch.adapters.gateway import Gateway
from perforch.adapters.gateway_process import CHILD, Launch
async def main():
    gateway = Gateway(Launch(os.environ))
    process = await gateway._running()
    if sys.argv[1] == "ready":
        await process.ready()
    print(process.pid, flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""


@pytest.mark.parametrize("moment", ["starting", "ready"])
async def test_the_gateway_dies_with_a_parent_that_is_killed(moment: str) -> None:
    argv = [sys.executable, "-c", PARENT, moment]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": SERVER}) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        if moment == "starting":
            await asyncio.sleep(0.5)  # in the midst of loading LiteLLM
        parent.kill()
    gone, _ = psutil.wait_procs([child], timeout=3.0)
    assert gone == [child]


async def test_the_server_itself_never_loads_litellm() -> None:
    code = "import sys, perforch.adapters.llm, perforch.adapters.redaction; sys.exit('litellm' in sys.modules)"
    ended = subprocess.run([sys.executable, "-c", code], check=False, env={**os.environ, "PYTHONPATH": SERVER})
    assert ended.returncode == 0
