"""What the rules offer for one function: all of them together first, then fewer at a time."""

from collections.abc import Iterator, Sequence

from perforch.builtin.optimize.rewriting import Rewritten, rewritten
from perforch.builtin.optimize.rule import Rule
from perforch.builtin.optimize.rules import RULES, SHORT

MOST_OFFERED = 8
TELLING = 3  # from this weight on, a rule may well gain much by itself


def offers(text: str, module: str, rules: Sequence[Rule] = RULES) -> tuple[Rewritten, ...]:
    """New texts for the function `text` of the file `module`, most promising first. Raises SyntaxError."""
    found: dict[str, Rewritten] = {}
    for chosen in _selections(text, module, rules):
        each = rewritten(text, module, chosen)
        if each.text != text:
            found.setdefault(each.text, each)
        if len(found) >= MOST_OFFERED:
            break
    return tuple(found.values())


def _selections(text: str, module: str, rules: Sequence[Rule]) -> Iterator[Sequence[Rule]]:
    """All, those that matter most, those that rely on nothing, and one by one those that were of use."""
    yield rules
    yield [rule for rule in rules if rule.weight >= TELLING]
    yield [rule for rule in rules if not rule.relies_on]
    used = dict.fromkeys(rewritten(text, module, rules).rules)
    for rule in sorted(used, key=lambda each: -each.weight):
        yield [each for each in rules if each is not rule]
        yield [rule]
    yield [*rules, *SHORT]


def note(offer: Rewritten) -> str:
    """What was done, and what it relies on."""
    names = "; ".join(dict.fromkeys(rule.name for rule in offer.rules))
    relied = ", and that ".join(dict.fromkeys(rule.relies_on for rule in offer.rules if rule.relies_on))
    return f"{names} (relies on that {relied})" if relied else names
