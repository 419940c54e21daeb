"""Simple conditions made up over variables, and conditions that are nearly those of the target."""

import re
from collections.abc import Iterator, Sequence
from itertools import combinations

from perforch.builtin.terms import NUMERIC, SIZED, Binds, Term, compare, negated, subscript

_NEAR_WORDS = (("True", "False"), ("False", "True"), ("None", "True"), ("None", "False"), ("True", "None"))
_NUMBER_TESTS = (("==", "0"), ("==", "1"), ("<", "0"), (">", "0"), ("<=", "1"), ("<", "2"), (">=", "0"), ("!=", "0"))
_LENGTH_TESTS = (("==", "0"), ("==", "1"), ("<=", "1"), (">", "0"), (">", "1"))


def atoms(variables: Sequence[Term]) -> Iterator[Term]:
    for term in variables:
        yield from _about(term)
    numbers = [term for term in variables if term.kinds & NUMERIC]
    texts = [term for term in variables if "str" in term.kinds]
    for left, right in combinations(numbers, 2):
        yield from (_within(compare(left, op, right), left, right) for op in ("==", "<", ">", "!=", "<=", ">="))
    for left, right in combinations(texts, 2):
        yield from (_within(compare(left, op, right), left, right) for op in ("==", "!="))
    for pool in variables:
        if pool.kinds & SIZED:
            items = [item for item in (*variables, *_items(variables)) if item.text.partition("[")[0] != pool.text]
            yield from (_within(compare(item, op, pool), item, pool) for item in items for op in ("in", "not in"))


def _items(variables: Sequence[Term]) -> Iterator[Term]:
    for term in variables:
        if term.kinds & SIZED and not term.kinds & {"set", "dict", "frozenset"}:
            yield from (Term(f"{term.text}[{index}]", within=term.within) for index in ("0", "-1", "1"))


def near(conditions: Sequence[Term]) -> Iterator[Term]:
    """The target's own conditions with another small number in them."""
    for condition in conditions:
        for old, new in _NEAR_WORDS:
            if re.search(rf"\b{old}$", condition.text):
                text = condition.text.removesuffix(old) + new
                yield Term(text, condition.binds, condition.kinds, condition.within)
        for found in re.finditer(r"(?<![\w.])\d+(?![\w.])", condition.text):
            for number in (int(found[0]) + 1, int(found[0]) - 1):
                if number >= 0 and len(found[0]) < 7:
                    text = f"{condition.text[: found.start()]}{number}{condition.text[found.end() :]}"
                    yield Term(text, condition.binds, condition.kinds, condition.within)


def _about(term: Term) -> Iterator[Term]:
    """Conditions over one variable, by what it may be."""
    texts: list[Term] = []
    if not term.kinds or term.kinds & (SIZED | {"bool", "NoneType"}):
        texts += [term, negated(term)]
    if not term.kinds or "NoneType" in term.kinds or not term.kinds & (NUMERIC | SIZED):
        texts += [compare(term, op, Term("None")) for op in ("is", "is not")]
    if term.may_be(NUMERIC) and not term.text.startswith("self."):
        texts += [compare(term, op, Term(n)) for op, n in _NUMBER_TESTS]
        texts += [Term(f"{term.text} % 2 {op} 0", Binds.COMPARE) for op in ("==", "!=")]
    if term.kinds & SIZED:
        texts += [compare(Term(f"len({term.text})"), op, Term(n)) for op, n in _LENGTH_TESTS]
    if "str" in term.kinds:
        texts += [subscript(term, "0"), Term(f"{term.text}.isdigit()"), Term(f"{term.text}.isalpha()")]
    yield from (Term(text.text, text.binds, frozenset({"bool"}), term.within) for text in texts)


def _within(term: Term, *parts: Term) -> Term:
    low, high = max(part.within[0] for part in parts), min(part.within[1] for part in parts)
    return Term(term.text, term.binds, term.kinds, (low, high))
