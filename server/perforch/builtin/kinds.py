"""The run-time types that an expression may have, from the types that its variables were seen to have."""

import ast
from collections.abc import Mapping

from perforch.builtin.terms import UNKNOWN, Kinds

_RESULT_OF_FUNCTION = {
    "len": "int", "int": "int", "ord": "int", "abs": "", "round": "", "float": "float", "str": "str", "chr": "str",
    "bin": "str", "hex": "str", "repr": "str", "sorted": "list", "list": "list", "set": "set", "tuple": "tuple",
    "dict": "dict", "range": "range", "any": "bool", "all": "bool", "isinstance": "bool", "bool": "bool",
    "enumerate": "generator", "zip": "generator", "map": "generator", "filter": "generator", "reversed": "generator",
}  # fmt: skip
_RESULT_OF_METHOD = {
    "join": "str", "lower": "str", "upper": "str", "strip": "str", "lstrip": "str", "rstrip": "str", "replace": "str",
    "title": "str", "capitalize": "str", "format": "str", "swapcase": "str", "split": "list", "splitlines": "list",
    "count": "int", "find": "int", "rfind": "int", "index": "int", "isdigit": "bool", "isalpha": "bool",
    "isupper": "bool", "islower": "bool", "isalnum": "bool", "isspace": "bool", "startswith": "bool",
    "endswith": "bool", "append": "NoneType", "extend": "NoneType", "sort": "NoneType", "reverse": "NoneType",
    "keys": "generator", "values": "generator", "items": "generator",
}  # fmt: skip
_OF_DISPLAY: dict[type[ast.expr], str] = {
    ast.Compare: "bool", ast.List: "list", ast.ListComp: "list", ast.Dict: "dict", ast.DictComp: "dict",
    ast.Set: "set", ast.SetComp: "set", ast.Tuple: "tuple", ast.JoinedStr: "str", ast.GeneratorExp: "generator",
    ast.Lambda: "function",
}  # fmt: skip
_WHOLE: Kinds = frozenset({"int", "bool"})


def kinds(node: ast.expr, known: Mapping[str, Kinds]) -> Kinds:
    """Empty where nothing is known."""
    match node:
        case ast.Name(id=name):
            return known.get(name, UNKNOWN)
        case ast.Constant(value=value):
            return frozenset({type(value).__name__})
        case ast.UnaryOp(op=op, operand=operand):
            return frozenset({"bool"}) if isinstance(op, ast.Not) else kinds(operand, known)
        case ast.Call(func=function):
            return _of_call(function)
        case ast.BinOp(left=left, op=op, right=right):
            return _of_arithmetic(kinds(left, known), op, kinds(right, known))
        case ast.Subscript(value=value, slice=index):
            base = kinds(value, known)
            return base if isinstance(index, ast.Slice) or base == {"str"} else UNKNOWN
        case _:
            kind = _OF_DISPLAY.get(type(node))
            return frozenset({kind}) if kind else UNKNOWN


def _of_call(function: ast.expr) -> Kinds:
    match function:
        case ast.Name(id=name):
            kind = _RESULT_OF_FUNCTION.get(name)
        case ast.Attribute(attr=name):
            kind = _RESULT_OF_METHOD.get(name)
        case _:
            kind = None
    return frozenset({kind}) if kind else UNKNOWN


def _of_arithmetic(left: Kinds, op: ast.operator, right: Kinds) -> Kinds:
    if not left or not right:
        return UNKNOWN
    if left <= _WHOLE and right <= _WHOLE:
        return frozenset({"float" if isinstance(op, ast.Div) else "int"})
    either = left | right
    return next((frozenset({kind}) for kind in ("list", "str", "set", "float") if kind in either), UNKNOWN)
