"""Copies of a workspace: overlays and full ones alike, and what becomes of them."""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest
from rungs import PYTHON, Place, place_on, rungs, sandbox_of

from perforch.adapters.copies import Copies
from perforch.adapters.copies_folders import Session, private_base, remove_tree
from perforch.adapters.copies_full import copy_everything
from perforch.core.errors import SandboxUnavailable, UsageError
from perforch.core.task import Workspace


@pytest.fixture(params=rungs())
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    yield from place_on(request.param, tmp_path.resolve())


async def test_changes_lie_over_unsaved_text_and_that_over_the_files(place: Place) -> None:
    place.put(a="disk a\n", b="disk b\n", c="disk c\n")
    (place.root / "b").chmod(0o755)
    workspace = Workspace(place.root, {PurePosixPath("b"): "unsaved b\n", PurePosixPath("c"): "unsaved c\n"})
    changes = {PurePosixPath("c"): "changed c\r\n", PurePosixPath("new/d"): "new d\n"}
    async with place.copies.open(workspace, changes) as copy:
        done = await place.shell(copy, "cat a b c new/d; test -x b")
        assert (done.status, done.output) == (0, "disk a\nunsaved b\nchanged c\r\nnew d\n")
        assert copy.modified() == ()
        await place.shell(copy, "echo x >> c; rm new/d")
        assert [str(file) for file in copy.modified()] == ["c", "new/d"]
    assert [(place.root / name).read_text() for name in "abc"] == ["disk a\n", "disk b\n", "disk c\n"]


async def test_no_stale_bytecode_stands_in_for_a_text_of_the_same_size(place: Place) -> None:
    place.put(module_dot_py="VALUE = 1\n")
    show = f"cd {place.root}; {PYTHON} -c 'import module; print(module.VALUE)'"
    now = int(time.time())
    os.utime(place.root / "module.py", (now, now))
    async with place.copy() as copy:
        assert (await place.shell(copy, show.replace(str(place.root), str(copy.root)))).output == "1\n"
        kept = place.copies.keep_caches(copy)
        assert [path.name.partition(".")[0] for path in kept.rglob("*.pyc")] == ["module"]
    changes = {PurePosixPath("module.py"): "VALUE = 2\n"}
    async with place.copies.open(Workspace(place.root), changes, kept) as copy:
        line = show.replace(str(place.root), str(copy.root))
        assert (await place.shell(copy, line)).output == "2\n"
        copy.write(PurePosixPath("module.py"), "VALUE = 3\n")
        assert (await place.shell(copy, line)).output == "3\n"
    assert not list(place.root.rglob("*.pyc"))


async def test_kept_caches_are_seen_and_never_written(place: Place) -> None:
    place.put(one_dot_py="VALUE = 1\n", two_dot_py="VALUE = 2\n")
    async with place.copy({"two.py": "VALUE = 3\n"}) as copy:
        await place.shell(copy, f"cd {copy.root}; {PYTHON} -c 'import one, two'")
        kept = place.copies.keep_caches(copy)
    assert [path.name.partition(".")[0] for path in kept.rglob("*.pyc")] == ["one"]
    before = {path: path.read_bytes() for path in kept.rglob("*.pyc")}
    async with place.copies.open(Workspace(place.root), {}, kept) as copy:
        done = await place.shell(
            copy, f"cd {copy.root}; ls __pycache__; for f in __pycache__/*; do echo poison > $f; done"
        )
        assert done.output.startswith("one.")
        assert copy.modified() == ()
    assert {path: path.read_bytes() for path in kept.rglob("*.pyc")} == before


@pytest.mark.parametrize(
    ("script", "modified"),
    [
        ("echo y > a; rm -r deep", ["a", "deep/b", "deep/deeper/c"]),
        ("rm a", ["a"]),
        ("rm -r deep; mkdir deep; echo b > deep/b; echo n > deep/n", ["deep/deeper/c"]),
        ("mv deep other", ["deep/b", "deep/deeper/c"]),
        ("rm -r deep; echo x > deep", ["deep/b", "deep/deeper/c"]),
        ("rm link; ln -s deep/b link", ["link"]),
        ("rm a; ln -s deep/b a", ["a"]),
        ("echo y > a; sleep 0.01; echo a > a; touch -d @0 deep/b; chmod 700 deep/b", []),
        ("touch -r a stamp; echo z > a; touch -r stamp a; rm stamp", ["a"]),
        ("echo n > new; mkdir deep/new; echo n > deep/new/n", []),
    ],
)
async def test_what_the_run_changed_or_removed_is_told(place: Place, script: str, modified: list[str]) -> None:
    place.put(a="a\n", deep__b="b\n", deep__deeper__c="c\n")
    (place.root / "link").symlink_to("a")
    async with place.copy() as copy:
        done = await place.shell(copy, script)
        assert (done.status, done.output) == (0, "")
        assert [str(file) for file in copy.modified()] == modified


async def test_a_workspace_with_a_difficult_name(place: Place) -> None:
    root = place.root / "a:b, c\\d 'e' ü"
    root.mkdir()
    (root / "kept").write_text("old")
    odd = Place(place.sandbox, place.copies, root)
    async with odd.copy({"kept": "new"}) as copy:
        done = await odd.shell(copy, "cat kept; echo x > kept")
        assert done.output == "new"
        assert [str(file) for file in copy.modified()] == ["kept"]
    assert (root / "kept").read_text() == "old"


async def test_a_link_within_the_workspace_is_written_at_its_place_and_one_that_leads_out_is_refused(
    place: Place,
) -> None:
    place.put(real__module="old\n")
    (place.root / "link").symlink_to("real")
    (place.root / "out").symlink_to("/etc")
    async with place.copy({"link/module": "new\n"}) as copy:
        assert (await place.shell(copy, "cat real/module link/module")).output == "new\nnew\n"
        for outside in ("out/passwd", "../neighbour"):
            with pytest.raises(UsageError, match="not a file of the workspace"):
                copy.write(PurePosixPath(outside), "x")


async def test_a_virtual_environment_in_the_workspace_keeps_working(place: Place) -> None:
    place.put(_dot_venv__pyvenv_dot_cfg=f"home = {Path(PYTHON).parent}\n")
    library = place.root / ".venv" / "lib" / f"python{'.'.join(map(str, sys.version_info[:2]))}" / "site-packages"
    library.mkdir(parents=True)
    (library / "installed.py").write_text("print('installed')\n")
    (place.root / ".venv" / "bin").mkdir()
    (place.root / ".venv" / "bin" / "python").symlink_to(PYTHON)
    async with place.copy() as copy:
        command = place.command(
            str(place.root / ".venv" / "bin" / "python"), "-c", "import installed, sys; print(sys.prefix)"
        )
        done = await place.sandbox.run(command, copy)
    assert done.output == f"installed\n{copy.root}/.venv\n"


async def test_a_copy_is_gone_after_its_block_whatever_the_run_did_to_it(place: Place) -> None:
    async with place.copy() as copy:
        await place.shell(copy, "mkdir -p a/b $HOME/c; touch a/b/x; chmod 000 a/b a $HOME/c; chmod 000 .")
    assert not copy.folder.exists()
    place.copies.close()
    assert list((place.root.parent / "copies").rglob("copy-*")) == []


async def test_only_what_dead_owners_left_is_swept(tmp_path: Path) -> None:
    found = sandbox_of("process")
    assert not isinstance(found, str)
    copies, base = Copies(found, tmp_path), private_base(tmp_path)
    living, dead = Session(base), base / "session-dead"
    (dead / "copy-1" / "tree").mkdir(parents=True)
    (dead / "copy-1" / "tree").chmod(0)
    (base / "session-locked-once").mkdir()
    (base / "session-locked-once" / "lock").touch()
    assert {folder.name for folder in copies.sweep()} == {"session-dead", "session-locked-once"}
    assert sorted(path.name for path in base.iterdir()) == ["lock", living.folder.name]
    living.close()
    assert list(tmp_path.iterdir()) == []


async def test_a_folder_of_our_name_that_others_can_enter_is_not_used(tmp_path: Path) -> None:
    (tmp_path / f"perforch-{os.getuid()}").mkdir(mode=0o777)
    (tmp_path / f"perforch-{os.getuid()}").chmod(0o777)
    found = sandbox_of("process")
    assert not isinstance(found, str)
    copies = Copies(found, tmp_path)
    with pytest.raises(SandboxUnavailable, match="only you can enter"):
        copies.sweep()
    with pytest.raises(SandboxUnavailable, match="only you can enter"):
        async with copies.open(Workspace(tmp_path), {}):
            pass


def test_a_full_copy_leaves_out_what_git_ignores_if_it_is_large_and_keeps_what_tests_need(tmp_path: Path) -> None:
    root = tmp_path / "workspace"
    for name, size in {
        "src/module.py": 10,
        "src/.gitignore": 10,
        "src/generated.py": 10,
        ".env": 10,
        ".git/config": 10,
        "build/small.o": 10,
        "build/large.o": 2 << 20,
        "large_but_tracked.bin": 2 << 20,
        "src/kept_again.log": 2 << 20,
        ".pytest_cache/x": 10,
        "node_modules/x/index.js": 10,
    }.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"#" * size)
    (root / ".gitignore").write_text("build/\n.env\n*.log\n")
    (root / "src" / ".gitignore").write_text("generated.py\n!kept_again.log\n")
    (root / "absolute").symlink_to(root / "src")
    os.mkfifo(root / "pipe")
    layer = copy_everything(root, tmp_path / "copy", links=True, is_cancelled=lambda: False)
    copied = {str(path.relative_to(layer.top)) for path in layer.top.rglob("*") if not path.is_dir()}
    assert copied == {
        *("src/module.py", "src/.gitignore", "src/generated.py", ".env", ".git/config", ".gitignore"),
        *("build/small.o", "large_but_tracked.bin", "src/kept_again.log"),
    }
    assert (layer.top / "absolute").readlink() == Path("src")
    assert (layer.top / "node_modules").resolve() == root / "node_modules"
    assert (layer.top / "src/module.py").stat().st_ino != (root / "src/module.py").stat().st_ino
    assert (layer.top / "src/module.py").stat().st_mtime == (root / "src/module.py").stat().st_mtime


async def test_a_workspace_that_contains_the_folder_of_the_copies(place: Place) -> None:
    place.put(kept="old\n")
    copies = Copies(place.sandbox, place.root)
    async with copies.open(Workspace(place.root), {PurePosixPath("kept"): "new\n"}) as copy:
        assert (await place.shell(copy, "cat kept")).output == "new\n"
    copies.close()
    assert [path.name for path in place.root.iterdir()] == ["kept"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
async def test_files_of_another_user_make_it_a_full_copy_that_can_be_written(place: Place) -> None:
    place.put(theirs="old\n", sub__theirs="old\n")
    os.chown(place.root / "theirs", 65534, 65534)
    os.chown(place.root / "sub", 65534, 65534)
    async with place.copy() as copy:
        done = await place.shell(copy, "pwd; echo new > theirs; echo new > sub/theirs; cat theirs sub/theirs")
        assert done.output == f"{copy.root}\nnew\nnew\n"
        assert [str(file) for file in copy.modified()] == ["sub/theirs", "theirs"]
    assert (copy.root == place.root) == (place.sandbox.level == "namespaces")
    assert (place.root / "theirs").read_text() == "old\n"


@pytest.mark.slow
async def test_a_cancelled_copy_leaves_nothing(tmp_path: Path) -> None:
    found = sandbox_of("process")
    assert not isinstance(found, str)
    root = tmp_path / "workspace"
    for number in range(3000):
        (root / str(number % 30)).mkdir(parents=True, exist_ok=True)
        (root / str(number % 30) / str(number)).write_text("x")
    copies = Copies(found, tmp_path / "elsewhere") if (tmp_path / "elsewhere").mkdir() is None else None
    assert copies is not None

    async def copy() -> None:
        async with copies.open(Workspace(root), {}):
            pytest.fail("the copy was ready too soon for this test")

    job = asyncio.ensure_future(copy())
    await asyncio.sleep(0.05)
    job.cancel()
    with pytest.raises(asyncio.CancelledError):
        await job
    assert list((tmp_path / "elsewhere").rglob("copy-*")) == []
    copies.close()


def test_a_tree_without_permissions_is_removed(tmp_path: Path) -> None:
    deep = tmp_path / "gone" / "a" / "b"
    deep.mkdir(parents=True)
    (deep / "file").write_text("x")
    for folder in (deep, deep.parent, tmp_path / "gone"):
        folder.chmod(0)
    remove_tree(tmp_path / "gone")
    assert not (tmp_path / "gone").exists()
    remove_tree(tmp_path / "gone")


@pytest.mark.slow
def test_a_tree_deeper_than_python_can_follow_is_removed(tmp_path: Path) -> None:
    deep = "import os\nfor _ in range(1500):\n    os.mkdir('d')\n    os.chdir('d')"
    (tmp_path / "gone").mkdir()
    subprocess.run([sys.executable, "-c", deep], cwd=tmp_path / "gone", check=True)
    remove_tree(tmp_path / "gone")
    assert not (tmp_path / "gone").exists()
