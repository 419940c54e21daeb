"""What tokens cost, from the table that LiteLLM ships: read as data, since loading LiteLLM takes seconds."""

import importlib.util
import json
from collections.abc import Mapping
from pathlib import Path

from perforch.core.budget import TOKENS_PER_PRICE, Price

TABLE = "model_prices_and_context_window_backup.json"


class PriceTable:
    """Prices by LiteLLM's model id."""

    def __init__(self, rows: Mapping[str, Mapping[str, object]]) -> None:
        self._rows = rows

    def price(self, model: str) -> Price | None:
        """What this model costs with a prompt of up to 100,000 tokens; None where the table does not say."""
        row = self._row(model) or {}
        costs = {name: float(cost) for name, cost in row.items() if isinstance(cost, int | float)}
        if not {"input_cost_per_token", "output_cost_per_token"} <= costs.keys():
            return None
        thinking = costs.get("output_cost_per_reasoning_token", 0.0)
        return Price(
            costs["input_cost_per_token"] * TOKENS_PER_PRICE,
            max(costs["output_cost_per_token"], thinking) * TOKENS_PER_PRICE,
        )

    def _row(self, model: str) -> Mapping[str, object] | None:
        if (row := self._rows.get(model)) is not None:
            return row
        provider, _, name = model.partition("/")
        row = self._rows.get(name)
        return row if row is not None and row.get("litellm_provider") == provider else None


def load_prices() -> PriceTable:
    """The table of the installed LiteLLM, about 40 ms; empty where LiteLLM is not installed."""
    spec = importlib.util.find_spec("litellm")
    folders = (spec.submodule_search_locations if spec is not None else None) or ()
    for folder in folders:
        if (path := Path(folder) / TABLE).is_file():
            return PriceTable(json.loads(path.read_text(encoding="utf-8")))
    return PriceTable({})
