"""Questions that are asked in the branch where they matter, and generators that are loops."""

import ast
from collections.abc import Iterator

from perforch.builtin.optimize import facts, kinds, trees
from perforch.builtin.optimize.code import Code, Rewrite, operand
from perforch.builtin.optimize.loops import initial, sink, stays_inside
from perforch.builtin.optimize.rule import Rule


def _falling(code: Code) -> Iterator[Rewrite]:
    """`if c: d += 1 else: d -= 1; if d < 0: return`: only where it falls can it fall below."""
    for loop in code.nodes:
        match loop:
            case ast.For(
                body=[
                    ast.If(body=[up], orelse=[down]),
                    ast.If(test=test, body=[ast.Return() as end], orelse=[]) as check,
                ]
            ):
                name = _counter(up, ast.Add)
            case _:
                continue
        if name is None or _counter(down, ast.Sub) != name or ast.unparse(test) != f"{name} < 0":
            continue
        first = initial(code, loop, name)
        if (
            first is None
            or ast.unparse(first.value) != "0"
            or code.stores(name) != [each for each in code.stores(name) if _is_in(loop, each) or _is_in(first, each)]
        ):
            continue
        text = f"{ast.unparse(down)}\n{ast.unparse(ast.If(test, [end], []))}"
        yield Rewrite((code.swap_statements(down, down, text), code.swap_statements(check, check, "")))


def _counter(statement: ast.stmt, kind: type[ast.operator]) -> str | None:
    match statement:
        case ast.AugAssign(target=ast.Name(id=name), op=sign, value=ast.Constant(value=1)) if isinstance(sign, kind):
            return name
        case ast.Assign(
            targets=[ast.Name(id=name)],
            value=ast.BinOp(left=ast.Name(id=same), op=sign, right=ast.Constant(value=1)),
        ) if name == same and isinstance(sign, kind):
            return name
        case _:
            return None


def _is_in(tree: ast.AST, node: ast.AST) -> bool:
    return any(each is node for each in ast.walk(tree))


def _asked(code: Code) -> Iterator[Rewrite]:
    """`if all(p(x) for x in xs): ...` in a loop is a loop with an else, and needs no generator."""
    for node in code.nodes:
        match node:
            case ast.If(
                test=ast.Call(args=[ast.GeneratorExp(elt=condition, generators=[part])]) as call, body=body, orelse=[]
            ):
                pass
            case _:
                continue
        if not code.is_called(call, "any", "all") or not isinstance(call.func, ast.Name) or part.ifs:
            continue
        if not isinstance(part.target, ast.Name) or _has_jump(body) or not stays_inside(code, call, {part.target.id}):
            continue
        if code.stores(part.target.id) != [part.target]:
            continue
        head = f"for {ast.unparse(part.target)} in {ast.unparse(part.iter)}:"
        rest = "\n".join("    " + line for each in body for line in ast.unparse(each).split("\n"))
        if call.func.id == "all":
            yield Rewrite(
                (code.swap_statements(node, node, f"{head}\n    if {_not(condition)}:\n        break\nelse:\n{rest}"),)
            )
        elif len(body) == 1 and isinstance(body[0], ast.Return):
            inner = rest.replace("\n", "\n    ")
            yield Rewrite((code.swap_statements(node, node, f"{head}\n    if {ast.unparse(condition)}:\n    {inner}"),))


def _returned(code: Code) -> Iterator[Rewrite]:
    """`return all(p(x) for x in xs)` is a loop that returns."""
    for node in code.nodes:
        match node:
            case ast.Return(value=ast.Call(args=[ast.GeneratorExp(elt=condition, generators=[part])]) as call):
                pass
            case _:
                continue
        if not code.is_called(call, "any", "all") or part.ifs or not isinstance(part.target, ast.Name):
            continue
        if not stays_inside(code, call, {part.target.id}) or not facts.is_pure(code, condition):
            continue
        assert isinstance(call.func, ast.Name)
        is_all = call.func.id == "all"
        test = _not(condition) if is_all else ast.unparse(condition)
        head = f"for {ast.unparse(part.target)} in {ast.unparse(part.iter)}:"
        text = f"{head}\n    if {test}:\n        return {not is_all}\nreturn {is_all}"
        yield Rewrite((code.swap_statements(node, node, text),))


_OPPOSITES = {ast.Eq: "!=", ast.NotEq: "==", ast.In: "not in", ast.NotIn: "in", ast.Is: "is not", ast.IsNot: "is"}


def _not(condition: ast.expr) -> str:
    match condition:
        case ast.Compare(left=left, ops=[sign], comparators=[right]) if type(sign) in _OPPOSITES:
            return f"{ast.unparse(left)} {_OPPOSITES[type(sign)]} {ast.unparse(right)}"
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            return ast.unparse(inner)
        case ast.BoolOp() | ast.IfExp() | ast.Lambda():
            return f"not {operand(condition)}"
        case _:
            return f"not {ast.unparse(condition)}"


def _has_jump(body: list[ast.stmt]) -> bool:
    return any(isinstance(each, ast.Break | ast.Continue) for part in body for each in ast.walk(part))


def _counted_down(code: Code) -> Iterator[Rewrite]:
    """`while k: text += piece; k -= 1`."""
    for node in code.nodes:
        match node:
            case (
                ast.While(test=ast.Name(id=count), body=[first, last], orelse=[])
                | ast.While(
                    test=ast.Compare(left=ast.Name(id=count), ops=[ast.Gt()], comparators=[ast.Constant(value=0)]),
                    body=[first, last],
                    orelse=[],
                )
            ) if _counter(last, ast.Sub) == count:
                found = sink(first)
            case _:
                continue
        if (
            found is None
            or found.kind != "+"
            or count in trees.names(found.value)
            or found.name in trees.names(found.value)
        ):
            continue
        if kinds.is_text(code, ast.Name(found.name, ast.Load())) and facts.is_pure(code, found.value):
            text = f"{found.name} += {operand(found.value)} * {count}\n{count} = 0"
            yield Rewrite((code.swap_statements(node, node, text),))


def _rotated(code: Code) -> Iterator[Rewrite]:
    """`xs.append(xs[-1] + xs[-2]); xs.pop(0)`: a window of fixed size is a few names."""
    for loop in code.nodes:
        match loop:
            case ast.For(
                body=[
                    ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="append"), args=[value])),
                    ast.Expr(
                        value=ast.Call(
                            func=ast.Attribute(value=ast.Name(id=same), attr="pop"), args=[ast.Constant(value=0)]
                        )
                    ),
                ],
                orelse=[],
            ) if name == same:
                values = kinds.assigned(code, name)
            case _:
                continue
        if len(values) != 1 or kinds.is_parameter(code, name) or name in trees.names(loop.iter):
            continue
        match values[0]:
            case ast.List(elts=items) if 2 <= len(items) <= 6 and not any(
                isinstance(each, ast.Starred) for each in items
            ):
                text = _window(code, loop, name, value, len(items))
                if text is not None:
                    yield Rewrite((code.swap_statements(loop, loop, text),))
            case _:
                pass


def _window(code: Code, loop: ast.For, name: str, value: ast.expr, size: int) -> str | None:
    parts = [code.fresh(f"{name}_{number}") for number in range(size)]
    known = {f"{name}[{number - size}]": part for number, part in enumerate(parts)}
    known |= {f"{name}[{number}]": part for number, part in enumerate(parts)}
    new = trees.substituted(
        value,
        lambda each: (
            ast.Name(known[ast.unparse(each)], ast.Load())
            if isinstance(each, ast.Subscript) and ast.unparse(each) in known
            else None
        ),
    )
    if name in trees.names(new):
        return None
    names = ", ".join(parts)
    return (
        f"{names} = {name}\n"
        f"for {ast.unparse(loop.target)} in {ast.unparse(loop.iter)}:\n"
        f"    {names} = {', '.join(parts[1:])}, {ast.unparse(new)}\n"
        f"{name} = [{names}]"
    )


RULES = (
    Rule("what only falling can cause is asked where it falls", _falling, weight=2),
    Rule("a question about all items is a loop with an else", _asked, weight=2),
    Rule("an answer about all items is a loop that returns", _returned, weight=2),
    Rule("a text that is added again and again is multiplied", _counted_down, "it counts down to zero", weight=2),
    Rule("a window of fixed size is a few names", _rotated, "nobody else has the list", weight=4),
)
