"""Stand-ins for the outside world: models and judges that follow a script, a listener that remembers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from perforch.core.candidate import Answer, Candidate, NoAnswer
from perforch.core.comparison import Comparison, Ratio
from perforch.core.events import Event
from perforch.core.ports import Model, Question, Trial
from perforch.core.proposal import Attempt, Declined
from perforch.core.survey import Ending, FailedTest, Outcome, RanTest, Survey, TestId
from perforch.core.task import Category, Concerned, Request, Span, Stage, Target, Task, Workspace
from perforch.core.verdict import Evidence, Failed, Fault, Level, Passed, Verdict

TEXT = "def double(x):\n    return x + 1\n"
EVIDENCE = Evidence(Level.PROVEN, 2, 1, (TestId("t1"),), (), (), (1, 1), (), "process")
FASTER = Comparison("tests", 8, *[Ratio(0.5, 0.4, 0.6)] * 4)


def target(text: str = TEXT, name: str = "double") -> Target:
    source = text.rstrip("\n")
    span = Span(0, len(source), 1, source.count("\n") + 1)
    return Target(
        file=PurePosixPath("mod.py"),
        function=name,
        language="python",
        span=span,
        body=Span(source.index("\n") + 5, len(source), 2, span.last_line),
        def_line=1,
        signature=source.split("\n", 1)[0],
        docstring="",
        enclosing=None,
        source=source,
        imports=(),
        imports_at=0,
        is_stub=False,
    )


def failed_test(name: str) -> FailedTest:
    return FailedTest(TestId(name), "AssertionError", "assert 3 == 4", "...")


def task(stage: Stage = Stage.FIX, failing: Sequence[str] = ("t1",), **tests: object) -> Task:
    return Task(
        workspace=Workspace(Path("/nowhere")),
        target=target(),
        text=TEXT,
        stage=stage,
        category=Category.MATHS,
        tests=Concerned(failing=tuple(map(failed_test, failing)), **tests),  # type: ignore[arg-type]
        limits=Request(Workspace(Path("/nowhere")), stage).limits,
    )


def failed(*failing: str, broken: Sequence[str] = (), fault: Fault = Fault.TEST) -> Failed:
    names = frozenset(TestId(name) for name in (*failing, *broken))
    return Failed(fault, "assert 3 == 4", names, frozenset(map(TestId, broken)), tuple(map(failed_test, failing)))


@dataclass
class ScriptedModel:
    """Answers from a list, and remembers what it was asked; an answer is code, or a NoAnswer.

    Code with "other" in it claims to behave differently.
    """

    name: str
    answers: list[Sequence[str] | NoAnswer]
    asked: list[Question] = field(default_factory=list)

    async def answer(self, question: Question) -> Answer:
        self.asked.append(question)
        answer = self.answers.pop(0)
        if isinstance(answer, NoAnswer):
            return answer
        return tuple(
            Candidate(code, self.name, question.stage, cost_usd=0.01, differs_on="f(1)" if "other" in code else None)
            for code in answer
        )


@dataclass
class ScriptedModels:
    """A fixed ranking that remembers what it was told."""

    models: Sequence[Model]
    learnt: list[Attempt] = field(default_factory=list)

    def ranked(self, task: Task, stage: Stage) -> Sequence[Model]:
        return self.models

    def learn(self, task: Task, attempt: Attempt) -> None:
        self.learnt.append(attempt)


@dataclass
class ScriptedJudge:
    """Verdicts by code; anything else fails all the concerned tests. `current` is popped for each look at the files."""

    examined: tuple[Task, ...] | Declined
    verdicts: Mapping[str, Verdict]
    current: list[bool] = field(default_factory=list)

    async def examine(self, request: Request) -> tuple[Task, ...] | Declined:
        return self.examined

    async def judge(self, task: Task, candidate: Candidate) -> Verdict:
        return self.verdicts.get(candidate.code, failed(*task.tests.failing_ids))

    async def is_current(self, task: Task) -> bool:
        return self.current.pop(0) if self.current else True


@dataclass
class Remembering:
    """A listener that keeps what it was told."""

    events: list[Event] = field(default_factory=list)

    def on(self, event: Event) -> None:
        self.events.append(event)


PASSED = Passed(EVIDENCE)
PASSED_FASTER = Passed(EVIDENCE, FASTER)


def ran(test: str, outcome: Outcome = Outcome.PASSED, *, enters: Sequence[str] = (), **failure: object) -> RanTest:
    """One test of a survey; a bad outcome gets a failure, whose fields may be given."""
    details = None
    if outcome.is_bad:
        defaults = {"exception": "AssertionError", "message": "assert 3 == 4", "text": "..."}
        details = FailedTest(TestId(test), **(defaults | failure))  # type: ignore[arg-type]
    return RanTest(TestId(test), outcome, 0.01, frozenset(enters), failure=details)


def survey(*runs: RanTest, ending: Ending = Ending.FINISHED, **more: object) -> Survey:
    values = {"collection": (), "seconds": 0.5, "sandbox": "process"} | more
    return Survey(ending, runs, **values)  # type: ignore[arg-type]


@dataclass
class ScriptedRunner:
    """Gives the surveys of a script in turn, and remembers the trials."""

    surveys: list[Survey]
    fingerprints: list[str] = field(default_factory=list)
    trials: list[Trial] = field(default_factory=list)

    async def run(self, trial: Trial) -> Survey:
        self.trials.append(trial)
        return self.surveys.pop(0)

    def fingerprint(self, workspace: Workspace) -> str:
        return self.fingerprints.pop(0) if self.fingerprints else "same"


@dataclass
class TextSources:
    """Files that exist only as text."""

    files: Mapping[str, str]

    def read(self, workspace: Workspace, file: PurePosixPath) -> str:
        return self.files[str(file)]


@dataclass
class ScriptedRefiner:
    """Always the same finding."""

    found: Comparison | Failed = FASTER

    async def better(self, task: Task, candidate: Candidate) -> Comparison | Failed:
        return self.found
