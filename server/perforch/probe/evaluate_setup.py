"""From the host's job to a keeper with its crew."""

from evaluate_collect import Job, grow
from evaluate_hand import LIFETIME, Hand
from evaluate_keeper import Crew, Keeper
from evaluate_nursery import Nursery
from evaluate_profile import Profiler, Unavailable
from evaluate_shared import Board

COLLECT_SECONDS = 120.0


def serve(channel):
    """Answer the host until it closes the channel."""
    job = Job(channel.first())
    board = Board(job.workers + 1)
    nursery = Nursery(lambda link: grow(job, board, link))
    try:
        _keeper(channel, job, (board, nursery)).serve()
    except Unavailable as error:
        channel.send({"unavailable": str(error)})
    finally:
        nursery.close()


def _keeper(channel, job, means):
    board, nursery = means
    answer = nursery.ready(COLLECT_SECONDS)
    if answer is None:
        raise Unavailable("The process that imports the tests has ended, or takes too long.")
    if "failed" in answer:
        raise Unavailable(answer["failed"])
    observer = Hand(nursery, board.place(job.workers), job.workers)
    profile, plan, is_repeatable = Profiler(job, observer).profile(answer["ready"])
    observer.let_go()
    lifetime = LIFETIME if is_repeatable else 1
    hands = [Hand(nursery, board.place(slot), slot, lifetime) for slot in range(job.workers)]
    channel.send({"profile": profile})
    return Keeper(channel, Crew(hands, plan, observer), len(plan["failing"]))
