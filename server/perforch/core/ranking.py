"""In which order models are asked: by what is believed of their answers, weighed against what they cost and take."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from perforch.core.belief import Belief, Knowledge, believe, believe_in_general
from perforch.core.observation import Place
from perforch.core.task import Stage

# One request in EXPLORE_EVERY, counted by first tries in this stage and language, asks the least tried of the unranked
# models first; three outcomes make it ranked. So an unranked model costs at most three first tries, and all of them
# together an eighth of the requests.
EXPLORE_EVERY = 8

HALF_COST_USD = 0.01  # at this price per answer cheapness is a half: a typical answer of a mid-price model
HALF_SECONDS = 10.0  # at this time per answer swiftness is a half: as long as a user likes to wait
UNKNOWN_COMFORT = 0.5  # an unknown price or time counts as this half: neither praise nor blame


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
class Ranked:
    """A model's place in the order. `explored`: it is first because too little is known of it."""

    belief: Belief
    score: float
    explored: bool = False

    @property
    def model(self) -> str:
        return self.belief.model


def rank(
    models: Iterable[str], place: Place, known: Knowledge, preference: Preference = Preference.QUALITY
) -> tuple[Ranked, ...]:
    """Best first. Ties go to the better published, then to the name, so that the order never depends on chance."""
    ranked = _ordered((believe(model, place, known) for model in dict.fromkeys(models)), preference)
    return ranked if preference is Preference.PAPER else _explore(ranked, place, known)


def rank_in_general(
    models: Iterable[str], stage: Stage, language: str, known: Knowledge, preference: Preference = Preference.QUALITY
) -> tuple[Ranked, ...]:
    """The order over all categories, to be shown; no request is about all categories, so nothing is explored."""
    beliefs = (believe_in_general(model, stage, language, known) for model in dict.fromkeys(models))
    return _ordered(beliefs, preference)


def score(belief: Belief, chance: float, preference: Preference) -> float:
    """The weighted sum, with `chance` as the quality."""
    weights = WEIGHTS[preference]
    cheapness = _comfort(belief.cost_usd, HALF_COST_USD)
    swiftness = _comfort(belief.seconds, HALF_SECONDS)
    return weights.quality * chance + weights.cheapness * cheapness + weights.swiftness * swiftness


def _ordered(beliefs: Iterable[Belief], preference: Preference) -> tuple[Ranked, ...]:
    ranked = [Ranked(belief, score(belief, belief.mean, preference)) for belief in beliefs]
    value = _plain if preference is Preference.PAPER else _score
    return tuple(sorted(ranked, key=_by(value)))


def _score(one: Ranked) -> float:
    return one.score


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


def _comfort(amount: float | None, half_at: float) -> float:
    """1 for nothing, a half at `half_at`, falling towards 0; a fixed scale, so that scores compare across requests."""
    return UNKNOWN_COMFORT if amount is None else 1.0 / (1.0 + amount / half_at)
