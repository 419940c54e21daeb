"""What a run of the tests proves about a candidate: the rules of proof, applied to surveys."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from perforch.core.survey import Ending, FailedTest, FunctionKey, Outcome, RanTest, Survey, TestId
from perforch.core.task import Concerned
from perforch.core.verdict import Evidence, Failed, Fault, Level
from perforch.judging import triage
from perforch.judging.triage import Cause

SHOWN_FAILURES = 3  # full reports handed on: more only fills a prompt
ENDINGS = {
    Ending.TIMEOUT: (Fault.TIMEOUT, "the tests did not finish in time"),
    Ending.CRASHED: (Fault.CRASH, "the test process died before it had reported everything"),
    Ending.DISAGREES: (Fault.TAMPERED, "the tests' report and the process' exit status contradict each other"),
    Ending.ENVIRONMENT: (Fault.ENVIRONMENT, "the tests could not be started"),
    Ending.NOTHING_COLLECTED: (Fault.MISSING_TEST, "no test was collected any more"),
}


@dataclass(frozen=True, slots=True)
class Demand:
    """What a run must show: `expected` are all the tests that must be there, `must_pass` the failures to repair."""

    expected: frozenset[TestId]
    must_pass: frozenset[TestId]
    may_fail: frozenset[TestId]

    @classmethod
    def of(cls, tests: Concerned, ran: Collection[TestId]) -> "Demand":
        """What the candidate owes on the tests `ran`, a part of those that the baseline collected."""
        return cls(
            frozenset(ran) & (frozenset(tests.collected) | frozenset(tests.all_ids)),
            frozenset(tests.failing_ids),
            frozenset((*tests.unrelated, *tests.flaky)),
        )

    @classmethod
    def first(cls, tests: Concerned, ran: Collection[TestId]) -> "Demand":
        """What it owes in a first run of a few tests, which proves nothing: that those of them that failed pass."""
        whole = cls.of(tests, ran)
        return replace(whole, must_pass=whole.must_pass & whole.expected)


def fault_of(survey: Survey, demand: Demand, passed_before: Collection[TestId]) -> Failed | None:
    """Why the run does not satisfy the demand, most fundamental reason first; None where it does."""
    if survey.tampered:
        named = ", ".join(survey.tampered[:5])
        return Failed(Fault.TAMPERED, f"the run changed files that decide what is tested: {named}")
    bad = _bad(survey, demand)
    if survey.ending in ENDINGS:
        fault, text = ENDINGS[survey.ending]
        return Failed(fault, f"{text}\n{survey.output[-2000:]}", failing=bad, failures=survey.failures[:SHOWN_FAILURES])
    if survey.collection:
        return _not_collected(survey.collection)
    return _bad_tests(survey, bad, passed_before) or _missing(survey, demand, passed_before)


def newly_failing(survey: Survey, collected: Collection[TestId], key: FunctionKey) -> Failed | None:
    """Tests that could not be collected before are the target's to pass, where they enter it and code is the cause."""
    known = frozenset(collected)
    bad = [run for run in survey.runs if run.outcome.is_bad and run.test not in known and key in run.entered]
    failures = [run.failure for run in bad if run.failure is not None and triage.cause(run) is Cause.CODE]
    if not failures:
        return None
    failing, shown = frozenset(failure.test for failure in failures), tuple(failures[:SHOWN_FAILURES])
    text = f"{len(failing)} tests that can be collected now enter it and fail\n{_told(shown)}"
    return Failed(Fault.TEST, text, failing, failures=shown)


def entering(runs: Iterable[RanTest], key: FunctionKey) -> tuple[TestId, ...]:
    """The passing tests that entered the function."""
    return tuple(run.test for run in runs if key in run.entered and run.outcome is Outcome.PASSED)


def evidence(tests: Concerned, survey: Survey, key: FunctionKey, changed: Collection[int]) -> Evidence:
    """What the passing run on the winner shows; `changed` are the lines of the file as proposed."""
    executed = {line for run in survey.runs for line in run.lines}
    traced = bool(executed)
    return Evidence(
        level=Level.PROVEN,
        tests_run=len(survey.runs),
        tests_entering_target=len(entering(survey.runs, key)),
        failed_before=tests.failing_ids,
        failed_after=tuple(run.test for run in survey.runs if run.outcome.is_bad),
        flaky=tests.flaky,
        changed_lines_executed=(len(executed & set(changed)), len(changed)) if traced else None,
        unexecuted_lines=tuple(sorted(set(changed) - executed)) if traced else (),
        sandbox=survey.sandbox,
    )


def _bad(survey: Survey, demand: Demand) -> frozenset[TestId]:
    outcomes = survey.outcomes
    owed = demand.expected | demand.must_pass
    return frozenset(
        test for test in owed if (outcomes.get(test) is None or outcomes[test].is_bad) and test not in demand.may_fail
    )


def _bad_tests(survey: Survey, bad: frozenset[TestId], passed_before: Collection[TestId]) -> Failed | None:
    outcomes = survey.outcomes
    failing = frozenset(test for test in bad if test in outcomes)
    if not failing:
        return None
    broken = failing & frozenset(passed_before)
    failures = tuple(failure for failure in survey.failures if failure.test in failing)[:SHOWN_FAILURES]
    counts = f"{len(failing)} of the concerned tests fail" + (
        f", {len(broken)} of which passed before" if broken else ""
    )
    return Failed(Fault.TEST, f"{counts}\n{_told(failures)}", failing, broken, failures)


def _told(failures: Iterable[FailedTest]) -> str:
    return "\n".join(f"{failure.test}: {failure.exception}: {failure.message[:300]}" for failure in failures)


def _missing(survey: Survey, demand: Demand, passed_before: Collection[TestId]) -> Failed | None:
    """A test that is gone, or skipped where it passed or must pass, proves nothing."""
    outcomes = survey.outcomes
    gone = [test for test in demand.expected if test not in outcomes]
    owed = demand.must_pass | (frozenset(passed_before) & demand.expected - demand.may_fail)
    not_run = [test for test in owed if outcomes.get(test) is not Outcome.PASSED]
    lost = sorted({*gone, *not_run})
    if not lost:
        return None
    return Failed(Fault.MISSING_TEST, f"tests are missing, skipped or expected to fail now: {', '.join(lost[:5])}")


def _not_collected(failures: tuple[FailedTest, ...]) -> Failed:
    first = failures[0]
    text = f"{first.test} cannot be collected: {first.exception}: {first.message[:500]}"
    return Failed(Fault.COLLECT, text, failures=failures[:SHOWN_FAILURES])
