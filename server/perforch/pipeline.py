"""The story: a request becomes tasks, models are asked in order, and only what is proven is proposed."""

import asyncio
import math
import time
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import assert_never

from perforch.core import edits
from perforch.core.candidate import Candidate, NoAnswer
from perforch.core.events import Asking, Found, Judged, Judging
from perforch.core.ports import Judge, Listener, Model, Models, Question
from perforch.core.proposal import Alternative, Attempt, Declined, NoProposal, Proposal, Reason, Trail
from perforch.core.survey import FailedTest, TestId
from perforch.core.task import Request, Stage, Task
from perforch.core.verdict import Failed, Fault, Passed, Verdict

SUSPECT_SHARE = 0.4  # of the time left goes to each suspect but the last: the first few are mostly right
MODEL_SHARE = 0.5  # of the time left goes to each model but the last: one that hangs must not be the only one asked
PROOF_SECONDS = 60.0  # a proof that has begun when the time for searching ends may take this much more
SHORT_SUITE_SECONDS = 5.0  # each alternative is proven by runs of its own: only where they are quick


class Strategy(StrEnum):
    """Take the first proven answer, or ask everyone and take the best."""

    SEQUENTIAL = "sequential"
    BEST_OF_N = "best-of-n"


@dataclass(frozen=True, slots=True)
class Policy:
    """How many models are asked per stage (the paper's values), and how answers are chosen among."""

    generate_tries: int = 1
    fix_tries: int = 5
    refine_tries: int = 5
    strategy: Strategy = Strategy.SEQUENTIAL
    refine_after: bool = False  # go on to refine what generate or fix has proven

    def tries(self, stage: Stage) -> int:
        """How many answers of this stage are judged at most."""
        return {Stage.GENERATE: self.generate_tries, Stage.FIX: self.fix_tries, Stage.REFINE: self.refine_tries}[stage]


@dataclass(frozen=True, slots=True)
class Draft:
    """Code that does not hold yet: the target as it is, or the best answer so far, and what fails with it."""

    code: str
    failures: tuple[FailedTest, ...]
    failing: frozenset[TestId]


@dataclass(frozen=True, slots=True)
class Present:
    """The target as it stands holds: where Optimize starts."""

    code: str


@dataclass(frozen=True, slots=True)
class Proven:
    """A proven candidate, and the other proven ones that came with it."""

    candidate: Candidate
    verdict: Passed
    alternatives: tuple[Alternative, ...] = ()

    @property
    def code(self) -> str:
        return self.candidate.code


class Solution:
    """One request on its way to a Proposal or NoProposal; `trail` tells every attempt in order."""

    def __init__(self, judge: Judge, models: Models, listener: Listener, policy: Policy) -> None:
        self._judge = judge
        self._models = models
        self._listener = listener
        self._policy = policy
        self._attempts: list[Attempt] = []
        self._clock = time.monotonic
        self._deadline = math.inf
        self._working: Proven | None = None  # what a search for something faster must not lose

    @property
    def trail(self) -> Trail:
        return tuple(self._attempts)

    async def find(self, request: Request) -> Proposal | NoProposal:
        """Work on the request; starts again once if the user's files change meanwhile."""
        outcome = await self._find(request)
        if await self._is_current(outcome):
            return outcome
        outcome = await self._find(request)
        if await self._is_current(outcome):
            return outcome
        text = "files of the workspace keep changing while they are tested; ask again when they rest"
        return NoProposal(Reason("workspace-changed", text), outcome.task, self.trail)

    async def solve(self, task: Task) -> Proposal | NoProposal:
        """Generate, fix, refine: from the stage that was asked for on (paper, section on the Executor)."""
        draft = await self.generate(task)
        working = await self.fix(task, draft)
        if working is None:
            return NoProposal(_nothing_proven(self.trail), task, self.trail)
        return await self.refine(task, working)

    async def generate(self, task: Task) -> Draft | Present | Proven:
        """A first body for the target; for other stages the target as it stands."""
        if task.stage is Stage.REFINE:
            return Present(task.target.source)
        start = Draft(task.target.source, task.tests.failing, frozenset(task.tests.failing_ids))
        if task.stage is Stage.FIX:
            return start
        return await self._attempt(task, Stage.GENERATE, start)

    async def fix(self, task: Task, draft: Draft | Present | Proven) -> Present | Proven | None:
        """Ask fixers in turn until one is proven; each starts from the best draft so far."""
        if not isinstance(draft, Draft):
            return draft
        fixed = await self._attempt(task, Stage.FIX, draft)
        return fixed if isinstance(fixed, Proven) else None

    async def refine(self, task: Task, working: Present | Proven) -> Proposal | NoProposal:
        """Ask for a faster program where that is wanted; without a proven gain what worked before stands."""
        self._working = working if isinstance(working, Proven) else None
        refined: Present | Proven | Draft = working
        if task.stage is Stage.REFINE or self._policy.refine_after:
            refined = await self._attempt(task, Stage.REFINE, Draft(working.code, (), frozenset()))
        best = working if isinstance(refined, Draft) else refined
        if isinstance(best, Present):
            return NoProposal(_nothing_proven(self.trail), task, self.trail)
        return self._propose(task, best)

    async def _find(self, request: Request) -> Proposal | NoProposal:
        examined = await self._judge.examine(request)
        if isinstance(examined, Declined):
            return NoProposal(examined.reason, None, self.trail)
        self._listener.on(Found(examined))
        return await self._first_solved(examined, request.limits.seconds)

    async def _first_solved(self, tasks: tuple[Task, ...], seconds: float) -> Proposal | NoProposal:
        """The suspects in turn, each with its share of the time to search; a proof that has begun is not cut short."""
        end = self._clock() + seconds
        for place, task in enumerate(tasks, 1):
            left = end - self._clock()
            self._deadline = end if place == len(tasks) else self._clock() + left * SUSPECT_SHARE
            outcome = await self._solve_until(task, end + PROOF_SECONDS)
            if isinstance(outcome, Proposal) or self._clock() >= end:
                return outcome
        return outcome

    async def _solve_until(self, task: Task, end: float) -> Proposal | NoProposal:
        """`solve`, ended at the latest at `end` with what is proven by then."""
        self._working = None
        try:
            async with asyncio.timeout_at(end):
                return await self.solve(task)
        except TimeoutError:
            if self._working is not None:
                return self._propose(task, self._working)
            text = f"nothing was proven within {task.limits.seconds:.0f} s; a longer --timeout may help"
            return NoProposal(Reason("timeout", text), task, self.trail)

    async def _attempt(self, task: Task, stage: Stage, draft: Draft) -> Draft | Proven:
        """Ask the ranked models in turn: the one loop that serves all stages."""
        found: list[Proven] = []
        tries = self._policy.tries(stage)
        models = self._models.ranked(task, stage)
        for place, model in enumerate(models, 1):
            left = self._deadline - self._clock()
            if not tries or left <= 0:
                break
            self._listener.on(Asking(task, stage, model.name, self._policy.tries(stage) - tries + 1, tries))
            answering = left if place == len(models) else left * MODEL_SHARE
            outcome = await self._ask(_within(task, left), stage, model, draft, answering)
            tries -= outcome is not None
            if isinstance(outcome, Proven):
                found.append(outcome)
                if self._policy.strategy is Strategy.SEQUENTIAL:
                    break
            elif outcome is not None:
                draft = outcome
        return min(found, key=_cost_of_choice) if found else draft

    async def _ask(self, task: Task, stage: Stage, model: Model, draft: Draft, seconds: float) -> Draft | Proven | None:
        """One model, once: Proven, the draft to go on from, or None where there was nothing to judge.

        `seconds`: what it may take to answer.
        """
        earlier = tuple(attempt for attempt in self._attempts if attempt.stage is stage)
        question = Question(_within(task, seconds), stage, draft.code, draft.failures, earlier)
        answer = await model.answer(question)
        if isinstance(answer, NoAnswer):
            self._record(task, _unanswered(answer, stage))
            return None
        for place, candidate in enumerate(answer):
            verdict = await self._judged(task, replace(candidate, parent=draft.code))
            match verdict:
                case Passed():
                    others = await self._alternatives(task, stage, answer[place + 1 :])
                    return Proven(candidate, verdict, others)
                case Failed():
                    draft = _next_draft(stage, draft, candidate, verdict)
                case _ as never:
                    assert_never(never)
        return draft

    async def _judged(self, task: Task, candidate: Candidate) -> Verdict:
        self._listener.on(Judging(candidate.model, candidate.stage))
        started = self._clock()
        verdict = await self._judge.judge(task, candidate)
        seconds = candidate.seconds + self._clock() - started
        self._record(task, Attempt(candidate.model, candidate.stage, candidate, verdict, candidate.cost_usd, seconds))
        return verdict

    async def _alternatives(
        self, task: Task, stage: Stage, candidates: tuple[Candidate, ...]
    ) -> tuple[Alternative, ...]:
        """The proven ones among the rest of an answer that behave differently, where proving them is quick."""
        if task.tests.suite_seconds > SHORT_SUITE_SECONDS or stage is Stage.REFINE:  # measuring is never quick
            return ()
        differing = [candidate for candidate in candidates if candidate.differs_on]
        verdicts = await asyncio.gather(*(self._judged(task, candidate) for candidate in differing))
        return tuple(
            Alternative(candidate, candidate.differs_on)
            for candidate, verdict in zip(differing, verdicts, strict=True)
            if isinstance(verdict, Passed)
        )

    def _record(self, task: Task, attempt: Attempt) -> None:
        self._attempts.append(attempt)
        self._models.learn(task, attempt)
        self._listener.on(Judged(attempt))

    def _propose(self, task: Task, proven: Proven) -> Proposal:
        proposed = edits.apply(task.text, task.target, proven.candidate)
        diff = edits.unified_diff(task.text, proposed, str(task.target.file))
        return Proposal(task, proven.candidate, proven.verdict, diff, proven.alternatives, self.trail)

    async def _is_current(self, outcome: Proposal | NoProposal) -> bool:
        return isinstance(outcome, NoProposal) or await self._judge.is_current(outcome.task)


def _within(task: Task, seconds: float) -> Task:
    return replace(task, limits=replace(task.limits, seconds=seconds))


def _next_draft(stage: Stage, draft: Draft, candidate: Candidate, verdict: Failed) -> Draft:
    """A generated body is where fixing starts; a fix is kept only if strictly fewer tests fail and none is broken."""
    tested = verdict.fault in {Fault.TEST, Fault.TIMEOUT, Fault.CRASH}
    better = verdict.fault is Fault.TEST and len(verdict.failing) < len(draft.failing) and not verdict.broken
    if better or (stage is Stage.GENERATE and tested):
        return Draft(candidate.code, verdict.failures, verdict.failing)
    return draft


def _unanswered(answer: NoAnswer, stage: Stage) -> Attempt:
    return Attempt(answer.model, stage, None, Failed(answer.fault, answer.text), answer.cost_usd, answer.seconds)


def _cost_of_choice(proven: Proven) -> float:
    """Best-of-N: the greatest gain, or without a comparison the shortest program."""
    comparison = proven.verdict.comparison
    return comparison.cpu_time.ratio if comparison else len(proven.candidate.code)


def _was_out_of_place(attempt: Attempt) -> bool:
    """A model that cannot work here at all, which says nothing about the code."""
    return isinstance(attempt.verdict, Failed) and attempt.verdict.fault is Fault.ENVIRONMENT


def _nothing_proven(trail: Trail) -> Reason:
    """The honest end: how many tries there were, and how the last one failed."""
    if not trail:
        return Reason("no-model", "no model is set up that can answer this; see `perforch models`")
    telling = [attempt for attempt in trail if not _was_out_of_place(attempt)]
    last = (telling or trail)[-1]
    detail = last.verdict.evidence if isinstance(last.verdict, Failed) else ""
    tried = f"{len(trail)} attempt{'s' if len(trail) > 1 else ''}"
    return Reason("nothing-proven", f"nothing was proven in {tried}; the last one, by {last.model}: {detail}")
