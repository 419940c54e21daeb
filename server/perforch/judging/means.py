"""What a candidate newly reaches for: the means by which code could meddle with its own tests."""

from collections.abc import Collection


def newly_reached(before: Collection[str], after: Collection[str], means: Collection[str]) -> tuple[str, ...]:
    """The forbidden words that `after` uses and `before` does not; a dotted word counts by its first part too."""
    known = _with_heads(before)
    return tuple(sorted(word for word in _with_heads(after) - known if word in means))


def _with_heads(words: Collection[str]) -> set[str]:
    return {*words, *(word.partition(".")[0] for word in words)}
