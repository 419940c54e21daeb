"""Constants that are off: numbers, truth values, and texts."""

import ast
import re
from collections.abc import Iterator
from difflib import SequenceMatcher

from perforch.builtin.operators.base import Change, Changes, Ground, Operator, put
from perforch.builtin.reading import Site
from perforch.builtin.scope import reachable
from perforch.builtin.terms import Binds, Term, fits
from perforch.core.edits import Splice

_LITERAL = re.compile(r"(?P<prefix>[rRbBuUfF]*)(?P<quote>'''|\"\"\"|'|\")(?P<body>.*)(?P=quote)", re.DOTALL)
_MOST_EDITED = 24  # characters of a text; in longer ones a single character is seldom the fault
_MOST_STRINGS = 80
_PATTERN_PARTS = (
    ("+", "*"), ("*", "+"), ("*", "*?"), ("+", "+?"), ("*?", "*"), ("+?", "+"), ("?", "*"), ("?", ""), ("\\d", "\\w"),
    ("\\w", "\\d"), ("\\w", "\\S"), ("\\s", "\\S"), ("\\S", "\\s"), ("\\w", "."), (".", "\\."), ("\\.", "."),
    ("[^", "["), ("[", "[^"), ("^", ""), ("$", ""), ("%s", "%r"), ("%r", "%s"), ("%d", "%s"), ("%s", "%d"),
    ("a-z", "a-zA-Z"),
    ("0-9", "1-9"), ("1-9", "0-9"), ("(?:", "("),
)  # fmt: skip


def number(ground: Ground, site: Site) -> Changes:
    if not isinstance(site.node, ast.Constant) or isinstance(site.node.value, bool):
        return
    value = site.node.value
    if isinstance(value, int):
        steps = [(1.05, value + 1), (1.05, value - 1), (1.4, 0), (1.4, 1), (1.6, -value), (1.5, 2), (1.8, -1)]
        steps += [(2.0, value * 2), (2.2, value // 2), (2.4, 10), (2.4, value * 10), (2.4, value // 10)]
    elif isinstance(value, float):
        steps = [(1.05, value + 1), (1.05, value - 1), (1.6, -value), (1.4, 0), (1.4, 1), (2.0, value * 2)]  # type: ignore[list-item]  # floats and ints alike
        steps += [(2.0, value / 2), (2.2, value * 10), (2.2, round(value / 10, 12)), (2.2, 1 - value)]  # type: ignore[list-item]  # as above
    else:
        return
    seen = {repr(value)}
    for cost, new in sorted(steps, key=lambda step: step[0]):
        if repr(new) not in seen:
            seen.add(repr(new))
            yield put(ground, site, cost, _number_term(new))
    yield put(ground, site, 2.6, Term("None"))
    for sign in ("", "-"):
        yield put(ground, site, 2.8, Term(f"float('{sign}inf')"))


def _number_term(value: float) -> Term:
    return Term(repr(value), Binds.SIGN if value < 0 else Binds.AWAIT)


def truth(ground: Ground, site: Site) -> Changes:
    match site.node:
        case ast.Constant(value=bool(value)):
            yield put(ground, site, 1.0, Term(repr(not value)))
            yield put(ground, site, 2.4, Term("None"))
        case ast.Constant(value=None):
            for text in ("0", "''", "False", "True", "[]", "{}", "1", "()"):
                yield put(ground, site, 2.0, Term(text))
        case _:
            return


def donor(ground: Ground, site: Site) -> Changes:
    """Another constant of the target, or a variable in a constant's place."""
    if not isinstance(site.node, ast.Constant) or site.node.value is Ellipsis:
        return
    old = ground.reading.term(site.node)
    for constant in ground.scope.constants:
        if constant.text != old.text:
            yield put(ground, site, 1.9 if fits(constant, old) else 2.6, constant)
    for variable in reachable(ground.scope.variables, site.inner):
        if fits(variable, old):
            yield put(ground, site, 2.3, variable)
    for name in ground.scope.around.constants:
        yield put(ground, site, 2.8, Term(name))


def text(ground: Ground, site: Site) -> Changes:
    """A constant text that is another text: one that the tests, the docstring or the file mention comes first."""
    if not (isinstance(site.node, ast.Constant) and isinstance(site.node.value, str)):
        return
    parts = _LITERAL.fullmatch(ground.reading.text[slice(*site.inner)])
    if parts is None:
        return
    value = site.node.value
    for new in (" ", "", f"{value} ", value.strip(), value.upper(), value.lower(), value[:-1], value[1:], value[::-1]):
        if new != value:
            yield _literal(site, parts, 1.8 if len(new) == len(value) else 1.85, new)
    for cut in (1, 2):
        if len(value) > 2 * cut:
            yield _literal(site, parts, 2.0, value[cut:-cut])
    others = {new: _likeness(new, value) for new in ground.scope.strings if new != value}
    ranked = sorted(others, key=lambda new: (-others[new], abs(len(new) - len(value))))
    for rank, new in enumerate(ranked[:_MOST_STRINGS]):
        yield _literal(site, parts, 1.7 + 0.02 * rank if others[new] > 0.5 else 2.2 + 0.02 * rank, new)
    yield from (_literal(site, parts, 2.4, new) for new in (",", "\n", "\t", ", ", "_", "-", ".") if new != value)


def _literal(site: Site, parts: re.Match[str], cost: float, value: str) -> Change:
    quote = parts["quote"][0]
    body = repr(value)[1:-1].replace("\\'", "'").replace(quote, "\\" + quote)
    return Change(cost, (Splice(*site.inner, f"{parts['prefix'].strip('rR')}{quote}{body}{quote}"),))


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one.lower(), other.lower(), autojunk=False).quick_ratio()


def characters(ground: Ground, site: Site) -> Changes:
    """Small edits in the raw text of a literal: patterns, formats, separators; f-strings outside their fields too."""
    if not (isinstance(site.node, ast.JoinedStr) or isinstance(getattr(site.node, "value", None), str | bytes)):
        return
    parts = _LITERAL.fullmatch(ground.reading.text[slice(*site.inner)])
    if parts is None or not isinstance(site.node, ast.Constant | ast.JoinedStr):
        return
    start, body = site.inner[0] + parts.start("body"), parts["body"]
    for old, new in _PATTERN_PARTS:
        for found in re.finditer(re.escape(old), body):
            yield Change(1.9, (Splice(start + found.start(), start + found.end(), new),))
    yield Change(2.3, (Splice(start, start, "^"),))
    yield Change(2.3, (Splice(start + len(body), start + len(body), "$"),))
    kept = list(_in_fields(body)) if isinstance(site.node, ast.JoinedStr) else []
    yield from _each_character(start, body[:_MOST_EDITED], frozenset(kept))


def _in_fields(body: str) -> Iterator[int]:
    """The positions in an f-string that are code, not text."""
    depth = 0
    for at, character in enumerate(body):
        depth += {"{": 1, "}": -1}.get(character, 0)
        if depth > 0:
            yield at


def _each_character(start: int, body: str, kept: frozenset[int]) -> Changes:
    for index, character in enumerate(body):
        at = start + index
        if character == "{" and (index == 0 or index - 1 not in kept or body[index - 1] == "}"):
            yield Change(2.5, (Splice(at, at, " "),))
        if index in kept or character in "{}\\":
            continue
        yield Change(2.2, (Splice(at, at + 1, ""),))
        if character.swapcase() != character:
            yield Change(2.3, (Splice(at, at + 1, character.swapcase()),))
        yield Change(2.5, (Splice(at, at, character),))
        yield Change(2.7, (Splice(at, at, " "),))


def fields(ground: Ground, site: Site) -> Changes:
    """The variables and conversions in the fields of an f-string."""
    if not isinstance(site.node, ast.JoinedStr):
        return
    start, end = site.inner
    body = ground.reading.text[start:end]
    for found in re.finditer(r"\{([A-Za-z_][\w.]*)(?=[}!:\[.(])", body):
        for variable in reachable(ground.scope.variables, site.inner):
            if variable.text != found[1]:
                yield Change(1.6, (Splice(start + found.start(1), start + found.end(1), variable.text),))
    for found in re.finditer(r"\{[^{}!:]+(![rsa])?(?=[}:])", body):
        at = start + (found.start(1) if found[1] else found.end())
        yield from (
            Change(1.8, (Splice(at, start + found.end(), new),)) for new in ("!r", "!s", "") if new != (found[1] or "")
        )


OPERATORS: tuple[Operator[Site], ...] = (
    Operator("another number", 1.0, number),
    Operator("the opposite truth value", 1.0, truth),
    Operator("another constant of the function", 1.9, donor),
    Operator("another text", 1.7, text),
    Operator("a character of a text", 1.9, characters),
    Operator("another field of a formatted text", 1.6, fields),
)
