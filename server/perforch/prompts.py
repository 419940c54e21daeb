"""How a question is put to a model: text files filled in strictly, most useful context first, within a budget."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from string import Template

from perforch.core.asking import Context, Message, Snippet
from perforch.core.edits import unified_diff
from perforch.core.hot_lines import HotLine
from perforch.core.ports import Question
from perforch.core.proposal import Attempt
from perforch.core.survey import FailedTest
from perforch.core.verdict import Failed

CONTEXT_CHARACTERS = 24_000  # some 7,000 tokens: more drowns the function, and costs
FAILURE_CHARACTERS = 3_000  # per failing test: the assertion, its values and the traceback
WHY_CHARACTERS = 600  # per earlier answer: what it got wrong, without the traceback
SHOWN_FAILURES = 3
SHOWN_ATTEMPTS = 4
SHORTEST_FENCE = 3  # backticks
_BACKTICKS = re.compile("`+")


@dataclass(frozen=True, slots=True)
class _Budget:
    """Characters that are left; what does not fit any more is left out whole."""

    characters: int

    def fill(self, snippets: Iterable[Snippet]) -> list[Snippet]:
        left, kept = self.characters, []
        for snippet in snippets:
            if len(snippet.text) <= left:
                kept.append(snippet)
                left -= len(snippet.text)
        return kept


@dataclass(frozen=True, slots=True)
class _Fence:
    """The marks around each piece of code in one prompt."""

    marks: str

    @classmethod
    def around(cls, texts: Iterable[str]) -> "_Fence":
        """Longer than any run of backticks in the texts, so that none of them ends its block early."""
        runs = (len(run) for text in texts for run in _BACKTICKS.findall(text))
        return cls("`" * max(SHORTEST_FENCE, 1 + max(runs, default=0)))

    def block(self, text: str, tag: str = "") -> str:
        return f"{self.marks}{tag}\n{text}\n{self.marks}"


def messages(question: Question, context: Context, budget: int = CONTEXT_CHARACTERS) -> tuple[Message, ...]:
    """The conversation that asks `question`; a template that names what is not given raises KeyError."""
    target = question.task.target
    shared = {
        "function": target.function,
        "file": str(target.file),
        "language": context.language,
        "idioms": "\n".join(f"- {idiom}" for idiom in context.idioms),
    }
    tests = _Budget(budget // 3).fill(context.tests)
    related = _Budget(budget - sum(len(test.text) for test in tests)).fill(context.related)
    fence = _Fence.around(_fenced(question, (*related, *tests)))
    particular = {
        "fence": fence.marks,
        "tag": target.language,
        "source": question.start,
        "where": _where(question, fence),
        "failures": _failures(question.failures, fence),
        "earlier": _earlier(question, fence),
        "hot": _hot(question.hot_lines),
        "related": _section("What it may use, from the same project:", _blocks(related, target.language, fence)),
        "tests": _section("Tests that concern it:", _blocks(tests, target.language, fence)),
    }
    system = _filled("system", shared)
    user = _filled(question.stage.value, shared | particular)
    return Message("system", system), Message("user", user)


def _filled(template: str, values: dict[str, str]) -> str:
    text = (files("perforch") / "templates" / f"{template}.md").read_text(encoding="utf-8")
    return Template(text).substitute(values).strip() + "\n"


def _fenced(question: Question, snippets: Iterable[Snippet]) -> Iterator[str]:
    """Every text that the prompt puts between fences."""
    yield question.start
    yield from question.task.target.imports
    yield from map(_report, question.failures[:SHOWN_FAILURES])
    yield from (attempt.candidate.code for attempt in _shown_attempts(question) if attempt.candidate)
    yield from (snippet.text for snippet in snippets)


def _where(question: Question, fence: _Fence) -> str:
    target = question.task.target
    lines = [f"It is a member of `{target.enclosing}`."] if target.enclosing else []
    if target.imports:
        lines.append("The file imports:\n\n" + fence.block("\n".join(target.imports), target.language))
    if target.docstring and target.docstring.splitlines()[0] not in target.source:
        lines.append(f"It is documented as: {target.docstring}")
    return "\n\n".join(lines)


def _failures(failures: Sequence[FailedTest], fence: _Fence) -> str:
    shown = [f"### {failure.test}\n{fence.block(_report(failure))}" for failure in failures[:SHOWN_FAILURES]]
    more = len(failures) - len(shown)
    return "\n\n".join(shown) + (f"\n\nand {more} more tests fail." if more else "")


def _report(failure: FailedTest) -> str:
    """The end of the runner's report: there stand the assertion and its values."""
    text = failure.text.strip() or f"{failure.exception}: {failure.message}"
    return text if len(text) <= FAILURE_CHARACTERS else _whole(text[-FAILURE_CHARACTERS:][::-1])[::-1]


def _whole(text: str) -> str:
    """Without the line that was cut at the end, or its last word if the line is long.

    A part of a secret, or one without its name, is not recognised as a secret any more.
    """
    lines, _, _ = text.rpartition("\n")
    return lines if len(lines) > len(text) // 2 else text.rsplit(maxsplit=1)[0]


def _earlier(question: Question, fence: _Fence) -> str:
    """What was tried and how it failed, latest last, as changes against what is shown above."""
    attempts = _shown_attempts(question)
    if not attempts:
        return ""
    tried = "\n\n".join(_attempt(attempt, question.start, fence) for attempt in attempts)
    return f"\nThese answers were tried already and are wrong; do not repeat them:\n\n{tried}\n"


def _shown_attempts(question: Question) -> list[Attempt]:
    return [attempt for attempt in question.earlier if attempt.candidate][-SHOWN_ATTEMPTS:]


def _attempt(attempt: Attempt, start: str, fence: _Fence) -> str:
    code = attempt.candidate.code if attempt.candidate else ""
    change = "\n".join(unified_diff(start + "\n", code + "\n", "function").splitlines()[2:])
    why = attempt.verdict.evidence if isinstance(attempt.verdict, Failed) else "not better"
    return f"{fence.block(change, 'diff')}\nIt failed ({_beginning(why)})."


def _beginning(text: str) -> str:
    text = text.strip()
    return text if len(text) <= WHY_CHARACTERS else _whole(text[:WHY_CHARACTERS])


def _hot(lines: Sequence[HotLine]) -> str:
    """The lines that take most of the time, hottest first."""
    if not lines:
        return ""
    shown = "\n".join(f"- {line.share:.0%} of the time, {line.hits} times: `{line.text}`" for line in lines)
    return f"\nWhere its time goes when its tests' calls are made, what a line calls included:\n\n{shown}\n"


def _blocks(snippets: Sequence[Snippet], tag: str, fence: _Fence) -> str:
    return "\n\n".join(f"{snippet.place}\n{fence.block(snippet.text.strip(), tag)}" for snippet in snippets)


def _section(title: str, blocks: str) -> str:
    return f"\n{title}\n\n{blocks}\n" if blocks else ""
