"""Everything that was observed, summed up so that a ranking is a handful of look-ups."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from perforch.core.model_names import family
from perforch.core.observation import Observation, Place
from perforch.core.task import Stage


@dataclass(frozen=True, slots=True)
class Tally:
    """Sums over observations.

    `trials` weighs failures: a failure after `n` other models' failures weighs 1 / (1 + n), because it says as much
    about the task as about the model; else every fallback model would look worse than those asked first.
    """

    asked: int = 0
    first: int = 0  # of these, asked before any other model
    successes: int = 0
    trials: float = 0.0
    seconds: float = 0.0
    priced: int = 0  # how many had a known price
    cost_usd: float = 0.0
    gained: int = 0  # how many had a gain
    log_gains: float = 0.0
    latest: str = ""  # when the last one was made, ISO 8601

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.asked + other.asked,
            self.first + other.first,
            self.successes + other.successes,
            self.trials + other.trials,
            self.seconds + other.seconds,
            self.priced + other.priced,
            self.cost_usd + other.cost_usd,
            self.gained + other.gained,
            self.log_gains + other.log_gains,
            max(self.latest, other.latest),
        )


NOTHING = Tally()


def tally_of(observation: Observation) -> Tally:
    gain = observation.gain if observation.success else None
    return Tally(
        asked=1,
        first=int(observation.after == 0),
        successes=int(observation.success),
        trials=1.0 if observation.success else 1.0 / (1 + observation.after),
        seconds=observation.seconds,
        priced=int(observation.cost_usd is not None),
        cost_usd=observation.cost_usd or 0.0,
        gained=int(gain is not None),
        log_gains=math.log(gain) if gain is not None else 0.0,
        latest=observation.date,
    )


@dataclass(slots=True)
class Joint:
    """Which models solved and which failed the same tasks: one bit per task, so that a question is one `and`."""

    _bits: dict[str, int] = field(default_factory=dict)
    _known: dict[str, int] = field(default_factory=dict)
    _solved: dict[str, int] = field(default_factory=dict)

    def record(self, task: str, model: str, *, success: bool) -> None:
        """The latest outcome counts."""
        bit = 1 << self._bits.setdefault(task, len(self._bits))
        self._known[model] = self._known.get(model, 0) | bit
        solved = self._solved.get(model, 0)
        self._solved[model] = solved | bit if success else solved & ~bit

    def failed_by(self, models: Iterable[str]) -> int:
        """The tasks at which all of them are known to have failed, as bits."""
        failed = (1 << len(self._bits)) - 1
        for model in models:
            failed &= self._known.get(model, 0) & ~self._solved.get(model, 0)
        return failed

    def solved_of(self, model: str, tasks: int) -> tuple[int, int]:
        """How many of these tasks the model solved, of how many it is known for."""
        return (self._solved.get(model, 0) & tasks).bit_count(), (self._known.get(model, 0) & tasks).bit_count()

    def outcomes(self) -> Iterator[tuple[str, str, bool]]:
        """Task, model, success: all that was recorded."""
        for task, position in self._bits.items():
            for model, known in self._known.items():
                if known >> position & 1:
                    yield task, model, bool(self._solved[model] >> position & 1)


@dataclass(slots=True)
class Experience:
    """Grows by one observation at a time; never forgets. Knows nothing of ids: whoever adds must not add twice."""

    _leaves: dict[tuple[str, Place], Tally] = field(default_factory=dict)
    _languages: dict[tuple[str, Stage, str], Tally] = field(default_factory=dict)
    _stages: dict[tuple[str, Stage], Tally] = field(default_factory=dict)
    _families: dict[tuple[str, Stage], Tally] = field(default_factory=dict)
    _joints: dict[tuple[Stage, str], Joint] = field(default_factory=dict)
    _first: dict[tuple[Stage, str], int] = field(default_factory=dict)

    def add(self, observation: Observation) -> None:
        place = observation.place
        self.add_tally(observation.model, place, tally_of(observation))
        if observation.task:
            joint = self.joint(place.stage, place.language)
            joint.record(observation.task, observation.model, success=observation.success)

    def add_tally(self, model: str, place: Place, tally: Tally) -> None:
        language, stage = (model, place.stage, place.language), (model, place.stage)
        kin = (family(model), place.stage)
        self._leaves[model, place] = self._leaves.get((model, place), NOTHING) + tally
        self._languages[language] = self._languages.get(language, NOTHING) + tally
        self._stages[stage] = self._stages.get(stage, NOTHING) + tally
        self._families[kin] = self._families.get(kin, NOTHING) + tally
        requests = (place.stage, place.language)
        self._first[requests] = self._first.get(requests, 0) + tally.first

    def at(self, model: str, place: Place) -> Tally:
        return self._leaves.get((model, place), NOTHING)

    def in_language(self, model: str, stage: Stage, language: str) -> Tally:
        return self._languages.get((model, stage, language), NOTHING)

    def in_stage(self, model: str, stage: Stage) -> Tally:
        return self._stages.get((model, stage), NOTHING)

    def in_family(self, model: str, stage: Stage) -> Tally:
        """All models of the same family, other dates, efforts and providers, this one included."""
        return self._families.get((family(model), stage), NOTHING)

    def requests(self, stage: Stage, language: str) -> int:
        """How many first tries this stage and language have seen, over all models."""
        return self._first.get((stage, language), 0)

    def joint(self, stage: Stage, language: str) -> Joint:
        return self._joints.setdefault((stage, language), Joint())

    @property
    def leaves(self) -> Mapping[tuple[str, Place], Tally]:
        return self._leaves

    @property
    def joints(self) -> Mapping[tuple[Stage, str], Joint]:
        return self._joints


def experience_of(observations: Iterable[Observation]) -> Experience:
    experience = Experience()
    for observation in observations:
        experience.add(observation)
    return experience
