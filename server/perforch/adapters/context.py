"""What a model should see beside the function: what it calls and names, from the whole workspace, and its tests."""

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from perforch.adapters.context_definitions import Definitions
from perforch.adapters.context_discretion import Discretion
from perforch.adapters.context_visible import IGNORE_FILES, Visible
from perforch.core.asking import Context, Snippet
from perforch.core.errors import FunctionNotFound, UsageError
from perforch.core.ports import Question, Sources, Syntax
from perforch.core.survey import TestId
from perforch.core.task import Target, Task, Workspace
from perforch.languages import language_named, language_of

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

    def sendable(self, question: Question) -> Question | str:
        """The question without what tests in ignored files say; or, where the target lies in one, why it is not put."""
        file, visible = question.task.target.file, Visible(question.task.workspace.root)
        if not visible.shows(file):
            return (
                f"{file} is named by {' or '.join(IGNORE_FILES)}, so that it is never sent to a model; "
                "the embedded engine can work on it: name builtin in models.use, or take the file out of them"
            )
        discretion = Discretion(visible, file)
        failures = tuple(map(discretion.failure, question.failures))
        return replace(question, failures=failures, earlier=tuple(map(discretion.attempt, question.earlier)))

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
        definitions = Definitions.of(wanted)
        parsed = 0
        for file in visible.files(near=target.file):
            same = language_of(file)
            if file == target.file or same is None or same.name != target.language:
                continue
            text = _text(self.sources, workspace, file)
            if text and definitions.in_text(text):
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
