"""What .gitignore files, and files of that form, keep out."""

import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pathspec import GitIgnoreSpec


@dataclass(frozen=True, slots=True)
class Rules:
    """The ignore files from the root down to a folder, each with the folder that it speaks about."""

    names: tuple[str, ...] = (".gitignore",)
    specs: tuple[tuple[PurePosixPath, GitIgnoreSpec], ...] = ()

    def within(self, folder: PurePosixPath, root: Path) -> "Rules":
        """The rules that hold in a folder, given those of the folder around it."""
        files = [root / folder / name for name in self.names]
        found = [file.read_text(encoding="utf-8", errors="replace") for file in files if file.is_file()]
        added = tuple((folder, _spec(text)) for text in found)
        return Rules(self.names, self.specs + added) if added else self

    def ignore(self, path: PurePosixPath, ending: str) -> bool:
        """`ending` is a slash for a folder. The innermost file that has an opinion decides."""
        for folder, spec in reversed(self.specs):
            opinion = spec.check_file(f"{path.relative_to(folder)}{ending}").include
            if opinion is not None:
                return opinion
        return False


def _spec(text: str) -> GitIgnoreSpec:
    """The file's rules; a line that is none says nothing, and the others hold."""
    return GitIgnoreSpec.from_lines(line for line in text.splitlines() if _is_rule(line))


def _is_rule(line: str) -> bool:
    try:
        GitIgnoreSpec.from_lines([line])
    except (ValueError, re.error):
        return False
    return True
