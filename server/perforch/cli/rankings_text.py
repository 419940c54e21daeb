"""Rankings as people and programs read them."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from perforch.app.memory_views import Explained, Row, headline
from perforch.core.belief import Belief
from perforch.core.observation import Standing
from perforch.core.ranking import Ranked, Weights

_HEADER = f"{'':>3} {'model':<36} {'mean':>5}  {'90 % interval':<14} {'seen':>10}  published"


def row_as_json(row: Row) -> dict[str, object]:
    """One model at one place; `known` false: the mean is a guess about a model of which nothing is known."""
    standing = row.belief.standing
    figure = headline(standing, row.language) if standing and standing.figures else None
    return {
        "stage": row.stage.value,
        "language": row.language,
        "category": row.category,
        "rank": row.rank,
        **_belief_as_json(row.belief),
        "successes": row.successes,
        "trials": row.trials,
        "known": row.is_known,
        "local": row.is_local,
        "source": "local" if row.is_local else figure.source if figure else "unknown",
        "date": row.latest if row.is_local else (figure.date or "") if figure else "",
        "published": _standing_as_json(standing, row) if standing else None,
    }


def table_lines(rows: Iterable[Row]) -> Iterator[str]:
    """A table per stage and language."""
    every = list(rows)
    if not every:
        yield "no model is in models.use besides the embedded engine, and nothing was observed here yet"
    for (stage, language, category), group in groupby(every, lambda row: (row.stage, row.language, row.category)):
        yield f"{stage}, {language}, {'all categories' if category == 'all' else category}"
        yield _HEADER
        yield from (_row_line(row) for row in group)
        yield ""
    if every:
        yield "mean: how likely one answer holds, by all that is known. seen: outcomes verified here or imported."


def _row_line(row: Row) -> str:
    seen = f"{row.successes} of {row.trials}" if row.is_local else "-"
    head = f"{row.rank:>3} {row.belief.model:<36}"
    if not row.is_known:
        return f"{head} {'?':>5}  {'':<14} {seen:>10}  unknown: neither seen here nor published"
    low, high = row.belief.interval()
    return f"{head} {row.belief.mean:>5.0%}  {f'{low:.0%} to {high:.0%}':<14} {seen:>10}  {_published(row)}".rstrip()


def _published(row: Row) -> str:
    standing = row.belief.standing
    if standing is None or not standing.figures:
        return "nothing"
    figure = headline(standing, row.language)
    borrowed = " (of generate)" if row.belief.borrowed else ""
    more = f"; {len(standing.figures) - 1} more" if len(standing.figures) > 1 else ""
    when = figure.date or "date unknown"
    return f"{figure.value:g} {figure.metric}, {figure.language}{borrowed}, {_short(figure.source)}, {when}{more}"


def _short(source: str) -> str:
    """Without path and commit: the JSON has all of it."""
    return source.partition(" @")[0].split(" ")[0]


def explained_as_json(found: Explained) -> dict[str, object]:
    """Why this order: levels from the widest to the narrowest, each the prior of the next."""
    return {
        "stage": found.stage.value,
        "language": found.language,
        "category": found.place.category.value if found.place else "all",
        "prefer": found.ordering.preference.value,
        "fallback": found.ordering.fallback.value,
        "weights": _weights_as_json(found.weights),
        "asked": list(found.asked),
        "models": [_ranked_as_json(one) for one in found.ranked],
    }


def explained_lines(found: Explained) -> Iterator[str]:
    where = found.place.category.value if found.place else "all categories"
    weights = found.weights
    ordering = found.ordering
    yield f"{found.stage}, {found.language}, {where}; models.prefer is {ordering.preference}:"
    yield f"  score = {weights.quality} quality + {weights.cheapness} cheapness + {weights.swiftness} swiftness"
    for number, one in enumerate(found.ranked, 1):
        yield from _ranked_lines(number, one)
    yield ""
    in_turn = ", ".join(found.asked) if found.asked else "no model behind the gateway is in models.use"
    yield f"asked in turn (models.fallback is {ordering.fallback}): {in_turn}"
    left_out = [one.model for one in found.ranked if one.model not in found.asked]
    if left_out:
        yield f"not asked, for want of a chance where the others have failed: {', '.join(left_out)}"


def _ranked_lines(number: int, one: Ranked) -> Iterator[str]:
    belief = one.belief
    low, high = belief.interval()
    why = ", first for once because too little is known of it" if one.explored else ""
    unranked = "" if belief.is_ranked else ", hardly known"
    yield ""
    yield f"{number}. {one.model}: {belief.mean:.1%} [{low:.0%}, {high:.0%}], score {one.score:.3f}{unranked}{why}"
    yield f"   {_standing_line(belief)}"
    for level in belief.levels:
        seen = f"{level.successes} of {level.trials:g}" if level.trials else "nothing seen"
        yield (
            f"   {level.name + ':':<10} {seen} on top of {level.prior:.1%} worth {level.weight:.1f} trials"
            f" gives {level.mean:.1%}"
        )
    cost = "unknown" if belief.cost_usd is None else f"{belief.cost_usd:.4f} USD"
    seconds = "unknown" if belief.seconds is None else f"{belief.seconds:.1f} s"
    yield f"   an answer's cost: {cost}, time: {seconds}"


def _standing_line(belief: Belief) -> str:
    standing = belief.standing
    if standing is None:
        return "published: nothing known"
    borrowed = ", borrowed from generate at half the weight" if belief.borrowed else ""
    tables = f"{standing.tables} table{'s' if standing.tables > 1 else ''}"
    return f"published: strength {standing.strength:+.2f} from {tables}{borrowed}"


def _ranked_as_json(one: Ranked) -> dict[str, object]:
    belief = one.belief
    return {
        **_belief_as_json(belief),
        "score": one.score,
        "explored": one.explored,
        "ranked": belief.is_ranked,
        "published": {"strength": belief.standing.strength, "borrowed": belief.borrowed} if belief.standing else None,
        "levels": [
            {
                "name": level.name,
                "successes": level.successes,
                "trials": level.trials,
                "prior": level.prior,
                "weight": level.weight,
                "mean": level.mean,
            }
            for level in belief.levels
        ],
        "cost_usd": belief.cost_usd,
        "seconds": belief.seconds,
        "gain": belief.gain,
    }


def _belief_as_json(belief: Belief) -> dict[str, object]:
    low, high = belief.interval()
    return {"model": belief.model, "mean": belief.mean, "low": low, "high": high}


def _weights_as_json(weights: Weights) -> dict[str, float]:
    return {"quality": weights.quality, "cheapness": weights.cheapness, "swiftness": weights.swiftness}


def _standing_as_json(standing: Standing, row: Row) -> dict[str, object]:
    return {
        "strength": standing.strength,
        "tables": standing.tables,
        "borrowed": row.belief.borrowed,
        "figures": [
            {
                "as_written": figure.as_written,
                "metric": figure.metric,
                "value": figure.value,
                "n": figure.n,
                "language": figure.language,
                "date": figure.date,
                "source": figure.source,
            }
            for figure in standing.figures
        ],
    }
