"""The embedded engine: a model of cost 0 that searches for the repair instead of being told it."""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from perforch.builtin.choice import Chosen, choose
from perforch.builtin.optimize.offering import note, offers
from perforch.builtin.search import Hunt, Searcher, Start
from perforch.builtin.source import parse
from perforch.builtin.surroundings import survey
from perforch.builtin.synthesis.confidence import is_plausible
from perforch.builtin.synthesis.generate import SECONDS, Found, NotFound, asserted_of, examples_of, generate
from perforch.core.candidate import Answer, Candidate, NoAnswer
from perforch.core.errors import WorkbenchUnavailable
from perforch.core.examples import Example
from perforch.core.ports import Bench, Listener, Question, Workbench
from perforch.core.task import Stage, Task
from perforch.core.verdict import Fault

NAME = "builtin"
READABLE = frozenset({"python"})
_RESERVE = 0.1  # of the time is kept for looking how the plausible mutants differ, or for a new body where none is
_ANOTHER_SECONDS = 2.0  # for another way to say what a function does that shall be faster
_MOST_OTHERS = 2
_ANOTHER = "another way to do the same (relies on that its arguments are such as in the tests)"
_ENOUGH_TOLD = 10  # by the code itself: what does the same in all of these cases is worth judging


def _no_tests(_task: Task) -> Sequence[str]:
    return ()


async def _no_oracle(_task: Task, _code: str) -> Sequence[str]:
    return ()


@dataclass(frozen=True, slots=True)
class Builtin:
    """Answers questions of all three stages.

    `seconds` caps the search for one repair, on top of the request's own limit. `tests_of` gives the sources of the
    tests that concern a task, from which examples are read; `oracle` gives assertions of what a version of the target
    does, for finding another one.
    """

    workbench: Workbench
    listener: Listener
    seconds: float = 60.0
    clock: Callable[[], float] = time.monotonic
    tests_of: Callable[[Task], Sequence[str]] = _no_tests
    oracle: Callable[[Task, str], Awaitable[Sequence[str]]] = _no_oracle

    @property
    def name(self) -> str:
        return NAME

    async def answer(self, question: Question) -> Answer:
        begun = self.clock()
        if question.task.target.language not in READABLE:
            return _nothing(
                Fault.ENVIRONMENT, f"the embedded engine repairs Python, not {question.task.target.language}"
            )
        try:
            parse(question.start)
        except SyntaxError as error:
            return _nothing(Fault.PARSE, f"the embedded engine cannot read the function: {error.msg}")
        if question.stage is Stage.GENERATE:
            return await self._generate(question, begun)
        if question.stage is Stage.REFINE:
            return await self._optimize(question, begun)
        try:
            async with self.workbench.open(question.task, question.start) as bench:
                return await self._search(question, bench, begun)
        except WorkbenchUnavailable as error:
            return _nothing(Fault.ENVIRONMENT, str(error))

    async def _generate(self, question: Question, begun: float) -> Answer:
        """What fits the examples; where no test can judge it, only what can be believed for that alone."""
        deadline = begun + min(SECONDS, question.task.limits.seconds)
        found = await generate(question, self._examples(question.task), deadline, self.clock)
        seconds = self.clock() - begun
        if isinstance(found, NotFound):
            return _nothing(Fault.TEST, f"the embedded engine has no answer: {found.text}", seconds)
        is_judged = bool(question.task.tests.all_ids or question.task.tests.uncollected)
        offered = [each for each in found if each.is_confident or is_judged]
        if not offered:
            text = "something fits the examples, but too little speaks for it; more examples would help, or a test"
            return _nothing(Fault.TEST, text, seconds)
        return tuple(_generated(each, Stage.GENERATE, seconds) for each in offered)

    async def _optimize(self, question: Question, begun: float) -> Answer:
        """Bodies that do the same on examples, then what the rules make of it; the judge says what holds and gains."""
        rewritten = offers(question.start, question.task.text)
        known = {question.start, *(each.text for each in rewritten)}
        others = [each for each in await self._others(question) if each.code not in known][:_MOST_OTHERS]
        seconds = self.clock() - begun
        if not rewritten and not others:
            return _nothing(Fault.NOT_FASTER, "none of the embedded rules applies", seconds)
        by_rules = [(each.text, each.imports, note(each)) for each in rewritten]
        by_search = [(each.code, each.imports, _ANOTHER) for each in others]
        return tuple(
            Candidate(code, NAME, Stage.REFINE, imports, seconds=seconds, note=text)
            for code, imports, text in (*by_search, *by_rules)
        )

    async def _others(self, question: Question) -> Sequence[Found]:
        """Examples are what the code does, or where that cannot be written down what it is said to do."""
        told = asserted_of(question.task.target, await self.oracle(question.task, question.start))
        deadline = self.clock() + min(_ANOTHER_SECONDS, question.task.limits.seconds)
        found = await generate(question, told or self._examples(question.task), deadline, self.clock)
        if isinstance(found, NotFound):
            return ()
        is_sampled = len(told) >= _ENOUGH_TOLD
        return [each for each in found if each.is_confident or (is_sampled and is_plausible(each.signs))]

    async def _search(self, question: Question, bench: Bench, begun: float) -> Answer:
        if not bench.profile.failing:
            return _nothing(Fault.ENVIRONMENT, "none of the failing tests fails in the workbench as it does on its own")
        seconds = min(self.seconds, question.task.limits.seconds)
        deadline = begun + seconds * (1 - _RESERVE)
        hunt = await Searcher(bench, _start(question), self.listener, self.clock, deadline).run()
        if not hunt.found:
            return await self._rewrite(question, hunt, begun, begun + seconds)
        chosen = await choose(bench, question.start, hunt.found)
        return tuple(self._candidate(choice, begun) for choice in chosen)

    async def _rewrite(self, question: Question, hunt: Hunt, begun: float, deadline: float) -> Answer:
        """A new body, where enough speaks for one that fits the examples of the documentation and the tests."""
        deadline = min(deadline, self.clock() + SECONDS)
        found = await generate(question, self._examples(question.task), deadline, self.clock)
        seconds = self.clock() - begun
        offered = [] if isinstance(found, NotFound) else [each for each in found if each.is_confident]
        if not offered:
            return _nothing(Fault.TEST, _failure(hunt, seconds), seconds)
        return tuple(_generated(each, Stage.FIX, seconds) for each in offered)

    def _examples(self, task: Task) -> Sequence[Example]:
        return examples_of(task.target, self.tests_of(task))

    def _candidate(self, choice: Chosen, begun: float) -> Candidate:
        return Candidate(
            code=choice.mutant.code,
            model=NAME,
            stage=Stage.FIX,
            seconds=self.clock() - begun,
            note=choice.mutant.note,
            differs_on=choice.differs_on,
        )


def _generated(found: Found, stage: Stage, seconds: float) -> Candidate:
    return Candidate(found.code, NAME, stage, found.imports, seconds=seconds, note=found.note)


def _start(question: Question) -> Start:
    target = question.task.target
    failures = question.failures or question.task.tests.failing
    texts = [*(failure.message for failure in failures), *(failure.text for failure in failures)]
    return Start(question.start, survey(question.task.text, target.function), texts)


def _failure(hunt: Hunt, seconds: float) -> str:
    return f"none of {hunt.tried} mutants passes the tests (searched for {seconds:.0f} s)"


def _nothing(fault: Fault, text: str, seconds: float = 0.0) -> NoAnswer:
    return NoAnswer(NAME, fault, text, seconds=seconds)
