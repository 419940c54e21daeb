"""One real server process, and an editor that talks to it."""

import asyncio
import time
from pathlib import Path

import psutil
import pytest
from editor import Editor, Refused, children, connected, workers
from workspaces import BROKEN, CLAMP_LINE, FIXED_LINE, broken

pytestmark = pytest.mark.slow
TOTAL_LINE = BROKEN[: BROKEN.index("def total")].count("\n")


def titles(actions: list[dict[str, str]]) -> list[str]:
    return [action["title"] for action in actions]


async def test_a_function_is_fixed_with_one_edit_of_exactly_the_target(tmp_path: Path) -> None:
    module = broken(tmp_path)
    async with connected(tmp_path) as editor:
        uri = editor.open(module)
        result = await editor.solve(uri, CLAMP_LINE, workDoneToken="t")
        assert result["outcome"] == "proposal"
        assert result["edit"]["version"] == 1
        assert result["edit"]["before"] in BROKEN
        answer = await editor.request("perforch/accept", {"id": result["id"]})
        assert answer == {"applied": True, "message": None}
        changed = editor.texts[uri].text
    assert len(editor.applied) == 1
    start = BROKEN.index("def clamp")
    end = BROKEN.index("\n\n\ndef total")
    assert changed[:start] == BROKEN[:start]
    assert changed.endswith(BROKEN[end:])
    assert FIXED_LINE in changed
    assert module.read_text(encoding="utf-8") == BROKEN  # saving is the user's business
    kinds = [params["value"]["kind"] for name, params in editor.notifications if name == "$/progress"]
    assert kinds[0] == "begin"
    assert kinds[-1] == "end"
    assert kinds.count("report") > 2


async def test_actions_depend_on_the_function_at_the_cursor_and_on_what_is_asked_for(tmp_path: Path) -> None:
    module = broken(tmp_path)
    async with connected(tmp_path) as editor:
        uri = editor.open(module)
        assert titles(await editor.actions(uri, 0)) == []
        fix = await editor.actions(uri, CLAMP_LINE + 3)
        assert titles(fix) == ["Fix clamp with PerfOrch", "Optimize clamp with PerfOrch"]
        assert [action["kind"] for action in fix] == ["refactor.rewrite.perforch"] * 2
        assert not any("isPreferred" in action for action in fix)
        assert fix[0]["command"]["command"] == "perforch.fix"
        assert fix[0]["command"]["arguments"][0]["uri"] == uri
        assert titles(await editor.actions(uri, TOTAL_LINE)) == ["Generate total with PerfOrch"]
        for only, count in {
            "refactor": 2, "refactor.rewrite": 2, "refactor.rewrite.perforch": 2,
            "quickfix": 0, "source": 0, "refactor.extract": 0, "refactor.rew": 0,
        }.items():  # fmt: skip
            assert len(await editor.actions(uri, CLAMP_LINE, [only])) == count, only
        # A lightbulb that nobody asked for is not shown on every line of every function.
        assert await editor.actions(uri, CLAMP_LINE + 3, triggerKind=2) == []
        assert len(await editor.actions(uri, CLAMP_LINE, triggerKind=2)) == 2
        test_uri = editor.open(tmp_path / "test_ranges.py")
        assert await editor.actions(test_uri, 4) == []


async def test_actions_follow_what_is_typed(tmp_path: Path) -> None:
    module = broken(tmp_path)
    async with connected(tmp_path) as editor:
        uri = editor.open(module)
        editor.edit(uri, 0, 0, "def added():\n    raise NotImplementedError\n\n\n")
        assert titles(await editor.actions(uri, 0)) == ["Generate added with PerfOrch"]
        assert titles(await editor.actions(uri, CLAMP_LINE + 4))[0] == "Fix clamp with PerfOrch"
        editor.replace(uri, BROKEN.replace("def clamp", "def clip"))
        assert titles(await editor.actions(uri, CLAMP_LINE))[0] == "Fix clip with PerfOrch"
        editor.close(uri)
        assert await editor.actions(uri, CLAMP_LINE) == []


async def test_unsaved_text_is_what_is_tested(tmp_path: Path) -> None:
    module = broken(tmp_path, BROKEN.replace("        return low\n    return value", FIXED_LINE + "\n    return value"))
    async with connected(tmp_path) as editor:
        uri = editor.open(module)
        good = await editor.solve(uri, CLAMP_LINE)
        assert good["outcome"] == "none"
        assert good["reason"]["code"] == "already-passes"
        editor.replace(uri, BROKEN)
        assert (await editor.solve(uri, CLAMP_LINE))["outcome"] == "proposal"


async def test_a_target_that_moved_is_found_again_and_one_that_changed_is_left_alone(tmp_path: Path) -> None:
    module = broken(tmp_path)
    async with connected(tmp_path) as editor:
        uri = editor.open(module)
        number = editor.ask_solve(uri, CLAMP_LINE)
        await editor.told("perforch/status", state="running")
        editor.edit(uri, 0, 0, "# 😋 one more line\n\n")
        result = await editor.answer(number)
        assert result["edit"]["version"] == 2
        assert result["edit"]["range"]["start"]["line"] == CLAMP_LINE + 2
        editor.edit(uri, 0, 0, "# and another\n")
        assert (await editor.request("perforch/accept", {"id": result["id"]}))["applied"]
        assert editor.texts[uri].text.startswith(
            "# and another\n# 😋 one more line\n\n" + BROKEN[: BROKEN.index("def clamp")]
        )
        assert FIXED_LINE in editor.texts[uri].text

        editor.replace(uri, BROKEN)
        second = await editor.solve(uri, CLAMP_LINE)
        changed = BROKEN.replace("    if value < low:", "    if value <= low:")
        editor.replace(uri, changed)
        refused = await editor.request("perforch/accept", {"id": second["id"]})
        assert refused["applied"] is False
        assert "clamp has changed since it was tested" in refused["message"]
        assert editor.texts[uri].text == changed


@pytest.mark.parametrize(
    "prefix",
    ["# -*- coding: utf-8 -*-\n", "A = '😋'; B = '\x0c\u2028é'\n", "\ufeff"],
    ids=["plain", "astral-and-odd-line-ends", "byte-order-mark"],
)
async def test_carriage_returns_and_odd_characters_stay_where_they_are(tmp_path: Path, prefix: str) -> None:
    text = (prefix + BROKEN).replace("\n", "\r\n")
    module = broken(tmp_path, text)
    async with connected(tmp_path) as editor:
        uri = editor.open(module)
        result = await editor.solve(uri, text[: text.index("def clamp")].count("\n"))
        assert result["outcome"] == "proposal"
        await editor.request("perforch/accept", {"id": result["id"]})
        changed = editor.texts[uri].text
    assert changed.replace(FIXED_LINE + "\r\n    return value", "        return low\r\n    return value") == text


async def test_astral_characters_before_the_target_on_its_own_line_are_counted(tmp_path: Path) -> None:
    line = "NAME = '😋😋'; clamp = lambda value, low, high: value"
    text = BROKEN.replace("def clamp", "if '😋😋': # 😋\n    pass\ndef clamp") + f"\n\n{line}2\n"
    text = text[: text.index(line)] + "X = 1\n"
    module = broken(tmp_path, text)
    async with connected(tmp_path) as editor:
        uri = editor.open(module)
        result = await editor.solve(uri, text[: text.index("def clamp")].count("\n"))
        await editor.request("perforch/accept", {"id": result["id"]})
        assert editor.texts[uri].text.count("😋") == text.count("😋")
        assert FIXED_LINE in editor.texts[uri].text


async def test_a_cancel_is_answered_at_once_and_leaves_no_process(tmp_path: Path) -> None:
    module = broken(tmp_path)
    slow = tmp_path / "test_slow.py"
    slow.write_text("import time\n\ndef test_slow():\n    time.sleep(60)\n", encoding="utf-8")
    async with connected(tmp_path) as editor:
        uri = editor.open(module)
        await editor.actions(uri, 0)
        for wait in (0.0, 0.4, 4.0):  # while it starts, while it looks around, while tests run
            number = editor.ask_solve(uri, CLAMP_LINE)
            await asyncio.sleep(wait)
            started = time.monotonic()
            editor.cancel(number)
            with pytest.raises(Refused) as refused:
                await editor.answer(number)
            assert refused.value.code == -32800
            assert time.monotonic() - started < 0.5
            while children(editor.process):
                await asyncio.sleep(0.02)
                assert time.monotonic() - started < 2.0, children(editor.process)
        assert (await editor.told("perforch/status", state="idle"))["stage"] is None


async def test_requests_for_one_folder_wait_for_each_other_and_those_for_another_do_not(tmp_path: Path) -> None:
    one, two = broken(tmp_path / "one"), broken(tmp_path / "two")
    async with connected(tmp_path / "one", tmp_path / "two") as editor:
        first, second = editor.open(one), editor.open(two)
        numbers = [editor.ask_solve(first, CLAMP_LINE), editor.ask_solve(first, CLAMP_LINE, workDoneToken="queue")]
        await editor.told("perforch/status", state="queued")
        numbers.append(editor.ask_solve(second, CLAMP_LINE))
        results = [await editor.answer(number, 120) for number in numbers]
        assert [result["outcome"] for result in results] == ["proposal"] * 3
        assert [result["edit"]["uri"] for result in results] == [first, first, second]
        said = [params["value"].get("message", "") for name, params in editor.notifications if name == "$/progress"]
        assert said[1].startswith("queued")


async def test_nothing_runs_until_the_workspace_is_trusted(tmp_path: Path) -> None:
    module = broken(tmp_path)
    async with connected(tmp_path, options={"client": "perforch-vscode", "trusted": False}) as editor:
        uri = editor.open(module)
        assert await editor.actions(uri, CLAMP_LINE) == []
        for method, params in {"perforch/runTests": {}, "perforch/doctor": {}}.items():
            with pytest.raises(Refused, match="trust"):
                await editor.request(method, params)
        with pytest.raises(Refused, match="trust"):
            await editor.solve(uri, CLAMP_LINE)
        assert workers(editor.process) == []
        editor.notify("perforch/setTrust", {"trusted": True})
        assert len(await editor.actions(uri, CLAMP_LINE)) == 2
        editor.notify("workspace/didChangeConfiguration", {"settings": {"perforch": {"trusted": False}}})
        assert await editor.actions(uri, CLAMP_LINE) == []


async def test_only_clients_without_commands_of_their_own_are_offered_ours(tmp_path: Path) -> None:
    async with connected(tmp_path, options={"client": "perforch-vscode"}) as editor:
        assert editor.capabilities["executeCommandProvider"]["commands"] == []
    async with connected(tmp_path) as editor:
        assert sorted(editor.capabilities["executeCommandProvider"]["commands"]) == [
            "perforch.fix", "perforch.generate", "perforch.optimize", "perforch.runTests",
        ]  # fmt: skip


async def test_what_cannot_be_done_is_said_in_a_sentence(tmp_path: Path) -> None:
    module = broken(tmp_path)
    async with connected(tmp_path) as editor:
        uri = editor.open(module)
        for params, sentence in [
            ({"textDocument": {"uri": "untitled:One"}, "position": {"line": 0, "character": 0}, "stage": "fix"}, "not a file"),
            ({"textDocument": {"uri": uri}, "position": {"line": 0, "character": 0}, "stage": "fix"}, "no function at line 1"),
            ({"textDocument": {"uri": uri}, "position": {"line": 0, "character": 0}, "stage": "mend"}, "params.stage"),
            ({"textDocument": {"uri": uri}, "stage": "fix"}, "position is missing"),
            ([], "an object is expected"),
        ]:  # fmt: skip
            with pytest.raises(Refused, match=sentence) as refused:
                await editor.request("perforch/solve", params)
            assert "Traceback" not in str(refused.value.data)
        with pytest.raises(Refused, match="no longer there"):
            await editor.request("perforch/accept", {"id": "nothing"})
        with pytest.raises(Refused, match="Method Not Found"):
            await editor.request("perforch/nonsense")


async def test_a_worker_that_dies_is_a_failed_request_and_no_more(tmp_path: Path) -> None:
    module = broken(tmp_path)
    async with connected(tmp_path) as editor:
        uri = editor.open(module)
        number = editor.ask_solve(uri, CLAMP_LINE)
        await editor.told("perforch/status", state="running")
        await wait_for_children(editor)
        workers(editor.process)[0].kill()
        with pytest.raises(Refused, match="ended unexpectedly"):
            await editor.answer(number)
        assert (await editor.solve(uri, CLAMP_LINE))["outcome"] == "proposal"


async def test_a_server_that_is_killed_takes_everything_with_it(tmp_path: Path) -> None:
    module = broken(tmp_path)
    (tmp_path / "test_slow.py").write_text("import time\n\ndef test_slow():\n    time.sleep(60)\n", encoding="utf-8")
    async with connected(tmp_path) as editor:
        editor.ask_solve(editor.open(module), CLAMP_LINE)
        await asyncio.sleep(3)
        running = await wait_for_children(editor)
        editor.process.kill()
        await editor.process.wait()
        deadline = time.monotonic() + 10
        while any(child.is_running() and child.status() != "zombie" for child in running):
            assert time.monotonic() < deadline
            await asyncio.sleep(0.05)


async def wait_for_children(editor: Editor) -> list[psutil.Process]:
    for _ in range(500):
        found = children(editor.process)
        if workers(editor.process):
            return found
        await asyncio.sleep(0.01)
    raise TimeoutError


async def test_an_editor_that_hangs_up_ends_the_server_and_its_workers(tmp_path: Path) -> None:
    module = broken(tmp_path)
    async with connected(tmp_path) as editor:
        editor.ask_solve(editor.open(module), CLAMP_LINE)
        running = await wait_for_children(editor)
        editor.hang_up()
        await asyncio.wait_for(editor.process.wait(), 5)
        assert not any(child.is_running() for child in running)
