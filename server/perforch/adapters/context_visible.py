"""The files of a workspace that may be shown to a model."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from perforch.adapters.ignoring import Rules
from perforch.languages import language_of

IGNORE_FILES = (".gitignore", ".perforchignore")  # what they name never leaves the machine
SKIPPED_FOLDERS = {"node_modules", "__pycache__", "site-packages", "dist", "build", "target"}
MOST_FILES = 4_000  # looked through for a definition; beyond, the nearest ones have been seen


@dataclass(frozen=True, slots=True)
class Visible:
    """The files of a workspace that may be shown to a model."""

    root: Path

    def shows(self, file: PurePosixPath) -> bool:
        """Whether no ignore file on the way to it keeps it out."""
        rules = Rules(IGNORE_FILES)
        for folder in [*reversed(file.parents)]:
            if folder.parts and rules.ignore(folder, "/"):
                return False
            rules = rules.within(folder, self.root)
        return not rules.ignore(file, "")

    def files(self, near: PurePosixPath) -> Iterator[PurePosixPath]:
        """Files that may be shown, those in the folder of `near` first."""
        own = near.parent
        found = self._below(PurePosixPath(), Rules(IGNORE_FILES))
        listed = [file for file, _ in zip(found, range(MOST_FILES), strict=False)]
        yield from sorted(listed, key=lambda file: (file.parent != own, len(file.parts), file))

    def _below(self, folder: PurePosixPath, rules: Rules) -> Iterator[PurePosixPath]:
        rules = rules.within(folder, self.root)
        folders: list[PurePosixPath] = []
        for entry in sorted((self.root / folder).iterdir()):
            path = folder / entry.name
            if entry.is_symlink() or entry.name.startswith("."):
                continue
            if entry.is_dir():
                folders.append(path)
            elif language_of(path) and not rules.ignore(path, ""):
                yield path
        for path in folders:
            is_kept = path.name not in SKIPPED_FOLDERS and not (self.root / path / "pyvenv.cfg").exists()
            if is_kept and not rules.ignore(path, "/"):
                yield from self._below(path, rules)
