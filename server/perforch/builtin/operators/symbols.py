"""Operators written wrongly: comparisons, arithmetic, logic, their order and their grouping."""

import ast
from itertools import pairwise

from perforch.builtin.operators.base import Change, Changes, Ground, Operator, put
from perforch.builtin.reading import Site
from perforch.builtin.terms import BINARY, COMPARISONS, Kinds, Term, binary, both, compare
from perforch.core.edits import Splice

_ORDER = ("<", "<=", ">", ">=", "==", "!=")
_IDENTITY = ("is", "is not")
_MEMBERSHIP = ("in", "not in")
_MIXED_UP = ({"<", "<="}, {">", ">="}, {"==", "!="}, {"<", ">"}, {"<=", ">="}, {"is", "is not"}, {"in", "not in"})
_ARITHMETIC = ("+", "-", "*", "//", "/", "%", "**")
_BITWISE = ("&", "|", "^", "<<", ">>")
_TEXTUAL: Kinds = frozenset({"str", "list", "tuple", "bytes"})
_COSTLY = {"**", "<<"}  # their results may be huge


def comparison(ground: Ground, site: Site) -> Changes:
    if not isinstance(site.node, ast.Compare):
        return
    operands = [site.node.left, *site.node.comparators]
    for op, left, right in zip(site.node.ops, operands, operands[1:], strict=False):
        old = COMPARISONS[type(op)]
        span = _between(ground, left, right, old)
        if span is not None:
            for cost, new in _other_comparisons(old):
                yield Change(cost, (Splice(*span, new),))


def _other_comparisons(old: str) -> list[tuple[float, str]]:
    families = (_ORDER, _IDENTITY, _MEMBERSHIP)
    own = next(family for family in families if old in family)
    near = [(1.0 if {old, new} in _MIXED_UP else 1.02, new) for new in own if new != old]
    across = {"==": ("is", "in"), "!=": ("is not", "not in"), "is": ("==",), "is not": ("!=",), "in": ("==",)}
    return near + [(2.0, new) for new in across.get(old, ())]


def arithmetic(ground: Ground, site: Site) -> Changes:
    if not isinstance(site.node, ast.BinOp):
        return
    left, right = ground.reading.term(site.node.left), ground.reading.term(site.node.right)
    old = BINARY[type(site.node.op)][0]
    span = _between(ground, site.node.left, site.node.right, old)
    for cost, new in other_operators(old, left.kinds | right.kinds):
        simple = span is not None and BINARY[type(site.node.op)][1] == binary(left, new, right).binds
        if simple and span is not None:
            yield Change(cost, (Splice(*span, new),))
        else:
            yield put(ground, site, cost, binary(left, new, right))


def other_operators(old: str, kinds: Kinds) -> list[tuple[float, str]]:
    """What may have been meant, with its cost; texts and lists know few operators."""
    if old in _BITWISE:
        return [(1.2, new) for new in _BITWISE if new != old] + [(2.0, new) for new in ("-", "+", "*", "//", "**")]
    if kinds & _TEXTUAL:
        return [(1.2, new) for new in ("+", "*", "%") if new != old]
    near = [(3.0 if new in _COSTLY else 1.2, new) for new in _ARITHMETIC if new != old]
    return near + [(2.6, new) for new in ("&", "|", "^") if old in {"+", "-", "%", "*", "**"}]


def logic(ground: Ground, site: Site) -> Changes:
    """`and` for `or` and the other way round, first all of a chain, then one."""
    if not isinstance(site.node, ast.BoolOp):
        return
    old, new = ("and", "or") if isinstance(site.node.op, ast.And) else ("or", "and")
    values = site.node.values
    spans = [_between(ground, left, right, old) for left, right in pairwise(values)]
    changes = [Splice(*span, new) for span in spans if span is not None]
    terms = [ground.reading.term(value) for value in values]
    if len(changes) == 1 and not isinstance(site.parent, ast.BoolOp):
        yield Change(1.0, tuple(changes))
    elif len(terms) == 2:
        yield put(ground, site, 1.0, both(terms[0], new, terms[1]))
    elif changes:
        yield Change(1.0, tuple(changes))
        yield from (Change(1.6, (change,)) for change in changes)


def grouped_logic(ground: Ground, site: Site) -> Changes:
    """`a and b or c` against `a and (b or c)`."""
    match site.node:
        case ast.BoolOp(op=outer, values=[*rest, ast.BoolOp(op=inner, values=[middle, *last])]) if rest:
            term = ground.reading.term
            words = ("and", "or") if isinstance(outer, ast.And) else ("or", "and")
            if type(outer) is not type(inner) and len(rest) == 1 and len(last) == 1:
                yield put(ground, site, 1.8, both(both(term(rest[0]), words[0], term(middle)), words[1], term(last[0])))
        case ast.BoolOp(op=outer, values=[ast.BoolOp(op=inner, values=[first, *rest]), last]) if len(rest) == 1:
            term = ground.reading.term
            words = ("and", "or") if isinstance(outer, ast.And) else ("or", "and")
            if type(outer) is not type(inner):
                yield put(ground, site, 1.8, both(term(first), words[1], both(term(rest[0]), words[0], term(last))))
        case _:
            return


def dropped_sign(ground: Ground, site: Site) -> Changes:
    if isinstance(site.node, ast.UnaryOp):
        yield put(ground, site, 1.2, ground.reading.term(site.node.operand))


def swapped_operands(ground: Ground, site: Site) -> Changes:
    term = ground.reading.term
    match site.node:
        case ast.BinOp(left=left, op=op, right=right) if not isinstance(op, ast.Mult | ast.BitAnd | ast.BitOr):
            yield put(ground, site, 1.2, binary(term(right), BINARY[type(op)][0], term(left)))
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            yield put(ground, site, 1.3, compare(term(right), COMPARISONS[type(op)], term(left)))
        case ast.BoolOp(op=op, values=[left, right]):
            yield put(ground, site, 2.2, both(term(right), "and" if isinstance(op, ast.And) else "or", term(left)))
        case _:
            return


def dropped_operand(ground: Ground, site: Site) -> Changes:
    term = ground.reading.term
    match site.node:
        case ast.BinOp(left=left, right=right):
            yield put(ground, site, 1.5, term(left))
            yield put(ground, site, 1.5, term(right))
        case ast.BoolOp(values=values):
            for index in range(len(values)):
                yield _without(ground, site, values, index)
        case ast.Compare(left=left, ops=[first, *ops], comparators=[middle, *rest]) if rest:
            yield put(ground, site, 2.0, compare(term(left), COMPARISONS[type(first)], term(middle)))
            yield put(ground, site, 2.0, compare(term(middle), COMPARISONS[type(ops[0])], term(rest[0])))
        case _:
            return


def _without(ground: Ground, site: Site, values: list[ast.expr], index: int) -> Change:
    """One operand of a chain and its word are cut out; the rest of the text stays."""
    if len(values) == 2:
        return put(ground, site, 1.4, ground.reading.term(values[1 - index]))
    spans = [ground.reading.spans[value].outer for value in values]
    if index == 0:
        return Change(1.4, (Splice(spans[0][0], spans[1][0], ""),))
    return Change(1.4, (Splice(spans[index - 1][1], spans[index][1], ""),))


def regrouped(ground: Ground, site: Site) -> Changes:
    """`(a + b) * c` against `a + b * c`."""
    term = ground.reading.term
    match site.node:
        case ast.BinOp(left=ast.BinOp(left=a, op=first, right=b), op=second, right=c):
            inner = binary(term(b), BINARY[type(second)][0], term(c))
            yield put(ground, site, 1.8, binary(term(a), BINARY[type(first)][0], inner))
        case _:
            pass
    match site.node:
        case ast.BinOp(left=a, op=first, right=ast.BinOp(left=b, op=second, right=c)):
            inner = binary(term(a), BINARY[type(first)][0], term(b))
            yield put(ground, site, 1.8, binary(inner, BINARY[type(second)][0], term(c)))
        case _:
            pass


def other_branch(ground: Ground, site: Site) -> Changes:
    if not isinstance(site.node, ast.IfExp):
        return
    body, test, other = (ground.reading.term(part) for part in (site.node.body, site.node.test, site.node.orelse))
    yield Change(1.3, _exchange(ground, site.node.body, site.node.orelse, body, other))
    yield put(ground, site, 1.6, body)
    yield put(ground, site, 1.6, other)
    yield put(ground, site, 2.6, test)


def exchanged_elements(ground: Ground, site: Site) -> Changes:
    match site.node:
        case ast.Tuple(elts=parts) | ast.List(elts=parts) if 2 <= len(parts) <= 6:
            cost = 1.8 if site.is_stored else 1.3
            for first, left in enumerate(parts):
                for right in parts[first + 1 :]:
                    yield Change(
                        cost,
                        _exchange(ground, left, right, ground.reading.term(left), ground.reading.term(right)),
                    )
        case _:
            return


def _exchange(ground: Ground, left: ast.expr, right: ast.expr, one: Term, other: Term) -> tuple[Splice, ...]:
    put_term, spans = ground.reading.put, ground.reading.spans
    return (*put_term(spans[left], other), *put_term(spans[right], one))


def _between(ground: Ground, left: ast.expr, right: ast.expr, token: str) -> tuple[int, int] | None:
    spans = ground.reading.spans
    if left not in spans or right not in spans:
        return None
    return ground.reading.token(spans[left].outer[1], spans[right].outer[0], token)


OPERATORS: tuple[Operator[Site], ...] = (
    Operator("another comparison", 1.0, comparison),
    Operator("another arithmetic operator", 1.2, arithmetic),
    Operator("and for or", 1.0, logic),
    Operator("other grouping of and and or", 1.8, grouped_logic),
    Operator("without the sign or the not", 1.2, dropped_sign),
    Operator("operands exchanged", 1.2, swapped_operands),
    Operator("an operand dropped", 1.4, dropped_operand),
    Operator("other grouping", 1.8, regrouped),
    Operator("the other branch of a conditional expression", 1.3, other_branch),
    Operator("elements exchanged", 1.3, exchanged_elements),
)
