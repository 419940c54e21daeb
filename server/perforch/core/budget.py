"""What asking may cost: an upper bound before a call, a reservation while it runs, the true figure after it."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

# The densest of 455 source files has 2.8 bytes per cl100k token; other tokenizers make up to 1.4 times as many tokens.
BYTES_PER_TOKEN = 2.0
TOKENS_PER_MESSAGE = 16  # role and delimiters; 3 to 10 in the chat formats known
TOKENS_PER_PRICE = 1_000_000


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per million tokens, as providers publish them."""

    input_usd_per_million: float
    output_usd_per_million: float

    @property
    def is_free(self) -> bool:
        return self.input_usd_per_million == self.output_usd_per_million == 0

    def of(self, usage: "Usage") -> float:
        input_usd = self.input_usd_per_million * usage.prompt
        return (input_usd + self.output_usd_per_million * usage.completion) / TOKENS_PER_PRICE


FREE = Price(0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Usage:
    """The tokens of one call."""

    prompt: int
    completion: int


@dataclass(frozen=True, slots=True)
class OverBudget:
    """A call that could cost more than is left, of `scope`'s budget (`request` or `day`); it was not made."""

    scope: str
    needed_usd: float
    remaining_usd: float

    @property
    def text(self) -> str:
        return (
            f"this call could cost up to ${self.needed_usd:.4f}, and ${self.remaining_usd:.4f} of the {self.scope}'s "
            f"budget is left; raise models.budget_usd_per_{self.scope} in perforch.toml, or choose a cheaper model"
        )


@dataclass(frozen=True, slots=True)
class Budget:
    """A hard cap; what is reserved counts as spent until it is settled."""

    limit_usd: float
    spent_usd: float = 0.0

    @property
    def remaining_usd(self) -> float:
        return max(0.0, self.limit_usd - self.spent_usd)

    def reserve(self, usd: float) -> "Budget | None":
        """The budget with so much set aside, or None where it would not hold. What costs nothing is always allowed."""
        if usd > 0 and self.spent_usd + usd > self.limit_usd:
            return None
        return replace(self, spent_usd=self.spent_usd + usd)

    def settle(self, reserved_usd: float, actual_usd: float) -> "Budget":
        """The budget once the true figure is known."""
        return replace(self, spent_usd=max(0.0, self.spent_usd - reserved_usd + actual_usd))


def most_tokens(texts: Iterable[str]) -> int:
    """More tokens than any tokenizer makes of these messages, without having one."""
    return sum(math.ceil(len(text.encode()) / BYTES_PER_TOKEN) + TOKENS_PER_MESSAGE for text in texts)


def most_usd(price: Price, texts: Iterable[str], max_tokens: int) -> float:
    """The most that one call with these messages and so many tokens of answer can cost."""
    return price.of(Usage(most_tokens(texts), max_tokens))
