"""How each kind of setting is read, and what is said of a value that makes no sense."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

TOO_LARGE = "a number below 1e308 is expected"  # what a float can hold
LONG = 10**20  # a longer whole number is not shown: Python refuses to write some of them out
Toml = str | int | float | bool | list["Toml"] | dict[str, "Toml"]


@dataclass(frozen=True, slots=True)
class ModelOptions:
    """How one model is reached and what it costs, in US dollars per million tokens."""

    model: str | None = None
    base_url: str | None = None
    api_key_env: str | None = None
    input_usd_per_million: float | None = None
    output_usd_per_million: float | None = None
    max_tokens: int = 4096  # of one answer
    timeout_s: float = 120.0  # of one answer


class WrongPart(ValueError):
    """Something is wrong within a setting that is a table; the sentence tells no value that could be a key."""

    def __init__(self, path: tuple[str, ...], sentence: str) -> None:
        super().__init__(sentence)
        self.path = path


def text(value: Toml) -> str:
    if not isinstance(value, str):
        raise ValueError("a text is expected")
    return value


def flag(value: Toml) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false is expected")
    return value


def amount(value: Toml) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0:
        raise ValueError("a number that is not negative is expected")
    try:
        return float(value)
    except OverflowError:
        raise ValueError(TOO_LARGE) from None


def finite(value: Toml) -> float:
    if value == math.inf:
        raise ValueError("a finite number is expected")
    return amount(value)


def seconds(value: Toml) -> float:
    if not 0 < (found := amount(value)) < math.inf:
        raise ValueError("a finite number above 0 is expected")
    return found


def whole(value: Toml) -> int:
    if (found := amount(value)) < 1 or not found.is_integer():
        raise ValueError("a whole number from 1 on is expected")
    return int(found)


def names(value: Toml) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise ValueError("a list of names is expected")
    found = tuple(text(each) for each in value)
    if not all(name.strip() for name in found):
        raise ValueError("a name must not be empty")
    return found


def texts(value: Toml) -> dict[str, str]:
    if not isinstance(value, dict):
        raise ValueError("a table of texts is expected")
    for name, each in value.items():
        if not isinstance(each, str):
            raise WrongPart((name,), f"test.environment.{name} must be a text; put it between quotation marks")
    return {name: text(each) for name, each in value.items()}


def one_of(*allowed: str) -> Callable[[Toml], str]:
    def read(value: Toml) -> str:
        if value not in allowed:
            raise ValueError(f"one of {', '.join(allowed)} is expected")
        return text(value)

    return read


def _address(value: Toml) -> str:
    address = text(value)
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port  # a port that is none raises ValueError
    except ValueError:  # whose words may repeat the address, and with it a key
        raise ValueError("it is no address, or its port is not within 0-65535") from None
    if "@" in parts.netloc:
        raise ValueError("it holds a name or password; put the key into an environment variable named by api_key_env")
    if parts.scheme not in {"http", "https"} or not host or re.search(r"\s", address):
        raise ValueError("http:// or https:// and a host are expected, as in http://127.0.0.1:8080/v1")
    return address


def _variable(value: Toml) -> str:
    if not re.fullmatch(r"[A-Za-z_]\w*", text(value), re.ASCII):
        raise ValueError("the name of an environment variable is expected, not the key itself")
    return text(value)


_OPTION_READERS: Mapping[str, Callable[[Toml], str | float]] = {
    "model": text,
    "base_url": _address,
    "api_key_env": _variable,
    "input_usd_per_million": finite,
    "output_usd_per_million": finite,
    "max_tokens": whole,
    "timeout_s": seconds,
}
_MAY_HOLD_A_KEY = {"model", "base_url", "api_key_env"}  # a key may have been put there by mistake


def options(value: Toml) -> dict[str, ModelOptions]:
    if not isinstance(value, dict):
        raise WrongPart((), 'models.options must be tables, one per model: [models.options."NAME"]')
    return {name: _model_options(name, each) for name, each in value.items()}


def _model_options(name: str, value: Toml) -> ModelOptions:
    if not isinstance(value, dict):
        raise WrongPart(
            (name,), f'models.options."{name}" must be a table: settings stand under [models.options."NAME"]'
        )
    if unknown := [key for key in value if key not in _OPTION_READERS]:
        raise WrongPart(
            (name, unknown[0]), f'models.options."{name}" has no setting {unknown[0]!r}; {_instead_of(unknown[0])}'
        )
    return ModelOptions(**{key: _option(name, key, each) for key, each in value.items()})  # type: ignore[arg-type]  # each reader gives its field's type


def _instead_of(unknown: str) -> str:
    if "key" in unknown.lower():
        return "put the key into an environment variable, and its name into api_key_env"
    return f"there are {', '.join(_OPTION_READERS)}"


def _option(name: str, key: str, value: Toml) -> str | float:
    try:
        return _OPTION_READERS[key](value)
    except ValueError as error:
        wrong = f"cannot be used: {error}" if key in _MAY_HOLD_A_KEY else f"is {shown(value)}, but {error}"
        raise WrongPart((name, key), f'models.options."{name}".{key} {wrong}') from None


def shown(value: Toml) -> str:
    """A wrong value in a message; of a table nothing, because keys may be in it."""
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return f"[{', '.join(map(shown, value))}]"
    if isinstance(value, int) and abs(value) >= LONG:
        return "a number of more than 20 digits"
    return repr(value)
