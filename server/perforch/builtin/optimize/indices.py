"""Loops over indices that are only used to look items up go through the items."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeGuard

from perforch.builtin.optimize import facts, kinds
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
        own = all(name == each.sequence or not kinds.is_parameter(code, name) for name in names)
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
    is_known = kinds.is_list(code, ast.Name(name, ast.Load())) and not kinds.is_parameter(code, name)
    is_inner = isinstance(start, ast.BinOp) and {name, index} & facts.changed(code, parts) == set()
    if is_known and is_inner and (isinstance(node, ast.comprehension) or stays_inside(code, node, {index})):
        item = code.fresh("item", "element", "each")
        text = f"{name}[{ast.unparse(start)}:{end.id}]"
        swaps = (code.swap(look, item) for look in looks)
        yield Rewrite((code.swap(node.target, item), code.swap(node.iter, text), *swaps))


RULES = (
    Rule("an index that only looks up goes through the items", _items, _SEQUENCE, weight=3),
    Rule("neighbours are paired", _windows, _SEQUENCE, weight=3),
    Rule("an index into two sequences goes through both", _parallel, "they are equally long", weight=2),
    Rule("an index into the rest goes through the rest", _suffix, "the bounds are within the list", weight=3),
    Rule("an index that also looks up is enumerated", _numbered, _SEQUENCE, weight=2),
)
