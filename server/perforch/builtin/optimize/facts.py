"""What has no effects, what changes, and what may be used in more places than one."""

import ast
from collections.abc import Iterable

from perforch.builtin.optimize import kinds, trees
from perforch.builtin.optimize.code import Code

_LISTED = """abs bin bool chr divmod float frozenset hex int len max min oct ord pow repr round str sum sorted set list
tuple dict isinstance any all range enumerate zip reversed type hash bytes complex issubclass callable map filter"""
PURE = frozenset(_LISTED.split())
PURE_METHODS = (
    kinds.TEXT_METHODS | kinds.TELLING_METHODS | {"count", "find", "rfind", "index", "keys", "values", "items", "get"}
)
_FIXED = frozenset(
    ("abs", "bin", "bool", "chr", "float", "hex", "int", "len", "max", "min", "oct", "ord", "round", "str", "sum")
)
_FIXED_METHODS = (kinds.TEXT_METHODS | kinds.TELLING_METHODS | {"count", "find", "rfind", "index"}) - {
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
    if is_fixed or kinds.is_text(code, node):
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


def changed(code: Code, nodes: Iterable[ast.AST]) -> set[str]:
    """The names that are bound anew, or whose objects may change."""
    nodes = list(nodes)
    return trees.stored(nodes) | mutated(code, nodes)


def mutated(code: Code, nodes: Iterable[ast.AST]) -> set[str]:
    """The names whose objects may change."""
    found: set[str] = set()
    for node in (each for one in nodes for each in ast.walk(one)):
        if isinstance(node, ast.Subscript | ast.Attribute) and not isinstance(node.ctx, ast.Load):
            found |= {name for name in [trees.root(node)] if name}
        elif isinstance(node, ast.Call) and not is_pure_call(code, node):
            found |= _reached(code, node)
    return found


def _reached(code: Code, node: ast.Call) -> set[str]:
    """What an unknown call may change: the object that it belongs to, and its arguments unless it only keeps them."""
    owner = trees.root(node.func) if isinstance(node.func, ast.Attribute) else None
    if isinstance(node.func, ast.Attribute) and node.func.attr in {"append", "add", "extend", "remove", "discard"}:
        return {owner} if owner else set()
    given = [*node.args, *(keyword.value for keyword in node.keywords)]
    simple = {each.id for each in given if isinstance(each, ast.Name) and not kinds.is_number(code, each)}
    return simple | ({owner} if owner else set())
