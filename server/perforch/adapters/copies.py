"""Fresh, throw-away copies of the user's workspace, in which programs may do what they like."""

import asyncio
import os
import re
import shutil
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path, PurePosixPath

from perforch.adapters.commands import Command, Rlimits
from perforch.adapters.copies_folders import Session, private_base, remove_tree, sweep
from perforch.adapters.copies_full import copy_everything
from perforch.adapters.copies_layers import FullLayer, Layer, OverlayLayer
from perforch.adapters.copies_survey import why_no_overlay
from perforch.adapters.processes import outlasting
from perforch.adapters.sandbox import Sandbox
from perforch.core.errors import SandboxUnavailable, UsageError
from perforch.core.task import Workspace

CACHE_FOLDERS = frozenset({"__pycache__"})
_PATH_ENDS = r"(?![^/:;,\s'\"=\])])"  # so that the path of a sibling with a longer name is left alone


class Copy:
    """One copy. `root` is where a sandboxed program sees the workspace; `exchange` is the same folder on both sides."""

    def __init__(self, folder: Path, layer: Layer, root: Path) -> None:
        self.folder = folder
        self.layer = layer
        self.root = root
        self.workspace = layer.workspace
        self.exchange, self.home, self.temporary, self.stage = (
            folder / name for name in ("exchange", "home", "tmp", "stage")
        )
        for made in (self.exchange, self.home, self.temporary, self.stage):
            made.mkdir()
        self._laid: dict[PurePosixPath, bytes] = {}

    def write(self, file: PurePosixPath, text: str) -> None:
        """Lay a file over the workspace's own, or create it; not while a program runs in the copy.

        Its time is later than that of the text before, in whole seconds: bytecode is taken to be of the same
        source when size and seconds agree. Raises UsageError for a file outside the workspace.
        """
        place = self._inside(file)
        content = text.encode(errors="surrogateescape")
        target = self.layer.top / place
        earlier = [_seconds_of(path) for path in (self.workspace / place, self.layer.present(place))]
        target.parent.mkdir(parents=True, exist_ok=True)
        mode = _mode_of(self.workspace / place)
        target.unlink(missing_ok=True)
        target.write_bytes(content)
        target.chmod(mode)
        moment = max(int(time.time()), *(seconds + 1 for seconds in earlier))
        os.utime(target, (moment, moment))
        self._laid[place] = content

    def modified(self) -> tuple[PurePosixPath, ...]:
        """The workspace's files whose content the run changed or removed, and those laid over and changed since.

        Files that the run created are not among them.
        """
        return tuple(sorted(set(self.layer.modified(self._laid))))

    def translated(self, text: str) -> str:
        """Where the copy has a path of its own, the workspace's path in `text` becomes that."""
        if self.root == self.workspace:
            return text
        return re.sub(re.escape(str(self.workspace)) + _PATH_ENDS, lambda _: str(self.root), text)

    def cache_folders(self) -> tuple[PurePosixPath, ...]:
        """Where tools have left in the copy what later runs may use again."""
        return tuple(
            PurePosixPath(os.path.relpath(os.path.join(folder, name), self.layer.top))  # noqa: PTH118 - os.walk speaks in strings
            for folder, names, _ in os.walk(self.layer.top)
            for name in names
            if name in CACHE_FOLDERS
        )

    @property
    def has_linked_folders(self) -> bool:
        """Whether symbolic links lead from the copy to folders of the user's."""
        return self.root != self.workspace and isinstance(self.layer, FullLayer) and bool(self.layer.linked)

    def laid_over(self) -> frozenset[PurePosixPath]:
        return frozenset(self._laid)

    def _inside(self, file: PurePosixPath) -> PurePosixPath:
        """The file's own place within the workspace, links followed."""
        place = (self.workspace / file).resolve()
        if not place.is_relative_to(self.workspace):
            raise UsageError(f"{file} is not a file of the workspace {self.workspace}; name one within it")
        return PurePosixPath(place.relative_to(self.workspace))


class Copies:
    """Makes copies in a private folder below `folder`, and removes what dead owners left there."""

    def __init__(self, sandbox: Sandbox, folder: Path | None = None) -> None:
        self._sandbox = sandbox
        usual = Path(tempfile.gettempdir()).resolve()
        self._base = private_base(folder or usual)
        self._session: Session | None = None
        self._obstacles: dict[Path, str | None] = {}
        # The probe of the sandbox has tried an overlay of the usual folder over itself.
        tried = usual.stat().st_dev
        is_usual = (folder or usual).stat().st_dev == tried
        self._file_systems: dict[int, str | None] = {tried: None} if is_usual else {}

    def sweep(self) -> tuple[Path, ...]:
        """Remove what owners left that were killed; to be called once at start."""
        return sweep(self._base)

    @asynccontextmanager
    async def open(
        self, workspace: Workspace, changes: Mapping[PurePosixPath, str], caches: Path | None = None
    ) -> AsyncIterator[Copy]:
        """A copy with the unsaved text of the workspace and then `changes` laid over; gone after the block."""
        root = workspace.root.resolve()
        obstacle = await self._obstacle(root)
        folder = self._new_folder("copy")
        try:
            if obstacle is None:
                copy = self._overlay(folder, root, caches)
            else:
                copy = await self._full(folder, root, caches)
            for file, text in {**workspace.unsaved, **changes}.items():
                copy.write(file, text)
            yield copy
        finally:
            await outlasting(asyncio.ensure_future(asyncio.to_thread(remove_tree, folder)))

    def keep_caches(self, copy: Copy) -> Path:
        """Save what the tools cached in `copy`, as a layer for later copies; without that of texts laid over."""
        kept = self._new_folder("caches")
        laid = {(file.parent, file.stem) for file in copy.laid_over()}
        for folder in copy.cache_folders():
            target = kept / folder
            target.mkdir(parents=True)
            for file in (copy.layer.top / folder).iterdir():
                if file.is_file() and (folder.parent, file.name.partition(".")[0]) not in laid:
                    file.rename(target / file.name)
        return kept

    def close(self) -> None:
        """Remove everything; copies that are still open included."""
        if self._session is not None:
            self._session.close()
            self._session = None

    def _new_folder(self, kind: str) -> Path:
        if self._session is None:
            self._session = Session(self._base)
        return self._session.new_folder(kind)

    async def _obstacle(self, root: Path) -> str | None:
        """Why the workspace cannot be the lower layer of an overlay; found out once for each."""
        if root not in self._obstacles:
            self._obstacles[root] = await self._look_for_obstacle(root)
        return self._obstacles[root]

    async def _look_for_obstacle(self, root: Path) -> str | None:
        if not self._sandbox.has_overlay:
            return f"no overlay at the level {self._sandbox.level}"
        if self._base.is_relative_to(root):
            return f"copies are put into {self._base}, which lies within the workspace"
        obstacle = await asyncio.to_thread(why_no_overlay, root)
        if obstacle is not None:
            return obstacle
        device = os.lstat(root).st_dev
        if device not in self._file_systems:
            self._file_systems[device] = await self._try_overlay(root)
        return self._file_systems[device]

    async def _try_overlay(self, root: Path) -> str | None:
        """Not every file system can be a lower layer, which only the attempt tells."""
        folder = self._new_folder("probe")
        try:
            trial = self._overlay(folder, root, None)
            await self._sandbox.run(Command(("/bin/true",), root, {}, (), Rlimits(wall_seconds=10)), trial)
        except SandboxUnavailable as error:
            return str(error)
        finally:
            remove_tree(folder)
        return None

    def _overlay(self, folder: Path, root: Path, caches: Path | None) -> Copy:
        layer = OverlayLayer(root, () if caches is None else (caches,), folder / "top", folder / "work")
        layer.top.mkdir()
        layer.work.mkdir()
        return Copy(folder, layer, root)

    async def _full(self, folder: Path, root: Path, caches: Path | None) -> Copy:
        tree = folder / "tree"
        is_hidden = self._sandbox.hides_original
        stop = threading.Event()
        job = asyncio.ensure_future(asyncio.to_thread(copy_everything, root, tree, not is_hidden, stop.is_set))
        try:
            layer = await asyncio.shield(job)
        finally:
            stop.set()  # the thread must be out of the folder before that is removed
            await outlasting(job)
        if caches is not None:
            shutil.copytree(caches, tree, dirs_exist_ok=True)
        return Copy(folder, layer, root if is_hidden else tree)


def _seconds_of(path: Path) -> int:
    try:
        return int(path.stat().st_mtime)
    except OSError:
        return 0


def _mode_of(path: Path) -> int:
    try:
        return (path.stat().st_mode & 0o777) | 0o600
    except OSError:
        return 0o644
