"""Divisors: none above the root needs to be tried."""

import ast
from collections.abc import Iterator

from perforch.builtin.optimize import trees
from perforch.builtin.optimize.code import Code, Rewrite
from perforch.builtin.optimize.loops import stays_inside
from perforch.builtin.optimize.rule import Rule


def _root(code: Code) -> Iterator[Rewrite]:
    """`for d in range(2, n): if n % d == 0: <the end of it>`."""
    line = code.imported("math", "isqrt")
    for node in code.nodes:
        found = _trial(code, node)
        if found is None or line is None or not code.is_builtin("min"):
            continue
        loop, number, bounds = found
        if "isqrt" in ast.unparse(loop.iter) or "sqrt" in ast.unparse(loop.iter) or not _is_wide(bounds[1], number):
            continue
        value = ast.unparse(number) if code.is_called(number, "len") else f"max({ast.unparse(number)}, 0)"
        bound = f"isqrt({value}) + 1"
        yield Rewrite((code.swap(bounds[1], f"min({ast.unparse(bounds[1])}, {bound})"),), line)


def _trial(code: Code, node: ast.AST) -> tuple[ast.For, ast.expr, list[ast.expr]] | None:
    """A loop over possible divisors that ends with the first one, and does not say which it was."""
    match node:
        case ast.For(
            target=ast.Name(id=divisor),
            iter=ast.Call(args=[ast.Constant(value=2), _]) as header,
            body=[ast.If(test=test, body=body, orelse=[])],
        ):
            number = _divided(test, divisor)
        case _:
            return None
    if number is None or not code.is_called(header, "range") or not _ends(body[-1:], body):
        return None
    if divisor in trees.names(body) or divisor in trees.names(number) or not stays_inside(code, node, {divisor}):
        return None
    return node, number, header.args


def _divided(test: ast.expr, divisor: str) -> ast.expr | None:
    """The n of `n % d == 0` or `not n % d`."""
    match test:
        case ast.Compare(
            left=ast.BinOp(left=number, op=ast.Mod(), right=ast.Name(id=name)),
            ops=[ast.Eq()],
            comparators=[ast.Constant(value=0)],
        ) if name == divisor:
            return number
        case ast.UnaryOp(op=ast.Not(), operand=ast.BinOp(left=number, op=ast.Mod(), right=ast.Name(id=name))):
            return number if name == divisor else None
        case _:
            return None


def _ends(last: list[ast.stmt], body: list[ast.stmt]) -> bool:
    """Whether the loop ends there, or whatever comes later would only do the same again."""
    if isinstance(last[0], ast.Return | ast.Break):
        return True
    return any(isinstance(each, ast.Return | ast.Break) for each in body) or all(
        isinstance(each, ast.Assign) and isinstance(each.value, ast.Constant) and isinstance(each.targets[0], ast.Name)
        for each in body
    )


def _is_wide(bound: ast.expr, number: ast.expr) -> bool:
    """Whether the bound is the number itself, or a little less."""
    match bound:
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub(), right=ast.Constant(value=0 | 1)):
            return trees.same(left, number) and not (isinstance(bound.op, ast.Add))
        case _:
            return trees.same(bound, number)


def _odd(code: Code) -> Iterator[Rewrite]:
    """After 2, only odd numbers can be the least divisor."""
    line = code.imported("itertools", "chain")
    for node in code.nodes:
        found = _trial(code, node)
        if (
            found is None
            or line is None
            or not any(isinstance(each, ast.Return | ast.Break) for each in ast.walk(node))
        ):
            continue
        loop, _, bounds = found
        text = ast.unparse(bounds[1])
        if "sqrt" not in text and "** 0.5" not in text:
            continue
        name = code.fresh("end", "stop")
        before = code.insert(loop, f"{name} = {text}")
        new = code.swap(loop.iter, f"chain(range(2, min({name}, 3)), range(3, {name}, 2))")
        yield Rewrite((before, new), line)


def _largest_divisor(code: Code) -> Iterator[Rewrite]:
    """`for i in reversed(range(n)): if n % i == 0: return i`."""
    line = code.imported("math", "isqrt")
    for node in code.nodes:
        match node:
            case ast.For(
                target=ast.Name(id=divisor),
                iter=ast.Call(args=[ast.Call(args=[ast.Name(id=number)]) as header]) as back,
                body=[ast.If(test=test, body=[ast.Return(value=ast.Name(id=given))], orelse=[])],
                orelse=[],
            ) if code.is_called(back, "reversed") and code.is_called(header, "range") and given == divisor:
                found = _divided(test, divisor)
            case ast.For(
                target=ast.Name(id=divisor),
                iter=ast.Call(
                    args=[
                        ast.BinOp(left=ast.Name(id=number), op=ast.Sub(), right=ast.Constant(value=1)),
                        ast.Constant(value=0),
                        ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=1)),
                    ]
                ) as header,
                body=[ast.If(test=test, body=[ast.Return(value=ast.Name(id=given))], orelse=[])],
                orelse=[],
            ) if code.is_called(header, "range") and given == divisor:
                found = _divided(test, divisor)
            case _:
                continue
        if line is None or not isinstance(found, ast.Name) or found.id != number or "isqrt" in code.text:
            continue
        text = (
            f"if {number} > 1:\n"
            f"    for {divisor} in range(2, isqrt({number}) + 1):\n"
            f"        if {number} % {divisor} == 0:\n"
            f"            return {number} // {divisor}\n"
            f"    return 1"
        )
        yield Rewrite((code.insert(node, text),), line)


RULES = (
    Rule("divisors are looked for up to the root", _root, "whole numbers are divided", weight=9),
    Rule("the largest divisor belongs to the least one", _largest_divisor, "whole numbers are divided", weight=9),
    Rule("after two, only odd divisors are tried", _odd, "whole numbers are divided", weight=5),
)
