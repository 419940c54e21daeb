"""What a model should see beside the function: what it calls and names, from the whole workspace, and its tests."""

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from perforch.adapters.ignoring import Rules
from perforch.core.asking import Context, Snippet
from perforch.core.errors import FunctionNotFound, UsageError
from perforch.core.ports import Question, Sources, Syntax
from perforch.core.survey import TestId
from perforch.core.task import Target, Task, Workspace
from perforch.languages import language_named, language_of

IGNORE_FILES = (".gitignore", ".perforchignore")  # what they name never leaves the machine
SKIPPED_FOLDERS = {"node_modules", "__pycache__", "site-packages", "dist", "build", "target"}
MOST_FILES = 4_000  # looked through for a definition; beyond, the nearest ones have been seen
MOST_PARSED = 30
LARGEST_BYTES = 400_000
MOST_RELATED = 12
MOST_TESTS = 5
LONGEST_VALUE_LINES = 12
COMMON_NAMES = 3  # a name this short is a variable, mostly
_ASSIGNED = re.compile(r"^(?:(?:static|const|final|pub|var|let|public|private)\s+)*(?P<name>[A-Za-z_]\w*)\s*[:=][^=]")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Collects the context of a question, best first; keeps out what .gitignore and .perforchignore name."""

    syntax: Syntax
    sources: Sources

    def of(self, question: Question) -> Context:
        """Everything worth telling; the prompt's budget decides how much of it is told."""
        task = question.task
        language = language_named(task.target.language)
        visible = Visible(task.workspace.root)
        related = list(self._related(question, visible))[:MOST_RELATED]
        tests = list(self._tests(task.workspace, task.tests.all_ids, visible))[:MOST_TESTS]
        return Context(language.name.title(), language.idioms, tuple(related), tuple(tests))

    def tests_of(self, task: Task) -> list[str]:
        """The sources of the tests that concern a task."""
        visible = Visible(task.workspace.root)
        return [snippet.text for snippet in self._tests(task.workspace, task.tests.all_ids, visible)]

    def _related(self, question: Question, visible: "Visible") -> Iterator[Snippet]:
        """Signatures and documentation of what the target names: from its own file, then from near ones."""
        target, text = question.task.target, question.task.text
        words = self.syntax.words(target.language, question.start) | self.syntax.words(
            target.language, target.signature
        )
        wanted = {part for word in words for part in word.split(".") if len(part) >= COMMON_NAMES}
        yield from _constants(text, wanted, target)
        here = [each for each in self.syntax.functions(target.file, text) if each.key != target.key]
        yield from _snippets(here, wanted, target.enclosing)
        known = {each.function.rpartition(".")[2] for each in here}
        yield from self._elsewhere(question, wanted - known, visible)

    def _elsewhere(self, question: Question, wanted: set[str], visible: "Visible") -> Iterator[Snippet]:
        if not wanted:
            return
        target, workspace = question.task.target, question.task.workspace
        names = "|".join(map(re.escape, sorted(wanted)))
        defined = re.compile(rf"\b(?:def|class|func|fn|struct|enum|trait|interface|record|impl)\s+(?:{names})\b")
        parsed = 0
        for file in visible.files(near=target.file):
            same = language_of(file)
            if file == target.file or same is None or same.name != target.language:
                continue
            text = _text(self.sources, workspace, file)
            if text and defined.search(text):
                yield from _snippets(self.syntax.functions(file, text), wanted, None)
                parsed += 1
            if parsed == MOST_PARSED:
                return

    def _tests(self, workspace: Workspace, tests: Iterable[TestId], visible: "Visible") -> Iterator[Snippet]:
        """The source of the tests that concern the target, failing ones first, each function once."""
        shown: set[tuple[str, str]] = set()
        for test in tests:
            file, _, rest = test.partition("::")
            function = rest.partition("[")[0].replace("::", ".")
            if not function or (file, function) in shown or not visible.shows(PurePosixPath(file)):
                continue
            shown.add((file, function))
            text = _text(self.sources, workspace, PurePosixPath(file))
            try:
                found = self.syntax.find(PurePosixPath(file), text, function, None)
            except (FunctionNotFound, UsageError):
                continue
            yield Snippet(f"{file}, {function}:", found.source)


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


def _snippets(functions: Sequence[Target], wanted: set[str], enclosing: str | None) -> Iterator[Snippet]:
    """Called functions, then the members of the types that are named and of the target's own type."""
    called = [each for each in functions if each.function.rpartition(".")[2] in wanted]
    types = {enclosing} | {each.enclosing for each in functions if each.enclosing in wanted}
    members = [each for each in functions if each.enclosing in types - {None} and each not in called]
    for function in (*called, *members):
        yield Snippet(f"{function.file}, {function.function}:", _told(function))


def _constants(text: str, wanted: set[str], target: Target) -> Iterator[Snippet]:
    """The file's own top-level values that the target names, a value's further lines included."""
    lines = text.splitlines()
    for number, line in enumerate(lines):
        found = _ASSIGNED.match(line)
        if found and found["name"] in wanted:
            more = itertools.takewhile(lambda each: each[:1] in {" ", "\t", ")", "]", "}"}, lines[number + 1 :])
            value = "\n".join([line, *itertools.islice(more, LONGEST_VALUE_LINES)])
            yield Snippet(f"{target.file}, line {number + 1}:", value)


def _told(function: Target) -> str:
    return f"{function.signature}\n    {function.docstring.strip()}" if function.docstring else function.signature


def _text(sources: Sources, workspace: Workspace, file: PurePosixPath) -> str:
    """The text of a file that can be shown; empty where it cannot be read or is too large to be source."""
    path = workspace.root / file
    if not path.is_file() or path.stat().st_size > LARGEST_BYTES:
        return ""
    try:
        return sources.read(workspace, file)
    except UsageError:
        return ""
