"""What Memory is made of: outcomes seen here, figures that others published, and the places they speak of."""

from dataclasses import dataclass

from perforch.core.task import Category, Stage


@dataclass(frozen=True, slots=True)
class Place:
    """Where a ranking applies: the three things that a request is known by."""

    stage: Stage
    language: str
    category: Category


@dataclass(frozen=True, slots=True)
class Observation:
    """One verified outcome: a model was asked once, and the judge has spoken.

    `task` is a digest that is the same for the same problem, "" where there is none: it joins outcomes of several
    models and holds no code. `after` counts the models that had failed at this task before this one was asked.
    A provider's failure or a user's rejection is no observation.
    """

    id: str  # unique over all machines
    model: str  # the id in the settings
    place: Place
    success: bool  # generate: passed; fix: repaired; refine: passed and measurably better
    date: str  # ISO 8601
    source: str  # "local", or what was profiled
    seconds: float
    cost_usd: float | None = None  # None: the price is unknown
    gain: float | None = None  # refine: old / new of the primary metric
    task: str = ""
    after: int = 0


@dataclass(frozen=True, slots=True)
class Figure:
    """What somebody published about a model, in its own scale; comparable within its table alone."""

    as_written: str
    table: str
    language: str
    metric: str
    value: float
    n: int | None  # None: the source does not say
    date: str | None
    source: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How a model family does against others within the tables that list both, over all tables of a stage.

    `strength` is the logarithm of a Bradley-Terry strength: only who beats whom in the same table enters it.
    """

    strength: float
    tables: int
    figures: tuple[Figure, ...]
