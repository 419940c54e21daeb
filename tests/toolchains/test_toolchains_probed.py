"""What a report is worth: signatures, exit status and completeness."""

import json
from hashlib import blake2b
from typing import Any

import pytest

from perforch.core.survey import Ending
from perforch.toolchains import probed
from perforch.toolchains.probed import Account

KEY = "ab" * 32
START = {"event": "start", "runner": "pytest", "version": "9", "configuration": ""}
FAILURE = {"exception": "ValueError", "message": "no", "text": "no", "frames": [["shop.py", 3, "f"]]}


def collected(*tests: str) -> dict[str, Any]:
    return {"event": "collected", "tests": list(tests)}


def ran(test: str, outcome: str = "passed") -> dict[str, Any]:
    failure = FAILURE if outcome == "failed" else None
    fields = {"entered": [], "lines": [], "seconds": 0.1, "failure": failure}
    return {"event": "test", "id": test, "outcome": outcome, **fields}


def end(status: int, count: int) -> dict[str, Any]:
    return {"event": "end", "status": status, "collected": count, "ran": count, "loaded": [], "strays": {}}


def signed(*events: dict[str, Any]) -> bytes:
    lines, last = [], b""
    for event in events:
        text = json.dumps(event).encode()
        last = blake2b(last + text, key=bytes.fromhex(KEY), digest_size=8).hexdigest().encode()
        lines.append(last + b" " + text + b"\n")
    return b"".join(lines)


def account(*events: dict[str, Any]) -> Account:
    return probed.read(signed(*events), KEY)


GOOD = (START, collected("a", "b"), ran("a"), ran("b"), end(0, 2))
UNCOLLECTED = {"event": "uncollected", "id": "test_a.py", "failure": FAILURE}


@pytest.mark.parametrize(
    ("events", "status", "ending"),
    [
        (GOOD, 0, Ending.FINISHED),
        (GOOD, 1, Ending.DISAGREES),
        ((START, collected("a"), ran("a", "failed"), end(1, 1)), 1, Ending.FINISHED),
        ((START, collected("a"), ran("a", "failed"), end(0, 1)), 0, Ending.DISAGREES),
        ((START, collected("a"), ran("a"), end(1, 1)), 1, Ending.DISAGREES),
        ((START, collected("a", "b"), ran("a"), end(2, 1)), 2, Ending.CRASHED),
        (GOOD[:-1], 0, Ending.CRASHED),
        ((START,), -11, Ending.CRASHED),
        ((), 4, Ending.ENVIRONMENT),
        ((), -9, Ending.CRASHED),
        ((UNCOLLECTED,), 4, Ending.NOT_COLLECTED),
        ((START, UNCOLLECTED, collected("a"), ran("a"), end(1, 1)), 1, Ending.NOT_COLLECTED),
        ((START, collected(), end(5, 0)), 5, Ending.NOTHING_COLLECTED),
        ((START, end(3, 0)), 3, Ending.ENVIRONMENT),
    ],
)
def test_a_report_is_believed_where_the_exit_status_agrees(
    events: tuple[dict[str, Any], ...], status: int, ending: Ending
) -> None:
    assert probed.ending(account(*events), status, timed_out=False) is ending


def test_a_deadline_is_stronger_than_any_report() -> None:
    assert probed.ending(account(*GOOD), 0, timed_out=True) is Ending.TIMEOUT


@pytest.mark.parametrize(
    "forged",
    [
        signed(*GOOD[:3]) + b'0000000000000000 {"event": "end"}\n',
        signed(*GOOD[:3]) + signed(end(0, 2)),
        signed(*GOOD).replace(b'"failed"', b'"passed"').replace(b"0.1", b"0.2"),
        b"".join(line + b"\n" for line in signed(*GOOD).splitlines() if b'"b"' not in line),
        b"not a line of ours\n",
    ],
)
def test_a_line_that_was_added_changed_or_removed_is_noticed(forged: bytes) -> None:
    read = probed.read(forged, KEY)
    assert not read.genuine
    assert probed.ending(read, 0, timed_out=False) is Ending.DISAGREES


def test_a_line_that_was_cut_short_is_left_out() -> None:
    read = probed.read(signed(*GOOD[:3])[:-5], KEY)
    assert (read.genuine, read.collected, read.runs) == (True, ("a", "b"), ())


def test_progress_is_counted_while_the_report_grows() -> None:
    count, report = probed.Count(), signed(*GOOD)
    pieces = (report[at : at + 7] for at in range(0, len(report), 7))
    seen = [(count.done, count.total) for piece in pieces if count.add(piece)]
    assert seen == [(0, 2), (1, 2), (2, 2)]
