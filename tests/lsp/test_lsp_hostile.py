"""Whatever comes in is answered or dropped; the server never dies, and never keeps anybody waiting."""

import asyncio
import time
from pathlib import Path

import pytest
from editor import SERVE, Editor, Refused, connected
from hostile import LIE, Hostile
from workspaces import BROKEN, CLAMP_LINE, broken

MESSAGES, BATCH = 20_000, 250
LONGEST_SECONDS = 1.0


@pytest.mark.slow
async def test_twenty_thousand_hostile_messages_do_no_harm(tmp_path: Path) -> None:
    module = broken(tmp_path)
    async with connected(tmp_path) as editor:
        uri = editor.open(module)
        hostile, slowest = Hostile(1, uri), 0.0
        for _ in range(MESSAGES // BATCH):
            for _ in range(BATCH):
                editor.write_raw(hostile.message())
            editor.write_raw(b"\r\n" * LIE)  # whoever promised too much gets it here
            await drained(editor)
            started = time.monotonic()
            actions = await editor.request("textDocument/codeAction", place(uri))
            slowest = max(slowest, time.monotonic() - started)
            assert len(actions) == 2
        assert slowest < LONGEST_SECONDS, slowest
        assert (await editor.solve(uri, CLAMP_LINE))["outcome"] == "proposal"
        assert editor.texts[uri].text == BROKEN


async def drained(editor: Editor) -> None:
    """Wait until the server has read what was sent; what it still has to do then must not take a second."""
    assert editor.process.stdin is not None
    await editor.process.stdin.drain()


def place(uri: str) -> dict[str, object]:
    at = {"line": CLAMP_LINE, "character": 0}
    return {"textDocument": {"uri": uri}, "range": {"start": at, "end": at}, "context": {"diagnostics": []}}


@pytest.mark.slow
async def test_messages_out_of_order_are_refused(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        *SERVE, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    editor = Editor(process)
    editor.notify("textDocument/didOpen", {})
    with pytest.raises(Refused) as refused:
        await editor.request("textDocument/codeAction", place("file:///a.py"))
    assert refused.value.code == -32002
    await editor.request("initialize", {"capabilities": {}, "processId": None, "rootUri": tmp_path.as_uri()})
    for method, code in {"initialize": -32600, "perforch/unknown": -32601}.items():
        with pytest.raises(Refused) as refused:
            await editor.request(method, {"capabilities": {}, "processId": None, "rootUri": None})
        assert refused.value.code == code
    await editor.request("shutdown")
    with pytest.raises(Refused) as refused:
        await editor.request("perforch/doctor")
    assert refused.value.code == -32600
    editor.notify("exit", {})
    assert await asyncio.wait_for(process.wait(), 5) == 0
    assert editor._listener is not None
    await editor._listener


@pytest.mark.slow
async def test_what_is_printed_by_accident_goes_to_the_log(tmp_path: Path) -> None:
    noisy = (
        "import os, sys; from perforch.lsp import server; real = server._furnished\n"
        "def loud(it):\n    print('stray'); os.system('echo stray'); os.write(1, b'stray'); return real(it)\n"
        "server._furnished = loud; sys.exit(server.main(['--stdio']))"
    )
    async with connected(tmp_path, command=(SERVE[0], "-c", noisy)) as editor:
        assert await editor.actions("file:///a.py", 0) == []
