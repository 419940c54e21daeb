"""The wrong variable, attribute or expression."""

import ast
import re

from perforch.builtin.operators.base import Change, Changes, Ground, Operator, put
from perforch.builtin.reading import Site
from perforch.builtin.scope import reachable
from perforch.builtin.terms import NUMERIC, Binds, Term, binary, fits
from perforch.core.edits import Splice

_ITEM = re.compile(r"[^\W\d][\w.]*(\[[^:\[\]]+\])+")
_FIELDS = (
    ("year", "month", "day", "hour", "minute", "second", "microsecond", "days", "seconds"),
    ("left", "right", "parent", "next", "prev", "previous"), ("first", "last"), ("start", "end", "stop"),
    ("x", "y", "z"), ("width", "height"), ("row", "col", "column"), ("name", "id", "key", "value"), ("min", "max"),
    ("keys", "values"), ("head", "tail"), ("real", "imag"), ("args", "kwargs"), ("low", "high"), ("top", "bottom"),
    ("parent", "name", "stem", "suffix", "parts"), ("numerator", "denominator"), ("source", "target"),
    ("before", "after"),
)  # fmt: skip


def variable(ground: Ground, site: Site) -> Changes:
    if not isinstance(site.node, ast.Name) or site.is_stored or site.is_called:
        return
    old = ground.reading.term(site.node)
    for new in reachable(ground.scope.variables, site.inner):
        if new.text != old.text and fits(new, old):
            yield put(ground, site, 1.4 if not new.text.startswith("self.") else 1.9, new)
    if old.may_be(NUMERIC):
        yield from (put(ground, site, 2.4, Term(number, Binds.AWAIT)) for number in ("0", "1"))
    for name in (*ground.scope.functions, *ground.scope.around.constants):
        if name != old.text and (old.is_callable or old.text in ground.scope.functions or not old.kinds):
            yield put(ground, site, 2.6, Term(name))


def item(ground: Ground, site: Site) -> Changes:
    """`items[i]` in the place of a variable or an item."""
    if not isinstance(site.node, ast.Name | ast.Subscript) or site.is_stored or site.is_called or site.is_condition:
        return
    old = ground.reading.term(site.node).text
    for pool in reachable(ground.scope.collections, site.inner):
        for index in reachable(ground.scope.numbers, site.inner):
            new = f"{pool.text}[{index.text}]"
            if index.kinds and new != old and pool.kinds != {"set"}:
                yield put(ground, site, 2.4, Term(new))


def variable_for_expression(ground: Ground, site: Site) -> Changes:
    if isinstance(site.node, ast.Name | ast.Constant | ast.Tuple | ast.Starred) or site.is_condition:
        return
    if site.is_stored or site.is_called:
        return
    old = ground.reading.term(site.node)
    for new in reachable(ground.scope.variables, site.inner):
        if fits(new, old) and new.text != old.text:
            yield put(ground, site, 2.1, new)


def attribute(ground: Ground, site: Site) -> Changes:
    if not isinstance(site.node, ast.Attribute):
        return
    base = ground.reading.term(site.node.value)
    start = site.inner[1] - len(site.node.attr)
    if ground.reading.text[start : site.inner[1]] != site.node.attr:
        return
    for cost, name in _other_attributes(ground, site.node, is_called=site.is_called):
        yield Change(cost, (Splice(start, site.inner[1], name),))
    if not site.is_called:
        yield put(ground, site, 2.2, base)


def _other_attributes(ground: Ground, node: ast.Attribute, *, is_called: bool) -> list[tuple[float, str]]:
    nodes = [site.node for site in ground.reading.sites if isinstance(site.node, ast.Attribute)]
    twins = [(1.4, name) for family in _FIELDS if node.attr in family for name in family]
    used = [] if is_called else [(1.6, other.attr) for other in nodes if other.attr != node.attr]
    is_self = isinstance(node.value, ast.Name) and node.value.id == "self"
    around = ground.scope.around
    own = (around.methods if is_called else around.attributes) if is_self else ()
    best: dict[str, float] = {}
    for cost, name in [*twins, *used, *((1.7, name) for name in own)]:
        if name != node.attr:
            best.setdefault(name, cost)
    flipped = node.attr[1:] if node.attr.startswith("_") else f"_{node.attr}"
    best.setdefault(flipped, 2.4)
    return [(cost, name) for name, cost in best.items()]


def added_attribute(ground: Ground, site: Site) -> Changes:
    """`node` for `node.value`: an attribute that the target uses elsewhere was forgotten."""
    if not isinstance(site.node, ast.Name) or site.is_stored or site.is_called:
        return
    if isinstance(site.parent, ast.Attribute) or ground.reading.term(site.node).kinds & NUMERIC:
        return
    names = dict.fromkeys(
        other.node.attr
        for other in ground.reading.sites
        if isinstance(other.node, ast.Attribute) and not other.is_called
    )
    for name in names:
        yield put(ground, site, 2.2, Term(f"{site.node.id}.{name}"))
    if any(term.text == f"self.{site.node.id}" for term in ground.scope.variables):
        yield put(ground, site, 1.5, Term(f"self.{site.node.id}"))


def stored_variable(ground: Ground, site: Site) -> Changes:
    """An assignment to the wrong variable, attribute or item."""
    if not site.is_stored or isinstance(site.node, ast.Starred | ast.Tuple | ast.List):
        return
    old = ground.reading.term(site.node)
    if isinstance(site.node, ast.Name):
        for new in reachable(ground.scope.variables, site.inner):
            if new.text != old.text and fits(new, old) and (new.text.isidentifier() or _is_assigned(site)):
                yield put(ground, site, 2.2, new)
    if _is_assigned(site):
        for expression in reachable(ground.scope.expressions, site.inner):
            if _ITEM.fullmatch(expression.text) and expression.text != old.text:
                yield put(ground, site, 2.4, expression)


def _is_assigned(site: Site) -> bool:
    return isinstance(site.parent, ast.Assign | ast.AugAssign)


def donor(ground: Ground, site: Site) -> Changes:
    """An expression that the target has elsewhere."""
    if site.is_stored or site.is_called or site.is_condition or isinstance(site.node, ast.Starred | ast.JoinedStr):
        return
    old = ground.reading.term(site.node)
    discount = 0.4 if isinstance(site.parent, ast.Return) or site.field == "iter" else 0.0
    for new in reachable(ground.scope.expressions, site.inner):
        if new.text != old.text and fits(new, old):
            yield put(ground, site, 2.6 - discount + 0.01 * min(40, len(new.text)), new)


def donation(ground: Ground, site: Site) -> Changes:
    """An expression that the file has elsewhere, for a value that is assigned or returned; first of all for None."""
    if not isinstance(site.parent, ast.Return | ast.Assign) or site.is_stored:
        return
    is_nothing = isinstance(site.node, ast.Constant) and site.node.value is None
    old = ground.reading.term(site.node)
    for new in ground.scope.donations:
        if new.text != old.text and fits(new, old):
            yield put(ground, site, 2.3 if is_nothing else 3.0, new)


def recursion(ground: Ground, site: Site) -> Changes:
    """`x` for `f(x)` in a function of one argument."""
    arguments = ground.reading.function.args.args
    if isinstance(site.node, ast.Name | ast.BinOp | ast.Subscript) and not site.is_stored and len(arguments) == 1:
        inner = ground.reading.term(site.node)
        if not site.is_called and not inner.is_callable:
            yield put(ground, site, 2.6, Term(f"{ground.reading.function.name}({inner.text})"))


def widened(ground: Ground, site: Site) -> Changes:
    """A returned or assigned expression that lacks a summand: a variable or another expression of the target."""
    if not isinstance(site.parent, ast.Return | ast.Assign | ast.AugAssign | ast.keyword | ast.Call) or site.is_stored:
        return
    if site.is_called or isinstance(site.node, ast.Starred | ast.GeneratorExp):
        return
    old = ground.reading.term(site.node)
    for new in reachable(ground.scope.expressions, site.inner):
        if new.text != old.text and fits(new, old) and (new.kinds or old.kinds):
            yield put(ground, site, 3.0, binary(old, "+", new))
            if old.may_be(NUMERIC):
                yield put(ground, site, 3.2, binary(old, "-", new))
                yield put(ground, site, 3.2, binary(old, "*", new))


OPERATORS: tuple[Operator[Site], ...] = (
    Operator("another variable", 1.4, variable),
    Operator("an item of a collection", 2.4, item),
    Operator("a variable instead of an expression", 2.1, variable_for_expression),
    Operator("another attribute", 1.4, attribute),
    Operator("an attribute of it", 1.5, added_attribute),
    Operator("an assignment to another variable", 2.2, stored_variable),
    Operator("an expression from elsewhere in the function", 2.2, donor),
    Operator("an expression from elsewhere in the file", 2.3, donation),
    Operator("a recursive call", 2.6, recursion),
    Operator("one more summand", 3.0, widened),
)
