"""A workbench in this very process, for functions without loops, and tasks to open it on."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from perforch.core.errors import WorkbenchUnavailable
from perforch.core.events import Event
from perforch.core.ports import Profile, Question, Tried
from perforch.core.survey import FailedTest, TestId
from perforch.core.task import Category, Concerned, Limits, Span, Stage, Target, Task, Workspace

Check = Callable[[Callable[..., object]], bool]


def works(check: Check, code: str) -> bool:
    space: dict[str, Callable[..., object]] = {}
    try:
        exec(code, space)  # the text of a function of these tests
        return check(space["f"])
    except (
        ArithmeticError,
        AttributeError,
        LookupError,
        NameError,
        RecursionError,
        SyntaxError,
        TypeError,
        ValueError,
    ):
        return False


@dataclass
class ExecBench:
    """Tests are functions of the function; observed inputs are single arguments."""

    checks: dict[str, Check]
    start: str
    inputs: Sequence[str] = ()
    arguments: Sequence[object] = ()
    tried: list[str] = field(default_factory=list)
    is_closed: bool = False
    fails_after: int = 1 << 30

    @property
    def profile(self) -> Profile:
        failing = tuple(TestId(name) for name, check in self.checks.items() if not works(check, self.start))
        passing = tuple(TestId(name) for name in self.checks if name not in failing)
        return Profile(failing, passing, {}, {}, {"a": frozenset({"int"}), "b": frozenset({"int"})})

    async def evaluate(self, codes: Iterable[str]) -> AsyncGenerator[Tried, None]:
        profile = self.profile
        try:
            for number, code in enumerate(codes):
                if len(self.tried) >= self.fails_after:
                    raise WorkbenchUnavailable("gone")
                self.tried.append(code)
                passed = sum(works(self.checks[test], code) for test in profile.failing)
                broken = not all(works(self.checks[test], code) for test in profile.passing)
                yield Tried(number, ran=True, passed=passed, broken=broken)
        finally:
            self.is_closed = True

    async def observe(self, codes: Sequence[str]) -> Sequence[Sequence[str]]:
        self.inputs = [f"f({argument!r})" for argument in self.arguments]
        return [[self._digest(code, argument) for argument in self.arguments] for code in codes]

    def _digest(self, code: str, argument: object) -> str:
        seen: list[object] = []
        works(lambda f: bool(seen.append(f(argument))), code)
        return repr(seen)


@dataclass
class ExecWorkbench:
    """Opens one bench; None: there is none to be had."""

    bench: ExecBench | None

    @asynccontextmanager
    async def open(self, task: Task, start: str) -> AsyncIterator[ExecBench]:
        if self.bench is None:
            raise WorkbenchUnavailable("the tests cannot be imported in process")
        yield self.bench


@dataclass
class Events:
    """Keeps what it is told."""

    seen: list[Event] = field(default_factory=list)

    def on(self, event: Event) -> None:
        self.seen.append(event)


def question(code: str, stage: Stage = Stage.FIX, language: str = "python") -> Question:
    span = Span(0, len(code), 1, code.count("\n") + 1)
    target = Target(PurePosixPath("m.py"), "f", language, span, span, 1, "", "", None, code, (), 0, is_stub=False)
    failures = (FailedTest(TestId("t"), "AssertionError", "", ""),)
    task = Task(Workspace(Path("/w")), target, code, stage, Category.GLUE, Concerned(failures), Limits())
    return Question(task, stage, code)
