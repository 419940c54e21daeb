"""Calls: another function, other arguments, a wrapping call too many or too few."""

import ast
from itertools import combinations

from perforch.builtin.operators.base import Change, Changes, Ground, Operator, put
from perforch.builtin.operators.families import relatives
from perforch.builtin.reading import Site
from perforch.builtin.scope import reachable
from perforch.builtin.terms import Binds, Term, wrapped
from perforch.core.edits import Splice

_MOST_FUNCTIONS = 25
_ORDERING = frozenset({"sorted", "max", "min", "sort", "nlargest", "nsmallest", "groupby"})
_KEYS = (
    "len",
    "abs",
    "str",
    "int",
    "lambda x: -x",
    "lambda x: x[0]",
    "lambda x: x[1]",
    "lambda x: (len(x), x)",
    "str.lower",
)
_LAST_ARGUMENTS: dict[str, tuple[str, ...]] = {
    "get": ("0", "''", "[]", "None", "False", "{}", "1"),
    "getattr": ("None", "''", "False", "0"),
    "pop": ("None", "0", "-1"),
    "next": ("None", "''", "0"),
    "setdefault": ("[]", "0", "{}", "set()"),
    "split": ("1", "' '", "','", "None, 1"),
    "rsplit": ("1", "' '", "','", "None, 1"),
    "splitlines": ("True", "keepends=True"),
    "enumerate": ("1", "start=1"),
    "round": ("1", "2", "3"),
    "int": ("2", "10", "16"),
    "replace": ("1",),
    "sum": ("0", "[]", "()"),
    "strip": ("' '", "'0'", "'\\n'", "'/'"),
    "zip": ("strict=True",),
    "dict": ("()",),
}


def other_function(ground: Ground, site: Site) -> Changes:
    if not site.is_called:
        return
    match site.node:
        case ast.Name(id=name):
            yield from (put(ground, site, 1.3, Term(new)) for new in relatives(name))
            for new in ground.scope.functions[:_MOST_FUNCTIONS]:
                if new != name:
                    yield put(ground, site, 2.0, Term(new))
        case ast.Attribute(attr=name):
            start = site.inner[1] - len(name)
            for new in relatives(name):
                yield Change(1.3, (Splice(start, site.inner[1], new),))
            for new in dict.fromkeys(_methods(ground)):
                if new != name and new not in relatives(name):
                    yield Change(2.4, (Splice(start, site.inner[1], new),))
        case _:
            return


def _methods(ground: Ground) -> list[str]:
    return [site.node.attr for site in ground.reading.sites if site.is_called and isinstance(site.node, ast.Attribute)]


def exchanged_arguments(ground: Ground, site: Site) -> Changes:
    if not isinstance(site.node, ast.Call):
        return
    values = [*site.node.args, *(keyword.value for keyword in site.node.keywords)][:6]
    for left, right in combinations(values, 2):
        if isinstance(left, ast.Starred) or isinstance(right, ast.Starred):
            continue
        term, spans = ground.reading.term, ground.reading.spans
        splices = (*ground.reading.put(spans[left], term(right)), *ground.reading.put(spans[right], term(left)))
        yield Change(1.2 if right in site.node.args else 1.6, splices)


def dropped_argument(ground: Ground, site: Site) -> Changes:
    if not isinstance(site.node, ast.Call):
        return
    spans = _argument_spans(ground, site.node)
    for index in range(len(spans)):
        yield Change(1.8 if index >= len(site.node.args) else 2.0, (_cut(spans, index),))


def _argument_spans(ground: Ground, node: ast.Call) -> list[tuple[int, int]]:
    if len(node.args) == 1 and isinstance(node.args[0], ast.GeneratorExp):
        return []
    arguments = [ground.reading.spans[argument].outer for argument in node.args]
    return sorted([*arguments, *(ground.source.span(keyword) for keyword in node.keywords)])


def _cut(spans: list[tuple[int, int]], index: int) -> Splice:
    """One member of a comma-separated list."""
    if len(spans) == 1:
        return Splice(*spans[0], "")
    if index == 0:
        return Splice(spans[0][0], spans[1][0], "")
    return Splice(spans[index - 1][1], spans[index][1], "")


def added_argument(ground: Ground, site: Site) -> Changes:
    if not isinstance(site.node, ast.Call) or len(site.node.args) + len(site.node.keywords) > 8:
        return
    name = _called(site.node)
    for text in _LAST_ARGUMENTS.get(name, ()):
        yield from _appended(ground, site.node, 1.9, text)
    if name in _ORDERING:
        present = {keyword.arg for keyword in site.node.keywords}
        if "reverse" not in present:
            yield from _appended(ground, site.node, 1.9, "reverse=True")
        if "key" not in present:
            keys = sort_keys(ground, site)
            yield from (change for key in keys for change in _appended(ground, site.node, 2.3, f"key={key}"))
        yield from _appended(ground, site.node, 2.2, "default=None")
        yield from _appended(ground, site.node, 2.2, "default=0")
    for keyword in _keywords(ground, name):
        yield from _appended(ground, site.node, 2.2, keyword)
    yield from _inserted_argument(ground, site)


def _inserted_argument(ground: Ground, site: Site) -> Changes:
    """A variable or small constant more, in every position."""
    if not isinstance(site.node, ast.Call) or len(site.node.args) > 3:
        return
    small = [Term(text, Binds.AWAIT) for text in ("0", "1", "-1", "True", "False", "None", "self")]
    spans = [ground.reading.spans[argument].outer for argument in site.node.args]
    if spans and isinstance(site.node.args[0], ast.GeneratorExp):
        return
    for new in (*reachable(ground.scope.variables, site.inner), *small):
        for start, _ in spans:
            yield Change(2.6, (Splice(start, start, f"{new.text}, "),))
        yield from _appended(ground, site.node, 2.6, new.text)
    for name in ground.scope.functions[:8]:
        for start, _ in spans:
            yield Change(2.9, (Splice(start, start, f"{name}, "),))


def _appended(ground: Ground, node: ast.Call, cost: float, text: str) -> Changes:
    spans = _argument_spans(ground, node)
    if spans:
        yield Change(cost, (Splice(spans[-1][1], spans[-1][1], f", {text}"),))
    elif not node.args:
        at = ground.source.span(node)[1] - 1
        yield Change(cost, (Splice(at, at, text),))


def sort_keys(ground: Ground, site: Site) -> list[str]:
    """What a collection may be ordered by: simple functions, those of the target, the values of its dictionaries."""
    own = [ground.reading.term(other.node).text for other in ground.reading.sites if isinstance(other.node, ast.Lambda)]
    variables = list(reachable(ground.scope.variables, site.inner))
    names = [f"{term.text}.get" for term in variables if "dict" in term.kinds]
    names += [term.text for term in variables if term.is_callable or term.text in ground.scope.unread]
    return [*own, *_KEYS, *names, *ground.scope.functions[:8]]


def _called(node: ast.Call) -> str:
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def _keywords(ground: Ground, name: str) -> list[str]:
    """Keyword arguments that the file gives to this function, those that it takes, and the target's own parameters."""
    calls = [site.node for site in ground.reading.sites if isinstance(site.node, ast.Call)]
    given = [
        f"{keyword.arg}={ground.reading.term(keyword.value).text}"
        for node in calls
        for keyword in node.keywords
        if keyword.arg and (_called(node) == name)
    ]
    own = [arg.arg for arg in (*ground.reading.function.args.args, *ground.reading.function.args.kwonlyargs)]
    theirs = ground.scope.around.parameters.get(name, ())
    given += ground.scope.around.keywords.get(name, ())
    given += [f"{parameter}={parameter}" for parameter in own if parameter not in {"self", "cls"}]
    given += [f"{parameter}={value}" for parameter in theirs for value in (parameter, "True", "False")]
    return list(dict.fromkeys(given))


def unwrapped(ground: Ground, site: Site) -> Changes:
    """A call too many: its argument or its object instead."""
    if not isinstance(site.node, ast.Call):
        return
    for argument in site.node.args[:4]:
        if not isinstance(argument, ast.Starred):
            yield put(ground, site, 1.8, ground.reading.term(argument))
    if isinstance(site.node.func, ast.Attribute):
        yield put(ground, site, 1.8, ground.reading.term(site.node.func.value))


def wrapped_in_own(ground: Ground, site: Site) -> Changes:
    """A call too few: of a function that the target or its module defines."""
    if site.is_stored or site.is_called or isinstance(site.node, ast.Starred | ast.Constant):
        return
    inner = ground.reading.term(site.node)
    if inner.is_callable:
        return
    own = [site.node.func for site in ground.reading.sites if isinstance(site.node, ast.Call)]
    names = [ground.reading.term(function).text for function in own if isinstance(function, ast.Name)]
    methods = [node.attr for node in own if isinstance(node, ast.Attribute)]
    for name in dict.fromkeys((*names, *ground.scope.functions[:_MOST_FUNCTIONS])):
        yield put(ground, site, 2.5 if name in names else 2.9, Term(f"{name}({wrapped(inner, Binds.TEST)})"))
    if isinstance(site.node, ast.Name | ast.Attribute | ast.Call | ast.Subscript):
        for name in dict.fromkeys(methods):
            yield put(ground, site, 2.7, Term(f"{inner.text}.{name}()"))


def called(ground: Ground, site: Site) -> Changes:
    """`obj.method` for `obj.method()`."""
    if isinstance(site.node, ast.Attribute | ast.Name) and not site.is_called and not site.is_stored:
        inner = ground.reading.term(site.node)
        if not inner.kinds or inner.is_callable:
            yield put(ground, site, 2.2, Term(f"{inner.text}()"))


def not_called(ground: Ground, site: Site) -> Changes:
    match site.node:
        case ast.Call(func=function, args=[], keywords=[]):
            yield put(ground, site, 2.0, ground.reading.term(function))
        case _:
            return


OPERATORS: tuple[Operator[Site], ...] = (
    Operator("another function", 1.3, other_function),
    Operator("arguments exchanged", 1.2, exchanged_arguments),
    Operator("an argument dropped", 1.8, dropped_argument),
    Operator("one more argument", 1.9, added_argument),
    Operator("a call dropped", 1.8, unwrapped),
    Operator("one more call", 2.5, wrapped_in_own),
    Operator("a call instead of the function", 2.2, called),
    Operator("the function instead of a call", 2.0, not_called),
)
