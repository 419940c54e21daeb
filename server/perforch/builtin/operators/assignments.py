"""Assignments and results: the wrong kind of assignment, a result that is thrown away, the wrong value returned."""

import ast

from perforch.builtin.operators.base import Change, Changes, Ground, Operator, Spot
from perforch.builtin.operators.symbols import other_operators
from perforch.builtin.terms import BINARY, EVERYWHERE, Term, binary, call
from perforch.core.edits import Splice

_AUGMENTING = ("+", "-", "*", "&", "|", "//", "%")


def assignment(ground: Ground, spot: Spot) -> Changes:
    """`=` for `+=` and the like, another augmented operator, and what a minimum or maximum is taken with."""
    match spot.row.node:
        case ast.AugAssign(target=target, op=op, value=value):
            token = BINARY[type(op)][0]
            span = _equals(ground, target, value, f"{token}=")
            kinds = ground.reading.term(value).kinds | ground.reading.term(target).kinds
            if span is not None:
                start, end = span
                yield from (
                    Change(cost, (Splice(start, end, f"{new}="),)) for cost, new in other_operators(token, kinds)
                )
                yield Change(1.5, (Splice(start, end, "="),))
        case ast.Assign(targets=[(ast.Name() | ast.Subscript() | ast.Attribute()) as target], value=value):
            span = _equals(ground, target, value, "=")
            if span is not None:
                start, end = span
                yield from (Change(1.7, (Splice(start, end, f"{token}="),)) for token in _AUGMENTING)
            yield from _against_itself(ground, target, value)
        case _:
            return


def _equals(ground: Ground, target: ast.expr, value: ast.expr, token: str) -> tuple[int, int] | None:
    spans = ground.reading.spans
    return ground.reading.token(spans[target].outer[1], spans[value].outer[0], token)


def _against_itself(ground: Ground, target: ast.expr, value: ast.expr) -> Changes:
    old, new = ground.reading.term(target), ground.reading.term(value)
    site = ground.reading.spans[value]
    for function in ("max", "min"):
        yield Change(1.7, ground.reading.put(site, call(function, old, new)))
    yield Change(2.2, ground.reading.put(site, binary(old, "+", new)))


def call_or_assignment(ground: Ground, spot: Spot) -> Changes:
    """`x.update(y)` against `x = y`, `x = x.strip()`, `return x.strip()`."""
    match spot.row.node:
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=target), args=arguments) as value):
            old, new = ground.reading.term(target), ground.reading.term(value)
            site = ground.reading.spans[value]
            if isinstance(target, ast.Name | ast.Subscript | ast.Attribute):
                for text in [ground.reading.term(argument).text for argument in arguments[:1]]:
                    yield Change(2.0, (Splice(*site.outer, f"{old.text} = {text}"),))
                    yield Change(2.2, (Splice(*site.outer, f"{old.text} = {old.text} | {text}"),))
                    yield Change(2.2, (Splice(*site.outer, f"{old.text} += {text}"),))
                yield Change(2.0, (Splice(*site.outer, f"{old.text} = {new.text}"),))
            yield Change(2.2, (Splice(*site.outer, f"return {new.text}"),))
        case ast.Expr(value=ast.Call() as value):
            term = ground.reading.term(value)
            yield Change(1.8, (Splice(*ground.reading.spans[value].outer, f"return {term.text}"),))
        case ast.Expr(value=ast.Yield(value=ast.expr() as value)):
            yield Change(
                2.0, (Splice(*ground.source.span(spot.row.node), f"return {ground.reading.term(value).text}"),)
            )
        case _:
            return


def returned(ground: Ground, spot: Spot) -> Changes:
    """A return without a value, a return that should be a yield, an expression that should be returned."""
    node = spot.row.node
    start, end = ground.source.span(node)
    match node:
        case ast.Return(value=None):
            for value in return_values(ground):
                yield Change(1.9, (Splice(start, end, f"return {value.text}"),))
        case ast.Return(value=ast.expr() as value):
            old = ground.reading.term(value).text
            yield Change(2.4, (Splice(start, end, f"yield {old}"),))
            for new in return_values(ground):
                if new.text != old:
                    yield Change(2.0, (Splice(start, end, f"return {new.text}"),))
        case ast.Expr(value=ast.expr() as value) if not isinstance(value, ast.Call | ast.Yield | ast.Constant):
            yield Change(1.9, (Splice(start, end, f"return {ground.reading.term(value).text}"),))
        case ast.Raise():
            for value in return_values(ground):
                yield Change(2.6, (Splice(start, end, f"return {value.text}"),))
        case _:
            return


def return_values(ground: Ground) -> list[Term]:
    """What the target returns elsewhere, simple constants, variables."""
    returns = [site.node for site in ground.reading.sites if isinstance(site.parent, ast.Return)]
    texts = [ground.reading.term(node).text for node in returns]
    texts += ["None", "0", "1", "-1", "True", "False", "[]", "''", "{}", "set()", "()", "[[]]", "self"]
    names = [
        variable.text
        for variable in ground.scope.variables
        if "." not in variable.text and variable.within == EVERYWHERE
    ]
    return [Term(text) for text in dict.fromkeys((*texts, *names, *(f"[{name}]" for name in names[:6])))]


OPERATORS: tuple[Operator[Spot], ...] = (
    Operator("another assignment", 1.2, assignment),
    Operator("assigned instead of called", 1.8, call_or_assignment),
    Operator("another return value", 1.9, returned),
)
