"""The models that a request may ask: the embedded engine, and those behind the gateway as the settings name them."""

from collections.abc import Mapping
from dataclasses import dataclass

from perforch.adapters.gateway import Gateway
from perforch.adapters.gateway_places import base_url_of, is_loopback
from perforch.adapters.gateway_prices import PriceTable, load_prices
from perforch.adapters.ledger import DayLedger, LedgerUnusable, Purse
from perforch.adapters.llm import LlmModel, LlmSettings, Wording, completed
from perforch.builtin.engine import NAME as BUILTIN
from perforch.config import ModelOptions, Settings
from perforch.core.budget import Price


@dataclass(frozen=True, slots=True)
class Means:
    """What may be spent, in US dollars; `left_today` as text says why it is not known."""

    per_request: float
    per_day: float
    left_today: float | str


@dataclass(frozen=True, slots=True)
class Usable:
    """One model of the settings: whether it can be asked now, and why or why not."""

    name: str
    usable: bool
    why: str
    price: Price | None  # None: unknown


def llm_models(
    settings: Settings, keys: Mapping[str, str], gateway: Gateway, purse: Purse, wording: Wording
) -> list[LlmModel]:
    """The models behind the gateway; each is handed its own key and no other."""
    names = [name for name in settings.use if name != BUILTIN]
    prices = load_prices() if names else PriceTable({})
    every = {name: llm_settings(name, settings, keys, prices) for name in names}
    return [LlmModel(name, found, gateway, purse, wording) for name, found in every.items()]


def llm_settings(name: str, settings: Settings, keys: Mapping[str, str], prices: PriceTable) -> LlmSettings:
    """What is known of one model; `keys` holds the environment and the keys that the editor keeps."""
    options = settings.options.get(name, ModelOptions())
    model = options.model or name
    variable = options.api_key_env or (None if options.base_url else _key_variable(model))
    found = LlmSettings(
        model=model,
        base_url=options.base_url,
        api_key_env=variable,
        api_key=keys.get(variable) if variable else None,
        price=_own_price(options),
        max_tokens=options.max_tokens,
        seconds=options.timeout_s,
    )
    return completed(found, prices)


def means(settings: Settings, ledger: DayLedger) -> Means:
    """The budgets of the settings, and what is left of today's."""
    left: float | str
    try:
        left = ledger.budget.remaining_usd
    except LedgerUnusable as error:
        left = str(error)
    return Means(settings.budget_usd_per_request, settings.budget_usd_per_day, left)


def usable_models(settings: Settings, keys: Mapping[str, str]) -> list[Usable]:
    """Every model that the settings name, and whether it can be asked now; keys are looked for by name only."""
    prices = load_prices()
    return [_usable(name, settings, keys, prices) for name in settings.use]


def _usable(name: str, settings: Settings, keys: Mapping[str, str], prices: PriceTable) -> Usable:
    if name == BUILTIN:
        return Usable(name, usable=True, why="embedded: no key, no network", price=Price(0.0, 0.0))
    found = llm_settings(name, settings, keys, prices)
    if settings.local_only and not is_loopback(found.base_url):
        return Usable(
            name, usable=False, why="models.local_only is set, and it is not on this machine", price=found.price
        )
    if found.api_key is None and found.api_key_env is not None:
        return Usable(name, usable=False, why=f"no key: set {found.api_key_env}", price=found.price)
    if found.price is None:
        return Usable(name, usable=False, why="its price is unknown: set it under models.options", price=None)
    where = found.base_url or f"its provider, with the key in {found.api_key_env}"
    return Usable(name, usable=True, why=f"at {where}", price=found.price)


def _key_variable(model: str) -> str | None:
    """Where providers' own programs look for the key; a provider on this machine needs none."""
    provider = model.partition("/")[0]
    return None if is_loopback(base_url_of(model, None)) else f"{provider.upper().replace('-', '_')}_API_KEY"


def _own_price(options: ModelOptions) -> Price | None:
    if options.input_usd_per_million is None or options.output_usd_per_million is None:
        return None
    return Price(options.input_usd_per_million, options.output_usd_per_million)
