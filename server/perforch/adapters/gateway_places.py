"""Where a model answers from: on this machine, or elsewhere."""

from ipaddress import ip_address
from urllib.parse import urlsplit

OLLAMA = "http://127.0.0.1:11434"  # where LiteLLM looks for Ollama too, as `localhost`
DEFAULT_BASE_URLS = {"ollama": OLLAMA, "ollama_chat": OLLAMA}


def is_loopback(url: str | None) -> bool:
    """Whether a base URL stays on this machine; no URL means a public provider."""
    return url is not None and is_loopback_host(urlsplit(url).hostname or "")


def is_loopback_host(host: str) -> bool:
    if host.rstrip(".").lower() == "localhost":
        return True
    try:
        return ip_address(host.partition("%")[0] if ":" in host else host).is_loopback
    except ValueError:
        return False


def place(model: str, base_url: str | None) -> str:
    """The name of where it is asked, for messages and the cool-down: host and port, or the provider."""
    return urlsplit(base_url).netloc.rpartition("@")[2] if base_url else model.partition("/")[0]


def base_url_of(model: str, base_url: str | None) -> str | None:
    """The base URL as set, or where a local provider is when nothing is set."""
    return base_url or DEFAULT_BASE_URLS.get(model.partition("/")[0])
