"""Whether statements that come without a header can be all of a Python function's new body."""

import ast
import builtins
import textwrap
from collections.abc import Iterator

from perforch.core.task import Target

_SHOWN = (ast.Name, ast.Constant, ast.Dict, ast.List, ast.Tuple, ast.Set, ast.JoinedStr, ast.Compare)
_ENDS = (ast.Return, ast.Yield, ast.YieldFrom, ast.Raise)
_PRINTS = {"print", "assert"}


def fragment(target: Target, body: str, known: frozenset[str]) -> str | None:
    """Why `body` is no whole body of the target, or None; `known` are the names that the target's file uses."""
    try:
        old = _function(target)
        new = ast.parse(textwrap.dedent(body))
    except (SyntaxError, ValueError, RecursionError):
        return "it does not read as statements"
    if _only_shows(new.body, target.function.rpartition(".")[2]):
        return "it only shows a value or a call"
    if _gives_back(old) and not any(isinstance(node, _ENDS) for node in ast.walk(new)):
        return "it returns nothing"
    missing = sorted(_loaded(new) - _stored(new) - _arguments(old) - (known - _stored(old)) - set(dir(builtins)))
    return f"it uses {', '.join(missing)}, which it does not define" if missing else None


def _function(target: Target) -> ast.FunctionDef | ast.AsyncFunctionDef:
    margin = target.indent
    module = ast.parse(f"if True:\n{margin}{target.source}" if margin else target.source)
    return next(node for node in ast.walk(module) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def _only_shows(body: list[ast.stmt], name: str) -> bool:
    """Output, a usage example, a word: nothing that changes or returns anything."""
    return all(isinstance(each, ast.Expr) and _shows(each.value, name) for each in body)


def _shows(value: ast.expr, name: str) -> bool:
    if isinstance(value, ast.Call):
        called = value.func.attr if isinstance(value.func, ast.Attribute) else getattr(value.func, "id", "")
        return called in _PRINTS | {name}
    return isinstance(value, _SHOWN)


def _gives_back(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    inner = list(_own(function))
    values = (node.value for node in inner if isinstance(node, ast.Return))
    return any(value is not None for value in values) or any(
        isinstance(node, ast.Yield | ast.YieldFrom) for node in inner
    )


def _own(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[ast.AST]:
    """The function's nodes without those of functions inside it."""
    waiting: list[ast.AST] = [*function.body]
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            waiting.extend(ast.iter_child_nodes(node))


def _arguments(function: ast.AST) -> set[str]:
    return {node.arg for node in ast.walk(function) if isinstance(node, ast.arg)}


def _loaded(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}


def _stored(tree: ast.AST) -> set[str]:
    """Every name that the code binds itself."""
    found = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.ExceptHandler):
            found |= {node.name} if node.name else set()
        elif isinstance(node, ast.alias):
            found.add((node.asname or node.name).partition(".")[0])
        elif isinstance(node, ast.Global | ast.Nonlocal):
            found.update(node.names)
        elif isinstance(node, ast.MatchAs | ast.MatchStar) and node.name:
            found.add(node.name)
        elif isinstance(node, ast.MatchMapping) and node.rest:
            found.add(node.rest)
    return found | _arguments(tree)
