"""How the time of one test is limited: by what it computes, to the millisecond."""

import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

PROBE = Path(__file__).parent.parent.parent / "server" / "perforch" / "probe"
LIMIT = 0.003


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.syspath_prepend(PROBE)
    before, handler = set(sys.modules), signal.getsignal(signal.SIGPROF)
    yield __import__("evaluate_clock").Clock(SimpleNamespace(deadline=0.0))
    signal.signal(signal.SIGPROF, handler)
    for name in set(sys.modules) - before:
        if name.startswith("evaluate_"):
            del sys.modules[name]


def endless() -> None:
    while True:
        pass


def test_a_loop_is_ended_at_its_limit_and_not_at_the_next_tick(clock: Any) -> None:
    """The kernel's ticks are 4 ms apart at least; other load delays some of the twenty, not all."""
    ended = [clock.timed(endless, LIMIT) for _ in range(20)]
    assert {each.outcome for each in ended} == {"timed-out"}
    assert 0.9 * LIMIT <= min(each.seconds for each in ended) < 1.4 * LIMIT


def test_a_loop_that_catches_its_end_is_ended_all_the_same(clock: Any) -> None:
    caught = []

    def stubborn() -> None:
        while len(caught) < 3:
            try:
                endless()
            except BaseException as error:  # noqa: BLE001 - what mutants do
                caught.append(error)
        endless()

    assert clock.run(stubborn, LIMIT) == "timed-out"
    assert len(caught) == 3


def test_waiting_costs_no_time_that_counts(clock: Any) -> None:
    assert clock.run(lambda: time.sleep(20 * LIMIT), LIMIT) == "passed"


def test_nothing_rings_once_a_test_has_ended(clock: Any) -> None:
    assert clock.run(lambda: None, LIMIT) == "passed"
    end = time.thread_time() + 5 * LIMIT
    while time.thread_time() < end:
        pass
    assert not clock._fired
