"""Whom to ask after the first has failed, and when to stop asking.

Models fail at the same tasks, for two reasons. Some tasks are hard for everybody: whoever fails makes every other
model less likely to succeed (Rasch's model, with a task's difficulty spread by TASK_SPREAD). And some models are alike:
what was seen of each pair at the same tasks says how much more, or less, the failure of the one tells about the other.
The conditional order asks next whoever is likeliest to succeed where all before it failed. Over 700 random pools of
recorded models it solved neither more nor fewer tasks than the static one, so that one is the default.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from operator import mul

from perforch.core.belief import Knowledge
from perforch.core.experience import Joint
from perforch.core.observation import Place
from perforch.core.ranking import Preference, Ranked, rank, score

# The standard deviation of tasks' difficulties in log odds. Recorded outcomes are likeliest under 2.0 to 2.5 (30 models
# at 164 easy tasks) and under 2.0 (71 models at 64 contest tasks).
TASK_SPREAD = 2.0
# How many shared failures Rasch's model weighs against what was seen of a pair. With 16 the order solves a tenth of a
# point less within three tries (held-out parts of 164 easy tasks), which is noise.
PAIR_TRIALS = 8.0
GIVE_UP = 0.04  # below this chance the next call is not worth its price: 25 calls for one solution

_CERTAIN = 0.005  # no belief is taken for surer than this
_SQUEEZE = (16.0 * math.sqrt(3.0) / (15.0 * math.pi)) ** 2  # of the logistic-normal integral: MacKay 1992, eq. 10
_DIFFICULTIES = tuple(TASK_SPREAD * 0.75 * step for step in range(-4, 5))  # 3 deviations to either side
_PRIOR = tuple(math.exp(-((difficulty / TASK_SPREAD) ** 2) / 2.0) for difficulty in _DIFFICULTIES)


class Fallback(StrEnum):
    """Who is asked after a failure: the next of the ranking, or whoever is likeliest to succeed given that failure."""

    STATIC = "static"
    CONDITIONAL = "conditional"


@dataclass(frozen=True, slots=True)
class Ordering:
    """What the user wants of an order."""

    preference: Preference = Preference.QUALITY
    fallback: Fallback = Fallback.STATIC


def asked_in_turn(models: Iterable[str], place: Place, known: Knowledge, ordering: Ordering) -> tuple[Ranked, ...]:
    """Whom to ask, in turn; those with next to no chance by then are left out, but not in the paper's plain order."""
    ranked = rank(models, place, known, ordering.preference)
    if ordering.preference is Preference.PAPER:
        return ranked
    joint = known.experience.joint(place.stage, place.language)
    if ordering.fallback is Fallback.CONDITIONAL:
        ranked = conditional_order(ranked, joint, ordering.preference)
    return worth_asking(ranked, joint)


def conditional_order(ranked: Sequence[Ranked], joint: Joint, preference: Preference) -> tuple[Ranked, ...]:
    """The first stays first; then always the best by its chance given that all before it failed."""
    outlook, order, rest = _outlook(ranked, joint), list(ranked[:1]), list(ranked[1:])
    while rest:
        outlook.expect_failure(order[-1].model, (one.model for one in rest))
        best = max(rest, key=lambda one: score(one.belief, outlook.chance(one.model), preference))
        order.append(best)
        rest.remove(best)
    return tuple(order)


def worth_asking(order: Sequence[Ranked], joint: Joint) -> tuple[Ranked, ...]:
    """The order without those that, when their turn comes, have next to no chance."""
    outlook, worth = _outlook(order, joint), list[Ranked]()
    for place, one in enumerate(order):
        if not worth or outlook.chance(one.model) >= GIVE_UP:
            worth.append(one)
            outlook.expect_failure(one.model, (later.model for later in order[place + 1 :]))
    return tuple(worth)


@dataclass(slots=True)
class _Outlook:
    """How likely each model is to succeed at a task, while more and more of the others fail at it."""

    joint: Joint
    curves: Mapping[str, Sequence[float]]  # by model, its chance at each difficulty
    weights: Sequence[float] = _PRIOR  # of each difficulty, by now
    told: dict[str, float] = field(default_factory=dict)  # by model, what its pairs with the failed ones say: log odds

    def expect_failure(self, failed: str, rest: Iterable[str]) -> None:
        """One more has failed."""
        alone = _after_failure(_PRIOR, self.curves[failed])
        tasks = self.joint.failed_by([failed])
        self.weights = _after_failure(self.weights, self.curves[failed])
        for model in rest:
            expected = _mean(alone, self.curves[model])
            solved, known = self.joint.solved_of(model, tasks)
            seen = (solved + PAIR_TRIALS * expected) / (known + PAIR_TRIALS)
            self.told[model] = self.told.get(model, 0.0) + _log_odds(seen) - _log_odds(expected)

    def chance(self, model: str) -> float:
        """As if the pairs told independent things, beyond the task's difficulty."""
        return _chance(_log_odds(_mean(self.weights, self.curves[model])) + self.told.get(model, 0.0))


def _outlook(models: Sequence[Ranked], joint: Joint) -> _Outlook:
    return _Outlook(joint, {one.model: _curve(one.belief.mean) for one in models})


def _curve(mean: float) -> Sequence[float]:
    """The chances at each difficulty of a model that solves this share of all tasks."""
    ability = _log_odds(min(max(mean, _CERTAIN), 1.0 - _CERTAIN)) * math.sqrt(1.0 + _SQUEEZE * TASK_SPREAD**2)
    return [_chance(ability - difficulty) for difficulty in _DIFFICULTIES]


def _after_failure(weights: Sequence[float], curve: Sequence[float]) -> Sequence[float]:
    return [weight - weight * chance for weight, chance in zip(weights, curve, strict=True)]


def _mean(weights: Sequence[float], curve: Sequence[float]) -> float:
    weighted: float = sum(map(mul, weights, curve))  # operator.mul has no types
    return weighted / sum(weights)


def _chance(log_odds: float) -> float:
    return 1.0 / (1.0 + math.exp(-log_odds))


def _log_odds(chance: float) -> float:
    return math.log(chance / (1.0 - chance))
