"""What a function's tests show by example: the calls that they make with literals, and what they expect of them."""

import ast
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from perforch.core.examples import Example, bound, distinct

_EQUAL = frozenset({"assertEqual", "assertEquals", "assertListEqual", "assertDictEqual", "assertSetEqual"}) | {
    "assertTupleEqual",
    "assertAlmostEqual",
    "assertSequenceEqual",
    "assertCountEqual",
    "assertIs",
}
_TRUE = {"assertTrue": True, "assertFalse": False}
_ABOUT = frozenset({"approx"})  # pytest's: its first argument is what is expected
_MOST = 200  # examples taken from one text


@dataclass(frozen=True, slots=True)
class _Reader:
    """What to look for: the function's own name, and its parameters."""

    function: str
    parameters: Sequence[str]

    def statements(self, body: Sequence[ast.stmt], known: Mapping[str, object]) -> Iterator[Example]:
        """Follows assignments of literals, loops over literal tables, and parametrised tests."""
        names = dict(known)
        for statement in body:
            match statement:
                case ast.Assign(targets=[target], value=value):
                    names.update(_unpacked(target, value, names))
                case ast.FunctionDef() | ast.AsyncFunctionDef():
                    for row in _rows(statement, names):
                        yield from self.statements(statement.body, {**names, **row})
                case ast.ClassDef(body=inner) | ast.With(body=inner) | ast.If(body=inner):
                    yield from self.statements(inner, names)
                case ast.For(target=target, iter=table, body=inner):
                    for row in _table(target, table, names):
                        yield from self.statements(inner, {**names, **row})
                case ast.Assert(test=test):
                    yield from self._claim(test, names)
                case ast.Expr(value=ast.Call(func=ast.Attribute(attr=method), args=arguments)):
                    yield from self._method(method, arguments, names)

    def _claim(self, test: ast.expr, names: Mapping[str, object]) -> Iterator[Example]:
        match test:
            case ast.Compare(left=left, ops=[ast.Eq() | ast.Is()], comparators=[right]):
                yield from self._equal(left, right, names)
            case ast.UnaryOp(op=ast.Not(), operand=ast.Call() as call):
                yield from self._example(call, names, result=False)
            case ast.Call():
                yield from self._example(test, names, result=True)

    def _method(self, method: str, arguments: Sequence[ast.expr], names: Mapping[str, object]) -> Iterator[Example]:
        if method in _EQUAL and len(arguments) >= 2:
            yield from self._equal(arguments[0], arguments[1], names)
        elif method in _TRUE and arguments:
            yield from self._example(arguments[0], names, result=_TRUE[method])

    def _equal(self, left: ast.expr, right: ast.expr, names: Mapping[str, object]) -> Iterator[Example]:
        for call, expected in ((left, right), (right, left)):
            try:
                yield from self._example(call, names, _value(expected, names))
            except ValueError:
                continue

    def _example(self, call: ast.expr, names: Mapping[str, object], result: object) -> Iterator[Example]:
        if not isinstance(call, ast.Call) or _name(call.func) != self.function:
            return
        try:
            arguments = [_value(argument, names) for argument in call.args]
            named = {keyword.arg or "**": _value(keyword.value, names) for keyword in call.keywords}
            yield Example(bound(arguments, named, self.parameters), result)
        except ValueError:
            return


def asserted(source: str, function: str, parameters: Sequence[str]) -> tuple[Example, ...]:
    """The examples in the source of tests; nothing where it cannot be read."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an invalid escape in somebody's tests
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            return ()
    reader = _Reader(function.rpartition(".")[2], parameters)
    return distinct(reader.statements(tree.body, {}))[:_MOST]


def _rows(test: ast.FunctionDef | ast.AsyncFunctionDef, names: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    """The parameters of each run of a parametrised test; for others one run without any."""
    for decorator in test.decorator_list:
        match decorator:
            case ast.Call(func=ast.Attribute(attr="parametrize"), args=[first, table, *_]):
                yield from _parametrised(first, table, names)
                return
    yield {}


def _parametrised(first: ast.expr, table: ast.expr, names: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    try:
        given = _value(first, names)
    except ValueError:
        return
    wanted = (
        [name.strip() for name in given.split(",")] if isinstance(given, str) else [str(each) for each in _all(given)]
    )
    target: ast.expr = ast.Name(wanted[0])
    if len(wanted) > 1:
        target = ast.Tuple([ast.Name(name) for name in wanted])
    yield from _table(target, table, names)


def _table(target: ast.expr, table: ast.expr, names: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    rows = table.elts if isinstance(table, ast.List | ast.Tuple) else ()
    for row in rows:
        match row:
            case ast.Call(func=ast.Attribute(attr="param"), args=[single]) if isinstance(target, ast.Name):
                yield _unpacked(target, single, names)
            case ast.Call(func=ast.Attribute(attr="param"), args=members):
                yield _unpacked(target, ast.Tuple(members), names)
            case _:
                yield _unpacked(target, row, names)
    if not rows and isinstance(table, ast.Name) and table.id in names:
        for value in _all(names[table.id]):
            yield _assigned(target, value)


def _unpacked(target: ast.expr, value: ast.expr, names: Mapping[str, object]) -> dict[str, object]:
    try:
        return _assigned(target, _value(value, names))
    except ValueError:
        return {}


def _assigned(target: ast.expr, value: object) -> dict[str, object]:
    match target:
        case ast.Name(id=name):
            return {name: value}
        case ast.Tuple(elts=targets) | ast.List(elts=targets) if len(targets) == len(_all(value)):
            pairs = zip(targets, _all(value), strict=True)
            return {name: each for inner, one in pairs for name, each in _assigned(inner, one).items()}
        case _:
            return {}


def _all(value: object) -> Sequence[object]:
    return value if isinstance(value, list | tuple) else ()


def _value(node: ast.expr, names: Mapping[str, object]) -> object:
    """What an expression of literals and known names comes to; raises ValueError for any other."""
    match node:
        case ast.Name(id=name) if name in names:
            return names[name]
        case ast.List(elts=members):
            return [_value(member, names) for member in members]
        case ast.Tuple(elts=members):
            return tuple(_value(member, names) for member in members)
        case ast.Call(args=[expected, *_]) if _name(node.func) in _ABOUT:
            return _value(expected, names)
        case _:
            try:
                return ast.literal_eval(node)
            except (TypeError, MemoryError, RecursionError) as error:
                raise ValueError(str(error)) from error


def _name(function: ast.expr) -> str:
    match function:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""
