"""What profiling found: per model and stage, how many answers held, and how sure that makes us."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from perforch.core.beta import beta_interval
from perforch.core.task import Stage
from perforch.evaluation.profile import Outcome, Result, Unanswered

FIGURE = {Stage.GENERATE: "pass@1", Stage.FIX: "fix@1", Stage.REFINE: "refine@1"}


@dataclass(frozen=True, slots=True)
class StageReport:
    """`unanswered` ones are no trials; `why` is what was in the way of the first of them."""

    successes: int
    trials: int
    unanswered: int
    why: str
    cost_usd: float
    seconds: float  # of an answer and its verdict, the median
    gain: float | None = None  # how many times less CPU time the better programs take, the median

    @property
    def share(self) -> float | None:
        return self.successes / self.trials if self.trials else None

    def interval(self) -> tuple[float, float]:
        """The central 90 % credible interval, from Beta(1, 1)."""
        strength = self.trials + 2.0
        return beta_interval((self.successes + 1.0) / strength, strength)


@dataclass(frozen=True, slots=True)
class ProfileReport:
    """All models, in the order in which they were named."""

    suite: str
    language: str
    seconds: float
    models: Mapping[str, Mapping[Stage, StageReport]]
    remembered: int  # observations that were added to Memory


def stage_reports(results: Sequence[Result]) -> Mapping[Stage, StageReport]:
    stages = [stage for stage in FIGURE if any(result.stage is stage for result in results)]
    return {stage: _stage_report([result for result in results if result.stage is stage]) for stage in stages}


def _stage_report(results: Sequence[Result]) -> StageReport:
    outcomes = [result for result in results if isinstance(result, Outcome)]
    unanswered = [result for result in results if isinstance(result, Unanswered)]
    gains = [outcome.gain for outcome in outcomes if outcome.gain is not None]
    return StageReport(
        successes=sum(outcome.success for outcome in outcomes),
        trials=len(outcomes),
        unanswered=len(unanswered),
        why=unanswered[0].why if unanswered else "",
        cost_usd=sum(result.cost_usd for result in results),
        seconds=median(result.seconds for result in results),
        gain=median(gains) if gains else None,
    )


def as_json(report: ProfileReport) -> dict[str, object]:
    """The object that `--json` prints."""
    return {
        "suite": report.suite,
        "language": report.language,
        "seconds": round(report.seconds, 3),
        "remembered": report.remembered,
        "models": {
            model: {FIGURE[stage]: _stage_as_json(one) for stage, one in stages.items()}
            for model, stages in report.models.items()
        },
    }


def _stage_as_json(one: StageReport) -> dict[str, object]:
    low, high = one.interval()
    return {
        "share": one.share,
        "low": low,
        "high": high,
        "successes": one.successes,
        "trials": one.trials,
        "unanswered": one.unanswered,
        "why_unanswered": one.why or None,
        "cost_usd": one.cost_usd,
        "median_seconds": round(one.seconds, 3),
        "median_gain": None if one.gain is None else round(one.gain, 4),
    }


def as_table(report: ProfileReport) -> str:
    return "\n".join(_lines(report))


def _lines(report: ProfileReport) -> Iterator[str]:
    yield f"{'model':<36} {'':<7} {'share':>6}  {'90 % interval':<14} {'held':>12} {'cost USD':>9} {'seconds':>8}"
    for model, stages in report.models.items():
        for stage, one in stages.items():
            low, high = one.interval()
            share = "-" if one.share is None else f"{one.share:.1%}"
            held = f"{one.successes} of {one.trials}"
            head = f"{model:<36} {FIGURE[stage]:<7} {share:>6}  {f'{low:.0%} to {high:.0%}':<14}"
            yield f"{head} {held:>12} {one.cost_usd:>9.4f} {one.seconds:>8.1f}"
            if one.gain is not None:
                yield f"  where it holds, the CPU time is divided by {one.gain:.2f} (median)"
            if one.unanswered:
                yield f"  {one.unanswered} without an answer to judge; the first: {one.why.splitlines()[0]}"
    yield ""
    yield f"{report.suite}, {report.language}: {report.remembered} outcomes remembered in {report.seconds:.0f} s"


def result_line(result: Result) -> str:
    """One finished answer, for progress."""
    head = f"{result.stage} {result.task_id}"
    if isinstance(result, Unanswered):
        return f"{head}: no answer to judge: {result.why.splitlines()[0] if result.why else ''}"
    gain = f", CPU time divided by {result.gain:.2f}" if result.gain is not None else ""
    return f"{head}: {'holds' if result.success else 'does not hold'}{gain} [{result.seconds:.1f} s]"
