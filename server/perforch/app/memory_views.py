"""What Memory knows, as it is shown: every model's standing per stage and language, and why an order is as it is."""

from collections.abc import Iterator
from dataclasses import dataclass

from perforch.app import ordering_of, standings, store
from perforch.builtin.engine import NAME as BUILTIN
from perforch.config import Settings
from perforch.core.belief import Belief, Knowledge
from perforch.core.experience import Experience
from perforch.core.fallback import Ordering, asked_in_turn
from perforch.core.observation import Figure, Place, Standing
from perforch.core.ranking import WEIGHTS, Preference, Ranked, Weights, rank, rank_in_general
from perforch.core.task import Category, Stage

ALL_CATEGORIES = "all"
FIRST_LANGUAGE = "python"  # what is shown while nothing was observed in any language


@dataclass(frozen=True, slots=True)
class Filter:
    """Which part of Memory to show; None: all of it."""

    stage: Stage | None = None
    language: str | None = None
    category: Category | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One model at one place; `rank` counts from 1.

    `successes` of `trials` were seen on this machine or imported, the last of them at `latest` (ISO 8601).
    """

    stage: Stage
    language: str
    category: str
    rank: int
    belief: Belief
    successes: int
    trials: int
    latest: str

    @property
    def is_local(self) -> bool:
        return self.trials > 0

    @property
    def is_known(self) -> bool:
        """Whether anything is known of the model at all: seen in this stage or nearby, or published."""
        return self.belief.standing is not None or any(level.trials for level in self.belief.levels)


@dataclass(frozen=True, slots=True)
class Explained:
    """The order of one request: whom it would ask, in turn, and what of the others stood against them."""

    place: Place | None  # None: over all categories
    stage: Stage
    language: str
    ordering: Ordering
    weights: Weights
    ranked: tuple[Ranked, ...]
    asked: tuple[str, ...]


def rows(settings: Settings, wanted: Filter) -> tuple[Row, ...]:
    """Best first within each stage and language: the models of the settings, and all that were observed there."""
    known = knowledge(settings)
    return tuple(
        row
        for stage in ([wanted.stage] if wanted.stage else list(Stage))
        for language in _languages(known.experience, stage, wanted.language)
        for row in _rows(settings, known, Filter(stage, language, wanted.category))
    )


def explained(settings: Settings, stage: Stage, language: str, category: Category | None) -> Explained:
    """Why the models of the settings would be asked in this order."""
    known, ordering = knowledge(settings), ordering_of(settings)
    models = [name for name in settings.use if name != BUILTIN]
    weights = WEIGHTS[ordering.preference]
    if category is None:
        ranked = rank_in_general(models, stage, language, known, ordering.preference)
        return Explained(None, stage, language, ordering, weights, ranked, tuple(one.model for one in ranked))
    place = Place(stage, language, category)
    ranked = rank(models, place, known, ordering.preference)
    asked = tuple(one.model for one in asked_in_turn(models, place, known, ordering))
    return Explained(place, stage, language, ordering, weights, ranked, asked)


def ranks(settings: Settings, language: str = FIRST_LANGUAGE) -> dict[str, dict[Stage, int]]:
    """Each model's rank per stage among those of the settings, over all categories."""
    known, found = knowledge(settings), dict[str, dict[Stage, int]]()
    models = [name for name in settings.use if name != BUILTIN]
    for stage in Stage:
        for number, one in enumerate(rank_in_general(models, stage, language, known, Preference(settings.prefer)), 1):
            found.setdefault(one.model, {})[stage] = number
    return found


def knowledge(settings: Settings) -> Knowledge:
    return Knowledge(store(settings).experience(), standings())


def headline(standing: Standing, language: str) -> Figure:
    """The figure that says most to a reader: of this language where there is one, and the newest."""
    return max(standing.figures, key=lambda figure: (figure.language == language, figure.date or "", figure.n or 0))


def _languages(experience: Experience, stage: Stage, wanted: str | None) -> list[str]:
    if wanted:
        return [wanted]
    observed = {place.language for _, place in experience.leaves if place.stage is stage}
    return sorted(observed) or [FIRST_LANGUAGE]


def _rows(settings: Settings, known: Knowledge, at: Filter) -> Iterator[Row]:
    stage, language = at.stage or Stage.GENERATE, at.language or FIRST_LANGUAGE
    seen = {model for model, place in known.experience.leaves if (place.stage, place.language) == (stage, language)}
    models = [*(name for name in settings.use if name != BUILTIN), *sorted(seen - set(settings.use))]
    models += [BUILTIN] if BUILTIN in seen else []
    preference = Preference(settings.prefer)
    if at.category is None:
        ranked = rank_in_general(models, stage, language, known, preference)
    else:
        ranked = rank(models, Place(stage, language, at.category), known, preference)
    for number, one in enumerate(ranked, 1):
        tally = (
            known.experience.in_language(one.model, stage, language)
            if at.category is None
            else known.experience.at(one.model, Place(stage, language, at.category))
        )
        category = at.category.value if at.category else ALL_CATEGORIES
        yield Row(stage, language, category, number, one.belief, tally.successes, tally.asked, tally.latest)
