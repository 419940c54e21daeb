"""The jobs that the host gives: each is answered by one message."""

import random
from types import SimpleNamespace

from evaluate_clock import PASSED, Clock
from measure_behave import behaviours
from measure_calls import Uncopyable, packed, shown, unpacked, unpacker
from measure_capture import RECORD_SECONDS, captured
from measure_child import streamed
from measure_inputs import grown, varied
from measure_lines import line_counts
from measure_place import Misplaced, Place, cleared, consumed
from measure_region import sample
from measure_state import kept

FACTORS = (4, 16, 64, 256, 1024, 4096)
ENOUGH_SECONDS = 0.001  # one call that takes so long shows what it costs
MOST_SECONDS = 0.03
MOST_CHARACTERS = 300_000  # of a grown call's arguments: telling versions apart takes time, too
MOST_VARIED_CHARACTERS = 6_000_000  # of all variants together: they are one message
COLLECT_SECONDS = 120.0
TRIES = 12  # per variant that is wanted


def done(message, next_turn):
    """The answer to one message of the host's; `next_turn` hands the machine over to the other version, and waits."""
    if "capture" in message:
        return {"captured": streamed(lambda send: captured(message["capture"], send), COLLECT_SECONDS + RECORD_SECONDS)}
    if "state" in message:
        return {"state": kept(*message["state"])}
    place = Place(*message["place"])
    if "behave" in message:
        return {"behaviours": behaviours(place, message["behave"], message["limit"], message["total"])}
    if "vary" in message:
        return {"calls": streamed(lambda send: _vary(place, message, send), COLLECT_SECONDS)}
    if "grow" in message:
        return {"calls": _grown(place, message)}
    if "trace" in message:
        return {"lines": line_counts(place, message["trace"], message["lines"])}
    if "processor" in message:
        return {"sample": sample(message["place"], message["sample"], next_turn, message["processor"])}
    return {"sample": sample(message["place"], message["sample"])}


def _vary(place, message, send):
    """Variants that differ from each other and from all that are given."""
    rng = random.Random(message["seed"])
    try:
        place.load()  # the arguments' own types may depend on it
    except Misplaced:
        return
    makers, known = [unpacker(call) for call in message["vary"]], set(message["vary"])
    wanted = len(known) + message["count"]
    left = MOST_VARIED_CHARACTERS
    for _ in range(TRIES * message["count"]):
        if len(known) >= wanted:
            return
        call = varied(rng.choice(makers), rng)
        text = None if call is None else _packed_within(call, left)
        if text is not None and text not in known:
            known.add(text)
            left -= len(text)
            send({"call": text, "shown": shown(place.names[-1], call)})


def _packed_within(call, most):
    """The call written down; None where that cannot be done with so many characters."""
    try:
        text = packed(call)
    except Uncopyable:
        return None
    return text if len(text) <= most else None


def _grown(place, message):
    """Each call as large as the present code takes without failing and in little time; those that cannot grow, not."""
    found, rest = [], list(message["grow"])
    while rest:
        batch = rest
        messages = streamed(lambda send, batch=batch: _grow(place, batch, message["seed"], send), 4 * MOST_SECONDS + 2)
        found += [each for each in messages if "call" in each]
        ended = sum("next" in each for each in messages)
        rest = rest[ended + 1 :]
    return found


def _grow(place, calls, seed, send):
    clock = Clock(SimpleNamespace(deadline=0.0))
    function = place.function()
    for call in calls:
        best = None
        for factor in FACTORS:
            larger = grown(unpacker(call), factor, random.Random("%s %s %d" % (seed, call[:64], factor)))
            seconds = None if larger is None else _seconds(function, larger, clock)
            if seconds is not None and seconds >= ENOUGH_SECONDS:  # or only disturbed
                seconds = min(seconds, _seconds(function, larger, clock) or seconds)
            if seconds is None:
                break
            best = larger, factor, seconds
            if seconds >= ENOUGH_SECONDS:
                break
        if best is not None:
            text, factor, seconds = packed(best[0]), best[1], best[2]
            send({"call": text, "shown": shown(place.names[-1], best[0]), "factor": factor, "seconds": seconds})
        send({"next": True})


def _seconds(function, call, clock):
    """How long the call takes; None where it cannot be made, fails, or takes too long."""
    try:
        text = packed(call)
    except Uncopyable:
        return None
    if len(text) > MOST_CHARACTERS:
        return None
    positional, keyword = unpacked(text)
    clear = cleared(function)
    if clear:
        clear()
    timed = clock.timed(lambda: consumed(function(*positional, **keyword)), MOST_SECONDS)
    return timed.seconds if timed.outcome == PASSED else None
