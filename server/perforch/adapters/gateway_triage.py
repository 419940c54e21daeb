"""What an exception from LiteLLM or below it means; known by the names of the types, so that nothing is imported."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import quote

from perforch.adapters.gateway_faults import (
    ContextTooLong,
    GatewayFault,
    Interrupted,
    Malformed,
    NoKey,
    ProviderError,
    RateLimited,
    Redirected,
    Refused,
    TimedOut,
    Unexpected,
    UnknownModel,
    Unreachable,
)

DETAIL_CHARACTERS = 240
UNREACHABLE = {
    "ConnectionRefusedError",
    "gaierror",
    "ClientConnectorError",
    "ClientConnectorDNSError",
    "ConnectTimeout",
}
BROKEN = {"ConnectionResetError", "BrokenPipeError", "ReadError", "RemoteProtocolError", "ServerDisconnectedError"}
# LiteLLM trips over JSON of an unexpected form in any of these ways.
MISREAD = {"JSONDecodeError", "KeyError", "TypeError", "AttributeError", "IndexError", "APIResponseValidationError"}
MISREAD_WORDS = (
    "Empty or invalid response from LLM endpoint",
    "Unable to get json response",
    "that is not a list",
    "Invalid response object",
)
LONG_WORDS = ("context_length_exceeded", "maximum context length", "prompt is too long", "context window")
UNKNOWN_WORDS = ("LLM Provider NOT provided", "model_not_found")
NO_CREDIT_WORDS = ("insufficient_quota", "credit balance is too low")


def triage(error: BaseException, key: str | None, seconds: float) -> GatewayFault:
    """The fault that an exception stands for; the key is nowhere in it."""
    chain = list(_chain(error))
    names = {type(link).__name__ for link in chain}
    text = " ".join(_text(link) for link in chain)
    detail = _short(without_key(_detail(chain), key))
    if names & {"Timeout", "APITimeoutError", "ReadTimeout", "SocketTimeoutError"} and not names & UNREACHABLE:
        return TimedOut(seconds)
    if "ContextWindowExceededError" in names or any(words in text for words in LONG_WORDS):
        return ContextTooLong(detail)
    if (status := _status(chain)) is not None:
        return _by_status(status, chain, text, detail)
    return _by_names(names, text, detail)


def without_key(text: str, key: str | None) -> str:
    """The text with the key blotted out, also as it stands in an address."""
    for form in {key, quote(key, safe="")} if key else set():
        text = text.replace(form, "[key]")
    return text


def _by_status(status: int, chain: list[BaseException], text: str, detail: str) -> GatewayFault:
    if any(words in text for words in NO_CREDIT_WORDS):
        return Refused(status, detail)
    if any(words in text for words in UNKNOWN_WORDS):
        return UnknownModel(detail)
    match status:
        case 401 | 402 | 403:
            return Refused(status, detail)
        case 404:
            return UnknownModel(detail)
        case 429:
            return RateLimited(_retry_after(chain), detail)
        case _ if 300 <= status < 400:
            return Redirected(_short(_location(chain)))
        case _:
            return ProviderError(status, detail)


def _by_names(names: set[str], text: str, detail: str) -> GatewayFault:
    """Nothing came from the provider that has a status."""
    if names & UNREACHABLE or "Network is unreachable" in text or "CERTIFICATE_VERIFY_FAILED" in text:
        return Unreachable(_cause(text))
    if names & BROKEN or "ClientPayloadError" in names:
        return Interrupted()
    if any(words in text for words in UNKNOWN_WORDS):
        return UnknownModel(detail)
    if "Missing credentials" in text or re.search(r"Missing \w+ API Key", text):
        return NoKey("the provider's variable")
    if names & MISREAD or any(words in text for words in MISREAD_WORDS):
        return Malformed()
    return Unexpected(detail)


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        yield link
        link = link.__cause__ or link.__context__


def _status(chain: list[BaseException]) -> int | None:
    """The status that the provider sent. LiteLLM invents 500 where there was none, so only HTTP errors count."""
    for link in chain:
        response = getattr(link, "response", None)
        status = getattr(response, "status_code", None)
        if type(link).__name__ in {"HTTPStatusError", "APIStatusError"} and isinstance(status, int):
            return status
    return None


def _location(chain: list[BaseException]) -> str:
    """Where a redirection leads, without what may be secret behind the path."""
    for link in chain:
        headers = getattr(getattr(link, "response", None), "headers", None) or {}
        if address := headers.get("location"):
            return str(address).partition("?")[0]
    return "another address"


def _retry_after(chain: list[BaseException]) -> float | None:
    for link in chain:
        headers = getattr(link, "litellm_response_headers", None) or {}
        if (milliseconds := headers.get("retry-after-ms")) and milliseconds.isdecimal():
            return float(milliseconds) / 1000
        if after := headers.get("retry-after"):
            return seconds_until(after, datetime.now(UTC))
    return None


def seconds_until(retry_after: str, now: datetime) -> float | None:
    """The header's value, a number of seconds or a date, as seconds from now; None where it is neither."""
    try:
        return max(0.0, float(retry_after))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(retry_after) - now).total_seconds())
    except (ValueError, TypeError):
        return None


def _text(error: BaseException) -> str:
    return str(getattr(error, "message", None) or error)


def _detail(chain: list[BaseException]) -> str:
    """The provider's own sentence, without the layers that were put around it."""
    for link in chain:
        if sentence := _sentence(_text(link)):
            return sentence
    text = re.sub(r"^(?:litellm\.)?(?:\w+: )*(?:\w+Exception - )?", "", _text(chain[0]))
    return text.split("Traceback")[0]


def _sentence(text: str) -> str | None:
    """error.message of the JSON object that the text contains, if it does."""
    try:
        body, _ = json.JSONDecoder().raw_decode(text[text.index("{") :])
        error = body.get("error", body)
        return str(error["message"] if isinstance(error, dict) else error)
    except (ValueError, KeyError):
        return None


def _cause(text: str) -> str:
    if guarded := re.search(r"local_only is set, and \S+ is not this machine", text):
        return guarded.group()
    for known in ("Connection refused", "Name or service not known", "CERTIFICATE_VERIFY_FAILED", "Network is unreach"):
        if known in text:
            return known
    return "Connection refused" if "Connect call failed" in text else ""


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= DETAIL_CHARACTERS else line[: DETAIL_CHARACTERS - 3] + "..."
