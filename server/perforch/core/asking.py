"""What passes between a prompt and an answer: messages out, and in what was taken from the text that came."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from perforch.core.ports import Question


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation with a model."""

    role: str  # system, user or assistant
    content: str


@dataclass(frozen=True, slots=True)
class Replacement:
    """New text for exactly the target's span, and the import lines that it needs."""

    code: str
    imports: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Unusable:
    """Nothing can be taken safely from an answer; `text` says why."""

    text: str


Study = Callable[[Question], Awaitable[Question | str]]  # the question with more about it, or why not to ask it at all
Prompt = Callable[[Question], Sequence[Message]]
Parse = Callable[[Question, str], Sequence[Replacement] | Unusable]  # best first, never empty


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of the project that helps to understand the target, and where it stands."""

    place: str
    text: str


@dataclass(frozen=True, slots=True)
class Context:
    """What is told beside the target itself, each list most useful first."""

    language: str  # as people write it
    idioms: tuple[str, ...] = ()
    related: tuple[Snippet, ...] = ()  # signatures and documentation of what the target calls and names
    tests: tuple[Snippet, ...] = ()
