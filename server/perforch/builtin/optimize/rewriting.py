"""Rules applied to a text, one place at a time, until none applies any more."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from perforch.builtin.optimize.code import Code, Unfit, applied
from perforch.builtin.optimize.rule import Rule
from perforch.builtin.source import parse_loosely

MOST_STEPS = 40
MOST_OF_ONE = 12


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A new text, the import lines that it needs, and the rules that made it, in order."""

    text: str
    imports: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()


def rewritten(text: str, module: str, rules: Sequence[Rule]) -> Rewritten:
    """All of the rules wherever they apply; the text as it was where none does. Raises SyntaxError."""
    tree = parse_loosely(module)
    now, counts, steps = Rewritten(text), dict.fromkeys((rule.name for rule in rules), 0), 0
    while steps < MOST_STEPS:
        new = _step(now, tree, [rule for rule in rules if counts[rule.name] < MOST_OF_ONE])
        if new is None:
            break
        counts[new.rules[-1].name] += 1
        now, steps = new, steps + 1
    return now


def _step(now: Rewritten, tree: ast.Module, rules: Sequence[Rule]) -> Rewritten | None:
    code = Code(now.text, tree)
    for rule in rules:
        found = rule.apply(code)
        while True:
            try:
                rewrite = next(found, None)
            except Unfit:
                break
            if rewrite is None:
                break
            text = applied(code, rewrite)
            if text is not None and text != now.text:
                imports = tuple(dict.fromkeys((*now.imports, *rewrite.imports)))
                return Rewritten(text, imports, (*now.rules, rule))
    return None
