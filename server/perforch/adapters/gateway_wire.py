"""What goes over the pipes between the server and its gateway: one JSON object per line."""

import json
from dataclasses import asdict, dataclass

from perforch.adapters import gateway_faults
from perforch.adapters.gateway_faults import GatewayFault
from perforch.core.asking import Message
from perforch.core.budget import Usage

LINE_BYTES = 8 << 20  # the longest line that is read; answers are far shorter, as their tokens are limited


@dataclass(frozen=True, slots=True)
class Ask:
    """One try of one call. `id` is the caller's; `seconds` is all the time there is."""

    id: int
    model: str  # as LiteLLM calls it
    messages: tuple[Message, ...]
    max_tokens: int
    temperature: float | None
    base_url: str | None
    key: str | None
    seconds: float


@dataclass(frozen=True, slots=True)
class Cancel:
    """Drop the call and close its connection."""

    id: int


@dataclass(frozen=True, slots=True)
class Ready:
    """LiteLLM is loaded."""

    version: str


@dataclass(frozen=True, slots=True)
class Told:
    """The answer as it came; `usage` is None where the provider does not say it."""

    text: str
    finish: str
    model: str  # the one that the provider says has answered
    usage: Usage | None


@dataclass(frozen=True, slots=True)
class Ended:
    """How one try ended."""

    id: int
    outcome: Told | GatewayFault


def order_line(order: Ask | Cancel) -> bytes:
    return _line({"do": type(order).__name__, **asdict(order)})


def read_order(line: str) -> Ask | Cancel:
    fields = json.loads(line)
    if fields.pop("do") == "Cancel":
        return Cancel(**fields)
    messages = tuple(Message(**message) for message in fields.pop("messages"))
    return Ask(messages=messages, **fields)


def report_line(report: Ready | Ended) -> bytes:
    match report:
        case Ready(version):
            return _line({"ready": version})
        case Ended(number, outcome):
            return _line({"id": number, "kind": type(outcome).__name__, "outcome": asdict(outcome)})


def read_report(line: bytes) -> Ready | Ended:
    fields = json.loads(line)
    if "ready" in fields:
        return Ready(fields["ready"])
    kind, outcome = fields["kind"], fields["outcome"]
    if kind != "Told":
        return Ended(fields["id"], getattr(gateway_faults, kind)(**outcome))
    usage = outcome.pop("usage")
    return Ended(fields["id"], Told(usage=Usage(**usage) if usage else None, **outcome))


def _line(fields: dict[str, object]) -> bytes:
    return json.dumps(fields).encode() + b"\n"
