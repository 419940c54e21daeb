"""Statements that are missing: repeated from elsewhere, simple ones over the variables, guards."""

import ast
from collections.abc import Iterator

from perforch.builtin.operators.assignments import return_values
from perforch.builtin.operators.base import Change, Changes, Ground, Operator, Spot
from perforch.builtin.rows import after, before
from perforch.builtin.scope import reachable
from perforch.builtin.terms import NUMERIC, Term, fits, negated
from perforch.core.edits import Splice

_SIMPLE = (ast.Assign, ast.AugAssign, ast.Expr, ast.AnnAssign)
_JUMPS = (ast.Return, ast.Raise, ast.Break, ast.Continue)
_LISTS = frozenset({"list", "deque"})
_MOST_STATEMENTS = 250
_MOST_RETURNS = 24


def repeated(ground: Ground, spot: Spot) -> Changes:
    """A statement that the target has elsewhere."""
    for line in _donor_lines(ground):
        yield from _inserted(ground, spot, 2.3, line)


def synthesised(ground: Ground, spot: Spot) -> Changes:
    for line in _simple_statements(ground)[:_MOST_STATEMENTS]:
        yield from _inserted(ground, spot, 2.5, line)


def jump(ground: Ground, spot: Spot) -> Changes:
    if spot.block.in_loop:
        for word in ("continue", "break"):
            yield from _inserted(ground, spot, 2.2, word)
    if spot.is_last and not isinstance(spot.row.node, _JUMPS):
        for value in return_values(ground):
            yield Change(2.3, (after(ground.source, spot.row, [f"return {value.text}"]),))


def guarded_jump(ground: Ground, spot: Spot) -> Changes:
    """`if ...: continue`, and break, and raise."""
    jumps = ["continue", "break"] if spot.block.in_loop else []
    for condition in _guards(ground, spot):
        for line in jumps:
            yield from _inserted(ground, spot, 3.0, f"if {condition.text}:", f"{ground.reading.unit}{line}")
    raises = _raises(ground)
    for condition in _guards(ground, spot) if spot.block.is_outermost and spot.index <= 1 else ():
        for line in raises:
            yield from _inserted(ground, spot, 3.0, f"if {condition.text}:", f"{ground.reading.unit}{line}")


def guarded_return(ground: Ground, spot: Spot) -> Changes:
    is_early = spot.block.is_outermost and spot.index <= 1
    values = return_values(ground)[:_MOST_RETURNS]
    for value in values:
        for condition in _guards(ground, spot):
            lines = (f"if {condition.text}:", f"{ground.reading.unit}return {value.text}")
            yield Change(2.9 if is_early else 3.4, (before(ground.source, spot.row, lines),))


def wrapped_in_guard(ground: Ground, spot: Spot) -> Changes:
    """The statement happens only if a condition holds."""
    row = spot.row
    if isinstance(row.node, ast.FunctionDef | ast.Import | ast.ImportFrom | ast.ClassDef):
        return
    span = ground.source.span(row.node)
    if row.node.lineno != row.node.end_lineno:
        return
    text = ground.reading.text[slice(*span)]
    indent = row.indent + ground.reading.unit
    for condition in _guards(ground, spot):
        new = f"if {condition.text}:{ground.source.newline}{indent}{text}"
        yield Change(2.7, (Splice(*span, new),))


def added_else(ground: Ground, spot: Spot) -> Changes:
    """An `else` for an `if` that has none, with a statement of the target."""
    if not isinstance(spot.row.node, ast.If) or spot.row.node.orelse:
        return
    lines = [*_donor_lines(ground), *(f"return {value.text}" for value in return_values(ground)[:8])]
    lines += ["continue", "break"] if spot.block.in_loop else []
    known = set(lines)
    made_up = [line for line in _simple_statements(ground)[:_MOST_STATEMENTS] if line not in known]
    for cost, line in (*((2.6, line) for line in lines), *((2.8, line) for line in made_up)):
        yield Change(cost, (after(ground.source, spot.row, ["else:", f"{ground.reading.unit}{line}"]),))


def _inserted(ground: Ground, spot: Spot, cost: float, *lines: str) -> Iterator[Change]:
    yield Change(cost, (before(ground.source, spot.row, lines),))
    if spot.is_last and not isinstance(spot.row.node, _JUMPS):
        yield Change(cost, (after(ground.source, spot.row, lines),))


def _donor_lines(ground: Ground) -> list[str]:
    """Simple statements of one line."""
    rows = [row for block in ground.reading.blocks for row in block.rows]
    simple = [row.node for row in rows if isinstance(row.node, _SIMPLE) and row.node.lineno == row.node.end_lineno]
    return list(dict.fromkeys(ground.reading.text[slice(*ground.source.span(node))] for node in simple))


def _raises(ground: Ground) -> list[str]:
    rows = [row.node for block in ground.reading.blocks for row in block.rows]
    own = [ground.reading.text[slice(*ground.source.span(node))] for node in rows if isinstance(node, ast.Raise)]
    names = ground.scope.exceptions[:5]
    return list(dict.fromkeys([*own, *(f"raise {name}" for name in names)]))


def _guards(ground: Ground, spot: Spot) -> Iterator[Term]:
    conditions = (*ground.scope.conditions, *(negated(condition) for condition in ground.scope.conditions))
    return reachable((*ground.scope.atoms, *conditions), (spot.row.start, spot.row.end))


def _simple_statements(ground: Ground) -> list[str]:
    """Assignments, steps and additions over the variables, as their types allow."""
    names = [variable for variable in ground.scope.variables if variable.within[0] == 0]
    parameters = [arg.arg for arg in ground.reading.function.args.args]
    kept = parameters[1:] if parameters[:1] == ["self"] else []
    lines = [f"self.{prefix}{name} = {name}" for name in kept for prefix in ("", "_")]
    for one in names:
        lines += _about(one)
        for other in names:
            if one is not other:
                lines += _with(one, other)
    return list(dict.fromkeys(lines))


def _about(one: Term) -> list[str]:
    name = one.text
    lines = [f"{name} {rest}" for rest in ("+= 1", "-= 1", "= 0", "= 1")] if one.may_be(NUMERIC) else []
    if one.kinds & _LISTS:
        lines += [f"{name}.pop()", f"{name}.sort()", f"{name}.reverse()", f"{name} = sorted({name})", f"{name} = []"]
        lines += [f"{name}.clear()", f"{name} = list({name})"]
    if "str" in one.kinds:
        lines += [f"{name} = ''", f"{name} = {name}.strip()", f"{name} = {name}.lower()"]
    if "bool" in one.kinds:
        lines += [f"{name} = True", f"{name} = False"]
    if not one.kinds or "NoneType" in one.kinds:
        lines += [f"{name} = None"]
    return lines


def _with(one: Term, other: Term) -> list[str]:
    name, value = one.text, other.text
    lines = [f"{name} = {value}"] if fits(one, other) else []
    if one.may_be(NUMERIC) and other.kinds & NUMERIC:
        lines += [f"{name} += {value}", f"{name} -= {value}"]
    if one.kinds & _LISTS:
        lines += [f"{name}.append({value})"]
        if other.kinds & {"list", "tuple", "str"}:
            lines += [f"{name}.extend({value})", f"{name}.append({value}[-1])", f"{name}.append({value}[0])"]
            lines += [f"{name}.append(len({value}))"]
    if "set" in one.kinds:
        lines += [f"{name}.add({value})"]
    if "str" in one.kinds and "str" in other.kinds:
        lines += [f"{name} += {value}"]
    return lines


OPERATORS: tuple[Operator[Spot], ...] = (
    Operator("a statement repeated here", 2.3, repeated),
    Operator("a simple statement added", 2.5, synthesised),
    Operator("a jump added", 2.2, jump),
    Operator("a guard with a jump added", 3.0, guarded_jump),
    Operator("a guard with a return added", 2.9, guarded_return),
    Operator("a condition around a statement", 2.7, wrapped_in_guard),
    Operator("an else added", 2.6, added_else),
)
