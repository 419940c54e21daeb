"""What may stand in which place of an expression without parentheses."""

import ast

from perforch.builtin.terms import BINARY, Binds

_OF_FIELD: dict[tuple[type[ast.AST], str], Binds] = {
    (ast.Attribute, "value"): Binds.ATOM,
    (ast.Subscript, "value"): Binds.ATOM,
    (ast.Subscript, "slice"): Binds.TUPLE,
    (ast.Call, "func"): Binds.ATOM,
    (ast.IfExp, "test"): Binds.OR,
    (ast.IfExp, "body"): Binds.OR,
    (ast.comprehension, "iter"): Binds.OR,
    (ast.comprehension, "ifs"): Binds.OR,
    (ast.comprehension, "target"): Binds.TUPLE,
    (ast.Starred, "value"): Binds.BIT_OR,
    (ast.Compare, "left"): Binds.BIT_OR,
    (ast.Compare, "comparators"): Binds.BIT_OR,
    (ast.Await, "value"): Binds.ATOM,
    (ast.Return, "value"): Binds.TUPLE,
    (ast.Assign, "value"): Binds.NAMED,
    (ast.Assign, "targets"): Binds.TUPLE,
    (ast.AugAssign, "value"): Binds.TUPLE,
    (ast.Expr, "value"): Binds.NAMED,
    (ast.For, "iter"): Binds.TUPLE,
    (ast.For, "target"): Binds.TUPLE,
    (ast.AsyncFor, "iter"): Binds.TUPLE,
    (ast.AsyncFor, "target"): Binds.TUPLE,
    (ast.Yield, "value"): Binds.TUPLE,
    (ast.If, "test"): Binds.NAMED,
    (ast.While, "test"): Binds.NAMED,
}


def need(parent: ast.AST, field: str, child: ast.expr) -> Binds:
    match parent:
        case ast.BoolOp(op=op):
            return Binds.AND if isinstance(op, ast.And) else Binds.OR
        case ast.UnaryOp(op=op):
            return Binds.NOT if isinstance(op, ast.Not) else Binds.SIGN
        case ast.BinOp(op=ast.Pow()):
            return Binds.AWAIT if field == "left" else Binds.SIGN
        case ast.BinOp(op=op):
            binds = BINARY[type(op)][1]
            return binds if parent.left is child else Binds(binds + 1)
        case _:
            return _OF_FIELD.get((type(parent), field), Binds.TEST)
