"""What people see on a terminal: progress, the trail, the evidence and a coloured diff."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TextIO

from perforch.core.comparison import Comparison
from perforch.core.events import Asking, Event, Examining, Found, Judged, Judging, Searching, Spending, SuiteProgress
from perforch.core.hot_lines import HotLine
from perforch.core.proposal import Attempt, NoProposal, Proposal
from perforch.core.report import total_cost
from perforch.core.task import Stage
from perforch.core.verdict import Evidence, Failed, Level, Passed

COLOURS = {"red": "31", "green": "32", "yellow": "33", "cyan": "36", "bold": "1", "dim": "2"}
USER_WORD = {Stage.GENERATE: "Generate", Stage.FIX: "Fix", Stage.REFINE: "Optimize"}
BAR_WIDTH = 24
SHOWN_NAMES = 6
CLEAR_LINE = "\r\x1b[2K"


class Terminal:
    """Writes to one stream, in colour or plainly."""

    def __init__(self, stream: TextIO, *, colour: bool) -> None:
        self._stream = stream
        self._colour = colour

    @classmethod
    def on(cls, stream: TextIO, environment: Mapping[str, str]) -> "Terminal":
        """A terminal gets colours, a pipe does not; NO_COLOR and FORCE_COLOR have their usual meaning."""
        wanted = stream.isatty() or bool(environment.get("FORCE_COLOR"))
        return cls(stream, colour=wanted and not environment.get("NO_COLOR"))

    def paint(self, text: str, colour: str) -> str:
        return f"\x1b[{COLOURS[colour]}m{text}\x1b[0m" if self._colour else text

    def line(self, text: str = "") -> None:
        self._stream.write(text + "\n")
        self._stream.flush()

    def outcome(self, outcome: Proposal | NoProposal, seconds: float, left_usd: float | None = None) -> None:
        """The end of a request, for people; `left_usd` is what is left of the budget, where something was spent."""
        self._trail(outcome.trail)
        match outcome:
            case Proposal():
                self._proposal(outcome)
            case NoProposal():
                self.line(self.paint("Nothing is proposed: ", "yellow") + outcome.reason.text)
        cost = total_cost(outcome.trail)
        left = f" ({left_usd:.4f} USD of the budget left)" if left_usd is not None else ""
        self.line(self.paint(f"{seconds:.1f} s, {f'{cost:.4f} USD' if cost else 'no cost'}{left}", "dim"))

    def _proposal(self, proposal: Proposal) -> None:
        for text in proposal.diff.splitlines():
            self.line(self._diff_line(text))
        self.line()
        evidence = proposal.verdict.evidence
        for text in evidence_lines(evidence):
            self.line(text)
        if proposal.verdict.comparison:
            if proposal.task.stage is not Stage.REFINE:
                self.line("made faster once it was proven; what follows compares it with that first proven answer")
            for text in comparison_lines(proposal.verdict.comparison):
                self.line(text)
        for number, alternative in enumerate(proposal.alternatives, 1):
            where = f", which differs on {alternative.differs_on}" if alternative.differs_on else ""
            self.line(self.paint(f"alternative {number} is proven too{where}:", "cyan"))
            self.line(alternative.candidate.code)
        word = "Proven" if evidence.level is Level.PROVEN else f"Level {evidence.level.value}"
        self.line(self.paint(f"{word}: {proposal.candidate.model} changes {proposal.task.target.function}", "green"))

    def _diff_line(self, text: str) -> str:
        if text.startswith(("+++", "---")):
            return self.paint(text, "bold")
        colour = {"+": "green", "-": "red", "@": "cyan"}.get(text[:1])
        return self.paint(text, colour) if colour else text

    def _trail(self, trail: Iterable[Attempt]) -> None:
        for number, attempt in enumerate(trail, 1):
            self.line(f"{number}. {attempt_line(attempt)}")


def attempt_line(attempt: Attempt) -> str:
    """One attempt of the trail: who, what came of it, how long it took."""
    verdict = attempt.verdict
    ended = (
        f"{verdict.fault.value}: {verdict.evidence.splitlines()[0]}" if isinstance(verdict, Failed) else _level(verdict)
    )
    note = f" ({attempt.candidate.note})" if attempt.candidate and attempt.candidate.note else ""
    return f"{USER_WORD[attempt.stage]} by {attempt.model}{note}: {ended} [{attempt.seconds:.1f} s]"


def _level(verdict: Passed) -> str:
    """What may be said of it: only the level `proven` is called so."""
    level = verdict.evidence.level
    return {Level.PROVEN: "proven", Level.EXAMPLES: "its documented examples hold", Level.STATIC: "it loads"}[level]


def evidence_lines(evidence: Evidence) -> list[str]:
    """What the proof rests on, a line each."""
    ran = f"{evidence.tests_run} tests ran, {evidence.tests_entering_target} of them enter the new code"
    lines = [f"{ran}; sandbox level: {evidence.sandbox}"]
    if evidence.failed_before:
        lines.append(f"failed before, pass now: {_names(evidence.failed_before)}")
    if evidence.failed_after:
        lines.append(f"still failing, as before, and not about this function: {_names(evidence.failed_after)}")
    if evidence.flaky:
        lines.append(f"flaky, so they prove nothing: {_names(evidence.flaky)}")
    if evidence.changed_lines_executed:
        executed, changed = evidence.changed_lines_executed
        missed = f"; not line {', '.join(map(str, evidence.unexecuted_lines))}" if evidence.unexecuted_lines else ""
        lines.append(f"the tests execute {executed} of {changed} changed lines{missed}")
    return lines


def comparison_lines(comparison: Comparison) -> list[str]:
    """What was measured, a line each; a ratio below 1 is better."""
    measures = {
        "CPU time": comparison.cpu_time,
        "wall time": comparison.wall_time,
        "peak memory": comparison.peak_memory,
        "mean memory": comparison.mean_memory,
    }
    head = f"measured on {comparison.workload}, {comparison.pairs} pairs; new / old:"
    return [
        head,
        *(f"  {name:<12} {each.ratio:.3f} [{each.low:.3f}, {each.high:.3f}]" for name, each in measures.items()),
        *hot_line_lines(comparison.hot_lines),
    ]


def hot_line_lines(hot: Sequence[HotLine]) -> list[str]:
    """Where the time went before the change, a line each."""
    if not hot:
        return []
    shown = [f"  {each.share:4.0%}  line {each.line}: {each.text}  ({each.hits:,} times)" for each in hot]
    return ["where the time went before:", *shown]


class Progress:
    """Listens and keeps the user informed: a moving last line on a terminal, plain lines elsewhere."""

    def __init__(self, stream: TextIO = sys.stderr) -> None:
        self._stream = stream
        self._moves = stream.isatty()

    def on(self, event: Event) -> None:
        text = describe(event)
        if self._moves:
            self._stream.write(CLEAR_LINE + text)
        elif not isinstance(event, SuiteProgress | Searching):
            self._stream.write(text + "\n")
        self._stream.flush()

    def close(self) -> None:
        """Leave the line clean for what follows."""
        if self._moves:
            self._stream.write(CLEAR_LINE)
            self._stream.flush()


def describe(event: Event) -> str:
    """An event in one line."""
    match event:
        case Examining(text):
            return text
        case SuiteProgress(done, total):
            return f"{bar(done, total)} {done} of {total} tests" if total else f"{done} tests"
        case Found(tasks):
            return "looking at " + ", ".join(f"{task.target.function} ({task.target.file})" for task in tasks)
        case Asking(task, stage, model, number, of):
            return f"{USER_WORD[stage]} {number}/{of}: asking {model} about {task.target.function}"
        case Spending():
            return event.text
        case Searching(tried, plausible, seconds):
            found = f", {plausible} pass the concerned tests" if plausible else ""
            return f"searching: {tried} changes tried in {seconds:.1f} s{found}"
        case Judging(model, _):
            return f"proving an answer by {model}"
        case Judged(attempt):
            return attempt_line(attempt)


def bar(done: int, total: int) -> str:
    """A progress bar of fixed width."""
    full = round(BAR_WIDTH * min(done, total) / total)
    return "[" + "#" * full + "." * (BAR_WIDTH - full) + "]"


def _names(names: Iterable[str]) -> str:
    listed = list(names)
    more = f" and {len(listed) - SHOWN_NAMES} more" if len(listed) > SHOWN_NAMES else ""
    return ", ".join(listed[:SHOWN_NAMES]) + more
