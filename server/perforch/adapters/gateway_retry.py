"""When a failed call is tried again, and when a provider that keeps failing is left alone for a while."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from perforch.adapters.gateway_faults import (
    CoolingDown,
    Crashed,
    GatewayFault,
    Interrupted,
    ProviderError,
    RateLimited,
    Unreachable,
)

MAX_TRIES = 3  # what helps at all helps at the second or third try
FIRST_WAIT_SECONDS = 0.4
FAILURES_UNTIL_COOL = 3  # one call with all its tries
COOL_SECONDS = 15.0  # long enough to spare a request the same wait for each of its tries, short enough to forgive


def wait_before_retry(fault: GatewayFault, tries: int, rng: Random, *, is_free: bool) -> float | None:
    """Seconds to wait before the next try, or None when there shall be none.

    What may have been billed is tried again only where it is free: else a budget for one call would pay for three.
    """
    if tries >= MAX_TRIES:
        return None
    backoff: float = FIRST_WAIT_SECONDS * 2 ** (tries - 1) * rng.uniform(0.5, 1.5)
    match fault:
        case RateLimited(seconds):
            return backoff if seconds is None else seconds + rng.uniform(0.0, 0.1)
        case Unreachable():
            return backoff
        case ProviderError(status) if status >= 500:
            return backoff
        case Interrupted() | Crashed() if is_free:
            return backoff
        case _:
            return None


@dataclass(frozen=True, slots=True)
class _Record:
    failures: int
    until: float


class CoolDowns:
    """Counts failures in a row per place; a rate limit counts for one model, all else for everything at the place."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._records: dict[tuple[str, str], _Record] = {}

    def check(self, place: str, model: str) -> CoolingDown | None:
        """Why this model shall not be asked now, or None."""
        for scope in ((place, ""), (place, model)):
            record = self._records.get(scope)
            if record is not None and (left := record.until - self._clock()) > 0:
                return CoolingDown(record.failures, left)
        return None

    def failed(self, place: str, model: str, fault: GatewayFault) -> None:
        match fault:
            case RateLimited(seconds):
                self._count((place, model), seconds)
            case Unreachable():
                self._count((place, ""), None)
            case ProviderError(status) if status >= 500:
                self._count((place, ""), None)
            case _:
                pass

    def succeeded(self, place: str, model: str) -> None:
        self._records.pop((place, ""), None)
        self._records.pop((place, model), None)

    def _count(self, scope: tuple[str, str], seconds: float | None) -> None:
        """After the pause one failure more is enough for the next, as the count stands until something succeeds."""
        before = self._records.get(scope)
        failures = 1 + (before.failures if before is not None else 0)
        cool = max(COOL_SECONDS, seconds or 0.0) if failures >= FAILURES_UNTIL_COOL else 0.0
        self._records[scope] = _Record(failures, self._clock() + cool)
