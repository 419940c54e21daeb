"""Conditions: negated, too weak, too strong, or another one altogether."""

import ast

from perforch.builtin.operators.base import Change, Changes, Ground, Operator, put
from perforch.builtin.reading import Site
from perforch.builtin.scope import reachable
from perforch.builtin.terms import ITERABLE, Binds, Term, both, call, compare, method, negated, wrapped
from perforch.core.edits import Splice

_PER_ITEM = 0.4  # for looking at a single item of something


def negation(ground: Ground, site: Site) -> Changes:
    if _is_boolean(ground, site) and not isinstance(site.node, ast.UnaryOp):
        is_comparison = isinstance(site.node, ast.Compare) and len(site.node.ops) == 1
        yield put(ground, site, 1.6 if is_comparison else 1.2, negated(ground.reading.term(site.node)))


def fixed(ground: Ground, site: Site) -> Changes:
    if site.is_condition and not isinstance(site.node, ast.Constant):
        yield put(ground, site, 2.4, Term("True"))
        yield put(ground, site, 2.4, Term("False"))


def other_condition(ground: Ground, site: Site) -> Changes:
    """A condition that the target has elsewhere, or a simple one over its variables."""
    if not _is_boolean(ground, site):
        return
    old = ground.reading.term(site.node)
    if site.is_condition:
        for condition in reachable(ground.scope.conditions, site.inner):
            if condition.text != old.text:
                yield put(ground, site, 2.0, condition)
    for atom in reachable(ground.scope.atoms, site.inner):
        if atom.text != old.text:
            yield put(ground, site, 2.6 + _pieces(atom), atom)


def extended(ground: Ground, site: Site) -> Changes:
    """`and` or `or` with one more condition; with a constant that would only be the one or the other."""
    if not _is_boolean(ground, site) or isinstance(site.parent, ast.BoolOp) or isinstance(site.node, ast.Constant):
        return
    cost = 2.2 if site.is_condition else 2.5
    for condition in reachable(ground.scope.conditions, site.inner):
        yield from _joined(ground, site, cost, condition)
    for atom in reachable(ground.scope.atoms, site.inner):
        yield from _joined(ground, site, cost + _pieces(atom), atom)


def _joined(ground: Ground, site: Site, cost: float, condition: Term) -> Changes:
    old = ground.reading.term(site.node)
    if condition.text != old.text:
        for word in ("and", "or"):
            yield put(ground, site, cost, both(old, word, condition))
            yield put(ground, site, cost + 0.1, both(condition, word, old))


def _pieces(atom: Term) -> float:
    """What a made-up condition costs beyond one over variables as they are."""
    return _PER_ITEM * atom.text.count("[")


def guarded(ground: Ground, site: Site) -> Changes:
    """A look whether something is there, before the condition uses it."""
    if not site.is_condition or isinstance(site.parent, ast.BoolOp) or isinstance(site.node, ast.Constant):
        return
    old = ground.reading.term(site.node)
    for thing in ground.scope.expressions:
        is_path = all(part.isidentifier() for part in thing.text.split("."))
        if is_path:
            for op in ("is not", "is"):
                atom = compare(thing, op, Term("None"))
                yield put(ground, site, 2.5, both(atom, "and", old))
                yield put(ground, site, 2.5, both(atom, "or", old))
            yield put(ground, site, 2.6, both(thing, "and", old))
            yield put(ground, site, 2.6, both(negated(thing), "or", old))


def both_sides(ground: Ground, site: Site) -> Changes:
    """The same conversion on both sides of a comparison."""
    if not (isinstance(site.node, ast.Compare) and len(site.node.ops) == 1):
        return
    spans, term = ground.reading.spans, ground.reading.term
    left, right = site.node.left, site.node.comparators[0]
    for name in ("set", "sorted", "len", "str", "int", "abs", "sum", "list"):
        new = tuple(ground.reading.put(spans[side], call(name, term(side)))[0] for side in (left, right))
        yield Change(2.0, new)
    for name in ("lower", "strip"):
        new = tuple(ground.reading.put(spans[part], method(term(part), name))[0] for part in (left, right))
        yield Change(2.2, new)


def emptiness(ground: Ground, site: Site) -> Changes:
    """`if x` against `if x is not None`, `if len(x) > 1`."""
    if not site.is_condition or isinstance(site.node, ast.Compare | ast.BoolOp | ast.UnaryOp | ast.Constant):
        return
    old = ground.reading.term(site.node)
    yield put(ground, site, 1.6, compare(old, "is not", Term("None")))
    yield put(ground, site, 1.8, compare(old, "is", Term("None")))
    if old.may_be(ITERABLE):
        yield put(ground, site, 2.2, compare(call("len", old), ">", Term("1")))
        yield put(ground, site, 2.2, compare(call("len", old), "==", Term("1")))


def truthiness(ground: Ground, site: Site) -> Changes:
    """`if x is not None` against `if x`."""
    match site.node:
        case ast.Compare(left=left, ops=[ast.Is() | ast.Eq() as op]) if site.is_condition and op:
            yield put(ground, site, 1.8, negated(ground.reading.term(left)))
        case ast.Compare(left=left, ops=[ast.IsNot() | ast.NotEq() | ast.Gt()]) if site.is_condition:
            yield put(ground, site, 1.8, ground.reading.term(left))
        case _:
            return


def filters(ground: Ground, site: Site) -> Changes:
    """The conditions of a comprehension."""
    match site.node:
        case ast.ListComp(generators=parts) | ast.SetComp(generators=parts) | ast.GeneratorExp(generators=parts):
            pass
        case ast.DictComp(generators=parts):
            pass
        case _:
            return
    for part in parts:
        yield from _filter_of(ground, part)


def _filter_of(ground: Ground, part: ast.comprehension) -> Changes:
    spans = ground.reading.spans
    end = spans[part.iter].outer[1]
    for condition in part.ifs:
        yield Change(1.8, (Splice(end, spans[condition].outer[1], ""),))
        end = spans[condition].outer[1]
    if part.ifs:
        return
    for term in (*ground.scope.conditions, *ground.scope.atoms):
        text = wrapped(term, Binds.OR)
        yield Change(3.0, (Splice(end, end, f" if {text}"),))


def _is_boolean(ground: Ground, site: Site) -> bool:
    if site.is_stored or site.is_called:
        return False
    if site.is_condition:
        return True
    is_answer = isinstance(site.parent, ast.Return | ast.Assign | ast.Lambda | ast.keyword)
    return is_answer and ground.reading.term(site.node).kinds == {"bool"}


OPERATORS: tuple[Operator[Site], ...] = (
    Operator("the condition negated", 1.2, negation),
    Operator("a condition always or never", 2.4, fixed),
    Operator("another condition", 2.0, other_condition),
    Operator("one more condition", 2.2, extended),
    Operator("a guard in the condition", 2.5, guarded),
    Operator("both sides converted", 2.0, both_sides),
    Operator("a test for presence", 1.6, emptiness),
    Operator("a test for truth", 1.8, truthiness),
    Operator("the filter of a comprehension", 1.8, filters),
)
