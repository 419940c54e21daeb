"""Functions that call themselves, or are called with the same arguments, again and again."""

import ast
from collections.abc import Iterator

from perforch.builtin.optimize import facts, trees
from perforch.builtin.optimize.code import Code, Rewrite
from perforch.builtin.optimize.loops import stays_inside
from perforch.builtin.optimize.rule import Rule

_REPEATING = ast.For | ast.While | ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
_HASHED = "arguments can be hashed, and equal ones are alike"


def _remembered(code: Code) -> Iterator[Rewrite]:
    """`def f(n): ... f(n - 1) + f(n - 2): what is known is kept within one call`."""
    line = code.imported("functools", "cache")
    function = code.function
    calls = [each for each in code.nodes if _is_call_of(each, function.name)]
    given = function.args
    is_simple = not (given.vararg or given.kwarg or given.kwonlyargs or given.defaults or function.decorator_list)
    if line is None or len(calls) < 2 or not is_simple or isinstance(function, ast.AsyncFunctionDef):
        return
    if not _has_no_effects(code, function.body, {function.name}) or not given.args or given.args[0].arg == "self":
        return
    body = _without_documentation(function.body)
    inner = code.fresh(f"{function.name}_of", "solved")
    parameters = ", ".join(each.arg for each in given.args)
    start = code.source.span(body[0])[0]
    indent = code.text[code.text.rfind("\n", 0, start) + 1 : start]
    if indent.strip() or not indent:
        return
    shifted = [code.swap_name(each.func, inner) for each in calls if isinstance(each, ast.Call)]
    lines = _line_starts(code, body)
    head = f"@cache\n{indent}def {inner}({parameters}):\n{indent}    "
    tail = f"\n\n{indent}return {inner}({parameters})"
    end = code.source.span(body[-1])[1]
    yield Rewrite(
        (
            code.replace(start, start, head),
            *(code.replace(each, each, "    ") for each in lines),
            *shifted,
            code.replace(end, end, tail),
        ),
        line,
    )


def _line_starts(code: Code, body: list[ast.stmt]) -> list[int]:
    """Where the lines begin that have to be indented more: all but the first."""
    first, last = code.source.span(body[0])[0], code.source.span(body[-1])[1]
    found = []
    place = code.text.find("\n", first, last)
    while place >= 0:
        if code.text[place + 1 : place + 2] not in {"\n", "\r", ""}:
            found.append(place + 1)
        place = code.text.find("\n", place + 1, last)
    return found


def _is_call_of(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name


def _without_documentation(body: list[ast.stmt]) -> list[ast.stmt]:
    match body[0]:
        case ast.Expr(value=ast.Constant(value=str())) if len(body) > 1:
            return body[1:]
        case _:
            return body


def _has_no_effects(code: Code, body: list[ast.stmt], known: set[str]) -> bool:
    for node in (each for statement in body for each in ast.walk(statement)):
        is_known = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in known
        if isinstance(node, ast.Call) and not is_known and not facts.is_pure_call(code, node):
            return False
        if isinstance(node, ast.Yield | ast.YieldFrom | ast.Await | ast.Global | ast.Nonlocal | ast.Delete):
            return False
        if isinstance(node, ast.Subscript | ast.Attribute) and not isinstance(node.ctx, ast.Load):
            return False
    return True


def _cached_helper(code: Code) -> Iterator[Rewrite]:
    """A function within the function that is called in nested loops."""
    line = code.imported("functools", "cache")
    for node in code.nodes:
        if not isinstance(node, ast.FunctionDef) or node.decorator_list or line is None or not node.args.args:
            continue
        if not _has_no_effects(code, node.body, {node.name}) or not _is_closed(code, node):
            continue
        calls = [each for each in code.nodes if _is_call_of(each, node.name)]
        if any(_depth(code, each) >= 2 for each in calls):
            start = code.source.span(node)[0]
            indent = code.text[code.text.rfind("\n", 0, start) + 1 : start]
            yield Rewrite((code.replace(start, start, f"@cache\n{indent}"),), line)


def _is_closed(code: Code, node: ast.FunctionDef) -> bool:
    """Whether it depends on its arguments alone."""
    own = trees.stored([node]) | {node.name}
    return all(
        each.id in own or code.is_builtin(each.id) or code.is_module(each, each.id) or each.id in _imported(code)
        for each in ast.walk(node)
        if isinstance(each, ast.Name)
    )


def _imported(code: Code) -> set[str]:
    return {
        alias.name for each in ast.walk(code.module) if isinstance(each, ast.ImportFrom) for alias in each.names
    } | {
        "isqrt",
        "chain",
    }


def _depth(code: Code, node: ast.AST) -> int:
    return sum(len(getattr(each, "generators", "1")) for each in code.ancestors(node) if isinstance(each, _REPEATING))


def _inlined(code: Code) -> Iterator[Rewrite]:
    """A function within the function, or beside it, that is nothing but an expression."""
    helpers = [each for each in code.nodes if isinstance(each, ast.FunctionDef)]
    beside = [
        each for each in code.module.body if isinstance(each, ast.FunctionDef) and each.name != code.function.name
    ]
    for helper in (*helpers, *beside):
        value = _expression(helper)
        is_local = any(helper is each for each in helpers)
        if value is None or not facts.is_pure(code, value) or _calls_twice(value):
            continue
        if not is_local and not trees.names(value) <= {each.arg for each in helper.args.args} | facts.PURE:
            continue
        parameters = [each.arg for each in helper.args.args]
        for call in code.nodes:
            if not _is_call_of(call, helper.name) or not isinstance(call, ast.Call) or _depth(code, call) < 1:
                continue
            plain = all(isinstance(each, ast.Name | ast.Constant) for each in call.args) or _is_mirror(value, call)
            free = trees.names(value) - set(parameters)
            if free & {
                name for each in code.ancestors(call) for name in trees.own_names(each) if each is not code.function
            }:
                continue
            if plain and len(call.args) == len(parameters) and not call.keywords:
                new = trees.renamed(value, dict(zip(parameters, call.args, strict=True)))
                yield Rewrite((code.swap(call, ast.unparse(new)),))


def _expression(helper: ast.FunctionDef) -> ast.expr | None:
    given = helper.args
    if given.vararg or given.kwarg or given.kwonlyargs or given.defaults or helper.decorator_list:
        return None
    return _as_expression(_without_documentation(helper.body))


def _as_expression(body: list[ast.stmt]) -> ast.expr | None:
    match body:
        case [ast.Return(value=ast.expr() as value)]:
            return value
        case [ast.If(test=test, body=one, orelse=[]), *rest] if rest:
            first, other = _as_expression(one), _as_expression(rest)
        case [ast.If(test=test, body=one, orelse=two)]:
            first, other = _as_expression(one), _as_expression(two)
        case _:
            return None
    return None if first is None or other is None else ast.IfExp(test, first, other)


def _is_mirror(value: ast.expr, call: ast.Call) -> bool:
    """Whether the helper compares its only argument with its reverse, and the argument is a slice."""
    match value, call.args:
        case ast.Compare(left=ast.Name(id=one), comparators=[ast.Subscript(value=ast.Name(id=other))]), [
            ast.Subscript()
        ]:
            return one == other
        case _:
            return False


def _calls_twice(value: ast.expr) -> bool:
    calls = [ast.dump(each) for each in ast.walk(value) if isinstance(each, ast.Call)]
    return len(set(calls)) < len(calls)


def _unused(code: Code) -> Iterator[Rewrite]:
    """A helper that nobody calls any more."""
    for node in code.nodes:
        if not isinstance(node, ast.FunctionDef) or code.loads(node.name) or node.decorator_list:
            continue
        if isinstance(code.parent(node), ast.FunctionDef) and _expression(node) is not None:
            yield Rewrite((code.swap_statements(node, node, ""),))


def _pure_twice(code: Code) -> Iterator[Rewrite]:
    """`while ...: ... f(x) ... x changes rarely: f of a function beside this one that has no effects`."""
    for loop in code.nodes:
        if not isinstance(loop, ast.While):
            continue
        for node in (each for part in loop.body for each in ast.walk(part)):
            if isinstance(code.parent(node), ast.Assign):
                continue
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and _is_pure_beside(code, node.func.id):
                found = _kept(code, loop, node)
                if found is not None:
                    yield found


def _is_pure_beside(code: Code, name: str) -> bool:
    found = [each for each in code.module.body if isinstance(each, ast.FunctionDef) and each.name == name]
    return (
        len(found) == 1
        and name != code.function.name
        and not found[0].decorator_list
        and all(facts.is_pure_call(code, each) for each in ast.walk(found[0]) if isinstance(each, ast.Call))
        and not any(
            isinstance(each, ast.Yield | ast.Global | ast.Subscript)
            and not isinstance(getattr(each, "ctx", None), ast.Load)
            for each in ast.walk(found[0])
        )
    )


def _kept(code: Code, loop: ast.While, node: ast.Call) -> Rewrite | None:
    used = {each.id for each in node.args if isinstance(each, ast.Name)}
    if len(used) != len(node.args) or not used:
        return None
    writes = []
    for each in (inner for part in loop.body for inner in ast.walk(part)):
        match each:
            case ast.Assign(targets=[ast.Name(id=name)]) if name in used:
                if code.parent(each) is loop:
                    return None
                writes.append(each)
            case _:
                pass
    stores = sum(
        isinstance(each, ast.Name) and each.id in used and not isinstance(each.ctx, ast.Load) for each in ast.walk(loop)
    )
    if not writes or stores != len(writes) or not stays_inside(code, loop, set()):
        return None
    name = code.fresh("known", "kept")
    line = f"{name} = {ast.unparse(node)}"
    inside = [each for part in loop.body for each in trees.occurrences(part, node)]
    again = (code.swap_statements(each, each, f"{ast.unparse(each)}\n{line}") for each in writes)
    return Rewrite((code.insert(loop, line), *(code.swap(each, name) for each in inside), *again))


RULES = (
    Rule("a helper that is an expression is written out", _inlined, "nobody replaces the helper", weight=4),
    Rule("a helper that nobody calls goes", _unused, weight=1),
    Rule("a helper that is called again and again remembers", _cached_helper, _HASHED, weight=7),
    Rule("a function that calls itself twice remembers", _remembered, _HASHED, weight=10),
    Rule(
        "a function's value is kept until its arguments change", _pure_twice, "nobody replaces the function", weight=4
    ),
)
