"""What the keeper learns before the search: how the present code fares, test by test."""

from typing import NamedTuple

from evaluate_clock import FAILED, PASSED, TIMED_OUT
from evaluate_lines import Gone

# Which test is slow is known only by running it; a failing one may loop for ever.
FAILING_SECONDS = 1.0
HANGING_SECONDS = 0.2  # once one has not ended: it is the same loop in the others, mostly
LOOP_SECONDS = 0.1  # of a loop that does not end are enough to see its lines and types
ANSWER_SECONDS = 5.0  # beyond the limit of the test itself
TRACE_FACTOR = 40.0  # how much slower a traced test may be
TRACE_SECONDS = 30.0

# The first limit is ten times the slowest passing test, since loops are what most mutants that time out are.
LEAST_SECONDS = 0.006
FIRST_FACTOR = 10.0
FIRST_MOST_SECONDS = 1.0
SECOND_FACTOR = 10.0
SECOND_SECONDS = 2.0

CANARY_TESTS = 8  # half of them failing ones
CANARY_SECONDS = 0.002


class Seen(NamedTuple):
    """What one test did on the present code; see Timed."""

    outcome: str
    seconds: float
    stop: list
    end: list


# What is known of a test when the whole run was lost: with the present code it does not pass.
LOST = {"outcome": FAILED, "seconds": 0.0, "stop": [], "end": [], "lines": [], "types": {}, "in_fixture": False}


class Unavailable(Exception):
    """The workbench cannot serve; the text is a sentence for the user."""


class Profiler:
    """Runs each test on the present code: once for its outcome, and twice under the tracer, new and warm."""

    def __init__(self, job, hand):
        self._job = job
        self._hand = hand
        self._plan = None
        self._thorough = []
        self._rebuild = False

    def profile(self, available):
        """The profile for the host and the plan for the workers; `available` says which tests were collected."""
        seen = self._timed([test for test, is_there in enumerate(available) if is_there])
        failing = [test for test in seen if self._job.tests[test] in self._job.failing]
        passing = [test for test in seen if test not in set(failing)]
        if not failing:
            raise Unavailable(self._complaint(available))
        failing.sort(key=lambda test: seen[test].seconds)
        passing.sort(key=lambda test: seen[test].seconds)
        first = self._traced(failing + passing, seen)
        if any(answer["in_fixture"] for answer in first.values()):
            self._rebuild = True
            first = self._traced(failing + passing, seen)
        ending = [test for test in failing + passing if seen[test].outcome != TIMED_OUT]
        again = self._traced_in_place(ending, seen)
        is_repeatable = all(_is_same(first[test], again[test]) for test in first if test in again)
        return self._reported(failing, passing, (seen, first)), self._settled(failing, passing, seen), is_repeatable

    def _complaint(self, available):
        wanted = [test for test, name in enumerate(self._job.tests) if name in self._job.failing]
        missing = [self._job.tests[test] for test in wanted if not available[test]]
        if missing:
            return "The failing test %s was not collected in process." % missing[0]
        return "No failing test fails in process as it does when it is run alone."

    def _timed(self, tests):
        """The tests that behave in process as in the baseline; each alone in its framework's protocol if need be."""
        seen = {}
        for test in tests:
            if self._is_agreed(test, seen):
                continue
            self._thorough.append(test)
            self._hand.let_go()
            if not self._is_agreed(test, seen):
                self._thorough.remove(test)
                self._hand.let_go()
        return seen

    def _is_agreed(self, test, seen):
        is_failing = self._job.tests[test] in self._job.failing
        hangs = any(each.outcome == TIMED_OUT for each in seen.values())
        limit = (HANGING_SECONDS if hangs else FAILING_SECONDS) if is_failing else self._job.seconds
        answer = self._asked({"time": test, "seconds": limit}, limit)
        found = _seen(answer) if answer else Seen(TIMED_OUT, limit, [], [])
        if (found.outcome == PASSED) == is_failing:
            return False
        seen[test] = found
        return True

    def _traced(self, tests, seen):
        self._hand.let_go()
        return self._traced_in_place(tests, seen)

    def _traced_in_place(self, tests, seen):
        answers = {}
        for test in tests:
            limit = min(TRACE_SECONDS, max(FAILING_SECONDS, TRACE_FACTOR * seen[test].seconds))
            if seen[test].outcome == TIMED_OUT:
                limit = LOOP_SECONDS
            answer = self._asked({"trace": test, "seconds": limit}, limit)
            if answer:
                answers[test] = answer
        return answers

    def _asked(self, request, seconds):
        if not self._hand.is_hired:
            try:
                self._hand.hire(self._settled([], [], {}))
            except Gone:
                raise Unavailable("The process that imported the tests has ended.") from None
        return self._hand.ask(request, ANSWER_SECONDS + 2 * seconds)

    def _settled(self, failing, passing, seen):
        return {
            "failing": failing,
            "passing": passing,
            "limits": _limits(failing, passing, seen),
            "canary": _canary(failing, passing, seen),
            "thorough": self._thorough,
            "rebuild": self._rebuild,
            "stops": [[test, seen[test].stop] for test in failing],
        }

    def _reported(self, failing, passing, found):
        seen, traces = found
        names = self._job.tests
        types = {}
        for answer in traces.values():
            for name, kinds in answer["types"].items():
                types[name] = sorted({*types.get(name, ()), *kinds})
        return {
            "failing": [names[test] for test in failing],
            "passing": [names[test] for test in passing],
            "seconds": {names[test]: seen[test].seconds for test in seen},
            "lines": {names[test]: answer["lines"] for test, answer in traces.items()},
            "types": types,
        }


class SlowProfiler(Profiler):
    """The same where every run imports everything anew: all tests in one run for their outcomes, and in one traced."""

    def profile(self, reason):
        """The profile and the plan; `reason` says why the fast way cannot serve."""
        names = self._job.tests
        limits = [FAILING_SECONDS if name in self._job.failing else self._job.seconds for name in names]
        timed = self._asked_all("time", range(len(names)), limits)
        seen = {
            test: _seen(answer)
            for test, answer in timed.items()
            if (answer["outcome"] == PASSED) != (names[test] in self._job.failing)
        }
        failing = [test for test in seen if names[test] in self._job.failing]
        if not failing:
            raise Unavailable(reason)
        passing = [test for test in seen if test not in set(failing)]
        traces = self._asked_all("trace", list(seen), limits)
        return self._reported(failing, passing, (seen, traces)), self._settled(failing, passing, seen)

    def _asked_all(self, kind, tests, limits):
        seconds = min(max(limits), TRACE_SECONDS)
        answer = self._asked({kind: list(tests), "seconds": seconds}, sum(limits))
        answers = answer["answers"] if answer else [LOST for _ in tests]
        return {test: found or LOST for test, found in zip(tests, answers)}  # noqa: B905 - not in Python 3.8


def _is_same(one, other):
    """Whether a test did the same when it was run again; one that was interrupted tells nothing."""
    if TIMED_OUT in (one["outcome"], other["outcome"]):
        return True
    return one["outcome"] == other["outcome"] and one["lines"] == other["lines"]


def _limits(failing, passing, seen):
    """Seconds of CPU time per test, for the first tier and for the second."""
    slowest = max([seen[test].seconds for test in passing], default=0.0)
    ended = [seen[test].seconds for test in failing if seen[test].outcome != TIMED_OUT]
    first = min(FIRST_FACTOR * slowest, max(FIRST_MOST_SECONDS, 3 * slowest))
    first = max(LEAST_SECONDS, first, min(2 * max(ended, default=0.0), FIRST_MOST_SECONDS))
    return [first, max(2 * first, min(SECOND_FACTOR * first, SECOND_SECONDS))]


def _seen(answer):
    return Seen(answer["outcome"], answer["seconds"], answer["stop"], answer["end"])


def _canary(failing, passing, seen):
    """A few tests that cost next to nothing, with what they say of the present code."""
    ended = [test for test in failing if seen[test].outcome != TIMED_OUT]
    chosen, spent = [], 0.0
    for test in ended[: CANARY_TESTS // 2] + passing[: CANARY_TESTS // 2]:
        spent += seen[test].seconds
        if spent <= CANARY_SECONDS:
            chosen.append([test, seen[test]])
    return chosen
