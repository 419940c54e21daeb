"""Failing tests on the screen, and what can be done about them; past requests; settings."""

from pathlib import Path

import pytest
from editor import VSCODE, connected, offsets
from workspaces import BROKEN, CLAMP_LINE, FIXED_LINE, broken

pytestmark = pytest.mark.slow
ABOVE = "test_ranges.py::test_above"


async def test_a_failing_test_is_marked_where_it_failed_and_where_it_points(tmp_path: Path) -> None:
    module, tests = broken(tmp_path), tmp_path / "test_ranges.py"
    async with connected(tmp_path) as editor:
        uri = editor.open(module)
        result = await editor.request("perforch/runTests", {"workDoneToken": "t"})
        assert result == {"passed": 3, "failed": 1, "skipped": 0, "flaky": [], "message": None}
        at_test = await editor.told("textDocument/publishDiagnostics", uri=tests.as_uri())
        at_code = await editor.told("textDocument/publishDiagnostics", uri=uri)
        assert at_code["version"] == 1
        (mark,), text = at_test["diagnostics"], tests.read_text(encoding="utf-8")
        start, end = offsets(text, mark["range"])
        assert text[start:end] == "assert clamp(9, 1, 3) == 3"
        assert mark["message"].startswith(f"{ABOVE} fails: AssertionError")
        assert mark["relatedInformation"][0]["location"]["uri"] == uri
        (suspect,) = at_code["diagnostics"]
        start, end = offsets(BROKEN, suspect["range"])
        assert BROKEN[start:end] == "def clamp(value, low, high):"
        assert (suspect["source"], suspect["data"]) == ("perforch", {"test": ABOVE})

        fixes = await editor.actions(uri, CLAMP_LINE, ["quickfix"])
        assert [fix["title"] for fix in fixes] == ["Fix failing test test_above with PerfOrch"]
        assert "isPreferred" not in fixes[0]
        (place,) = fixes[0]["command"]["arguments"]
        assert place == {"uri": uri, "position": suspect["range"]["start"], "test": ABOVE}
        test_uri = editor.open(tests)
        line = mark["range"]["start"]["line"]
        assert (await editor.actions(test_uri, line))[0]["command"] == fixes[0]["command"]

        fixed = await editor.solve(place["uri"], place["position"]["line"], test=place["test"])
        assert (await editor.request("perforch/accept", {"id": fixed["id"]}))["applied"]
        editor.notifications.clear()
        assert (await editor.request("perforch/runTests"))["failed"] == 0
        assert (await editor.told("textDocument/publishDiagnostics", uri=uri))["diagnostics"] == []
        assert (await editor.told("textDocument/publishDiagnostics", uri=test_uri))["diagnostics"] == []
        assert await editor.actions(uri, CLAMP_LINE, ["quickfix"]) == []


async def test_a_fix_asked_for_in_a_test_file_lets_the_failing_test_choose(tmp_path: Path) -> None:
    module = broken(tmp_path)
    async with connected(tmp_path) as editor:
        test_uri = editor.open(tmp_path / "test_ranges.py")
        result = await editor.solve(test_uri, 8, test=ABOVE)
        assert result["target"]["function"] == "clamp"
        assert result["edit"]["uri"] == module.as_uri()
        assert result["edit"]["version"] is None


async def test_tests_run_when_a_file_is_saved_only_if_that_is_wanted(tmp_path: Path) -> None:
    module = broken(tmp_path)
    async with connected(tmp_path) as editor:
        uri = editor.open(module)
        editor.save(uri, module)
        await editor.actions(uri, 0)  # whatever the save led to has begun by now
        assert not any(name == "perforch/status" for name, _ in editor.notifications)
        editor.answers["workspace/configuration"] = lambda params: (
            [{"tests": {"runOnSave": True}}] * len(params["items"])
        )
        editor.notify("workspace/didChangeConfiguration", {"settings": None})
        await editor.actions(uri, 0)
        editor.save(uri, module)
        editor.save(uri, module)
        marks = await editor.told("textDocument/publishDiagnostics", uri=uri)
        assert len(marks["diagnostics"]) == 1


async def test_settings_that_do_not_fit_are_passed_over(tmp_path: Path) -> None:
    broken(tmp_path)
    options = {"settings": {"tests": {"runOnSave": "often"}}, "client": 5}
    async with connected(tmp_path, capabilities={}, options=options) as editor:
        editor.notify("workspace/didChangeConfiguration", {"settings": {"perforch": {"models": {"use": 7}}}})
        editor.notify("workspace/didChangeConfiguration", {"settings": {"perforch": {"models": {"use": ["builtin"]}}}})
        assert (await editor.request("perforch/models"))["models"][0]["name"] == "builtin"


async def test_past_requests_can_be_looked_at_again(tmp_path: Path) -> None:
    module = broken(tmp_path / "work")
    data = {"PERFORCH_DATA_DIR": str(tmp_path / "data")}
    async with connected(tmp_path / "work", environment=data) as editor:
        uri = editor.open(module)
        first = await editor.solve(uri, CLAMP_LINE)
        await editor.request("perforch/reject", {"id": first["id"]})
        second = await editor.solve(uri, CLAMP_LINE)
        await editor.request("perforch/accept", {"id": second["id"]})
        third = await editor.solve(uri, 4)
        assert third["outcome"] == "none"
        runs = (await editor.request("perforch/history"))["runs"]
        assert [(run["function"], run["outcome"], run["accepted"]) for run in runs[1:]] == [
            ("clamp", "proposal", True), ("clamp", "proposal", False),
        ]  # fmt: skip
        assert len((await editor.request("perforch/history", {"limit": 1}))["runs"]) == 1
        item = await editor.request("perforch/historyItem", {"id": second["id"]})
        assert item["before"] == BROKEN
        assert FIXED_LINE in item["after"]
        assert item["diff"] == second["diff"]


async def test_the_machine_the_models_and_the_rankings_can_be_asked_about(tmp_path: Path) -> None:
    broken(tmp_path)
    async with connected(tmp_path, environment={"PERFORCH_DATA_DIR": str(tmp_path / "data")}) as editor:
        doctor = await editor.request("perforch/doctor")
        assert doctor["ready"] is True
        assert any("sandbox" in line for line in doctor["lines"])
        assert await editor.request("perforch/rankings", {"stage": "fix"}) == {"rows": []}
        assert await editor.request("perforch/setKey", {"name": "SOME_API_KEY", "value": "secret"}) == {}
        assert await editor.request("perforch/setKey", {"name": "SOME_API_KEY", "value": None}) == {}


@pytest.mark.parametrize("confirms", [True, False], ids=["with-annotations", "with-a-message"])
async def test_a_standard_client_runs_the_action_by_its_command(tmp_path: Path, *, confirms: bool) -> None:
    module = broken(tmp_path)
    edits = {"documentChanges": True, **({"changeAnnotationSupport": {}} if confirms else {})}
    capabilities = {"window": VSCODE["window"], "workspace": {"workspaceEdit": edits}}
    asked: list[dict[str, object]] = []
    async with connected(tmp_path, capabilities=capabilities) as editor:
        editor.answers["window/showMessageRequest"] = lambda params: asked.append(params) or params["actions"][0]  # type: ignore[func-returns-value]  # notes and answers
        uri = editor.open(module)
        action = (await editor.actions(uri, CLAMP_LINE))[0]
        assert await editor.request("workspace/executeCommand", action["command"]) is None
        await editor.until(lambda: editor.applied != [])
        assert FIXED_LINE in editor.texts[uri].text
        (applied,) = editor.applied
        if confirms:
            (annotation,) = applied["changeAnnotations"].values()
            assert annotation["needsConfirmation"] is True
            assert "Proven: builtin changes clamp" in annotation["description"]
        else:
            assert [item["title"] for item in asked[0]["actions"]] == ["Apply", "Discard"]  # type: ignore[index, attr-defined]  # JSON
            assert "+" + FIXED_LINE in str(asked[0]["message"])


async def test_a_command_can_be_cancelled_by_its_progress(tmp_path: Path) -> None:
    module = broken(tmp_path)
    (tmp_path / "test_slow.py").write_text("import time\n\ndef test_slow():\n    time.sleep(60)\n", encoding="utf-8")
    async with connected(tmp_path) as editor:
        uri = editor.open(module)
        action = (await editor.actions(uri, CLAMP_LINE))[0]
        await editor.request("workspace/executeCommand", action["command"])
        begun = await editor.told("$/progress")
        editor.notify("window/workDoneProgress/cancel", {"token": begun["token"]})
        await editor.told("perforch/status", state="idle", seconds=2)
        await editor.told("$/progress", value={"kind": "end"})
        assert editor.applied == []
