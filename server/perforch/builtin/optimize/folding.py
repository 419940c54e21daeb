"""Loops that look for the largest, the first or the last, and comparisons that need no call."""

import ast
from collections.abc import Iterator

from perforch.builtin.optimize import facts, kinds, trees
from perforch.builtin.optimize.code import Code, Rewrite
from perforch.builtin.optimize.loops import stays_inside
from perforch.builtin.optimize.rule import Rule


def _running(code: Code) -> Iterator[Rewrite]:
    """`x = max(x, e)` is what an `if` does without a call."""
    for node in code.nodes:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(args=[one, other]) as call):
                if not code.is_called(call, "max", "min") or not isinstance(call.func, ast.Name):
                    continue
                sign = ">" if call.func.id == "max" else "<"
                text = _compared(code, name, (one, other), sign)
                if text and _is_in_loop(code, node):
                    yield Rewrite((code.swap_statements(node, node, text),))
            case _:
                pass


def _compared(code: Code, name: str, pair: tuple[ast.expr, ast.expr], sign: str) -> str | None:
    one, other = pair
    if isinstance(one, ast.Name) and one.id == name:
        test, value = f"{{}} {sign} {name}", other
    elif isinstance(other, ast.Name) and other.id == name:
        test, value = f"not {name} {sign} {{}}", one
    else:
        return None
    if name in trees.names(value):
        return None
    if isinstance(value, ast.Name):
        return f"if {test.format(value.id)}:\n    {name} = {value.id}"
    new = code.fresh("value", "amount")
    return f"{new} = {ast.unparse(value)}\nif {test.format(new)}:\n    {name} = {new}"


def _is_in_loop(code: Code, node: ast.AST) -> bool:
    return any(isinstance(each, ast.For | ast.While) for each in code.ancestors(node))


def _flag(code: Code) -> Iterator[Rewrite]:
    """`for ...: if c: flag = CONSTANT`."""
    for node in code.nodes:
        match node:
            case ast.For(body=[ast.If(test=test, body=body, orelse=[])], orelse=[]) if facts.is_pure(code, test):
                is_fixed = all(map(_is_constant, body)) and not trees.stored(body) & trees.names([test, node.iter])
                if is_fixed and stays_inside(code, node, trees.targets(node.target)):
                    last = body[-1]
                    yield Rewrite((code.swap_statements(last, last, f"{ast.unparse(last)}\nbreak"),))
            case _:
                pass


def _is_constant(statement: ast.stmt) -> bool:
    match statement:
        case ast.Assign(targets=[ast.Name()], value=ast.Constant()):
            return True
        case _:
            return False


def _last(code: Code) -> Iterator[Rewrite]:
    """The last match is the first from the end."""
    for node in code.nodes:
        match node:
            case ast.For(
                target=ast.Name(id=item),
                body=[ast.If(test=test, body=[ast.Assign(targets=[ast.Name(id=name)], value=value)], orelse=[])],
                orelse=[],
            ) if not isinstance(value, ast.Constant) and item != name:
                is_known = code.is_called(node.iter, "range") or kinds.is_list(code, node.iter)
                pure = facts.is_pure(code, test) and facts.is_pure(code, value)
                free = name not in trees.names([test, value, node.iter])
                if is_known and pure and free and code.is_builtin("reversed") and stays_inside(code, node, {item}):
                    assignment = node.body[0].body[0]  # type: ignore[attr-defined]  # the `if` that was matched
                    yield Rewrite(
                        (
                            code.swap(node.iter, f"reversed({ast.unparse(node.iter)})"),
                            code.swap_statements(assignment, assignment, f"{ast.unparse(assignment)}\nbreak"),
                        )
                    )
            case _:
                pass


RULES = (
    Rule("a running maximum is compared without a call", _running, weight=3),
    Rule("a flag that is set cannot change any more", _flag, "later conditions raise nothing", weight=5),
    Rule("the last match is looked for from the end", _last, "earlier conditions raise nothing", weight=5),
)
