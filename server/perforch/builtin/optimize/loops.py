"""What a loop that does one thing over and over amounts to: what it collects, and into which name."""

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from perforch.builtin.optimize import facts, trees
from perforch.builtin.optimize.code import Code, clause

MOST_CHOICES = 3  # more of them in one expression are hard to read
_UNCLEAR = (ast.Yield, ast.YieldFrom, ast.Await, ast.NamedExpr, ast.Break, ast.Continue, ast.Return, ast.Starred)


@dataclass(frozen=True, slots=True)
class Sink:
    """A statement that adds `value` to the object or number called `name`; `kind` says how: append, add, + or *."""

    name: str
    kind: str
    value: ast.expr


@dataclass(frozen=True, slots=True)
class Collected:
    """A whole loop as a comprehension: `clauses` are the text after the element."""

    name: str
    kind: str
    element: ast.expr
    clauses: str

    @property
    def text(self) -> str:
        return f"{ast.unparse(self.element)} {self.clauses}"


def sink(statement: ast.stmt) -> Sink | None:
    match statement:
        case ast.Expr(
            value=ast.Call(
                func=ast.Attribute(value=ast.Name(id=name), attr="append" | "add" as kind),
                args=[value],
                keywords=[],
            )
        ) if not isinstance(value, ast.Starred):
            return Sink(name, kind, value)
        case ast.AugAssign(target=ast.Name(id=name), op=ast.Add(), value=ast.List(elts=[value])):
            return Sink(name, "append", value)
        case ast.AugAssign(target=ast.Name(id=name), op=ast.Add(), value=value):
            return Sink(name, "+", value)
        case ast.AugAssign(target=ast.Name(id=name), op=ast.Mult(), value=value):
            return Sink(name, "*", value)
        case ast.Assign(
            targets=[ast.Name(id=name)], value=ast.BinOp(left=ast.Name(id=first), op=ast.Add(), right=value)
        ) if name == first:
            return Sink(name, "+", value)
        case ast.Assign(
            targets=[ast.Name(id=name)], value=ast.BinOp(left=ast.Name(id=first), op=ast.Mult(), right=value)
        ) if name == first:
            return Sink(name, "*", value)
        case _:
            return None


def collected(code: Code, loop: ast.For) -> Collected | None:
    """The loop as a comprehension, where it is nothing but one."""
    if loop.orelse or any(isinstance(each, _UNCLEAR) for each in ast.walk(loop)):
        return None
    bare = _body(code, loop.body)
    if bare is None:
        return None
    whole = Collected(
        bare.name,
        bare.kind,
        bare.element,
        f"for {_target(loop.target)} in {clause(loop.iter)} {bare.clauses}".strip(),
    )
    used = trees.names(ast.parse(f"[{whole.text}]"))
    if bare.name in used or not stays_inside(code, loop, trees.targets(loop) - {bare.name}):
        return None
    return whole


def _body(code: Code, body: Sequence[ast.stmt]) -> Collected | None:
    match list(body):
        case [ast.For(orelse=[]) as inner]:
            bare = _body(code, inner.body)
            head = f"for {_target(inner.target)} in {clause(inner.iter)}"
            return None if bare is None else Collected(bare.name, bare.kind, bare.element, f"{head} {bare.clauses}")
        case [ast.If(orelse=[]) as choice]:
            bare = _body(code, choice.body)
            head = f"if {clause(choice.test)}"
            return None if bare is None else Collected(bare.name, bare.kind, bare.element, f"{head} {bare.clauses}")
        case [ast.If() as choice]:
            return _choice(code, choice)
        case [ast.Assign(targets=[ast.Name(id=name)], value=value), *rest] if rest:
            return _with_value(code, name, value, _body(code, rest))
        case [only]:
            found = sink(only)
            return None if found is None else Collected(found.name, found.kind, found.value, "")
        case _:
            return None


def _choice(code: Code, choice: ast.If) -> Collected | None:
    one, other = _body(code, choice.body), _body(code, choice.orelse)
    if _nesting(choice) > MOST_CHOICES:
        return None
    if one is None or other is None or one.clauses or other.clauses or (one.name, one.kind) != (other.name, other.kind):
        return None
    return Collected(one.name, one.kind, ast.IfExp(choice.test, one.element, other.element), "")


def _nesting(choice: ast.If) -> int:
    match choice.orelse:
        case [ast.If() as other]:
            return 1 + _nesting(other)
        case _:
            return 1


def _with_value(code: Code, name: str, value: ast.expr, rest: Collected | None) -> Collected | None:
    """A name that is used once can be written out."""
    if rest is None or rest.clauses or not facts.is_pure(code, value) or len(code.stores(name)) != 1:
        return None
    uses = [each for each in ast.walk(rest.element) if isinstance(each, ast.Name) and each.id == name]
    if len(uses) != 1 or len(code.loads(name)) != 1:
        return None
    return Collected(rest.name, rest.kind, trees.renamed(rest.element, {name: value}), "")


def stays_inside(code: Code, loop: ast.AST, names: set[str]) -> bool:
    """Whether nobody reads these names after the loop has bound them."""
    inside = {id(each) for each in ast.walk(loop)}
    return all(id(load) in inside or _is_bound_by_loop(code, load) for name in names for load in code.loads(name))


def _is_bound_by_loop(code: Code, load: ast.Name) -> bool:
    for each in code.ancestors(load):
        if isinstance(each, ast.For) and load.id in trees.targets(each.target):
            return True
        if isinstance(each, ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp):
            bound = {name for part in each.generators for name in trees.targets(part.target)}
        elif isinstance(each, ast.Lambda | ast.FunctionDef) and each is not code.function:
            bound = {argument.arg for argument in each.args.args}
        else:
            continue
        if load.id in bound:
            return True
    return False


def initial(code: Code, loop: ast.stmt, name: str) -> ast.Assign | None:
    """The assignment of a new value to `name` that comes before the loop in its block, where nothing comes between."""
    block = code.block(loop)
    for statement in reversed(block[: block.index(loop)]):
        match statement:
            case ast.Assign(targets=[ast.Name(id=found)]) if found == name:
                return statement
            case ast.If() | ast.For() | ast.While() | ast.Try() | ast.With():
                if name in trees.names(statement):
                    return None
            case _ if name in trees.names(statement):
                return None
            case _:
                pass
    return None


def _target(node: ast.expr) -> str:
    text = ast.unparse(node)
    return text[1:-1] if isinstance(node, ast.Tuple) and text.startswith("(") else text
