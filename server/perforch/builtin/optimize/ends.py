"""Sequences that are gone through from both ends."""

import ast
from collections.abc import Iterator

from perforch.builtin.optimize import facts, kinds
from perforch.builtin.optimize.code import Code, Rewrite
from perforch.builtin.optimize.counting import step_of
from perforch.builtin.optimize.loops import stays_inside
from perforch.builtin.optimize.rule import Rule

_SEQUENCE = "it is a sequence: it can be sliced"


def _mirrored(code: Code) -> Iterator[Rewrite]:
    """`for i in range(len(x)): ... x[i] ... x[len(x) - 1 - i] ...`."""
    for node in code.nodes:
        match node:
            case ast.For(target=ast.Name(id=index), iter=ast.Call(args=[end]) as header, body=body):
                sequence = _whole_or_half(end)
                if sequence is None or not code.is_called(header, "range") or not stays_inside(code, node, {index}):
                    continue
            case _:
                continue
        name, is_half = sequence
        mirrors = {f"{name}[len({name}) - 1 - {index}]", f"{name}[len({name}) - {index} - 1]", f"{name}[-1 - {index}]"}
        mirrors |= {f"{name}[-{index} - 1]", f"{name}[-({index} + 1)]", f"{name}[~{index}]"}
        inner = [each for part in body for each in ast.walk(part) if isinstance(each, ast.Subscript)]
        backs = [each for each in inner if ast.unparse(each) in mirrors and isinstance(each.ctx, ast.Load)]
        fronts = [each for each in inner if ast.unparse(each) == f"{name}[{index}]" and isinstance(each.ctx, ast.Load)]
        used = sum(isinstance(each, ast.Name) and each.id == index for part in body for each in ast.walk(part))
        if not backs or used != len(backs) + len(fronts) or name in facts.changed(code, body):
            continue
        one, other = code.fresh("one", "first"), code.fresh("other", "second")
        front = f"{name}[:len({name}) // 2]" if is_half else name
        yield Rewrite(
            (
                code.swap_bare(node.target, f"{one}, {other}"),
                code.swap(node.iter, f"zip({front}, reversed({name}))"),
                *(code.swap(each, other) for each in backs),
                *(code.swap(each, one) for each in fronts),
            )
        )


def _whole_or_half(end: ast.expr) -> tuple[str, bool] | None:
    match end:
        case ast.Call(func=ast.Name(id="len"), args=[ast.Name(id=name)]):
            return name, False
        case ast.BinOp(left=left, op=ast.FloorDiv(), right=ast.Constant(value=2)):
            inner = _whole_or_half(left)
            return None if inner is None or inner[1] else (inner[0], True)
        case _:
            return None


def _meeting(code: Code) -> Iterator[Rewrite]:
    """Two indices that go towards each other from both ends."""
    for node in code.nodes:
        match node:
            case ast.While(
                test=ast.Compare(left=ast.Name(id=low), ops=[ast.Lt()], comparators=[ast.Name(id=high)]),
                body=[*body, step, other_step],
                orelse=[],
            ) if body and {step_of(step), step_of(other_step)} == {(low, 1), (high, -1)}:
                first = code.before(node)
                name = None if first is None else _both_ends(first, low, high)
            case _:
                continue
        if name is None or first is None or {low, high, name} & facts.changed(code, body):
            continue
        inner = [each for part in body for each in ast.walk(part)]
        looks = {
            part: [each for each in inner if isinstance(each, ast.Subscript) and ast.unparse(each) == f"{name}[{part}]"]
            for part in (low, high)
        }
        used = sum(isinstance(each, ast.Name) and each.id in {low, high} for each in inner)
        is_plain = not any(isinstance(each, ast.Continue | ast.Break) for each in inner)
        if used != len(looks[low]) + len(looks[high]) or not is_plain or not stays_inside(code, node, {low, high}):
            continue
        one, other = code.fresh("one", "first"), code.fresh("other", "second")
        head = f"for {one}, {other} in zip({name}[:len({name}) // 2], reversed({name})):"
        names_to = {f"{name}[{low}]": one, f"{name}[{high}]": other}
        lines = [ast.unparse(_looked(part, names_to)) for part in body]
        text = head + "\n" + "\n".join("    " + line for part in lines for line in part.split("\n"))
        yield Rewrite((code.swap_statements(first, first, ""), code.swap_statements(node, node, text)))


def _both_ends(node: ast.stmt, low: str, high: str) -> str | None:
    """The sequence of `low, high = 0, len(sequence) - 1`."""
    match node:
        case ast.Assign(
            targets=[ast.Tuple(elts=[ast.Name(id=one), ast.Name(id=two)])],
            value=ast.Tuple(
                elts=[
                    ast.Constant(value=0),
                    ast.BinOp(
                        left=ast.Call(func=ast.Name(id="len"), args=[ast.Name(id=name)]),
                        op=ast.Sub(),
                        right=ast.Constant(value=1),
                    ),
                ]
            ),
        ) if (one, two) == (low, high):
            return name
        case _:
            return None


class _Looked(ast.NodeTransformer):
    def __init__(self, names_to: dict[str, str]) -> None:
        self._names = names_to

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        name = self._names.get(ast.unparse(node))
        return ast.Name(name, ast.Load()) if name else self.generic_visit(node)


def _looked(statement: ast.stmt, names_to: dict[str, str]) -> ast.AST:
    copy = ast.parse(ast.unparse(statement)).body[0]
    looked: ast.AST = _Looked(names_to).visit(copy)
    return ast.fix_missing_locations(looked)


def _palindrome(code: Code) -> Iterator[Rewrite]:
    """A text is compared with its reverse at once."""
    for node in code.nodes:
        match node:
            case ast.For(
                target=ast.Tuple(elts=[ast.Name(id=one), ast.Name(id=two)]),
                iter=ast.Call(args=[front, ast.Call(args=[ast.Name() as whole]) as back]) as items,
                body=[
                    ast.If(
                        test=ast.Compare(left=ast.Name(id=left), ops=[ast.NotEq()], comparators=[ast.Name(id=right)]),
                        body=[ast.Return(value=ast.Constant()) as end],
                        orelse=[],
                    )
                ],
                orelse=[],
            ) if {left, right} == {one, two} and code.is_called(items, "zip") and code.is_called(back, "reversed"):
                name = whole.id
                is_known = ast.unparse(front) in {name, f"{name}[:len({name}) // 2]"}
                if is_known and kinds.is_text(code, whole):
                    text = f"if {name} != {name}[::-1]:\n    {ast.unparse(end)}"
                    yield Rewrite((code.swap_statements(node, node, text),))
            case _:
                pass


RULES = (
    Rule("two indices that meet go through both ends", _meeting, _SEQUENCE, weight=3),
    Rule("mirrored indices go through both ends", _mirrored, _SEQUENCE, weight=3),
    Rule("a text is compared with its reverse", _palindrome, weight=5),
)
