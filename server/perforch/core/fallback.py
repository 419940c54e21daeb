"""Whom to ask after the first has failed, and when to stop asking.

Models fail at the same tasks: on the recorded outcomes of many models the chance of the next falls by about a third
with each failure before it. The conditional order asks next whoever solved most of what the earlier ones failed at.
"""

from collections.abc import Callable, Sequence

from perforch.core.experience import Joint
from perforch.core.ranking import Preference, Ranked, score

JOINT_CAP = 8.0  # trials that the unconditional belief weighs against joint outcomes; as the other caps of ranking.py
FADE = 0.7  # how much of its chance a model keeps per earlier failure, where nothing joint is known
GIVE_UP = 0.04  # below this chance the next call is not worth its price: 25 calls for one solution
ENOUGH_FAILURES = 8  # tasks at which all earlier ones failed, before their figures may end a request


def conditional_order(ranked: Sequence[Ranked], joint: Joint, preference: Preference) -> tuple[Ranked, ...]:
    """The first stays first; then always the best by its chance given that all before it failed."""
    order, rest = list(ranked[:1]), list(ranked[1:])
    while rest:
        chance = _chance_after(order, joint)
        best = max(rest, key=lambda one: score(one.belief, chance(one), preference))
        order.append(best)
        rest.remove(best)
    return tuple(order)


def worth_asking(order: Sequence[Ranked], joint: Joint) -> tuple[Ranked, ...]:
    """The order up to where the next model has next to no chance; all of it while too little is known jointly."""
    for asked in range(1, len(order)):
        failures = joint.failed_by(one.model for one in order[:asked])
        enough = joint.solved_of(order[asked].model, failures)[1] >= ENOUGH_FAILURES
        if enough and _chance_after(order[:asked], joint)(order[asked]) < GIVE_UP:
            return tuple(order[:asked])
    return tuple(order)


def _chance_after(failed: Sequence[Ranked], joint: Joint) -> Callable[[Ranked], float]:
    """P(a model succeeds | these failed at the task), shrunk towards its faded unconditional chance."""
    tasks = joint.failed_by(one.model for one in failed)
    fade = FADE ** len(failed)

    def chance(one: Ranked) -> float:
        solved, known = joint.solved_of(one.model, tasks)
        return (solved + JOINT_CAP * fade * one.belief.mean) / (known + JOINT_CAP)

    return chance
