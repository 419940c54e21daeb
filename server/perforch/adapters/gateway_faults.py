"""How asking a model can fail, each way with what the user can do about it."""

from dataclasses import asdict, dataclass
from typing import ClassVar

# In `what` and `cure`, {place} is where it was asked, {options} the section of the settings, the rest are own fields.


@dataclass(frozen=True, slots=True)
class NoKey:
    """There is no key to call with; `variable` is where it was looked for."""

    variable: str
    what: ClassVar[str] = "no key for {place}"
    cure: ClassVar[str] = "set {variable} in the environment, or api_key_env under {options}"


@dataclass(frozen=True, slots=True)
class Refused:
    """The provider does not accept the key, or the account may not do this."""

    status: int
    detail: str
    what: ClassVar[str] = "{place} refused the call ({status})"
    cure: ClassVar[str] = "check the key, its rights and the account's credit"


@dataclass(frozen=True, slots=True)
class RateLimited:
    """Too many calls; `seconds` until the next one makes sense, where the provider says so."""

    seconds: float | None
    detail: str
    what: ClassVar[str] = "{place} limits the rate of calls (429)"

    @property
    def cure(self) -> str:
        return f"try again {'later' if self.seconds is None else 'in {seconds:.0f} s'}, or use another model"


@dataclass(frozen=True, slots=True)
class ContextTooLong:
    """The prompt does not fit into the model's window."""

    detail: str
    what: ClassVar[str] = "the prompt is too long for it"
    cure: ClassVar[str] = "use a model with a larger window"


@dataclass(frozen=True, slots=True)
class UnknownModel:
    """The provider has no such model, or LiteLLM no such provider."""

    detail: str
    what: ClassVar[str] = "{place} does not know this model"
    cure: ClassVar[str] = "check the model's id, also under {options}"


@dataclass(frozen=True, slots=True)
class Unreachable:
    """No connection could be made, so nothing was sent."""

    detail: str
    what: ClassVar[str] = "{place} cannot be reached"
    cure: ClassVar[str] = "check that it runs, its base_url, and the network"


@dataclass(frozen=True, slots=True)
class Interrupted:
    """The connection broke before the answer was complete."""

    what: ClassVar[str] = "the connection to {place} broke before the answer was complete"
    cure: ClassVar[str] = "try again"


@dataclass(frozen=True, slots=True)
class TimedOut:
    """No complete answer within so many seconds."""

    seconds: float
    what: ClassVar[str] = "no complete answer from {place} within {seconds:.0f} s"
    cure: ClassVar[str] = "allow more time (--timeout, and timeout_s under {options}), or use another model"


@dataclass(frozen=True, slots=True)
class Malformed:
    """What came is not an answer: a web page, broken JSON, JSON of another form."""

    what: ClassVar[str] = "what {place} sent is not a chat completion"
    cure: ClassVar[str] = "check base_url under {options}; it often ends in /v1"


@dataclass(frozen=True, slots=True)
class Empty:
    """The answer has no text."""

    finish: str
    what: ClassVar[str] = "{place} sent an empty answer (finish reason {finish!r})"
    cure: ClassVar[str] = "try again, or use another model"


@dataclass(frozen=True, slots=True)
class Truncated:
    """The answer stopped at the limit of tokens."""

    max_tokens: int
    what: ClassVar[str] = "the answer was cut off at {max_tokens} tokens"
    cure: ClassVar[str] = "raise max_tokens under {options}"


@dataclass(frozen=True, slots=True)
class ProviderError:
    """Any other error that the provider reports; from 500 on it is the provider's own."""

    status: int
    detail: str
    what: ClassVar[str] = "{place} reports an error ({status})"
    cure: ClassVar[str] = "try again later, check {options}, or use another model"


@dataclass(frozen=True, slots=True)
class Redirected:
    """The provider wants the prompt to be sent to another address; it was not."""

    address: str
    what: ClassVar[str] = "{place} redirects to {address}, where nothing was sent"
    cure: ClassVar[str] = "set base_url under {options} to that address, if you trust it"


@dataclass(frozen=True, slots=True)
class Unexpected:
    """The call failed in a way that is not known; whether it was billed is not known either."""

    detail: str
    what: ClassVar[str] = "the call to {place} failed"
    cure: ClassVar[str] = "check {options}, or use another model"


@dataclass(frozen=True, slots=True)
class CoolingDown:
    """Not asked, because it failed repeatedly just now."""

    failures: int
    seconds: float
    what: ClassVar[str] = "not asked, as {place} failed {failures} times in a row"
    cure: ClassVar[str] = "it is asked again in {seconds:.0f} s"


@dataclass(frozen=True, slots=True)
class NotLocal:
    """Not asked, because nothing may leave this machine."""

    what: ClassVar[str] = "not asked, as {place} is not on this machine and local_only is set"
    cure: ClassVar[str] = "set a base_url on this machine under {options}"


@dataclass(frozen=True, slots=True)
class NotReady:
    """The gateway was still starting when the time was up; nothing was sent."""

    seconds: float
    what: ClassVar[str] = "LiteLLM was not ready within {seconds:.0f} s"
    cure: ClassVar[str] = "try again; it starts only once"


@dataclass(frozen=True, slots=True)
class Crashed:
    """The gateway's process ended during the call."""

    what: ClassVar[str] = "the gateway's process ended during the call"
    cure: ClassVar[str] = "try again; it is started anew"


@dataclass(frozen=True, slots=True)
class CannotStart:
    """The gateway's process does not start, or ends again and again."""

    detail: str
    what: ClassVar[str] = "the gateway cannot be started"
    cure: ClassVar[str] = "reinstall perforch, and run `perforch doctor`"


GatewayFault = (
    NoKey
    | Refused
    | RateLimited
    | ContextTooLong
    | UnknownModel
    | Unreachable
    | Interrupted
    | TimedOut
    | Malformed
    | Empty
    | Truncated
    | ProviderError
    | Redirected
    | Unexpected
    | CoolingDown
    | NotLocal
    | NotReady
    | Crashed
    | CannotStart
)
# The provider may have billed a call that ended so, without our knowing how much.
MAY_HAVE_COST = (Interrupted, TimedOut, Malformed, Unexpected, Crashed)


def explain(fault: GatewayFault, name: str, place: str) -> str:
    """What went wrong with the model that the settings call `name`, where, and what to do."""
    fields = {"place": place, "options": f'[models.options."{name}"] in perforch.toml', **asdict(fault)}
    detail = f": {fields['detail']}" if fields.get("detail") else ""
    return f"{name}: {fault.what.format_map(fields)}{detail}; {fault.cure.format_map(fields)}"
