"""What was found on this machine for a workspace, and what to do about what is missing."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from perforch.core.noise import Noise
from perforch.core.report import Json


class State(StrEnum):
    """How one thing stands: fine, absent but not needed to start, or needed and absent."""

    OK = "ok"
    OPTIONAL = "optional"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked for; `advice` says what to do where it is not there."""

    name: str
    state: State
    detail: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Checkup:
    """All findings; ready when nothing that is needed is missing."""

    findings: tuple[Finding, ...]
    noise: Noise | None = None  # None: not measured yet

    @property
    def is_ready(self) -> bool:
        return all(finding.state is not State.MISSING for finding in self.findings)

    def lines(self) -> Iterator[str]:
        """A line each, for people, with the advice below."""
        marks = {State.OK: "ok     ", State.OPTIONAL: "absent ", State.MISSING: "MISSING"}
        for finding in self.findings:
            yield f"{marks[finding.state]} {finding.name}: {finding.detail}"
            if finding.advice:
                yield f"        {finding.advice}"

    def as_json(self) -> dict[str, Json]:
        findings: list[Json] = [
            {"name": each.name, "state": each.state.value, "detail": each.detail, "advice": each.advice}
            for each in self.findings
        ]
        return {"ready": self.is_ready, "findings": findings, "noise": _noise(self.noise) if self.noise else None}


def _noise(noise: Noise) -> dict[str, Json]:
    return {
        "spread": round(noise.spread, 5),
        "provable_gain": round(noise.provable_gain, 5),
        "pairs": noise.pairs,
        "date": noise.date,
    }
