"""The kinds of bugs that can be seeded: what could be wrong at each node of a function."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from perforch.evaluation.seeding_text import Offsets

_COMPARISONS = {
    "<": "<=",
    "<=": "<",
    ">": ">=",
    ">=": ">",
    "==": "!=",
    "!=": "==",
    "in": "not in",
    "not in": "in",
    "is": "is not",
    "is not": "is",
}
_ARITHMETIC = {
    "+": "-",
    "-": "+",
    "*": "+",
    "/": "*",
    "//": "/",
    "%": "//",
    "**": "*",
    "<<": ">>",
    ">>": "<<",
    "|": "&",
    "&": "|",
}
_LOGIC = {"and": "or", "or": "and"}
_SIMILAR = {
    "append": "extend", "extend": "append", "lstrip": "rstrip", "rstrip": "lstrip", "strip": "lstrip", "lower": "upper",
    "upper": "lower", "startswith": "endswith", "endswith": "startswith", "find": "rfind", "rfind": "find",
    "index": "find", "split": "rsplit", "rsplit": "split", "keys": "values", "values": "keys", "items": "keys",
    "min": "max", "max": "min", "any": "all", "all": "any", "sum": "len", "get": "pop", "pop": "get",
    "union": "intersection", "intersection": "union", "match": "search", "search": "match", "popleft": "pop",
    "floor": "ceil", "ceil": "floor", "isdigit": "isalpha", "isalpha": "isdigit", "sorted": "list", "add": "discard",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the characters from `start` to `end` by `text`."""

    kind: str
    start: int
    end: int
    text: str


def edits_of(function: ast.FunctionDef | ast.AsyncFunctionDef, offsets: Offsets) -> list[Edit]:
    """Every single edit of our kinds within the function."""
    names = sorted(
        {node.arg for node in ast.walk(function.args) if isinstance(node, ast.arg)}
        | {node.id for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    )
    body = [*_statements_without_docstring(function)]
    nodes = [node for statement in body for node in ast.walk(statement)]
    edits = [edit for node in nodes for edit in (*_of_expression(node, offsets), *_of_statement(node, offsets))]
    variables = [
        edit for node in nodes if isinstance(node, ast.Name) for edit in _wrong_variables(node, names, offsets)
    ]
    return [*edits, *variables, *_changed_defaults(function.args, offsets)]


def _statements_without_docstring(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.stmt]:
    return function.body[1:] if ast.get_docstring(function, clean=False) is not None else function.body


def _of_expression(node: ast.AST, offsets: Offsets) -> Iterator[Edit]:
    match node:
        case ast.Compare(left=left, comparators=[right]):
            yield from _swapped_word("comparison", left, right, _COMPARISONS, offsets)
        case ast.BinOp(left=left, right=right):
            yield from _swapped_word("operator", left, right, _ARITHMETIC, offsets)
        case ast.BoolOp(values=[first, second, *_]):
            yield from _swapped_word("and-or", first, second, _LOGIC, offsets)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield _replaced("dropped-not", node, offsets.source(operand), offsets)
        case ast.Constant():
            yield from _wrong_constants("constant", node, offsets)
        case ast.Call():
            yield from _swapped_arguments(node, offsets)
            yield from _similar_name(node.func, offsets)
        case ast.Subscript(slice=ast.Slice() as part):
            yield from _changed_slices(part, offsets)
        case ast.Subscript(slice=(ast.Name() | ast.BinOp()) as index):
            yield _replaced("off-by-one", index, f"{offsets.source(index)} + 1", offsets)
        case _:
            pass


def _of_statement(node: ast.AST, offsets: Offsets) -> Iterator[Edit]:
    match node:
        case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
            yield _replaced("negated-condition", test, f"not ({offsets.source(test)})", offsets)
        case ast.AugAssign(target=target, value=value):
            words = {f"{word}=": f"{other}=" for word, other in _ARITHMETIC.items()}
            yield from _swapped_word("operator", target, value, words, offsets)
            yield _replaced("removed-statement", node, "pass", offsets)
        case ast.Expr(value=ast.Call()):
            yield _replaced("removed-statement", node, "pass", offsets)
        case ast.Return(value=ast.expr() as value):
            yield _replaced("missing-return", node, offsets.source(value), offsets)
        case ast.Break():
            yield _replaced("break-continue", node, "continue", offsets)
        case ast.Continue():
            yield _replaced("break-continue", node, "break", offsets)
        case _:
            pass


def _replaced(kind: str, node: ast.expr | ast.stmt, text: str, offsets: Offsets) -> Edit:
    return Edit(kind, offsets.start(node), offsets.end(node), text)


def _swapped_word(
    kind: str, first: ast.expr, second: ast.expr, words: dict[str, str], offsets: Offsets
) -> Iterator[Edit]:
    """The operator between two operands becomes another one."""
    found = offsets.between(first, second, words)
    if found is not None and " ".join(found.group().split()) in words:
        yield Edit(kind, found.start(), found.end(), words[" ".join(found.group().split())])


def _wrong_constants(kind: str, node: ast.Constant, offsets: Offsets) -> Iterator[Edit]:
    match node.value:
        case bool() as value:
            yield _replaced(kind, node, str(not value), offsets)
        case int() as value:
            yield _replaced("off-by-one", node, str(value + 1), offsets)
            yield _replaced("off-by-one", node, str(value - 1) if value > 0 else f"({value - 1})", offsets)
            yield _replaced(kind, node, "0" if value else "2", offsets)
        case str() as value if value and offsets.source(node)[0] in "'\"" and "\n" not in offsets.source(node):
            yield _replaced(kind, node, "''", offsets)
        case _:
            pass


def _swapped_arguments(call: ast.Call, offsets: Offsets) -> Iterator[Edit]:
    for first, second in pairwise(call.args):
        start, end = offsets.start(first), offsets.end(second)
        gap = offsets.text[offsets.end(first) : offsets.start(second)]
        yield Edit("swapped-arguments", start, end, offsets.source(second) + gap + offsets.source(first))


def _similar_name(function: ast.expr, offsets: Offsets) -> Iterator[Edit]:
    match function:
        case ast.Name(id=name) if name in _SIMILAR:
            yield _replaced("wrong-method", function, _SIMILAR[name], offsets)
        case ast.Attribute(attr=name) if name in _SIMILAR:
            end = offsets.end(function)
            yield Edit("wrong-method", end - len(name), end, _SIMILAR[name])
        case _:
            pass


def _changed_slices(part: ast.Slice, offsets: Offsets) -> Iterator[Edit]:
    for bound in (part.lower, part.upper):
        if bound is not None:
            yield _replaced("slice", bound, f"{offsets.source(bound)} + 1", offsets)
            yield _replaced("slice", bound, "", offsets)


def _wrong_variables(node: ast.Name, names: list[str], offsets: Offsets) -> Iterator[Edit]:
    if isinstance(node.ctx, ast.Load) and node.id in names:
        for name in names:
            if name != node.id:
                yield _replaced("wrong-variable", node, name, offsets)


def _changed_defaults(arguments: ast.arguments, offsets: Offsets) -> Iterator[Edit]:
    for default in (*arguments.defaults, *(value for value in arguments.kw_defaults if value is not None)):
        match default:
            case ast.Constant(value=None):
                yield _replaced("default", default, "0", offsets)
            case ast.Constant():
                for edit in _wrong_constants("default", default, offsets):
                    yield Edit("default", edit.start, edit.end, edit.text)
            case _:
                pass
