"""Pairs that are looked for in nested loops."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from perforch.builtin.optimize import facts, trees
from perforch.builtin.optimize.code import Code, Rewrite
from perforch.builtin.optimize.loops import stays_inside
from perforch.builtin.optimize.rule import Rule

_HASHED = "the items can be hashed, and equal themselves"


def _found_in_set(code: Code) -> Iterator[Rewrite]:
    """`for a in xs: for b in ys: if a == b: <the same whenever and however often it happens>`."""
    for outer in code.nodes:
        match outer:
            case ast.For(
                body=[
                    ast.For(
                        target=target, iter=items, body=[ast.If(test=test, body=body, orelse=[])], orelse=[]
                    ) as inner
                ],
                orelse=[],
            ):
                sides = _sides(test, trees.targets(target))
            case _:
                continue
        if sides is None or not code.is_builtin("set"):
            continue
        fixed, looked = sides
        outer_names = trees.targets(outer.target)
        if trees.targets(target) & trees.names([*body, fixed]) or outer_names & trees.names([items, looked]):
            continue
        if not _is_idempotent(body) or trees.names([items, looked]) & facts.changed(code, [outer]) - trees.targets(
            target
        ):
            continue
        if not (facts.is_pure(code, items) and facts.is_pure(code, looked)) or not stays_inside(
            code, outer, trees.targets(target)
        ):
            continue
        name = code.fresh("candidates", "known")
        bound, through = ast.unparse(target), ast.unparse(items)
        simple = ast.unparse(looked) == bound
        made = f"set({through})" if simple else f"{{{ast.unparse(looked)} for {bound} in {through}}}"
        rest = "\n".join("    " + line for each in body for line in ast.unparse(each).split("\n"))
        yield Rewrite(
            (
                code.insert(outer, f"{name} = {made}"),
                code.swap_statements(inner, inner, f"if {ast.unparse(fixed)} in {name}:\n{rest}"),
            )
        )


def _sides(test: ast.expr, names: set[str]) -> tuple[ast.expr, ast.expr] | None:
    """Of an equality, the side that the inner loop does not change, and the one that it does."""
    match test:
        case ast.Compare(left=left, ops=[ast.Eq()], comparators=[right]):
            if names & trees.names(right) and not names & trees.names(left):
                return left, right
            if names & trees.names(left) and not names & trees.names(right):
                return right, left
        case _:
            pass
    return None


def _is_idempotent(body: list[ast.stmt]) -> bool:
    match body:
        case [ast.Return()]:
            return True
        case [ast.Expr(value=ast.Call(func=ast.Attribute(attr="add")))]:
            return True
        case [ast.Assign(value=ast.Constant(), targets=[ast.Name()])]:
            return True
        case _:
            return False


def _pair_sum(code: Code) -> Iterator[Rewrite]:
    """`for j in range(i + 1, len(xs)): for k in range(j + 1, len(xs)): if s + xs[j] + xs[k] == 0: return ...`."""
    for outer in code.nodes:
        found = _pair_loop(code, outer)
        if found is None:
            continue
        name, _, rest, total, end = found
        seen = code.fresh("seen", "known")
        new = code.fresh("item", "element", "each")
        assert isinstance(outer, ast.For)
        sequence = _later(outer, name)
        if sequence is None:
            continue
        sign = f"-({rest} + {new})" if rest else f"-{new}"
        wanted = sign if total == "0" else f"{total} - {sign[1:]}"
        text = (
            f"{seen} = set()\n"
            f"for {new} in reversed({sequence}):\n"
            f"    if {wanted} in {seen}:\n"
            f"        {end}\n"
            f"    {seen}.add({new})"
        )
        yield Rewrite((code.swap_statements(outer, outer, text),))


def _later(outer: ast.For, name: str) -> str | None:
    """What the outer loop goes through, as a sequence."""
    match outer.iter:
        case ast.Call(func=ast.Name(id="range"), args=[ast.Call()]):
            return name
        case ast.Call(func=ast.Name(id="range"), args=[start, ast.Call()]):
            return f"{name}[{ast.unparse(start)}:]"
        case ast.Call(func=ast.Name(id="enumerate"), args=[ast.Name()]):
            return name
        case _:
            return None


def _pair_loop(code: Code, outer: ast.AST) -> tuple[str, str, str, str, str] | None:
    """Sequence, index, the part of the sum that stays, the sum, and what happens when it is found."""
    match outer:
        case ast.For(
            target=target,
            iter=ast.Call() as header,
            body=[
                ast.For(
                    target=ast.Name(id=second),
                    iter=ast.Call(args=[low, ast.Call(func=ast.Name(id="len"), args=[ast.Name(id=name)])]) as inner,
                    body=[
                        ast.If(
                            test=ast.Compare(
                                left=ast.BinOp(op=ast.Add()) as summed,
                                ops=[ast.Eq()],
                                comparators=[ast.Constant(value=int()) as total],
                            ),
                            body=[ast.Return(value=ast.Constant()) as end],
                            orelse=[],
                        )
                    ],
                    orelse=[],
                )
            ],
            orelse=[],
        ) if code.is_called(inner, "range"):
            first, item = _first_index(code, target, header, name)
        case _:
            return None
    if first is None or ast.unparse(low) != f"{first} + 1" or not code.is_builtin("reversed"):
        return None
    terms = [ast.unparse(each) for each in _terms(summed)]
    if terms[-1] != f"{name}[{second}]" or len(terms) < 2 or terms[-2] not in {f"{name}[{first}]", item}:
        return None
    rest = terms[:-2]
    if {first, second} & trees.names(ast.parse(" + ".join(rest) or "0")):
        return None
    return name, first, " + ".join(rest), ast.unparse(total), ast.unparse(end)


def _first_index(code: Code, target: ast.expr, header: ast.Call, name: str) -> tuple[str | None, str]:
    match target, header.args:
        case ast.Name(id=index), [*_, ast.Call(func=ast.Name(id="len"), args=[ast.Name(id=same)])] if same == name:
            return (index, "") if code.is_called(header, "range") and len(header.args) <= 2 else (None, "")
        case ast.Tuple(elts=[ast.Name(id=index), ast.Name(id=item)]), [ast.Name(id=same)] if same == name:
            return (index, item) if code.is_called(header, "enumerate") else (None, "")
        case _:
            return None, ""


def _terms(node: ast.expr) -> list[ast.expr]:
    match node:
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return [*_terms(left), right]
        case _:
            return [node]


@dataclass(frozen=True, slots=True)
class Meeting:
    """Two loops over the same numbered items, with all that happens under the condition that they are not the same."""

    outer: ast.For
    inner: ast.For
    choice: ast.If
    sequence: str
    index: str
    names: tuple[str, str, str, str]  # of the indices, then of the items


def _meetings(code: Code) -> Iterator[Meeting]:
    for outer in code.nodes:
        match outer:
            case ast.For(
                target=ast.Tuple(elts=[ast.Name(id=i), ast.Name(id=a)]),
                iter=ast.Call(args=[ast.Name(id=name)]) as one,
                body=[
                    ast.For(
                        target=ast.Tuple(elts=[ast.Name(id=j), ast.Name(id=b)]),
                        iter=ast.Call(args=[ast.Name(id=other)]) as two,
                        body=[ast.If(test=test, orelse=[]) as choice],
                        orelse=[],
                    ) as inner
                ],
                orelse=[],
            ) if name == other and ast.unparse(test) in {f"{i} != {j}", f"{j} != {i}"}:
                if code.is_called(one, "enumerate") and code.is_called(two, "enumerate"):
                    yield Meeting(outer, inner, choice, name, i, (i, j, a, b))
            case _:
                pass


def _nearest(code: Code) -> Iterator[Rewrite]:
    """Two loops over the same numbers that look for a pair nearer than a threshold."""
    for each in _meetings(code):
        _, _, a, b = each.names
        found = _near_body(code, each.choice.body, (a, b))
        if found is None or not code.is_builtin("sorted") or not code.is_builtin("zip"):
            continue
        threshold, end = found
        ordered = code.fresh("ordered", "in_order")
        text = (
            f"if all([{a} == {a} for {a} in {each.sequence}]):\n"
            f"    {ordered} = sorted({each.sequence})\n"
            f"    for {a}, {b} in zip({ordered}, {ordered}[1:]):\n"
            f"        if abs({a} - {b}) < {threshold}:\n"
            f"            {end}\n"
            f"else:\n"
        )
        slow = "\n".join("    " + line for line in ast.unparse(each.outer).split("\n"))
        if stays_inside(code, each.outer, set(each.names)) and "sorted(" not in ast.unparse(code.function):
            yield Rewrite((code.swap_statements(each.outer, each.outer, text + slow),))


def _near_body(code: Code, body: list[ast.stmt], pair: tuple[str, str]) -> tuple[str, str] | None:
    match body:
        case [
            ast.Assign(targets=[ast.Name(id=distance)], value=value),
            ast.If(
                test=ast.Compare(left=ast.Name(id=tested), ops=[ast.Lt()], comparators=[threshold]),
                body=[ast.Return(value=ast.Constant()) as end],
                orelse=[],
            ),
        ] if distance == tested:
            pass
        case [
            ast.If(
                test=ast.Compare(left=value, ops=[ast.Lt()], comparators=[threshold]),
                body=[ast.Return(value=ast.Constant()) as end],
                orelse=[],
            )
        ]:
            pass
        case _:
            return None
    a, b = pair
    if ast.unparse(value) not in {f"abs({a} - {b})", f"abs({b} - {a})"} or not code.is_builtin("abs"):
        return None
    return (ast.unparse(threshold), ast.unparse(end)) if isinstance(threshold, ast.Name | ast.Constant) else None


def _symmetric(code: Code) -> Iterator[Rewrite]:
    """Two loops over the same items, each pair met twice: the second meeting changes nothing."""
    for each in _meetings(code):
        name = each.sequence
        if name in facts.changed(code, [each.outer]) or f"sorted({name})" in code.text:
            continue
        rest = "\n".join(ast.unparse(statement) for statement in each.choice.body)
        yield Rewrite(
            (
                code.swap(each.inner.iter, f"enumerate({name}[{each.index} + 1:], {each.index} + 1)"),
                code.swap_statements(each.choice, each.choice, rest),
            )
        )


RULES = (
    Rule("equal items of two loops are looked up", _found_in_set, _HASHED, weight=8),
    Rule("a pair with a sum is looked up", _pair_sum, "finite numbers are added", weight=8),
    Rule("the nearest neighbours are next to each other in order", _nearest, "numbers are compared", weight=9),
    Rule(
        "each pair is met once", _symmetric, "it is a sequence, and the order within a pair does not matter", weight=5
    ),
)
