"""What this machine could ask besides the models of the settings."""

from collections.abc import Mapping
from dataclasses import dataclass

from perforch.adapters.gateway_places import OLLAMA
from perforch.adapters.providers import keys_found, ollama_listens


@dataclass(frozen=True, slots=True)
class Findable:
    """Keys by provider, each the name of an environment variable that is set; and whether Ollama runs."""

    keys: Mapping[str, str]
    ollama_url: str
    ollama_runs: bool


async def findable(environment: Mapping[str, str]) -> Findable:
    """Looks at names of variables and at the loopback alone."""
    return Findable(keys_found(environment), OLLAMA, await ollama_listens())
