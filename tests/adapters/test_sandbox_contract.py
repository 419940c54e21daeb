"""What every rung of the ladder promises, with real programs."""

import asyncio
import os
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from rungs import PYTHON, READABLE, Place, alive, place_on, rungs, wait_until

from perforch.adapters.commands import Command, Rlimits


@pytest.fixture(params=rungs())
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    yield from place_on(request.param, tmp_path.resolve())


async def test_a_program_sees_the_workspace_and_its_writes_stay_in_the_copy(place: Place) -> None:
    place.put(kept="old\n", deep__kept="deep\n")
    async with place.copy() as copy:
        done = await place.shell(copy, "pwd; cat kept deep/kept; echo new > kept; echo x > made; rm -r deep")
        assert (done.status, done.output) == (0, f"{copy.root}\nold\ndeep\n")
        assert [str(file) for file in copy.modified()] == ["deep/kept", "kept"]
        again = await place.shell(copy, "cat kept made; ls")
        assert again.output == "new\nx\nkept\nmade\n"
    assert (place.root / "kept").read_text() == "old\n"
    assert sorted(path.name for path in place.root.rglob("*")) == ["deep", "kept", "kept"]
    assert (copy.root == place.root) == (place.sandbox.level == "namespaces")


@pytest.mark.parametrize(("script", "status"), [("exit 5", 5), ("exit 127", 127), ("kill -9 $$", -9)])
async def test_the_status_is_the_programs_own(place: Place, script: str, status: int) -> None:
    done = await place.once(f"{script}")
    assert (done.status, done.timed_out) == (status, False)


async def test_a_program_that_is_not_there_is_said_to_be_so(place: Place) -> None:
    async with place.copy() as copy:
        done = await place.sandbox.run(place.command("/no/such/program"), copy)
    assert done.status == 127
    assert "/no/such/program" in done.output


async def test_the_environment_is_what_the_command_says(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    async with place.copy() as copy:
        command = place.command("/usr/bin/env", environment={"ONLY": "this"})
        done = await place.sandbox.run(command, copy)
    names = {line.partition("=")[0] for line in done.output.splitlines()}
    assert names - {"PWD"} == {"ONLY", "HOME", "TMPDIR"}


async def test_home_and_temporary_folder_are_empty_and_writable_and_stdin_is_empty(place: Place) -> None:
    done = await place.once(
        'ls -A "$HOME" && echo x > "$HOME/x" && echo x > "$TMPDIR/x" && cat && readlink /proc/self/fd/0'
    )
    assert (done.status, done.output) == (0, "/dev/null\n")


async def test_a_deadline_ends_the_program_and_all_that_detached_itself_from_it(place: Place) -> None:
    marker = f"86400.{os.getpid()}1"
    script = f"setsid sleep {marker} & (setsid sh -c 'sleep {marker} & sleep {marker}' &) ; sleep {marker}"
    done = await place.once(script, wall_seconds=0.5)
    assert done.timed_out
    assert 0.4 < done.seconds < 3
    assert alive(marker) == []


async def test_what_outlives_the_program_ends_with_it(place: Place) -> None:
    marker = f"86400.{os.getpid()}2"
    done = await place.once(f"(setsid sh -c 'sleep {marker} & sleep {marker}' &); sleep 0.1; echo done")
    assert (done.status, done.output) == (0, "done\n")
    assert done.seconds < 3
    assert alive(marker) == []


async def test_a_cancelled_run_is_dead_before_the_cancellation_passes(place: Place) -> None:
    marker = f"86400.{os.getpid()}3"
    run = asyncio.ensure_future(place.once(f"setsid sleep {marker} & sleep {marker}"))
    while len(alive(f"sleep {marker}")) < 2:
        await asyncio.sleep(0.01)
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert alive(marker) == []


async def test_a_flood_of_output_keeps_its_beginning_and_its_end(place: Place) -> None:
    done = await place.once("echo first; head -c 50000000 /dev/zero | tr '\\0' x; echo last", output_bytes=10_000)
    assert len(done.output) < 11_000
    assert done.output.startswith("first\nxxx")
    assert done.output.endswith("xxx\n" if not done.output.endswith("last\n") else "last\n")
    assert "bytes left out" in done.output


async def test_more_processes_than_the_limit_are_refused_or_end_the_run(place: Place) -> None:
    script = "import os, time\nfor _ in range(200):\n    if os.fork() == 0:\n        time.sleep(60)\ntime.sleep(60)"
    async with place.copy() as copy:
        done = await place.python(copy, script, processes=50, wall_seconds=15)
    assert done.seconds < 10
    assert "more processes" in done.trouble or "BlockingIOError" in done.output


@pytest.mark.parametrize(
    ("script", "limits", "said"),
    [
        ("bytearray(600 << 20)", {"memory_bytes": 300 << 20}, "MemoryError"),
        ("open('large', 'wb').write(bytes(9 << 20))", {"file_bytes": 4 << 20}, "File too large"),
    ],
)
async def test_memory_and_files_have_limits(place: Place, script: str, limits: dict[str, int], said: str) -> None:
    async with place.copy() as copy:
        done = await place.python(copy, script, **limits)
    assert done.status != 0
    assert said in done.output


@pytest.mark.slow
async def test_processor_time_has_a_limit(place: Place) -> None:
    done = await place.once("while :; do :; done", cpu_seconds=1)
    assert done.status in {-9, -24}
    assert not done.timed_out
    assert 0.5 < done.cpu_seconds < 3


async def test_a_worker_answers_on_its_channel_and_is_killed_on_request(place: Place) -> None:
    script = (
        "import os\n"
        "read_end, write_end = map(int, os.environ['PERFORCH_CHANNEL'].split(','))\n"
        "print('this is not the channel', flush=True)\n"
        "with open(read_end) as asked, open(write_end, 'w', buffering=1) as answers:\n"
        "    for line in asked:\n"
        "        answers.write(line.upper())\n"
    )
    async with place.copy() as copy, place.sandbox.start(place.command(PYTHON, "-c", script), copy) as worker:
        for word in (b"one\n", b"two\n"):
            worker.writer.write(word)
            assert await asyncio.wait_for(worker.reader.readline(), 10) == word.upper()
        worker.kill()
        done = await worker.wait()
        assert await worker.reader.read() == b""
    assert done.output == "this is not the channel\n"
    assert not done.timed_out


async def test_a_worker_that_dies_is_seen_at_the_channel(place: Place) -> None:
    async with place.copy() as copy, place.sandbox.start(place.command("/bin/sh", "-c", "exit 3"), copy) as worker:
        assert await asyncio.wait_for(worker.reader.read(), 10) == b""
        assert (await worker.wait()).status == 3


async def test_leaving_the_block_ends_the_worker(place: Place) -> None:
    marker = f"86400.{os.getpid()}4"
    async with place.copy() as copy, place.sandbox.start(place.command("/bin/sleep", marker), copy):
        assert await asyncio.to_thread(wait_until, lambda: alive(f"sleep {marker}"))
    assert alive(marker) == []


async def test_a_program_that_signals_its_whole_group_reaches_nobody_else(place: Place) -> None:
    done = await place.once("trap '' TERM; kill -TERM 0; echo survived")
    assert (done.status, done.output) == (0, "survived\n")


async def test_memory_that_runs_out_ends_the_program_first(place: Place) -> None:
    assert (await place.once("cat /proc/self/oom_score_adj")).output == "1000\n"


async def test_the_exchange_folder_is_the_same_on_both_sides(place: Place) -> None:
    async with place.copy() as copy:
        await place.shell(copy, f"echo report > {copy.exchange}/report")
        assert (copy.exchange / "report").read_text() == "report\n"


async def test_a_read_only_workspace_can_be_worked_on(place: Place) -> None:
    place.put(kept="old\n", sub__kept="old\n")
    paths = [place.root / "kept", place.root / "sub" / "kept", place.root / "sub", place.root]
    for path in paths:
        path.chmod(stat.S_IRUSR | (stat.S_IXUSR if path.is_dir() else 0))
    try:
        async with place.copy({"kept": "laid\n", "sub/new": "laid\n"}) as copy:
            done = await place.shell(copy, "cat kept sub/new")
        assert done.output == "laid\nlaid\n"
    finally:
        for path in reversed(paths):
            path.chmod(0o700)


@pytest.mark.levels("namespaces", "landlock")
async def test_what_the_command_does_not_name_cannot_be_read(place: Place) -> None:
    secret = place.root.parent / "secret"
    secret.write_text("key")
    home = Path("~").expanduser()
    done = await place.once(f"cat {secret}; cat /etc/shadow; ls -A {home} 2>/dev/null")
    assert "key" not in done.output
    troubles = [line for line in done.output.splitlines() if "No such file" in line or "ermission denied" in line]
    assert len(troubles) == 2
    # Of the home folder nothing is there but the way to what was named.
    assert set(done.output.splitlines()) - set(troubles) <= {part for path in READABLE for part in path.parts}
    async with place.copy() as copy:
        command = Command(("/bin/cat", str(secret)), place.root, {}, (secret.parent,), Rlimits())
        # Even a folder that holds the workspace may be named; the copy lies over it.
        assert (await place.sandbox.run(command, copy)).output == "key"


@pytest.mark.levels("namespaces", "landlock")
async def test_there_is_no_way_to_the_hosts_network(place: Place) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        script = f"import socket\ntry:\n    socket.create_connection(('127.0.0.1', {port}), 2)\nexcept OSError: print('closed')"
        async with place.copy() as copy:
            assert (await place.python(copy, script)).output == "closed\n"


@pytest.mark.levels("namespaces")
async def test_the_loopback_works_inside_namespaces(place: Place) -> None:
    script = (
        "import socket\nwith socket.create_server(('127.0.0.1', 0)) as server:\n"
        "    socket.create_connection(server.getsockname(), 2).close()\nprint('open')"
    )
    async with place.copy() as copy:
        assert (await place.python(copy, script)).output == "open\n"


@pytest.mark.levels("namespaces", "landlock")
async def test_the_program_has_no_capabilities(place: Place) -> None:
    done = await place.once("grep -E 'CapEff|CapPrm|NoNewPrivs' /proc/self/status")
    assert {line.split()[1].strip("0") for line in done.output.splitlines()} == {"", "1"}


@pytest.mark.levels("namespaces", "landlock")
async def test_no_other_process_can_be_seen_or_signalled(place: Place) -> None:
    done = await place.once(
        f"cat /proc/{os.getpid()}/environ >/dev/null && echo read; kill -0 {os.getpid()} && echo signalled"
    )
    assert "read" not in done.output.splitlines()
    assert "signalled" not in done.output.splitlines()
