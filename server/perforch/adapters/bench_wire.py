"""What goes over the channel to the in-process evaluator, as values on our side."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from perforch.core.edits import Splice, splice
from perforch.core.ports import Profile, Tried
from perforch.core.survey import TestId
from perforch.core.task import Task

Fields = Mapping[str, Any]  # one message, before it is parsed
BYTE_ORDER_MARK = "\ufeff"

# Every candidate that passes the failing tests goes through the others, so the search has quick ones only; all of them
# are the judge's business. Failing ones may take longer, since most candidates fail at the first of them.
FAILING_SECONDS = 5.0
PASSING_SECONDS = 0.5

# The flags of probe/evaluate_shared.py.
RAN = 1
BROKEN = 2
TIMED_OUT = 4


def packed(message: Fields) -> bytes:
    return json.dumps(message, separators=(",", ":")).encode() + b"\n"


def started(task: Task, start: str) -> str:
    """The file's text with `start` in the target's place."""
    span = task.target.span
    return splice(task.text, [Splice(span.start, span.end, start)])


def search(task: Task, start: str) -> Fields:
    """What the evaluator must know of the task, with the tests that a search can afford."""
    tests = task.tests.quickest(FAILING_SECONDS, PASSING_SECONDS)
    failing = tuple(test for test in tests if test in set(task.tests.failing_ids))
    found = job(task, start)
    uncollected = found["uncollected"]
    return {**found, "tests": (*tests, *uncollected), "failing": (*failing, *uncollected)}


def job(task: Task, start: str) -> Fields:
    """What a program in the sandbox must know of the task; how to run the tests comes on top."""
    text = started(task, start)
    mark = len(text) - len(text.removeprefix(BYTE_ORDER_MARK))  # Python reads a file that begins so, but no text
    first, uncollected = task.target.span.start - mark, tuple(failure.test for failure in task.tests.uncollected)
    return {
        "file": str(task.target.file),
        "text": text[mark:],
        "start": first,
        "end": first + len(start),
        "tests": (*task.tests.all_ids, *uncollected),
        "failing": (*task.tests.failing_ids, *uncollected),
        "uncollected": uncollected,
        "seconds": task.limits.test_seconds,
    }


def profile(fields: Fields) -> Profile:
    return Profile(
        failing=_ids(fields["failing"]),
        passing=_ids(fields["passing"]),
        seconds={TestId(test): float(seconds) for test, seconds in fields["seconds"].items()},
        lines={TestId(test): frozenset[int](lines) for test, lines in fields["lines"].items()},
        types={name: frozenset[str](kinds) for name, kinds in fields["types"].items()},
    )


def _ids(names: Sequence[str]) -> tuple[TestId, ...]:
    return tuple(TestId(name) for name in names)


def tried(fields: Sequence[int]) -> Tried:
    mutant, flags, passed, reached = fields
    return Tried(
        mutant=mutant,
        ran=bool(flags & RAN),
        passed=passed,
        broken=bool(flags & BROKEN),
        timed_out=bool(flags & TIMED_OUT),
        reached=reached,
    )
