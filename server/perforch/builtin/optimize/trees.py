"""What can be read from a tree alone: its names, and copies of it with other expressions in them."""

import ast
from collections.abc import Callable, Iterable


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
