"""What a model answers: new source for the target."""

from dataclasses import dataclass

from perforch.core.task import Stage
from perforch.core.verdict import Fault


@dataclass(frozen=True, slots=True)
class Candidate:
    """New text for exactly the target's span (indented as in the file), and import lines to add."""

    code: str
    model: str
    stage: Stage
    imports: tuple[str, ...] = ()
    cost_usd: float = 0.0
    seconds: float = 0.0
    parent: str = ""  # the code that the model was given, and that a refinement is measured against
    note: str = ""  # how it was found, for the trail: an operator's name, a rule's precondition
    differs_on: str | None = None  # an input on which it behaves unlike the candidates before it


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """A model was asked and gave nothing that can be judged; the call may have cost money all the same."""

    model: str
    fault: Fault
    text: str  # what went wrong and what to do
    cost_usd: float = 0.0
    seconds: float = 0.0


Answer = tuple[Candidate, ...] | NoAnswer  # candidates best first, never empty
