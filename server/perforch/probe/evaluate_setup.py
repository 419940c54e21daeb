"""From the host's job to a keeper with its crew."""

import evaluate_reload
from evaluate_collect import Job, grow
from evaluate_hand import LIFETIME, Hand
from evaluate_keeper import Crew, Keeper
from evaluate_nursery import Nursery
from evaluate_profile import Profiler, SlowProfiler, Unavailable
from evaluate_shared import Board

COLLECT_SECONDS = 120.0


def serve(channel):
    """Answer the host until it closes the channel."""
    job = Job(channel.first())
    board = Board(job.workers + 2)
    slow = Nursery(lambda link: evaluate_reload.grow(job, board, link), channel)
    fast = Nursery(lambda link: grow(job, board, link), channel)
    try:
        crew, profile = _crew(job, board, (fast, slow))
        channel.send({"profile": profile})
        Keeper(channel, crew).serve()
    except Unavailable as error:
        channel.send({"unavailable": str(error)})
    finally:
        fast.close()
        slow.close()


def _crew(job, board, nurseries):
    """The hands that can work, and the profile. Raises Unavailable."""
    fast, slow = nurseries
    spare = Hand(slow, board.place(job.workers + 1), job.workers + 1, is_slow=True)
    reason = "A test module cannot be collected."
    if not job.uncollected:
        try:
            return _fast_crew(job, board, fast, spare)
        except Unavailable as error:
            reason = str(error)
    profile, plan = SlowProfiler(job, spare).profile(reason)
    spare.let_go()
    hands = [Hand(slow, board.place(slot), slot, is_slow=True) for slot in range(job.workers)]
    return Crew(hands, None, plan, None), profile


def _fast_crew(job, board, fast, spare):
    fast.start()
    answer = fast.ready(COLLECT_SECONDS)
    if answer is None:
        raise Unavailable("The process that imports the tests has ended, or takes too long.")
    if "failed" in answer:
        raise Unavailable(answer["failed"])
    observer = Hand(fast, board.place(job.workers), job.workers)
    profile, plan, is_repeatable = Profiler(job, observer).profile(answer["ready"])
    observer.let_go()
    lifetime = LIFETIME if is_repeatable else 1
    hands = [Hand(fast, board.place(slot), slot, lifetime) for slot in range(job.workers)]
    return Crew(hands, spare, plan, observer), profile
