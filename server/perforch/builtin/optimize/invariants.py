"""What is the same each time is worked out once."""

import ast
from collections.abc import Iterator, Sequence

from perforch.builtin.optimize import facts, trees
from perforch.builtin.optimize.code import SCOPES, Code, Rewrite
from perforch.builtin.optimize.membership import repeating, repeats
from perforch.builtin.optimize.rule import Rule

_COMPREHENSIONS = ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
_ITERATORS = ("map", "filter", "zip", "reversed", "enumerate", "range")
_CHEAP = ("isinstance", "callable", "type")


def _hoisted(code: Code) -> Iterator[Rewrite]:
    """A call or slice in a loop that does not depend on it."""
    for node in code.nodes:
        if not _is_work(code, node) or not isinstance(node, ast.expr) or not facts.is_pure(code, node):
            continue
        loop = _outermost_invariant(code, node)
        if loop is None or _is_part_of_work(code, node, loop) or not facts.may_be_shared(code, node):
            continue
        yield _before(code, loop, node)


def _is_work(code: Code, node: ast.AST) -> bool:
    match node:
        case ast.Call() if facts.is_pure_call(code, node):
            return not code.is_called(node, *_ITERATORS, *_CHEAP) and bool(trees.names(node))
        case ast.Subscript(slice=ast.Slice(), ctx=ast.Load()):
            return True
        case _:
            return False


def _outermost_invariant(code: Code, node: ast.expr) -> ast.AST | None:
    """The outermost loop around the node that does not change what the node depends on."""
    found: ast.AST | None = None
    used = trees.names(node) - _functions(node)
    if trees.own_names(node) & used or not used:
        return None
    child: ast.AST = node
    for each in code.ancestors(node):
        if isinstance(each, SCOPES):
            break
        if isinstance(each, _COMPREHENSIONS) and used & {n for g in each.generators for n in trees.targets(g.target)}:
            break
        if isinstance(each, ast.For | ast.While) and used & facts.changed(code, [each]):
            break
        if repeats(each, child, node):
            found = each
        child = each
    return found


def _functions(node: ast.AST) -> set[str]:
    return {each.func.id for each in ast.walk(node) if isinstance(each, ast.Call) and isinstance(each.func, ast.Name)}


def _is_part_of_work(code: Code, node: ast.expr, loop: ast.AST) -> bool:
    """Whether something larger around it can go out of the loop as well."""
    parent = code.parent(node)
    while isinstance(parent, ast.expr) and parent is not loop:
        if _is_work(code, parent) and facts.is_pure(code, parent) and _outermost_invariant(code, parent) is loop:
            return True
        parent = code.parent(parent)
    return False


def _before(code: Code, loop: ast.AST, node: ast.expr) -> Rewrite:
    name = code.fresh(*_wishes(node))
    statement = code.statement(loop)
    inside = [each for each in trees.occurrences(loop, node) if _is_repeated_in(code, each, loop)]
    return Rewrite(
        (code.insert(statement, f"{name} = {ast.unparse(node)}"), *(code.swap(each, name) for each in inside))
    )


def _is_repeated_in(code: Code, node: ast.expr, loop: ast.AST) -> bool:
    return not any(isinstance(each, SCOPES) for each in code.ancestors(node) if any(each is x for x in ast.walk(loop)))


def _wishes(node: ast.expr) -> tuple[str, ...]:
    """Names for what the expression is."""
    match node:
        case ast.Call(func=ast.Name(id="len"), args=[ast.Name(id=name)]):
            return f"{name}_length", "length"
        case ast.Call(func=ast.Name(id=function), args=[ast.Name(id=name), *_]):
            return f"{name}_{function}", "known"
        case ast.Call(func=ast.Attribute(attr=method, value=ast.Name(id=name))):
            return f"{name}_{method}", "known"
        case ast.Subscript(value=ast.Name(id=name), slice=ast.Slice()):
            return f"{name}_part", "part"
        case _:
            return ("known", "same")


def _arithmetic(code: Code) -> Iterator[Rewrite]:
    """Arithmetic in a comprehension, or an inner loop, with names that stay the same."""
    for node in code.nodes:
        if not isinstance(node, ast.BinOp) or not facts.is_pure(code, node) or _has_text(node) or _may_fail(node):
            continue
        parent = code.parent(node)
        loop = _innermost(code, node)
        if isinstance(loop, ast.stmt) and not any(isinstance(each, ast.Subscript) for each in ast.walk(node)):
            continue
        if loop is None or (isinstance(parent, ast.BinOp) and _stays(code, parent, loop)):
            continue
        if _stays(code, node, loop) and trees.names(node):
            yield _before(code, loop, node)


def _innermost(code: Code, node: ast.AST) -> ast.AST | None:
    child = node
    for each in code.ancestors(node):
        if isinstance(each, SCOPES):
            return None
        if repeats(each, child, node):
            is_inner = isinstance(each, _COMPREHENSIONS) or repeating(code, each) is not None
            return each if is_inner else None
        child = each
    return None


def _stays(code: Code, node: ast.AST, loop: ast.AST) -> bool:
    bound = {
        name for each in ast.walk(loop) if isinstance(each, ast.comprehension) for name in trees.targets(each.target)
    }
    loop_changes = facts.changed(code, [loop]) if isinstance(loop, ast.stmt) else set()
    return not trees.names(node) & (bound | loop_changes)


def _may_fail(node: ast.AST) -> bool:
    return any(isinstance(each, ast.Div | ast.FloorDiv | ast.Mod | ast.Pow) for each in ast.walk(node))


def _has_text(node: ast.AST) -> bool:
    return any(isinstance(each, ast.Constant) and isinstance(each.value, str) for each in ast.walk(node))


def _twice(code: Code) -> Iterator[Rewrite]:
    """The same call twice in a statement."""
    for statement in code.nodes:
        if not isinstance(statement, ast.Return | ast.Assign | ast.Expr | ast.AugAssign) or statement.value is None:
            continue
        for node in _always_evaluated(statement.value):
            if (
                not isinstance(node, ast.Call)
                or not facts.is_pure(code, node)
                or code.is_called(node, "len", *_ITERATORS, *_CHEAP)
                or trees.own_names(statement.value) & trees.names(node)
            ):
                continue
            again = trees.occurrences(statement.value, node)
            if not all(facts.may_be_shared(code, each) for each in again):
                continue
            if len(again) > 1 and trees.names(node):
                name = code.fresh(*_wishes(node))
                splices = (code.swap(each, name) for each in again)
                yield Rewrite((code.insert(statement, f"{name} = {ast.unparse(node)}"), *splices))
                break


def _always_evaluated(node: ast.expr) -> Iterator[ast.expr]:
    """The parts that no condition can skip."""
    yield node
    match node:
        case ast.BoolOp(values=[first, *_]):
            yield from _always_evaluated(first)
        case ast.IfExp(test=test):
            yield from _always_evaluated(test)
        case ast.Lambda() | ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
            return
        case ast.Compare(left=left, comparators=[first, *_]):
            yield from _always_evaluated(left)
            yield from _always_evaluated(first)
        case _:
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.expr):
                    yield from _always_evaluated(child)


def _bound(code: Code) -> Iterator[Rewrite]:
    """`while i <= f(n): ... n changes here and there ...`."""
    for loop in code.nodes:
        if not isinstance(loop, ast.While):
            continue
        for node in ast.walk(loop.test):
            if not isinstance(node, ast.Call) or not facts.is_pure(code, node) or code.is_called(node, "len", *_CHEAP):
                continue
            used = trees.names(node) - _functions(node) - {"math"}
            writes = _writes(code, loop, used)
            if used and writes is not None and writes and not _is_inside_call(code, node):
                yield _kept(code, loop, node, writes)


def _is_inside_call(code: Code, node: ast.expr) -> bool:
    return isinstance(code.parent(node), ast.Call)


def _writes(code: Code, loop: ast.While, used: set[str]) -> Sequence[ast.stmt] | None:
    """The plain assignments, below a condition, that change what is used; None where it changes in other ways."""
    found = []
    for node in (each for part in loop.body for each in ast.walk(part)):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AugAssign(target=ast.Name(id=name)) if name in used:
                if code.parent(node) is loop:
                    return None
                found.append(node)
            case _:
                pass
    others = facts.changed(code, [each for each in ast.walk(loop) if isinstance(each, ast.Call)])
    stores = sum(
        isinstance(each, ast.Name) and each.id in used and isinstance(each.ctx, ast.Store) for each in ast.walk(loop)
    )
    return None if others & used or stores != len(found) else found


def _kept(code: Code, loop: ast.While, node: ast.expr, writes: Sequence[ast.stmt]) -> Rewrite:
    name = code.fresh("bound", "limit")
    line = f"{name} = {ast.unparse(node)}"
    again = (code.swap_statements(each, each, f"{ast.unparse(each)}\n{line}") for each in writes)
    return Rewrite((code.insert(loop, line), code.swap(node, name), *again))


RULES = (
    Rule(
        "what a loop does not change is worked out before it",
        _hoisted,
        "it raises nothing where the loop never runs",
        weight=3,
    ),
    Rule("a bound is worked out when it changes", _bound, weight=3),
    Rule("the same call is made once", _twice, weight=2),
    Rule(
        "arithmetic that stays the same is done once",
        _arithmetic,
        "it raises nothing where the loop never runs",
        weight=2,
    ),
)
