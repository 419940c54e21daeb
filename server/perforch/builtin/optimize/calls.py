"""Calls that do more than they have to: generators, lambdas, copies, sorting for an extreme."""

import ast
from collections.abc import Iterator

from perforch.builtin.optimize import kinds
from perforch.builtin.optimize.code import Code, Rewrite, clause, operand
from perforch.builtin.optimize.rule import Rule

_EAGER = ("sum", "max", "min", "sorted", "set", "frozenset", "tuple", "list")
_NATIVE = ("int", "len", "abs", "ord", "chr", "float", "bin", "hex", "bool", "repr", "round")


def consumer(code: Code, node: ast.AST) -> str | None:
    """Which function takes all of the items of its only argument, if this is a call of one."""
    if isinstance(node, ast.Call) and node.args and not any(isinstance(each, ast.Starred) for each in node.args):
        if isinstance(node.func, ast.Name) and node.func.id in _EAGER and code.is_builtin(node.func.id):
            is_single = len(node.args) == 1 or node.func.id == "sum"
            return node.func.id if is_single else None
        if isinstance(node.func, ast.Attribute) and node.func.attr == "join" and len(node.args) == 1:
            return "join" if kinds.is_text(code, node.func.value) else None
    return None


def _generator(code: Code) -> Iterator[Rewrite]:
    for node in code.nodes:
        name = consumer(code, node)
        if name is None or not isinstance(node, ast.Call) or not isinstance(node.args[0], ast.GeneratorExp):
            continue
        generator = node.args[0]
        inner = ast.unparse(ast.ListComp(generator.elt, generator.generators))
        if name in {"list", "set"} and not node.keywords:
            text = inner if name == "list" else f"{{{inner[1:-1]}}}"
            yield Rewrite((code.swap(node, text),))
        else:
            keywords = "".join(f", {ast.unparse(each)}" for each in [*node.args[1:], *node.keywords])
            yield Rewrite((code.swap(node, f"{ast.unparse(node.func)}({inner}{keywords})"),))


def _counted_truth(code: Code) -> Iterator[Rewrite]:
    """sum([c in v for c in s]) is sum([1 for c in s if c in v])"""
    for node in code.nodes:
        if not code.is_called(node, "sum") or not isinstance(node, ast.Call) or len(node.args) != 1:
            continue
        inner = node.args[0]
        if isinstance(inner, ast.ListComp) and isinstance(inner.elt, ast.Compare):
            clauses = ast.unparse(inner)[1:-1].removeprefix(ast.unparse(inner.elt)).strip()
            yield Rewrite((code.swap(node, f"sum([1 {clauses} if {ast.unparse(inner.elt)}])"),))


def _lambda(code: Code) -> Iterator[Rewrite]:
    """list(filter(lambda x: ..., xs)) and list(map(lambda x: ..., xs))"""
    for node in code.nodes:
        name = consumer(code, node)
        if name is None or not isinstance(node, ast.Call) or not code.is_called(node.args[0], "map", "filter"):
            continue
        made = _as_comprehension(node.args[0])
        if made is None:
            continue
        keywords = "".join(f", {ast.unparse(each)}" for each in [*node.args[1:], *node.keywords])
        whole = made if name == "list" else f"{ast.unparse(node.func)}({made}{keywords})"
        yield Rewrite((code.swap(node, whole),))


def _as_comprehension(node: ast.expr) -> str | None:
    match node:
        case ast.Call(
            func=ast.Name(id=kind),
            args=[ast.Lambda(args=ast.arguments(args=[ast.arg(arg=item)], defaults=[]), body=body), items],
        ):
            text = f"for {item} in {operand(items)}"
            return f"[{ast.unparse(body)} {text}]" if kind == "map" else f"[{item} {text} if {clause(body)}]"
        case _:
            return None


def _mapped(code: Code) -> Iterator[Rewrite]:
    """[f(x) for x in xs] is list(map(f, xs)) where f is one of Python's own functions."""
    if not code.is_builtin("map"):
        return
    for node in code.nodes:
        if not isinstance(node, ast.ListComp | ast.GeneratorExp):
            continue
        made = _as_map(code, node.elt, node.generators)
        if made is None:
            continue
        is_taken = consumer(code, code.parent(node)) is not None
        if is_taken:
            yield Rewrite((code.swap(node, made),))
        elif isinstance(node, ast.ListComp) and code.is_builtin("list"):
            yield Rewrite((code.swap(node, f"list({made})"),))


def _as_map(code: Code, element: ast.expr, generators: list[ast.comprehension]) -> str | None:
    match element, generators:
        case (
            ast.Call(func=function, args=[ast.Name(id=given)], keywords=[]),
            [ast.comprehension(target=ast.Name(id=item), iter=items, ifs=[], is_async=0)],
        ) if given == item and is_native(code, function):
            return f"map({ast.unparse(function)}, {ast.unparse(items)})"
        case _:
            return None


def is_native(code: Code, function: ast.expr) -> bool:
    """Whether it is one of Python's own functions, written in C."""
    match function:
        case ast.Name(id=name):
            return name in _NATIVE and code.is_builtin(name)
        case ast.Attribute(value=ast.Name(id="math") as module):
            return code.is_module(module, "math")
        case _:
            return False


_OPERATORS = {ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Mod: "mod", ast.FloorDiv: "floordiv"}
_COMPARISONS = {ast.Lt: "lt", ast.LtE: "le", ast.Gt: "gt", ast.GtE: "ge", ast.Eq: "eq", ast.NotEq: "ne"}


def _bare(code: Code) -> Iterator[Rewrite]:
    """`sum([x for x in xs])` is `sum(xs)`."""
    for node in code.nodes:
        match node:
            case ast.ListComp(
                elt=ast.Name(id=given),
                generators=[ast.comprehension(target=ast.Name(id=item), iter=items, ifs=[], is_async=0)],
            ) if given == item:
                if consumer(code, code.parent(node)) is not None or _is_product(code, node):
                    yield Rewrite((code.swap(node, ast.unparse(items)),))
            case _:
                pass


def _is_product(code: Code, node: ast.expr) -> bool:
    match code.parent(node):
        case ast.Call(func=ast.Name(id="prod"), args=[first]):
            return first is node
        case _:
            return False


def _zipped(code: Code) -> Iterator[Rewrite]:
    """[abs(x - y) for x, y in zip(xs, ys)] is list(map(abs, map(sub, xs, ys)))"""
    for node in code.nodes:
        if not isinstance(node, ast.ListComp | ast.GeneratorExp) or not code.is_builtin("map"):
            continue
        made = _as_zipped(code, node)
        if made is None:
            continue
        text, line = made
        parent = code.parent(node)
        if consumer(code, parent) is None and not code.is_called(parent, "any", "all"):
            if isinstance(node, ast.GeneratorExp):
                continue
            text = f"list({text})"
        yield Rewrite((code.swap(node, text),), line)


def _as_zipped(code: Code, node: ast.ListComp | ast.GeneratorExp) -> tuple[str, tuple[str, ...]] | None:
    match node.generators:
        case [ast.comprehension(target=ast.Tuple(elts=[ast.Name(id=one), ast.Name(id=two)]), iter=items, ifs=[])]:
            if not (code.is_called(items, "zip") and isinstance(items, ast.Call) and len(items.args) == 2):
                return None
        case _:
            return None
    element, outer = node.elt, ""
    if code.is_called(element, *_NATIVE) and isinstance(element, ast.Call) and len(element.args) == 1:
        outer, element = ast.unparse(element.func), element.args[0]
    name = _operator(element, one, two)
    line = None if name is None else code.imported("operator", name)
    if line is None:
        return None
    inner = f"map({name}, {ast.unparse(items.args[0])}, {ast.unparse(items.args[1])})"
    return (f"map({outer}, {inner})" if outer else inner), line


def _operator(element: ast.expr, one: str, two: str) -> str | None:
    match element:
        case ast.BinOp(left=ast.Name(id=left), op=sign, right=ast.Name(id=right)) if (left, right) == (one, two):
            return _OPERATORS.get(type(sign))
        case ast.Compare(left=ast.Name(id=left), ops=[sign], comparators=[ast.Name(id=right)]):
            return _COMPARISONS.get(type(sign)) if (left, right) == (one, two) else None
        case _:
            return None


def _key(code: Code) -> Iterator[Rewrite]:
    """A key that only calls a function, or only looks up, needs no lambda."""
    for node in code.nodes:
        match node:
            case ast.Lambda(args=ast.arguments(args=[ast.arg(arg=item)], defaults=[], kwonlyargs=[], vararg=None)):
                made = _without_lambda(code, node.body, item)
                if made is not None:
                    yield Rewrite((code.swap(node, made[0]),), made[1])
            case _:
                pass


def _without_lambda(code: Code, body: ast.expr, item: str) -> tuple[str, tuple[str, ...]] | None:
    match body:
        case ast.Call(func=ast.Name(id=name), args=[ast.Name(id=given)], keywords=[]) if given == item != name:
            return name, ()
        case ast.Subscript(value=ast.Name(id=name), slice=ast.Name(id=given)) if given == item != name:
            return f"{name}.__getitem__", ()
        case ast.Subscript(value=ast.Name(id=given), slice=ast.Constant(value=place)) if given == item:
            line = code.imported("operator", "itemgetter")
            return None if line is None else (f"itemgetter({place!r})", line)
        case _:
            return None


def _extreme(code: Code) -> Iterator[Rewrite]:
    """sorted(x)[0] is min(x)"""
    for node in code.nodes:
        match node:
            case ast.Subscript(
                value=ast.Call(func=ast.Name(id="sorted"), args=[items]) as call, slice=ast.Constant(value=0)
            ):
                if any(each.arg == "reverse" for each in call.keywords):
                    continue
                if not code.is_builtin("sorted") or not code.is_builtin("min"):
                    continue
                keywords = "".join(f", {ast.unparse(each)}" for each in call.keywords)
                text = f"min({ast.unparse(items)}{keywords})"
                if isinstance(items, ast.Name):
                    text = f"{text} if {items.id} else {items.id}[0]"
                yield Rewrite((code.swap(node, text),))
            case _:
                pass


def _copies(code: Code) -> Iterator[Rewrite]:
    for node in code.nodes:
        match node:
            case ast.Call(args=[ast.Call(func=ast.Name(id=inner), args=[items], keywords=[]) as copy]) if consumer(
                code, node
            ) or code.is_called(node, "len"):
                outer = node.func.id if isinstance(node.func, ast.Name) else "join"
                if not code.is_builtin(inner) or isinstance(items, ast.Starred):
                    continue
                drops = inner in {"list", "tuple"} and (outer != "len" or kinds.is_list(code, items))
                if drops or (outer == "sorted" and inner == "sorted" and not node.keywords):
                    yield Rewrite((code.swap(copy, ast.unparse(items)),))
                elif outer == "list" and inner == "sorted":
                    yield Rewrite((code.swap(node, ast.unparse(copy)),))
            case ast.Call(
                func=ast.Name(id="dict"),
                args=[ast.ListComp(elt=ast.Tuple(elts=[key, value])) as inner_list],
                keywords=[],
            ) if code.is_builtin("dict"):
                clauses = ast.unparse(inner_list)[1:-1].removeprefix(ast.unparse(inner_list.elt))
                yield Rewrite((code.swap(node, f"{{{ast.unparse(key)}: {ast.unparse(value)}{clauses}}}"),))
            case _:
                pass


def _keys(code: Code) -> Iterator[Rewrite]:
    """Keys are what going through a dict, asking it and measuring it is about anyway."""
    for node in code.nodes:
        match node:
            case ast.Call(func=ast.Attribute(value=owner, attr="keys"), args=[], keywords=[]):
                parent = code.parent(node)
                asked = isinstance(parent, ast.Compare) and isinstance(parent.ops[-1], ast.In | ast.NotIn)
                gone_through = isinstance(parent, ast.For | ast.comprehension) and parent.iter is node
                if asked or gone_through or code.is_called(parent, "len", "sorted", "list", "set", "max", "min"):
                    yield Rewrite((code.swap(node, ast.unparse(owner)),))
            case ast.Compare(left=left, ops=[ast.Eq() | ast.Is()], comparators=[ast.Constant(value=False)]) if (
                code.is_called(left, "isinstance")
            ):
                yield Rewrite((code.swap(node, f"not {ast.unparse(left)}"),))
            case _:
                pass


def _all_list(code: Code) -> Iterator[Rewrite]:
    """Short runs are quicker through at once than asked for one by one."""
    for node in code.nodes:
        if code.is_called(node, "any", "all") and isinstance(node, ast.Call):
            inner = node.args[0]
            if isinstance(inner, ast.GeneratorExp):
                yield Rewrite((code.swap(inner, ast.unparse(ast.ListComp(inner.elt, inner.generators))),))


def _count_equal(code: Code) -> Iterator[Rewrite]:
    """`sum([1 for c in s if c == v])` is `s.count(v)`."""
    for node in code.nodes:
        if not code.is_called(node, "sum", "len") or not isinstance(node, ast.Call) or len(node.args) != 1:
            continue
        found = is_count(code, node.args[0])
        if found is not None:
            element, text = found
            is_one = isinstance(element, ast.Constant) and element.value == 1
            if is_one or (isinstance(node.func, ast.Name) and node.func.id == "len"):
                yield Rewrite((code.swap(node, text),))


def is_count(code: Code, node: ast.expr) -> tuple[ast.expr, str] | None:
    """The element of a comprehension over what equals a constant, and the call that counts those."""
    match node:
        case ast.ListComp(
            elt=element,
            generators=[
                ast.comprehension(
                    target=ast.Name(id=item),
                    iter=items,
                    ifs=[ast.Compare(left=ast.Name(id=left), ops=[ast.Eq()], comparators=[ast.Constant() as wanted])],
                )
            ],
        ) if left == item and (kinds.is_list(code, items) or kinds.is_text(code, items)):
            return element, f"{operand(items)}.count({ast.unparse(wanted)})"
        case _:
            return None


RULES = (
    Rule("filter and map with a lambda are comprehensions", _lambda, weight=3),
    Rule("what takes all items gets a list, not a generator", _generator, weight=2),
    Rule("truths are counted as ones", _counted_truth, weight=2),
    Rule("equal items are counted by count", _count_equal, weight=4),
    Rule("a comprehension that only goes through is what it goes through", _bare, weight=2),
    Rule("a comprehension that only calls is a map", _mapped, weight=2),
    Rule("a comprehension over pairs is a map", _zipped, weight=2),
    Rule("a key needs no lambda", _key, weight=2),
    Rule("the smallest is found without sorting", _extreme, "there is something to sort, in a sequence", weight=3),
    Rule("no copy of what is only read", _copies, weight=1),
    Rule("a dict is asked itself, not its keys", _keys, "keys() is that of a dict", weight=1),
)
SHORT = (Rule("short runs are gone through at once", _all_list, "later items raise nothing", weight=1),)
