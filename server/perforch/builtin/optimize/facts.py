"""What can be read from a tree: which names change, what has no effects, what is a text or a number."""

import ast
from collections.abc import Callable, Iterable, Iterator

from perforch.builtin.optimize.code import Code

_LISTED = """abs bin bool chr divmod float frozenset hex int len max min oct ord pow repr round str sum sorted set list
tuple dict isinstance any all range enumerate zip reversed type hash bytes complex issubclass callable map filter"""
PURE = frozenset(_LISTED.split())
_LISTED_TEXT = """lower upper strip lstrip rstrip replace swapcase title capitalize join casefold center ljust rjust
zfill removeprefix removesuffix expandtabs format translate"""
TEXT_METHODS = frozenset(_LISTED_TEXT.split())  # that return a text
_LISTED_TELLING = """isalpha isdigit isupper islower isalnum isspace isnumeric isdecimal isidentifier istitle startswith
endswith splitlines encode partition rpartition split rsplit"""
TELLING_METHODS = frozenset(_LISTED_TELLING.split())  # of texts, that return something else
PURE_METHODS = TEXT_METHODS | TELLING_METHODS | {"count", "find", "rfind", "index", "keys", "values", "items", "get"}
_FIXED = frozenset(
    ("abs", "bin", "bool", "chr", "float", "hex", "int", "len", "max", "min", "oct", "ord", "round", "str", "sum")
)
_FIXED_METHODS = (TEXT_METHODS | TELLING_METHODS | {"count", "find", "rfind", "index"}) - {
    "split",
    "rsplit",
    "splitlines",
}
_PURE_MODULES = ("math", "operator", "cmath", "string")
_CHANGING = (ast.Await, ast.Yield, ast.YieldFrom, ast.NamedExpr)


def is_pure(code: Code, node: ast.AST) -> bool:
    """Whether evaluating it changes nothing; it may still raise an exception."""
    return all(_is_harmless(code, each) for each in ast.walk(node))


def _is_harmless(code: Code, node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        return is_pure_call(code, node)
    return not isinstance(node, _CHANGING)


def is_pure_call(code: Code, node: ast.Call) -> bool:
    match node.func:
        case ast.Name(id=name):
            return name in PURE and code.is_builtin(name)
        case ast.Attribute(value=ast.Name(id=module) as owner) if module in _PURE_MODULES:
            return code.is_module(owner, module)
        case ast.Attribute(attr=name):
            return name in PURE_METHODS
        case _:
            return False


def may_be_shared(code: Code, node: ast.expr) -> bool:
    """Whether the value can be used in two places: nobody changes it, or it is used up where it stands."""
    is_fixed = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _FIXED
    if is_fixed or is_text(code, node):
        return True
    match code.parent(node):
        case ast.Compare() | ast.BinOp() | ast.For() | ast.comprehension():
            return True
        case ast.Subscript(value=value, ctx=ast.Load()):
            return value is node
        case ast.Call(func=ast.Attribute(attr=method)) as call:
            return method in PURE_METHODS and call.func is not node
        case ast.Call() as call:
            return is_pure_call(code, call)
        case ast.Attribute(attr=method):
            return method in PURE_METHODS
        case _:
            return (
                isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _FIXED_METHODS
            )


def names(node: ast.AST | Iterable[ast.AST]) -> set[str]:
    """Every name that is read or written."""
    nodes = [node] if isinstance(node, ast.AST) else list(node)
    return {each.id for one in nodes for each in ast.walk(one) if isinstance(each, ast.Name)}


def targets(node: ast.AST) -> set[str]:
    """The names that a target binds."""
    return {each.id for each in ast.walk(node) if isinstance(each, ast.Name) and not isinstance(each.ctx, ast.Load)}


def stored(nodes: Iterable[ast.AST]) -> set[str]:
    """The names that are bound anew in there."""
    found: set[str] = set()
    for node in nodes:
        found |= targets(node)
        found |= {each.arg for each in ast.walk(node) if isinstance(each, ast.arg)}
    return found


def changed(code: Code, nodes: Iterable[ast.AST]) -> set[str]:
    """The names that are bound anew, or whose objects may change."""
    nodes = list(nodes)
    return stored(nodes) | mutated(code, nodes)


def mutated(code: Code, nodes: Iterable[ast.AST]) -> set[str]:
    """The names whose objects may change."""
    found: set[str] = set()
    for node in (each for one in nodes for each in ast.walk(one)):
        if isinstance(node, ast.Subscript | ast.Attribute) and not isinstance(node.ctx, ast.Load):
            found |= {name for name in [root(node)] if name}
        elif isinstance(node, ast.Call) and not is_pure_call(code, node):
            found |= _reached(code, node)
    return found


def _reached(code: Code, node: ast.Call) -> set[str]:
    """What an unknown call may change: the object that it belongs to, and its arguments unless it only keeps them."""
    owner = root(node.func) if isinstance(node.func, ast.Attribute) else None
    if isinstance(node.func, ast.Attribute) and node.func.attr in {"append", "add", "extend", "remove", "discard"}:
        return {owner} if owner else set()
    given = [*node.args, *(keyword.value for keyword in node.keywords)]
    simple = {each.id for each in given if isinstance(each, ast.Name) and not is_number(code, each)}
    return simple | ({owner} if owner else set())


def root(node: ast.AST) -> str | None:
    """The name that a chain of attributes and subscripts begins with."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def own_names(node: ast.AST) -> set[str]:
    """The names that are bound within an expression: of its comprehensions and lambdas."""
    inner = {name for each in ast.walk(node) if isinstance(each, ast.comprehension) for name in targets(each.target)}
    return inner | {each.arg for each in ast.walk(node) if isinstance(each, ast.arg)}


def same(one: ast.AST, other: ast.AST) -> bool:
    """Whether both are written alike."""
    return _bare(one) == _bare(other)


def _bare(node: ast.AST) -> str:
    return ast.dump(node).replace("ctx=Store()", "ctx=Load()")


def occurrences(node: ast.AST, wanted: ast.expr) -> list[ast.expr]:
    """Where an expression is written just so, read, not written to."""
    shape = ast.dump(wanted)
    return [each for each in ast.walk(node) if isinstance(each, ast.expr) and ast.dump(each) == shape]


class _Substitution(ast.NodeTransformer):
    def __init__(self, new: Callable[[ast.expr], ast.expr | None]) -> None:
        self._new = new

    def visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, ast.expr):
            found = self._new(node)
            if found is not None:
                return found
        changed_fields: dict[str, object] = {}
        for field, value in ast.iter_fields(node):
            if isinstance(value, ast.AST):
                changed_fields[field] = self.visit(value)
            elif isinstance(value, list):
                changed_fields[field] = [self.visit(each) if isinstance(each, ast.AST) else each for each in value]
            else:
                changed_fields[field] = value
        return ast.copy_location(type(node)(**changed_fields), node)


def substituted(node: ast.expr, new: Callable[[ast.expr], ast.expr | None]) -> ast.expr:
    """A copy in which `new` has replaced what it knows."""
    result = _Substitution(new).visit(node)
    assert isinstance(result, ast.expr)
    return result


def renamed(node: ast.expr, names_to: dict[str, ast.expr]) -> ast.expr:
    """A copy with expressions for names."""
    return substituted(
        node,
        lambda each: names_to.get(each.id) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load) else None,
    )


# What kind of value


def assigned(code: Code, name: str) -> list[ast.expr | None]:
    """Every value that a local name gets; None for those that cannot be read from the text."""
    found: list[ast.expr | None] = []
    for store in code.stores(name):
        parent = code.parent(store)
        match parent:
            case ast.Assign(targets=[only], value=value) if only is store:
                found.append(value)
            case ast.AnnAssign(value=ast.expr() as value):
                found.append(value)
            case ast.AugAssign(op=op, value=value):
                found.append(ast.BinOp(ast.Name(name, ast.Load()), op, value))
            case _:
                found.append(None)
    return found


def annotation(code: Code, name: str) -> str:
    """What the parameter of this name is said to be."""
    return next((ast.unparse(each.annotation) for each in code.parameters if each.arg == name and each.annotation), "")


def is_parameter(code: Code, name: str) -> bool:
    return any(each.arg == name for each in code.parameters)


def is_text(code: Code, node: ast.AST, depth: int = 4) -> bool:
    """Whether it is surely a text."""
    match node:
        case ast.Constant(value=str()) | ast.JoinedStr():
            return True
        case ast.Call(func=ast.Name(id="str" | "chr" | "bin" | "hex" | "repr" as name)):
            return code.is_builtin(name)
        case ast.Call(func=ast.Attribute(attr=method, value=value)):
            return method in TEXT_METHODS and (method not in {"join", "format"} or is_text(code, value, depth))
        case ast.Subscript(value=value, slice=place):
            is_piece = not isinstance(place, ast.Slice) and _is_pieces(code, value, depth)
            return is_piece or is_text(code, value, depth)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return is_text(code, left, depth) or is_text(code, right, depth)
        case ast.Name(id=name) if depth:
            return _is_text_name(code, name, depth - 1)
        case _:
            return False


def _is_text_name(code: Code, name: str, depth: int) -> bool:
    if is_parameter(code, name):
        if annotation(code, name) != "str" and not _is_used_as_text(code, name):
            return False
        return all(value is not None and _stays_text(code, name, value, depth) for value in assigned(code, name))
    values = assigned(code, name)
    if values and all(value is not None and _stays_text(code, name, value, depth) for value in values):
        return any(value is not None and is_text(code, value, depth) for value in values)
    return any(is_text(code, each, depth) or _is_pieces(code, each, depth) for each in _iterated(code, name))


def _is_pieces(code: Code, node: ast.AST, depth: int) -> bool:
    """Whether it is surely a list of texts."""
    match node:
        case ast.Call(func=ast.Attribute(attr="split" | "splitlines" | "rsplit", value=value)):
            return not (isinstance(value, ast.Name) and value.id == "re")
        case ast.Name(id=name) if depth and not is_parameter(code, name):
            values = assigned(code, name)
            return bool(values) and all(value is not None and _is_pieces(code, value, depth - 1) for value in values)
        case _:
            return False


def _stays_text(code: Code, name: str, value: ast.expr, depth: int) -> bool:
    if isinstance(value, ast.BinOp) and name in names(value):
        return True
    return is_text(code, value, depth)


def _is_used_as_text(code: Code, name: str) -> bool:
    """Whether a method is called on it that only texts (and bytes) have."""
    uses = (code.parent(node) for node in code.loads(name))
    return any(isinstance(use, ast.Attribute) and use.attr in TEXT_METHODS | TELLING_METHODS for use in uses)


def _iterated(code: Code, name: str) -> Iterator[ast.expr]:
    """What the name goes through, where it is bound by loops alone."""
    for store in code.stores(name):
        parent = code.parent(store)
        if isinstance(parent, ast.For | ast.comprehension) and parent.target is store:
            yield parent.iter


def is_number(code: Code, node: ast.AST, depth: int = 4) -> bool:
    """Whether it is surely an int."""
    match node:
        case ast.Constant(value=bool()):
            return False
        case ast.Constant(value=int()):
            return True
        case ast.Call(func=ast.Name(id="len" | "ord" | "int" as name)):
            return code.is_builtin(name)
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult() | ast.FloorDiv() | ast.Mod(), right=right):
            return is_number(code, left, depth) and is_number(code, right, depth)
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=value):
            return is_number(code, value, depth)
        case ast.Name(id=name) if depth:
            return _is_number_name(code, name, depth - 1)
        case _:
            return False


def _is_number_name(code: Code, name: str, depth: int) -> bool:
    if is_parameter(code, name):
        known = annotation(code, name) == "int" or _is_range_bound(code, name)
        return known and all(value is not None for value in assigned(code, name))
    ranges = list(_iterated(code, name))
    if ranges and len(ranges) == len(code.stores(name)):
        return all(code.is_called(each, "range") for each in ranges)
    values = assigned(code, name)
    return bool(values) and all(value is not None and is_number(code, value, depth) for value in values)


def _is_range_bound(code: Code, name: str) -> bool:
    """Whether `range` takes it as it is: floats would be an error."""
    return any(
        code.is_called(node, "range") and any(_is_bound(each, name) for each in node.args)
        for node in code.nodes
        if isinstance(node, ast.Call)
    )


def _is_bound(node: ast.expr, name: str) -> bool:
    match node:
        case ast.Name(id=found):
            return found == name
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub(), right=ast.Constant(value=int())):
            return _is_bound(left, name)
        case _:
            return False


def is_list(code: Code, node: ast.AST, depth: int = 3) -> bool:
    """Whether it is surely a list."""
    match node:
        case ast.List() | ast.ListComp():
            return True
        case ast.Call(func=ast.Name(id="list" | "sorted" as name)):
            return code.is_builtin(name)
        case ast.Call(func=ast.Attribute(attr="split")):
            return True
        case ast.Subscript(value=value, slice=ast.Slice()):
            return is_list(code, value, depth)
        case ast.Name(id=name) if is_parameter(code, name):
            said = annotation(code, name)
            return said == "list" or said.startswith(("List[", "list["))
        case ast.Name(id=name) if depth:
            values = assigned(code, name)
            return bool(values) and all(value is not None and is_list(code, value, depth - 1) for value in values)
        case _:
            return False
