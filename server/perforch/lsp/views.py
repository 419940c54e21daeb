"""What is known of models, as an editor shows it."""

from collections.abc import Mapping

from perforch.app.fleet import Usable, usable_models
from perforch.app.memory_views import Filter, Row, headline, ranks, rows
from perforch.config import Settings
from perforch.core.errors import UsageError
from perforch.core.task import Category, Stage
from perforch.lsp import wire
from perforch.lsp.jobs import Rankings


def rankings(settings: Settings, wanted: Rankings) -> wire.RankingsResult:
    """Every model of which anything is known, best first within each stage and language."""
    try:
        stage = Stage(wanted.stage) if wanted.stage else None
        category = Category(wanted.category) if wanted.category else None
    except ValueError as error:
        raise UsageError(f"{error}; the stages are {', '.join(Stage)}, the categories {', '.join(Category)}") from None
    found = rows(settings, Filter(stage, wanted.language, category))
    return wire.RankingsResult(tuple(_row(row) for row in found if row.is_known))


def models(settings: Settings, environment: Mapping[str, str]) -> wire.ModelsResult:
    """The models of the settings, and whether they can be asked now."""
    order = ranks(settings)
    return wire.ModelsResult(tuple(_choice(each, order) for each in usable_models(settings, environment)))


def _row(row: Row) -> wire.RankingRow:
    low, high = row.belief.interval()
    standing = row.belief.standing
    figure = headline(standing, row.language) if standing and standing.figures else None
    source = "seen on this machine" if row.is_local else figure.source if figure else "unknown"
    return wire.RankingRow(
        model=row.belief.model,
        stage=row.stage.value,
        language=row.language,
        category=row.category,
        mean=row.belief.mean,
        low=low,
        high=high,
        trials=row.trials,
        successes=row.successes,
        source=source,
        date=row.latest if row.is_local else (figure.date or "") if figure else "",
        local=row.is_local,
    )


def _choice(model: Usable, order: Mapping[str, Mapping[Stage, int]]) -> wire.ModelChoice:
    price = model.price
    if price is None:
        text = "unknown"
    elif price.is_free:
        text = "free"
    else:
        text = f"${price.input_usd_per_million:g} in, ${price.output_usd_per_million:g} out per million tokens"
    return wire.ModelChoice(model.name, model.usable, model.why, text, order.get(model.name, {}).get(Stage.FIX))
