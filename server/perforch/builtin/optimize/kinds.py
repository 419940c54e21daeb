"""What kind of value an expression surely has: a text, a whole number, a list."""

import ast
from collections.abc import Iterator

from perforch.builtin.optimize import trees
from perforch.builtin.optimize.code import Code

_LISTED_TEXT = """lower upper strip lstrip rstrip replace swapcase title capitalize join casefold center ljust rjust
zfill removeprefix removesuffix expandtabs format translate"""
TEXT_METHODS = frozenset(_LISTED_TEXT.split())  # that return a text
_LISTED_TELLING = """isalpha isdigit isupper islower isalnum isspace isnumeric isdecimal isidentifier istitle startswith
endswith splitlines encode partition rpartition split rsplit"""
TELLING_METHODS = frozenset(_LISTED_TELLING.split())  # of texts, that return something else


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
    if isinstance(value, ast.BinOp) and name in trees.names(value):
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
