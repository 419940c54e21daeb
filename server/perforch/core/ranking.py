"""Which model is likeliest to answer well here: published standing first, outcomes seen here ever more.

The probability that one answer holds is a Beta posterior, level by level, each the prior of the next: what is published
about the model, then the outcomes of its siblings (other versions), its own in this stage (other languages), in this
language (other categories), in this category. A level's prior is as uncertain as what it rests on and as the two
levels differ, so that five lucky answers in one category cannot outweigh hundreds elsewhere, and hundreds in this
category outweigh everything else.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from perforch.core.beta import beta_interval
from perforch.core.experience import Experience, Tally
from perforch.core.model_names import family
from perforch.core.observation import Place, Standing
from perforch.core.task import Stage

# How much categories differ, as the number of trials in one that says as much about it as endless trials elsewhere: the
# variance of outcomes within a category over that of what is peculiar to model and category, both by analysis of
# variance of recorded outcomes after each task's own mean: 54 (30 models, 164 easy tasks), 18 (71 models, 64 contest
# tasks). An estimate from the tasks at hand would be worse: on halves of either set it strays from 8 to 500.
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

# Models below so much evidence (published or seen) are unranked. One request in EXPLORE_EVERY, counted by first tries
# in this stage and language, asks the least tried of them first; three outcomes make it ranked. So an unranked model
# costs at most three first tries, and all of them together an eighth of the requests.
RANKED_TRIALS = 5.0
EXPLORE_EVERY = 8

HALF_COST_USD = 0.01  # at this price per answer cheapness is a half: a typical answer of a mid-price model
HALF_SECONDS = 10.0  # at this time per answer swiftness is a half: as long as a user likes to wait
UNKNOWN_COMFORT = 0.5  # an unknown price or time counts as this half: neither praise nor blame
ENOUGH_TO_AVERAGE = 3  # answers, before their mean cost and time stand for a place


class Preference(StrEnum):
    """What the order looks at first; `paper` is the plain pass@1 order of arXiv 2510.01379, without exploration."""

    QUALITY = "quality"
    COST = "cost"
    LATENCY = "latency"
    PAPER = "paper"


@dataclass(frozen=True, slots=True)
class Weights:
    """Of the weighted sum (arXiv 2510.01379, section on ranking); they add up to 1."""

    quality: float
    cheapness: float
    swiftness: float


WEIGHTS: Mapping[Preference, Weights] = {
    # Cost and time decide among equals: together they never outweigh four answers in a hundred.
    Preference.QUALITY: Weights(0.96, 0.02, 0.02),
    # A model at a tenth of the price wins unless it fails about a third of the time more often.
    Preference.COST: Weights(0.55, 0.40, 0.05),
    Preference.LATENCY: Weights(0.55, 0.05, 0.40),
    Preference.PAPER: Weights(1.0, 0.0, 0.0),
}


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
    levels: tuple[Level, ...]  # family, stage, language, category
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
class Ranked:
    """A model's place in the order. `explored`: it is first because too little is known of it."""

    belief: Belief
    score: float
    explored: bool = False

    @property
    def model(self) -> str:
        return self.belief.model


@dataclass(frozen=True, slots=True)
class Knowledge:
    """All that a ranking is made from."""

    experience: Experience = field(default_factory=Experience)
    standings: Mapping[tuple[Stage, str], Standing] = field(default_factory=dict)  # by stage and family


def rank(
    models: Iterable[str], place: Place, known: Knowledge, preference: Preference = Preference.QUALITY
) -> tuple[Ranked, ...]:
    """Best first. Ties go to the better published, then to the name, so that the order never depends on chance."""
    beliefs = [believe(model, place, known) for model in dict.fromkeys(models)]
    ranked = [Ranked(belief, score(belief, belief.mean, preference)) for belief in beliefs]
    if preference is Preference.PAPER:
        return tuple(sorted(ranked, key=_by(_plain)))
    return _explore(sorted(ranked, key=_by(lambda one: one.score)), place, known)


def believe(model: str, place: Place, known: Knowledge) -> Belief:
    at = known.experience.at(model, place)
    language = known.experience.in_language(model, place.stage, place.language)
    stage = known.experience.in_stage(model, place.stage)
    standing, borrowed = _standing(model, place.stage, known)
    kin = known.experience.in_family(model, place.stage)
    in_family = Level("family", *_rest(kin, stage), *_prior(standing, borrowed=borrowed))
    in_stage = Level("stage", *_rest(stage, language), in_family.mean, min(LEVEL_CAP, in_family.strength))
    in_language = Level("language", *_rest(language, at), in_stage.mean, min(LEVEL_CAP, in_stage.strength))
    here = Level("category", at.successes, at.trials, in_language.mean, _both(CATEGORY_TRIALS, in_language.strength))
    wide_enough = next((tally for tally in (at, language) if tally.asked >= ENOUGH_TO_AVERAGE), stage)
    return Belief(
        model,
        (in_family, in_stage, in_language, here),
        standing,
        borrowed,
        cost_usd=wide_enough.cost_usd / wide_enough.priced if wide_enough.priced else None,
        seconds=wide_enough.seconds / wide_enough.asked if wide_enough.asked else None,
        gain=math.exp(wide_enough.log_gains / wide_enough.gained) if wide_enough.gained else None,
        plain=next((tally.successes / tally.asked for tally in (at, language, stage) if tally.asked), None),
    )


def score(belief: Belief, chance: float, preference: Preference) -> float:
    """The weighted sum, with `chance` as the quality."""
    weights = WEIGHTS[preference]
    cheapness = _comfort(belief.cost_usd, HALF_COST_USD)
    swiftness = _comfort(belief.seconds, HALF_SECONDS)
    return weights.quality * chance + weights.cheapness * cheapness + weights.swiftness * swiftness


def _explore(ranked: Sequence[Ranked], place: Place, known: Knowledge) -> tuple[Ranked, ...]:
    """Now and then the least tried unranked model goes first; see EXPLORE_EVERY."""
    unranked = [one for one in ranked if not one.belief.is_ranked]
    turn = known.experience.requests(place.stage, place.language) % EXPLORE_EVERY == EXPLORE_EVERY - 1
    if not unranked or not turn:
        return tuple(ranked)
    chosen = min(unranked, key=lambda one: one.belief.evidence)
    first = Ranked(chosen.belief, chosen.score, explored=True)
    return (first, *(one for one in ranked if one is not chosen))


def _by(value: Callable[[Ranked], float]) -> Callable[[Ranked], tuple[float, float, str]]:
    """A sort key: highest value first, then the better published, then the name."""
    return lambda one: (-value(one), -(one.belief.standing.strength if one.belief.standing else 0.0), one.model)


def _plain(one: Ranked) -> float:
    return one.belief.plain if one.belief.plain is not None else one.belief.mean


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


def _comfort(amount: float | None, half_at: float) -> float:
    """1 for nothing, a half at `half_at`, falling towards 0; a fixed scale, so that scores compare across requests."""
    return UNKNOWN_COMFORT if amount is None else 1.0 / (1.0 + amount / half_at)
