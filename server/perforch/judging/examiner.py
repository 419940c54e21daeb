"""The judge: takes the baseline, finds out what there is to do, and tries every answer in an isolated copy."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from perforch.core import edits
from perforch.core.candidate import Candidate
from perforch.core.events import Examining
from perforch.core.ports import Listener, Refiner, Runner, Sources, Syntax, Trial
from perforch.core.proposal import Declined
from perforch.core.survey import Ending, Outcome, Survey, TestId
from perforch.core.task import Category, Concerned, Request, Stage, Target, Task
from perforch.core.verdict import Failed, Fault, Level, Passed, Verdict
from perforch.judging import proof, triage
from perforch.judging.baseline import (
    START_SECONDS,
    Baseline,
    blamed_place,
    repetition,
    to_fix,
    to_generate,
    to_localise,
    to_refine,
    to_repeat,
    uncollectable,
    unusable,
    with_repeat,
)
from perforch.judging.means import newly_reached
from perforch.judging.selection import selected, tests_named
from perforch.languages import language_named

TOGETHER_SECONDS = 2.0  # a suite this quick is run whole at once: starting the tests twice would cost more
FIRST_SECONDS = 0.5  # for tests that fail and for others that concern the target, which are run before all of them, or
FIRST_SHARE = 0.025  # of the suite's time, where that is more
SLOWER_FACTOR = (
    5.0  # a candidate may take so many times the baseline before it counts as hanging, besides START_SECONDS
)
EXAMPLES = PurePosixPath("test_perforch_examples.py")  # exists in the copy alone


class Examiner:
    """Fills the port Judge with tests that really run."""

    def __init__(
        self,
        runner: Runner,
        syntax: Syntax,
        sources: Sources,
        classify: Callable[[Target], Category],
        refiner: Refiner,
        listener: Listener,
    ) -> None:
        self._runner = runner
        self._syntax = syntax
        self._sources = sources
        self._classify = classify
        self._refiner = refiner
        self._listener = listener

    async def examine(self, request: Request) -> tuple[Task, ...] | Declined:
        """The tasks that the request amounts to, most promising first."""
        fingerprint = self._runner.fingerprint(request.workspace)
        named = self._named(request)
        self._listener.on(Examining("running the tests as the code is now"))
        trial = Trial(request.workspace, None, request.limits.test_seconds, is_baseline=True)
        survey = await self._runner.run(trial)
        refused = unusable(survey)
        if refused and not (request.stage is Stage.GENERATE and survey.ending is Ending.NOTHING_COLLECTED):
            return refused
        found = await self._found(request, named, survey)
        if isinstance(found, Declined):
            return found
        return tuple(self._task(request, target, tests, fingerprint) for target, tests in found)

    async def judge(self, task: Task, candidate: Candidate) -> Verdict:
        """Rules 1 to 5: statically first, then the concerned tests, then the whole suite."""
        refused = self._refused(task, candidate)
        if refused:
            return refused
        text = edits.apply(task.text, task.target, candidate)
        target = self._counterpart(task, text)
        if target is None:
            return Failed(Fault.PARSE, f"{task.target.function} is not found any more once the answer is in its place")
        verdict = await self._tested(task, text, target)
        if candidate.stage is Stage.REFINE and isinstance(verdict, Passed):
            return await self._better(task, candidate, verdict)
        return verdict

    async def _tested(self, task: Task, text: str, target: Target) -> Verdict:
        """Rules 2 to 6, by tests, or where there are none by documented examples."""
        if not task.tests.all_ids and not task.tests.uncollected:
            return await self._by_examples(task, text, target)
        if task.tests.suite_seconds > TOGETHER_SECONDS and task.tests.all_ids:
            seconds = max(FIRST_SECONDS, FIRST_SHARE * task.tests.suite_seconds)
            first = task.tests.quickest(seconds, seconds)
            survey = await self._run(task, text, target, first)
            failed = self._failed(task, survey, proof.Demand.first(task.tests, first))
            if failed:
                return failed
        return await self._proven(task, text, target)

    async def _better(self, task: Task, candidate: Candidate, verdict: Passed) -> Verdict:
        """Rule 8: the same results on more inputs than the tests have, and a gain."""
        found = await self._refiner.better(task, candidate)
        return found if isinstance(found, Failed) else replace(verdict, comparison=found)

    async def is_current(self, task: Task) -> bool:
        """Whether the user's files are still those that the baseline ran on."""
        return self._runner.fingerprint(task.workspace) == task.fingerprint

    # What there is to do

    def _named(self, request: Request) -> Target | None:
        """The function that the user named, by name or line."""
        if request.file is None or (request.function is None and request.line is None):
            return None
        text = self._sources.read(request.workspace, request.file)
        return self._syntax.find(request.file, text, request.function, request.line)

    async def _found(
        self, request: Request, named: Target | None, survey: Survey
    ) -> Sequence[tuple[Target, Concerned]] | Declined:
        blocked = self._blocked_collection(request, named, survey)
        if blocked is not None:
            return blocked
        ids = [run.test for run in survey.runs]
        selectors = (*request.tests, *tests_named(request, ids))
        if len(selectors) > len(request.tests):
            request, named = replace(request, file=None, function=None, line=None), None
        chosen = frozenset(selected(selectors, ids)) if selectors else None
        baseline = await self._repeated(request, Baseline(survey, selected=chosen), named)
        if named is None:
            return to_localise(baseline, lambda file: self._functions(request, file), request.file)
        match request.stage:
            case Stage.FIX:
                tests = to_fix(baseline, named)
            case Stage.REFINE:
                tests = to_refine(baseline, named)
            case Stage.GENERATE:
                tests = to_generate(baseline, named)
        return tests if isinstance(tests, Declined) else ((named, tests),)

    def _blocked_collection(
        self, request: Request, named: Target | None, survey: Survey
    ) -> Sequence[tuple[Target, Concerned]] | Declined | None:
        """Rule 6: collection that breaks in the target is code; elsewhere it blocks only if no test is left to run."""
        if not survey.collection:
            return None
        target = named or self._at_blame(request, survey)
        if target:
            tests = uncollectable(survey, target)
            if tests.uncollected:
                return ((target, tests),)
        return None if any(run.outcome.is_bad for run in survey.runs) else triage.collection_declined(survey.collection)

    def _at_blame(self, request: Request, survey: Survey) -> Target | None:
        """The function in which the first failed collection broke."""
        place = blamed_place(survey.collection[0])
        if place is None:
            return None
        file, line = place
        around = [
            each for each in self._functions(request, file) if each.span.first_line <= line <= each.span.last_line
        ]
        return around[-1] if around else None

    async def _repeated(self, request: Request, baseline: Baseline, named: Target | None) -> Baseline:
        """Rule 4: failing and concerned tests once more, to know those that change their mind."""
        chosen = to_repeat(baseline, named)
        if not chosen:
            return baseline
        self._listener.on(Examining("running the failing tests once more, to know flaky ones"))
        return with_repeat(baseline, await self._runner.run(repetition(request.workspace, baseline, chosen)))

    def _functions(self, request: Request, file: PurePosixPath) -> Sequence[Target]:
        return self._syntax.functions(file, self._sources.read(request.workspace, file))

    def _task(self, request: Request, target: Target, tests: Concerned, fingerprint: str) -> Task:
        return Task(
            workspace=request.workspace,
            target=target,
            text=self._sources.read(request.workspace, target.file),
            stage=request.stage,
            category=self._classify(target),
            tests=tests,
            limits=request.limits,
            fingerprint=fingerprint,
        )

    # Whether an answer holds

    def _refused(self, task: Task, candidate: Candidate) -> Failed | None:
        """What can be said without running anything."""
        target = task.target
        if candidate.code == target.source:
            return Failed(Fault.TEST, "the answer is the code as it was", frozenset(task.tests.failing_ids))
        fault = self._syntax.faults(target, candidate.code)
        if fault:
            return Failed(Fault.PARSE, fault)
        words = self._syntax.words(target.language, "\n".join((*candidate.imports, candidate.code)))
        before = self._syntax.words(target.language, target.source)
        reached = newly_reached(before, words, language_named(target.language).means)
        if reached:
            named = ", ".join(reached)
            return Failed(Fault.TAMPERED, f"the answer reaches for {named}, with which code can meddle with its tests")
        return None

    def _counterpart(self, task: Task, text: str) -> Target | None:
        """The target in the file as proposed: the same name, and the same place among functions of that name."""
        name, file = task.target.function, task.target.file
        before = [each for each in self._syntax.functions(file, task.text) if each.function == name]
        after = [each for each in self._syntax.functions(file, text) if each.function == name]
        place = next(index for index, each in enumerate(before) if each.key == task.target.key)
        return after[place] if place < len(after) else None

    async def _run(self, task: Task, text: str, target: Target, tests: Collection[TestId] | None) -> Survey:
        longest = min(task.limits.test_seconds, task.tests.suite_seconds * SLOWER_FACTOR + START_SECONDS)
        chosen, known = None if tests is None else tuple(tests), task.tests.seconds
        slowest = max((known[test] for test in chosen or known if test in known), default=0.0)
        changes = {task.target.file: text}
        return await self._runner.run(Trial(task.workspace, chosen, longest, changes, target.key, slowest))

    def _failed(self, task: Task, survey: Survey, demand: proof.Demand) -> Failed | None:
        expected = [failure for failure in survey.collection if failure.test not in task.tests.lost]
        passed_before = demand.expected & frozenset(task.tests.passing)
        return proof.fault_of(replace(survey, collection=tuple(expected)), demand, passed_before)

    async def _proven(self, task: Task, text: str, target: Target) -> Verdict:
        """The whole suite on the candidate, and a test that enters it (rule 5)."""
        survey = await self._run(task, text, target, None)
        collected = task.tests.collected
        demand = proof.Demand.of(task.tests, collected)
        failed = self._failed(task, survey, demand) or proof.newly_failing(survey, collected, target.key)
        if failed:
            return failed
        entering = proof.entering(survey.runs, target.key)
        owed = frozenset(task.tests.failing_ids) or frozenset(entering)
        if not owed & frozenset(entering):
            return Failed(Fault.TEST, "the tests pass, but none of them enters the new code, so they prove nothing")
        if task.tests.uncollected and not await self._matters(task, text, target, entering):
            return Failed(
                Fault.TEST, "the tests pass just the same with the function's body removed: they prove nothing"
            )
        changed = edits.changed_lines(task.text, text)
        return Passed(proof.evidence(task.tests, survey, target.key, changed))

    async def _by_examples(self, task: Task, text: str, target: Target) -> Verdict:
        """Where no test enters the target: its documented examples, or else only that it loads (rule 5)."""
        write = language_named(target.language).example_tests
        if write is None:
            return Failed(
                Fault.MISSING_TEST, f"no test enters {target.function}; write one that says what it should do"
            )
        tests, count = write(target)
        names = tuple(TestId(f"{EXAMPLES}::Examples::test_{number}") for number in range(1, max(count, 1) + 1))
        changes = {target.file: text, EXAMPLES: tests}
        seconds = task.limits.test_seconds
        survey = await self._runner.run(Trial(task.workspace, names, seconds, changes, lines_of=target.key))
        bad = frozenset(run.test for run in survey.runs if run.outcome is not Outcome.PASSED)
        if bad or survey.collection or len(survey.runs) < len(names):
            failures = (*survey.failures, *survey.collection)
            said = "\n".join(f"{each.test}: {each.exception}: {each.message[:300]}" for each in failures)
            return Failed(Fault.TEST, f"the documented examples do not hold\n{said}", bad, failures=failures)
        level = Level.EXAMPLES if count and proof.entering(survey.runs, target.key) else Level.STATIC
        changed = edits.changed_lines(task.text, text)
        return Passed(replace(proof.evidence(task.tests, survey, target.key, changed), level=level))

    async def _matters(self, task: Task, text: str, target: Target, entering: Collection[TestId]) -> bool:
        """Whether the tests that pass now fail once the body is replaced by an abort (rule 6)."""
        abort = language_named(target.language).abort
        body = edits.Splice(target.body.start, target.body.end, abort)
        survey = await self._run(task, edits.splice(text, [body]), target, None)
        outcomes = survey.outcomes
        return all(test not in outcomes or outcomes[test].is_bad for test in entering)
