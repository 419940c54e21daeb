"""What models this machine could ask besides those of the settings: keys by their names alone, and a local server."""

import asyncio
import socket
from collections.abc import Mapping
from urllib.parse import urlsplit

from perforch.adapters.gateway_places import OLLAMA

# Where providers' own programs look for a key, by the prefix of the provider's models.
KEY_VARIABLES: Mapping[str, str] = {
    "anthropic": "ANTHROPIC_API_KEY",
    "openai": "OPENAI_API_KEY",
    "gemini": "GEMINI_API_KEY",
    "mistral": "MISTRAL_API_KEY",
    "deepseek": "DEEPSEEK_API_KEY",
    "openrouter": "OPENROUTER_API_KEY",
    "groq": "GROQ_API_KEY",
    "xai": "XAI_API_KEY",
    "together_ai": "TOGETHERAI_API_KEY",
    "fireworks_ai": "FIREWORKS_AI_API_KEY",
    "azure": "AZURE_API_KEY",
    "huggingface": "HUGGINGFACE_API_KEY",
}
CONNECT_SECONDS = 0.3  # on the loopback a server that is there answers within a millisecond


def keys_found(environment: Mapping[str, str]) -> Mapping[str, str]:
    """By provider, the variable that is set; what it holds is not looked at."""
    return {provider: name for provider, name in KEY_VARIABLES.items() if name in environment}


async def ollama_listens(url: str = OLLAMA) -> bool:
    """Whether a server accepts connections where Ollama's would."""
    place = urlsplit(url)
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            _, writer = await asyncio.open_connection(place.hostname, place.port, family=socket.AF_INET)
    except OSError:  # a TimeoutError is one
        return False
    writer.close()
    return True
