"""Values that are nearly right: off by one, of the wrong sign, of the wrong type, a slice, a bound."""

import ast

from perforch.builtin.operators.base import Change, Changes, Ground, Operator, put
from perforch.builtin.operators.calls import sort_keys
from perforch.builtin.reading import Site
from perforch.builtin.scope import reachable
from perforch.builtin.terms import ITERABLE, NUMERIC, Binds, Term, binary, call, fits, method, subscript, wrapped
from perforch.core.edits import Splice

_NO_NUMBERS = (
    ast.Constant, ast.Compare, ast.BoolOp, ast.Lambda, ast.GeneratorExp, ast.List, ast.ListComp, ast.Tuple, ast.Dict,
    ast.Set, ast.SetComp, ast.DictComp, ast.JoinedStr, ast.Starred, ast.Yield, ast.YieldFrom, ast.NamedExpr,
)  # fmt: skip
_NO_COLLECTIONS = (ast.Compare, ast.BoolOp, ast.Lambda, ast.Starred, ast.Yield, ast.YieldFrom, ast.NamedExpr)
_TEXT_METHODS = (
    "lower()",
    "upper()",
    "strip()",
    "split()",
    "rstrip()",
    "lstrip()",
    "title()",
    "swapcase()",
    "capitalize()",
    "replace(' ', '')",
)
_CONVERSIONS = (
    "set", "list", "sorted", "len", "reversed", "tuple", "sum", "max", "min", "enumerate", "str", "dict", "next",
    "iter",
)  # fmt: skip
_SEPARATORS = ("' '", "'.'", "','", "', '", "'-'", "'_'", "':'", "'/'", "'\\n'")
_ONE = Term("1", Binds.AWAIT)


def _is_value(site: Site) -> bool:
    return not (site.is_stored or site.is_called or site.is_condition)


def off_by_one(ground: Ground, site: Site) -> Changes:
    if not _is_value(site) or isinstance(site.node, _NO_NUMBERS):
        return
    old = ground.reading.term(site.node)
    if not old.may_be(NUMERIC):
        return
    cost = 1.3 if old.kinds else 1.7
    yield put(ground, site, cost, binary(old, "+", _ONE))
    yield put(ground, site, cost, binary(old, "-", _ONE))


def scaled(ground: Ground, site: Site) -> Changes:
    """An operation with a small number, a sign or a rounding is missing."""
    if not _is_value(site) or isinstance(site.node, _NO_NUMBERS):
        return
    old = ground.reading.term(site.node)
    if not old.may_be(NUMERIC):
        return
    late = 0.0 if old.kinds else 0.4
    yield put(ground, site, 2.0 + late, Term(f"-{wrapped(old, Binds.SIGN)}", Binds.SIGN))
    for function, cost in (("abs", 2.0), ("int", 2.2), ("round", 2.4), ("float", 2.6), ("str", 2.4), ("bool", 2.8)):
        yield put(ground, site, cost + late, call(function, old))
    for number, extra in ((2, 0.0), (3, 0.3), (10, 0.3)):
        for op in ("*", "//", "**", "%", "/"):
            yield put(ground, site, 2.4 + late + extra, binary(old, op, Term(str(number), Binds.AWAIT)))
    for function in ("max", "min"):
        for bound in ("0", "1"):
            yield put(ground, site, 2.3 + late, call(function, Term(bound), old))


def combined(ground: Ground, site: Site) -> Changes:
    """An operation with a variable is missing."""
    if not _is_value(site) or isinstance(site.node, _NO_NUMBERS):
        return
    old = ground.reading.term(site.node)
    if not old.may_be(NUMERIC):
        return
    late = 0.0 if old.kinds else 0.4
    for variable in reachable(ground.scope.numbers, site.inner):
        if variable.text.startswith("self.") and not old.kinds:
            continue
        for op in ("+", "-", "*", "%", "//", "/"):
            yield put(ground, site, 2.3 + late, binary(old, op, variable))
        yield put(ground, site, 2.5 + late, binary(variable, "-", old))
        yield put(ground, site, 2.7 + late, binary(variable, "/", old))
        if old.kinds:
            yield from (put(ground, site, 2.3, call(function, variable, old)) for function in ("max", "min"))


def slices(ground: Ground, site: Site) -> Changes:
    """The bounds of a slice."""
    if not (isinstance(site.node, ast.Subscript) and isinstance(site.node.slice, ast.Slice)):
        return
    part = site.node.slice
    bounds = [
        None if bound is None else ground.reading.term(bound).text for bound in (part.lower, part.upper, part.step)
    ]
    start, end = ground.source.span(part)
    numbers = [term.text for term in reachable(ground.scope.numbers, site.inner) if not term.text.startswith("self.")]
    near = [f"{name} {op} 1" for name in numbers for op in "+-"]
    for at, old in enumerate(bounds):
        options = ["2", "-1"] if at == 2 else ["1", "-1", "2", "-2", *numbers, *near]
        new = [(1.8, "")] if old else [(2.0 if index < 4 else 2.5, text) for index, text in enumerate(options)]
        for cost, text in new:
            yield Change(cost, (Splice(start, end, _slice_text([*bounds[:at], text, *bounds[at + 1 :]])),))
    if bounds[0] or bounds[1]:
        yield Change(1.6, (Splice(start, end, _slice_text([bounds[1], bounds[0], bounds[2]])),))
    for bound in (bounds[0], bounds[1]):
        if bound:
            yield put(ground, site, 2.2, subscript(ground.reading.term(site.node.value), bound))


def _slice_text(bounds: list[str | None]) -> str:
    lower, upper, step = (bound or "" for bound in bounds)
    return f"{lower}:{upper}:{step}" if step else f"{lower}:{upper}"


def indexes(ground: Ground, site: Site) -> Changes:
    """An index too many, or one where a slice was meant."""
    if not isinstance(site.node, ast.Subscript) or isinstance(site.node.slice, ast.Slice) or site.is_stored:
        return
    base, index = ground.reading.term(site.node.value), ground.reading.term(site.node.slice)
    yield put(ground, site, 1.9, base)
    yield from (put(ground, site, 2.3, call(function, base)) for function in ("sum", "max", "min", "len"))
    yield put(ground, site, 2.0, subscript(base, f"{index.text}:"))
    yield put(ground, site, 2.0, subscript(base, f":{index.text}"))
    yield put(ground, site, 2.2, subscript(base, f"-{wrapped(index, Binds.SIGN)}"))
    yield put(ground, site, 2.0, Term(f"{base.text}.get({index.text})"))
    yield put(ground, site, 2.2, Term(f"{base.text}.get({index.text}, 0)"))


def sliced(ground: Ground, site: Site) -> Changes:
    """A slice or an index is missing."""
    if not _is_value(site) or isinstance(site.node, (ast.Constant, *_NO_COLLECTIONS)):
        return
    old = ground.reading.term(site.node)
    if not old.may_be(ITERABLE):
        return
    late = 0.0 if old.kinds else 0.5
    for text in ("1:", ":-1", "::-1", "2:", ":-2", "::2"):
        yield put(ground, site, 2.0 + late, subscript(old, text))
    for text in ("0", "-1", "1"):
        yield put(ground, site, 2.3 + late, subscript(old, text))
    for variable in reachable(ground.scope.numbers, site.inner):
        if not variable.text.startswith("self.") or old.kinds:
            name = variable.text
            for text in (f"{name}:", f":{name}", f"{name} + 1:", f":{name} + 1", name):
                yield put(ground, site, 2.4 + late, subscript(old, text))


def converted(ground: Ground, site: Site) -> Changes:
    """A conversion of a collection or text is missing."""
    if not _is_value(site) or isinstance(site.node, _NO_COLLECTIONS):
        return
    old = ground.reading.term(site.node)
    if not old.may_be(ITERABLE) or (isinstance(site.node, ast.Constant) and old.kinds != {"str"}):
        return
    late = 0.0 if old.kinds else 0.5
    for function in _CONVERSIONS:
        yield put(ground, site, 2.3 + late, call(function, old))
    for key in sort_keys(ground, site):
        yield put(ground, site, 2.9 + late, call("sorted", old, Term(f"key={key}")))
    for text in _TEXT_METHODS if old.may_be(frozenset({"str"})) else ():
        yield put(ground, site, 2.4 + late, Term(f"{wrapped(old, Binds.ATOM)}.{text}"))
    for name in ("keys", "values", "items") if old.may_be(frozenset({"dict", "defaultdict", "Counter"})) else ():
        yield put(ground, site, 2.3 + late, method(old, name))
    if old.may_be(frozenset({"list", "dict", "set"})):
        yield put(ground, site, 2.5 + late, method(old, "copy"))
    for variable in reachable(ground.scope.collections, site.inner):
        if fits(variable, old):
            yield put(ground, site, 2.5 + late, binary(old, "+", variable))
            yield put(ground, site, 2.5 + late, binary(variable, "+", old))


def listed(ground: Ground, site: Site) -> Changes:
    """A pair of brackets, or an element of a display."""
    if not _is_value(site) or isinstance(site.node, ast.Starred):
        return
    old = ground.reading.term(site.node)
    if not isinstance(site.node, ast.Constant):
        yield put(ground, site, 2.6, Term(f"[{wrapped(old, Binds.TEST)}]"))
    if isinstance(site.node, ast.List | ast.Tuple | ast.Set) and old.binds is Binds.ATOM:
        yield from _changed_display(ground, site, site.node.elts)
    if isinstance(site.node, ast.List | ast.Tuple) and len(site.node.elts) == 1:
        yield put(ground, site, 1.8, ground.reading.term(site.node.elts[0]))


def _changed_display(ground: Ground, site: Site, elements: list[ast.expr]) -> Changes:
    spans = [ground.reading.spans[element].outer for element in elements]
    if len(elements) > 1:
        for index in range(min(len(elements), 12)):
            cut = (spans[0][0], spans[1][0]) if index == 0 else (spans[index - 1][1], spans[index][1])
            yield Change(2.0, (Splice(*cut, ""),))
    at, comma = (spans[-1][1], ", ") if spans else (site.inner[1] - 1, "")
    for variable in (*reachable(ground.scope.variables, site.inner), Term("0"), Term("1")):
        yield Change(2.2, (Splice(at, at, comma + variable.text),))


def joined(ground: Ground, site: Site) -> Changes:
    """A separator between two texts, or an end of one, is missing."""
    if not isinstance(site.node, ast.BinOp) or not isinstance(site.node.op, ast.Add):
        return
    left, right = ground.reading.term(site.node.left), ground.reading.term(site.node.right)
    if "str" not in left.kinds | right.kinds:
        return
    texts = dict.fromkeys((*_SEPARATORS, *(repr(text) for text in ground.scope.strings[:20] if len(text) < 4)))
    for text in texts:
        yield put(ground, site, 2.5, binary(binary(left, "+", Term(text)), "+", right))
        yield put(ground, site, 2.7, binary(binary(left, "+", right), "+", Term(text)))
        yield put(ground, site, 2.7, binary(Term(text), "+", binary(left, "+", right)))


def yielded(ground: Ground, site: Site) -> Changes:
    match site.node:
        case ast.Yield(value=ast.expr() as value):
            yield put(ground, site, 1.2, Term(f"yield from {ground.reading.term(value).text}", Binds.NAMED))
        case ast.YieldFrom(value=value):
            yield put(ground, site, 1.2, Term(f"yield {ground.reading.term(value).text}", Binds.NAMED))
        case ast.Await(value=value):
            yield put(ground, site, 2.4, ground.reading.term(value))
        case ast.Call():
            if isinstance(ground.reading.function, ast.AsyncFunctionDef) and not isinstance(site.parent, ast.Await):
                yield put(ground, site, 2.0, Term(f"await {ground.reading.term(site.node).text}", Binds.AWAIT))
        case _:
            return


OPERATORS: tuple[Operator[Site], ...] = (
    Operator("one more or one less", 1.3, off_by_one),
    Operator("a sign, rounding, bound or factor", 2.0, scaled),
    Operator("combined with a variable", 2.3, combined),
    Operator("other bounds of a slice", 1.6, slices),
    Operator("without the index, or a slice for it", 1.9, indexes),
    Operator("a slice or an item of it", 2.0, sliced),
    Operator("a conversion", 2.3, converted),
    Operator("an element more or less", 1.8, listed),
    Operator("a separator added", 2.5, joined),
    Operator("yield for yield from, or await", 1.2, yielded),
)
