"""Loops over indices that are only used to look items up go through the items."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeGuard

from perforch.builtin.optimize import facts
from perforch.builtin.optimize.code import Code, Rewrite
from perforch.builtin.optimize.loops import stays_inside
from perforch.builtin.optimize.rule import Rule

_SEQUENCE = "it is a sequence: it can be sliced"


@dataclass(frozen=True, slots=True)
class Indexed:
    """`for index in range(start, len(sequence) - short, step)`, of a loop or comprehension."""

    node: ast.For | ast.comprehension
    index: str
    sequence: str
    start: int
    short: int
    step: int
    parts: tuple[ast.AST, ...]  # where the index may be used

    @property
    def target(self) -> ast.expr:
        return self.node.target

    @property
    def iter(self) -> ast.expr:
        return self.node.iter


def _indexed(code: Code) -> Iterator[Indexed]:
    for node in code.nodes:
        if isinstance(node, ast.For):
            found = _read(code, node, tuple(node.body))
        elif isinstance(node, ast.ListComp | ast.GeneratorExp | ast.SetComp):
            found = None
            for place, part in enumerate(node.generators):
                found = _read(code, part, (*part.ifs, *node.generators[place + 1 :], node.elt))
                if found is not None:
                    yield found
            continue
        else:
            continue
        if found is not None:
            yield found


def _read(code: Code, node: ast.For | ast.comprehension, parts: tuple[ast.AST, ...]) -> Indexed | None:
    if not isinstance(node.target, ast.Name) or not code.is_called(node.iter, "range"):
        return None
    assert isinstance(node.iter, ast.Call)
    bounds = node.iter.args
    start = bounds[0] if len(bounds) > 1 else ast.Constant(0)
    step = bounds[2] if len(bounds) > 2 else ast.Constant(1)
    end = _end(code, bounds[0] if len(bounds) == 1 else bounds[1])
    first, stride = _index(start), _index(step)
    if end is None or first is None or not stride:
        return None
    sequence, short = end
    if {sequence, node.target.id} & facts.changed(code, parts) or not code.is_builtin("len"):
        return None
    return Indexed(node, node.target.id, sequence, first, short, stride, parts)


def _index(node: ast.expr) -> int | None:
    is_known = isinstance(node, ast.Constant) and type(node.value) is int and node.value >= 0
    return int(ast.unparse(node)) if is_known else None


def _end(code: Code, node: ast.expr) -> tuple[str, int] | None:
    match node:
        case ast.Call(func=ast.Name(id="len"), args=[ast.Name(id=sequence)]):
            return sequence, 0
        case ast.BinOp(left=left, op=ast.Sub(), right=ast.Constant(value=int() as short)) if short >= 0:
            inner = _end(code, left)
            return None if inner is None else (inner[0], inner[1] + short)
        case _:
            return None


@dataclass(frozen=True, slots=True)
class Look:
    """One `sequence[index + offset]`."""

    node: ast.Subscript
    offset: int


def _looks(each: Indexed) -> list[Look]:
    found = []
    for node in (inner for part in each.parts for inner in ast.walk(part)):
        match node:
            case ast.Subscript(value=ast.Name(id=name), slice=place, ctx=ast.Load()) if name == each.sequence:
                offset = _offset(place, each.index)
                if offset is not None:
                    found.append(Look(node, offset))
            case _:
                pass
    return found


def _offset(node: ast.expr, index: str) -> int | None:
    match node:
        case ast.Name(id=name) if name == index:
            return 0
        case ast.BinOp(left=ast.Name(id=name), op=ast.Add(), right=ast.Constant(value=int() as more)) if name == index:
            return more
        case ast.BinOp(left=ast.Name(id=name), op=ast.Sub(), right=ast.Constant(value=int() as less)) if name == index:
            return -less
        case _:
            return None


def _uses(each: Indexed) -> int:
    return sum(isinstance(node, ast.Name) and node.id == each.index for part in each.parts for node in ast.walk(part))


def _may_be_renamed(code: Code, each: Indexed) -> bool:
    return isinstance(each.node, ast.comprehension) or stays_inside(code, each.node, {each.index})


def _items(code: Code) -> Iterator[Rewrite]:
    """`for i in range(len(x)): ... x[i] ...`."""
    for each in _indexed(code):
        looks = _looks(each)
        offsets = {look.offset for look in looks}
        if len(offsets) != 1 or len(looks) != _uses(each) or not _may_be_renamed(code, each):
            continue
        (offset,) = offsets
        if each.start + offset < 0 or offset > each.short:
            continue
        item = code.fresh("item", "element", "each")
        text = _slice(each, offset)
        splices = [code.swap(each.target, item), code.swap(each.iter, text)]
        yield Rewrite((*splices, *(code.swap(look.node, item) for look in looks)))


def _slice(each: Indexed, offset: int) -> str:
    start, short = each.start + offset, each.short - offset
    end = f"-{short}" if short else ""
    step = f":{each.step}" if each.step != 1 else ""
    if not start and not end and not step:
        return each.sequence
    return f"{each.sequence}[{start or ''}:{end}{step}]"


def _numbered(code: Code) -> Iterator[Rewrite]:
    """`for i in range(len(x)): ... i ... x[i] ...`."""
    for each in _indexed(code):
        looks = [look for look in _looks(each) if look.offset == 0]
        if (each.start, each.short, each.step) != (0, 0, 1) or not looks or not code.is_builtin("enumerate"):
            continue
        item = code.fresh("item", "element", "each")
        splices = [
            code.swap_bare(each.target, f"{each.index}, {item}"),
            code.swap(each.iter, f"enumerate({each.sequence})"),
        ]
        yield Rewrite((*splices, *(code.swap(look.node, item) for look in looks)))


_NAMES = ("one", "other", "third", "fourth")


def _windows(code: Code) -> Iterator[Rewrite]:
    """`for i in range(len(x) - 1): ... x[i] ... x[i + 1] ...`."""
    for each in _indexed(code):
        looks = _looks(each)
        offsets = sorted({look.offset for look in looks})
        if not 2 <= len(offsets) <= 4 or len(looks) != _uses(each) or not _may_be_renamed(code, each):
            continue
        if each.start + offsets[0] < 0 or offsets[-1] != each.short or each.step != 1 or not code.is_builtin("zip"):
            continue
        items = {offset: code.fresh(name, f"{name}_item") for offset, name in zip(offsets, _NAMES, strict=False)}
        sliced = (f"{each.sequence}[{each.start + offset}:]" for offset in offsets)
        text = ", ".join(one.replace("[0:]", "") for one in sliced)
        splices = [code.swap_bare(each.target, ", ".join(items.values())), code.swap(each.iter, f"zip({text})")]
        yield Rewrite((*splices, *(code.swap(look.node, items[look.offset]) for look in looks)))


def _parallel(code: Code) -> Iterator[Rewrite]:
    """`for i in range(len(x)): ... y[i] ... z[i] ...`."""
    for each in _indexed(code):
        looks = [node for part in each.parts for node in ast.walk(part) if _is_look(node, each.index)]
        names = list(dict.fromkeys(look.value.id for look in looks if isinstance(look.value, ast.Name)))
        is_plain = (each.start, each.short, each.step) == (0, 0, 1)
        if len(names) != 2 or len(looks) != _uses(each) or not is_plain or not _may_be_renamed(code, each):
            continue
        own = all(name == each.sequence or not facts.is_parameter(code, name) for name in names)
        if not own or set(names) & facts.changed(code, each.parts) or not code.is_builtin("zip"):
            continue
        items = {name: code.fresh(word, f"{word}_item") for name, word in zip(names, _NAMES, strict=False)}
        swaps = [code.swap(look, items[look.value.id]) for look in looks if isinstance(look.value, ast.Name)]
        head = code.swap_bare(each.target, ", ".join(items.values()))
        yield Rewrite((head, code.swap(each.iter, f"zip({', '.join(names)})"), *swaps))


def _is_look(node: ast.AST, index: str) -> TypeGuard[ast.Subscript]:
    match node:
        case ast.Subscript(value=ast.Name(), slice=ast.Name(id=name), ctx=ast.Load()):
            return name == index
        case _:
            return False


def _suffix(code: Code) -> Iterator[Rewrite]:
    """`for k in range(j + 1, n): ... xs[k] ...`."""
    for node in code.nodes:
        if isinstance(node, ast.For):
            yield from _sliced(code, node, tuple(node.body))
        elif isinstance(node, ast.ListComp | ast.GeneratorExp):
            for place, part in enumerate(node.generators):
                yield from _sliced(code, part, (*part.ifs, *node.generators[place + 1 :], node.elt))


def _sliced(code: Code, node: ast.For | ast.comprehension, parts: tuple[ast.AST, ...]) -> Iterator[Rewrite]:
    match node:
        case ast.For(target=ast.Name(id=index), iter=ast.Call(args=[start, ast.Name() as end]) as header):
            pass
        case ast.comprehension(target=ast.Name(id=index), iter=ast.Call(args=[start, ast.Name() as end]) as header):
            pass
        case _:
            return
    looks = [each for part in parts for each in ast.walk(part) if _is_look(each, index)]
    names = {ast.unparse(look.value) for look in looks}
    used = sum(isinstance(each, ast.Name) and each.id == index for part in parts for each in ast.walk(part))
    if len(names) != 1 or used != len(looks) or not code.is_called(header, "range"):
        return
    (name,) = names
    is_known = facts.is_list(code, ast.Name(name, ast.Load())) and not facts.is_parameter(code, name)
    is_inner = isinstance(start, ast.BinOp) and {name, index} & facts.changed(code, parts) == set()
    if is_known and is_inner and (isinstance(node, ast.comprehension) or stays_inside(code, node, {index})):
        item = code.fresh("item", "element", "each")
        text = f"{name}[{ast.unparse(start)}:{end.id}]"
        swaps = (code.swap(look, item) for look in looks)
        yield Rewrite((code.swap(node.target, item), code.swap(node.iter, text), *swaps))


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
            ) if body and {_step(step), _step(other_step)} == {(low, 1), (high, -1)}:
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


def _step(node: ast.stmt) -> tuple[str, int] | None:
    match node:
        case ast.AugAssign(target=ast.Name(id=name), op=ast.Add() | ast.Sub() as sign, value=ast.Constant(value=1)):
            return name, 1 if isinstance(sign, ast.Add) else -1
        case _:
            return None


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


def _counting(code: Code) -> Iterator[Rewrite]:
    """`while i < n: ...; i += 1`."""
    for node in code.nodes:
        match node:
            case ast.While(
                test=ast.Compare(left=ast.Name(id=index), ops=[ast.Lt() | ast.LtE() as sign], comparators=[end]),
                body=[*body, step],
                orelse=[],
            ) if body and _step(step) == (index, 1) and facts.is_pure(code, end):
                first = _start(code, node, index)
            case _:
                continue
        if first is None or facts.changed(code, node.body[:-1]) & {index, *facts.names(end)}:
            continue
        inner = [each for part in body for each in ast.walk(part)]
        if any(isinstance(each, ast.Continue) for each in inner) or not stays_inside(code, node, {index}):
            continue
        if not facts.is_number(code, end) or not code.is_builtin("range"):
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
            case _ if index in facts.names(statement):
                return None
            case _:
                pass
    return None


def _counted(code: Code) -> Iterator[Rewrite]:
    """`for x in xs: ...; i += 1`."""
    for node in code.nodes:
        match node:
            case ast.For(target=ast.Name() as target, body=[*body, step], orelse=[]) if body:
                found = _step(step)
            case _:
                continue
        if found is None or found[1] != 1:
            continue
        index = found[0]
        first = _start(code, node, index)
        inner = [each for part in body for each in ast.walk(part)]
        if first is None or any(isinstance(each, ast.Continue) for each in inner) or index in facts.stored(body):
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
        if found is None or index in facts.names([node.elt, *conditions[1:]]):
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
                if is_known and facts.is_text(code, whole):
                    text = f"if {name} != {name}[::-1]:\n    {ast.unparse(end)}"
                    yield Rewrite((code.swap_statements(node, node, text),))
            case _:
                pass


def parts(statements: Sequence[ast.stmt]) -> Iterator[ast.AST]:
    return (each for statement in statements for each in ast.walk(statement))


RULES = (
    Rule("an index that counts up is a range", _counting, weight=2),
    Rule("an index that is counted along is enumerated", _counted, weight=2),
    Rule("two indices that meet go through both ends", _meeting, _SEQUENCE, weight=3),
    Rule("mirrored indices go through both ends", _mirrored, _SEQUENCE, weight=3),
    Rule("a text is compared with its reverse", _palindrome, weight=5),
    Rule("an index that only looks up goes through the items", _items, _SEQUENCE, weight=3),
    Rule("neighbours are paired", _windows, _SEQUENCE, weight=3),
    Rule("an index into two sequences goes through both", _parallel, "they are equally long", weight=2),
    Rule("an index into the rest goes through the rest", _suffix, "the bounds are within the list", weight=3),
    Rule("an index that also looks up is enumerated", _numbered, _SEQUENCE, weight=2),
    Rule("every second item is a slice", _every, _SEQUENCE, weight=3),
)
