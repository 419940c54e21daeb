"""How likely a model is to answer well here: published standing first, outcomes seen here ever more.

The probability that one answer holds is a Beta posterior, level by level, each the prior of the next: what is published
about the model, then the outcomes of its siblings (other versions), its own in this stage (other languages), in this
language (other categories), in this category. A level's prior is as uncertain as what it rests on and as the two
levels differ, so that five lucky answers in one category cannot outweigh hundreds elsewhere, and hundreds in this
category outweigh everything else.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from perforch.core.beta import beta_interval
from perforch.core.experience import NOTHING, Experience, Tally
from perforch.core.model_names import family
from perforch.core.observation import Place, Standing
from perforch.core.task import Stage

# How much categories differ, as the number of trials in one that says as much about it as endless trials elsewhere: the
# variance of outcomes within a category over that of what is peculiar to model and category, both by analysis of
# variance of recorded outcomes after each task's own mean: 54 (30 models, 164 easy tasks), 23 (71 models, 64 contest
# tasks). Estimated from the tasks at hand it would be worse: on parts of either set it strays from 8 to 500.
CATEGORY_TRIALS = 30.0
# How many trials another language, or the family, may weigh: no recording has the same models in two languages, so
# it is taken to be less than another category's.
LEVEL_CAP = 8.0
PUBLISHED_TRIALS = 8.0  # what a standing in this very stage is worth
BORROWED_TRIALS = 4.0  # what a standing in generate is worth for another stage: models good at one are often at others
UNKNOWN_TRIALS = 2.0  # Beta(1, 1): nothing is known
# A standing becomes a probability by a logistic curve. Fitted to recorded outcomes of 56 models at contest tasks and of
# 26 at easy ones the spread is 2.9 and 2.2; the middle moves with the difficulty of the tasks (1.8 and 0.1), and this
# one is for code harder than both. Only its order is meant.
STANDING_MIDDLE = 4.0
STANDING_SPREAD = 3.0
RANKED_TRIALS = 5.0  # a model of which less evidence is known, published or seen, is unranked
ENOUGH_TO_AVERAGE = 3  # answers, before their mean cost and time stand for a place


@dataclass(frozen=True, slots=True)
class Level:
    """One step of the shrinkage: these outcomes on top of a prior of so much weight gave this mean."""

    name: str
    successes: int
    trials: float
    prior: float
    weight: float

    @property
    def mean(self) -> float:
        return (self.successes + self.prior * self.weight) / (self.trials + self.weight)

    @property
    def strength(self) -> float:
        return self.trials + self.weight


@dataclass(frozen=True, slots=True)
class Belief:
    """What is thought of a model at a place, and why. None: unknown."""

    model: str
    levels: tuple[Level, ...]  # family, stage, language, and category where one was asked for
    standing: Standing | None
    borrowed: bool  # the standing is that of generate
    cost_usd: float | None
    seconds: float | None
    gain: float | None
    plain: float | None  # successes per answer at the narrowest place with answers, without any weighing

    @property
    def mean(self) -> float:
        return self.levels[-1].mean

    @property
    def strength(self) -> float:
        return self.levels[-1].strength

    @property
    def evidence(self) -> float:
        """In trials, wherever they were; what is published counts as its weight."""
        return self.levels[0].weight + sum(level.trials for level in self.levels)

    @property
    def is_ranked(self) -> bool:
        return self.evidence >= RANKED_TRIALS

    def interval(self) -> tuple[float, float]:
        """The central 90 % credible interval."""
        return beta_interval(self.mean, self.strength)


@dataclass(frozen=True, slots=True)
class Knowledge:
    """All that a ranking is made from."""

    experience: Experience = field(default_factory=Experience)
    standings: Mapping[tuple[Stage, str], Standing] = field(default_factory=dict)  # by stage and family


def believe(model: str, place: Place, known: Knowledge) -> Belief:
    at = known.experience.at(model, place)
    seen = _seen(model, place.stage, place.language, known)
    above = _levels(seen, at)
    weight = _both(CATEGORY_TRIALS, above[-1].strength)
    here = Level("category", at.successes, at.trials, above[-1].mean, weight)
    return _belief(seen, (*above, here), (at, seen.in_language, seen.in_stage))


def believe_in_general(model: str, stage: Stage, language: str, known: Knowledge) -> Belief:
    """Over all categories."""
    seen = _seen(model, stage, language, known)
    return _belief(seen, _levels(seen, NOTHING), (seen.in_language, seen.in_stage))


@dataclass(frozen=True, slots=True)
class _Seen:
    """A model's outcomes in ever narrower places, and what is published."""

    model: str
    in_family: Tally
    in_stage: Tally
    in_language: Tally
    standing: Standing | None
    borrowed: bool


def _seen(model: str, stage: Stage, language: str, known: Knowledge) -> _Seen:
    experience = known.experience
    return _Seen(
        model,
        experience.in_family(model, stage),
        experience.in_stage(model, stage),
        experience.in_language(model, stage, language),
        *_standing(model, stage, known),
    )


def _levels(seen: _Seen, apart: Tally) -> tuple[Level, Level, Level]:
    """Family, stage and language, without the outcomes `apart`, which count at a level of their own."""
    prior = _prior(seen.standing, borrowed=seen.borrowed)
    in_family = Level("family", *_rest(seen.in_family, seen.in_stage), *prior)
    cap = min(LEVEL_CAP, in_family.strength)
    in_stage = Level("stage", *_rest(seen.in_stage, seen.in_language), in_family.mean, cap)
    cap = min(LEVEL_CAP, in_stage.strength)
    return in_family, in_stage, Level("language", *_rest(seen.in_language, apart), in_stage.mean, cap)


def _belief(seen: _Seen, levels: tuple[Level, ...], tallies: Sequence[Tally]) -> Belief:
    """`tallies`: narrowest place first; cost, time and gain are those of the first that has enough answers."""
    enough = next((tally for tally in tallies if tally.asked >= ENOUGH_TO_AVERAGE), tallies[-1])
    return Belief(
        seen.model,
        levels,
        seen.standing,
        seen.borrowed,
        cost_usd=enough.cost_usd / enough.priced if enough.priced else None,
        seconds=enough.seconds / enough.asked if enough.asked else None,
        gain=math.exp(enough.log_gains / enough.gained) if enough.gained else None,
        plain=next((tally.successes / tally.asked for tally in tallies if tally.asked), None),
    )


def _standing(model: str, stage: Stage, known: Knowledge) -> tuple[Standing | None, bool]:
    """What is published for this stage, or else, borrowed, for generate."""
    own = known.standings.get((stage, family(model)))
    return (own, False) if own else (known.standings.get((Stage.GENERATE, family(model))), stage is not Stage.GENERATE)


def _prior(standing: Standing | None, *, borrowed: bool) -> tuple[float, float]:
    """Mean and weight of what is known before any outcome."""
    if standing is None:
        return 0.5, UNKNOWN_TRIALS
    mean = 1.0 / (1.0 + math.exp((STANDING_MIDDLE - standing.strength) / STANDING_SPREAD))
    return mean, BORROWED_TRIALS if borrowed else PUBLISHED_TRIALS


def _both(one: float, other: float) -> float:
    """The trials that are as uncertain as both together: variances add up."""
    return one * other / (one + other)


def _rest(whole: Tally, part: Tally) -> tuple[int, float]:
    """Successes and trials of the whole without the part: nothing is counted at two levels."""
    return whole.successes - part.successes, max(0.0, whole.trials - part.trials)
