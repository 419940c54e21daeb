"""How a folder's tests stand, and which function each failing one points at."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import PurePosixPath

from perforch.adapters.sources import WorkspaceSources
from perforch.adapters.syntax import TreeSitterSyntax
from perforch.app import PerfOrch
from perforch.core.errors import UsageError
from perforch.core.ports import Trial
from perforch.core.proposal import Declined
from perforch.core.survey import FailedTest, Frame, Outcome, Survey, TestId
from perforch.core.task import Target, Workspace
from perforch.judging.baseline import Baseline, repetition, to_repeat, unusable, with_repeat
from perforch.judging.suspects import suspects


@dataclass(frozen=True, slots=True)
class Failing:
    """A failing test, the frame of the test itself, and the function that it points at, where these are known."""

    failure: FailedTest
    at: Frame | None
    suspect: Target | None


@dataclass(frozen=True, slots=True)
class Health:
    """What one run of all tests said; `failing` are the stable failures, and modules that cannot be collected."""

    passed: int
    skipped: int
    flaky: tuple[TestId, ...]
    failing: tuple[Failing, ...]


async def health(perforch: PerfOrch, workspace: Workspace, seconds: float) -> Health | Declined:
    """Run all tests, failing ones twice; raises what a runner raises."""
    survey = await perforch.runner.run(Trial(workspace, None, seconds, is_baseline=True))
    refused = unusable(survey)
    if refused is not None and not survey.collection:
        return refused
    baseline = Baseline(survey)
    again = to_repeat(baseline, None)
    if again:
        baseline = with_repeat(baseline, await perforch.runner.run(repetition(workspace, baseline, again)))
    stable = [run.outcome for run in survey.runs if run.test not in baseline.flaky]
    return Health(
        passed=stable.count(Outcome.PASSED),
        skipped=stable.count(Outcome.SKIPPED),
        flaky=tuple(sorted(baseline.flaky)),
        failing=(*_uncollected(survey), *_failing(baseline, workspace)),
    )


def _failing(baseline: Baseline, workspace: Workspace) -> list[Failing]:
    syntax, sources = TreeSitterSyntax(), WorkspaceSources()

    @cache
    def functions(file: PurePosixPath) -> Sequence[Target]:
        try:
            return syntax.functions(file, sources.read(workspace, file))
        except UsageError:  # it was there when the tests ran
            return ()

    found = []
    for run in baseline.failing:
        failure = run.failure or FailedTest(run.test, "", f"the test {run.outcome}", "")
        suspicious = suspects(run, baseline.survey.runs, functions)
        found.append(Failing(failure, _own_frame(failure), suspicious[0] if suspicious else None))
    return found


def _uncollected(survey: Survey) -> list[Failing]:
    """Where the collection broke, which may be the test's file or one that it imports."""
    return [Failing(failure, failure.frames[-1] if failure.frames else None, None) for failure in survey.collection]


def _own_frame(failure: FailedTest) -> Frame | None:
    """The line of the test from which the failure was reached: the outermost one in the test's own file."""
    file = failure.test.partition("::")[0]
    own = (frame for frame in failure.frames if frame.file == file)
    return next(own, failure.frames[0] if failure.frames else None)
