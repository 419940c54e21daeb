"""Indices that are counted by hand."""

import ast
from collections.abc import Iterator

from perforch.builtin.optimize import facts, kinds, trees
from perforch.builtin.optimize.code import Code, Rewrite
from perforch.builtin.optimize.loops import stays_inside
from perforch.builtin.optimize.rule import Rule

_SEQUENCE = "it is a sequence: it can be sliced"


def _counting(code: Code) -> Iterator[Rewrite]:
    """`while i < n: ...; i += 1`."""
    for node in code.nodes:
        match node:
            case ast.While(
                test=ast.Compare(left=ast.Name(id=index), ops=[ast.Lt() | ast.LtE() as sign], comparators=[end]),
                body=[*body, step],
                orelse=[],
            ) if body and step_of(step) == (index, 1) and facts.is_pure(code, end):
                first = _start(code, node, index)
            case _:
                continue
        if first is None or facts.changed(code, node.body[:-1]) & {index, *trees.names(end)}:
            continue
        inner = [each for part in body for each in ast.walk(part)]
        if any(isinstance(each, ast.Continue) for each in inner) or not stays_inside(code, node, {index}):
            continue
        if not kinds.is_number(code, end) or not code.is_builtin("range"):
            continue
        start = ast.unparse(first.value)  # type: ignore[attr-defined]  # an assignment
        bound = ast.unparse(end) if isinstance(sign, ast.Lt) else f"{ast.unparse(end)} + 1"
        head = f"for {index} in range({bound}):" if start == "0" else f"for {index} in range({start}, {bound}):"
        header_end = code.source.span(node.test)[1]
        colon = code.text.find(":", header_end)
        whole = code.source.span(node)[0]
        yield Rewrite(
            (
                code.swap_statements(first, first, ""),
                code.replace(whole, colon + 1, head),
                code.swap_statements(step, step, ""),
            )
        )


def _start(code: Code, node: ast.stmt, index: str) -> ast.stmt | None:
    block = code.block(node)
    for statement in reversed(block[: block.index(node)]):
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=int())) if name == index:
                return statement
            case _ if index in trees.names(statement):
                return None
            case _:
                pass
    return None


def _counted(code: Code) -> Iterator[Rewrite]:
    """`for x in xs: ...; i += 1`."""
    for node in code.nodes:
        match node:
            case ast.For(target=ast.Name() as target, body=[*body, step], orelse=[]) if body:
                found = step_of(step)
            case _:
                continue
        if found is None or found[1] != 1:
            continue
        index = found[0]
        first = _start(code, node, index)
        inner = [each for part in body for each in ast.walk(part)]
        if first is None or any(isinstance(each, ast.Continue) for each in inner) or index in trees.stored(body):
            continue
        if not stays_inside(code, node, {index}) or len(code.stores(index)) != 2 or not code.is_builtin("enumerate"):
            continue
        start = ast.unparse(first.value)  # type: ignore[attr-defined]  # an assignment
        more = "" if start == "0" else f", {start}"
        yield Rewrite(
            (
                code.swap_statements(first, first, ""),
                code.swap_bare(target, f"{index}, {target.id}"),
                code.swap(node.iter, f"enumerate({ast.unparse(node.iter)}{more})"),
                code.swap_statements(step, step, ""),
            )
        )


def step_of(node: ast.stmt) -> tuple[str, int] | None:
    """The name that is counted up or down by one, and which."""
    match node:
        case ast.AugAssign(target=ast.Name(id=name), op=ast.Add() | ast.Sub() as sign, value=ast.Constant(value=1)):
            return name, 1 if isinstance(sign, ast.Add) else -1
        case _:
            return None


def _every(code: Code) -> Iterator[Rewrite]:
    """[x for i, x in enumerate(xs) if i % 2 == 0] is [x for x in xs[::2]]"""
    for node in code.nodes:
        if not isinstance(node, ast.ListComp | ast.GeneratorExp | ast.SetComp) or len(node.generators) != 1:
            continue
        part = node.generators[0]
        match part:
            case ast.comprehension(
                target=ast.Tuple(elts=[ast.Name(id=index), ast.Name(id=item)]),
                iter=ast.Call(args=[ast.Name(id=sequence)]) as items,
                ifs=[condition],
            ) if code.is_called(items, "enumerate"):
                conditions = condition.values if _is_and(condition) else [condition]  # type: ignore[attr-defined]  # BoolOp
                found = _stride(conditions[0], index)
            case _:
                continue
        if found is None or index in trees.names([node.elt, *conditions[1:]]):
            continue
        rest = " and ".join(
            ast.unparse(each) if not isinstance(each, ast.BoolOp) else f"({ast.unparse(each)})"
            for each in conditions[1:]
        )
        start, step = found
        text = f"{sequence}[{start or ''}::{step}]"
        clause = f" if {rest}" if rest else ""
        whole = f"{ast.unparse(node.elt)} for {item} in {text}{clause}"
        brackets = "{}" if isinstance(node, ast.SetComp) else "()" if isinstance(node, ast.GeneratorExp) else "[]"
        yield Rewrite((code.swap(node, f"{brackets[0]}{whole}{brackets[1]}"),))


def _is_and(node: ast.expr) -> bool:
    return isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And)


def _stride(node: ast.expr, index: str) -> tuple[int, int] | None:
    match node:
        case ast.Compare(
            left=ast.BinOp(left=ast.Name(id=name), op=ast.Mod(), right=ast.Constant(value=int() as step)),
            ops=[ast.Eq()],
            comparators=[ast.Constant(value=int() as rest)],
        ) if name == index and 0 <= rest < step:
            return rest, step
        case _:
            return None


RULES = (
    Rule("an index that counts up is a range", _counting, weight=2),
    Rule("an index that is counted along is enumerated", _counted, weight=2),
    Rule("every second item is a slice", _every, _SEQUENCE, weight=3),
)
