"""What the rest of the file offers as material: names, methods, attributes, exceptions, texts."""

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from perforch.builtin.source import FunctionNode, parse_loosely

_MOST_TEXTS = 300
_MOST_NAMES = 60  # of a file with thousands of constants, the first are as good as any


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The module around the target.

    `parameters` are those of its functions, by name; `keywords` what its calls pass by keyword, by the name called;
    `expressions` what it assigns and returns, with the names that each uses.
    """

    functions: tuple[str, ...] = ()
    constants: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    exceptions: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    strings: tuple[str, ...] = ()
    parameters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    keywords: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    expressions: tuple[tuple[str, frozenset[str]], ...] = ()


def survey(text: str, function: str) -> Surroundings:
    """Empty where the file cannot be read. `function` is the dotted name of the target."""
    tree = parse_loosely(text)
    own = _enclosing_class(tree, function)
    functions, constants, modules = _names(tree.body)
    return Surroundings(
        functions=_unique(functions),
        constants=_unique(constants),
        modules=_unique(modules),
        exceptions=_unique(_exceptions(tree)),
        attributes=_unique(_attributes(own)) if own else (),
        methods=_unique(_methods(own)) if own else (),
        strings=tuple(dict.fromkeys(_strings(tree)))[:_MOST_TEXTS],
        parameters=_parameters(tree),
        keywords=_keywords(tree),
        expressions=tuple(dict.fromkeys(_expressions(tree)))[:_MOST_TEXTS],
    )


def _enclosing_class(tree: ast.Module, function: str) -> ast.ClassDef | None:
    body, found = tree.body, None
    for part in function.split(".")[:-1]:
        inner = next(
            (node for node in body if isinstance(node, ast.ClassDef | FunctionNode) and node.name == part), None
        )
        if inner is None:
            return found
        found, body = inner if isinstance(inner, ast.ClassDef) else found, inner.body
    return found


def _names(body: Iterable[ast.stmt]) -> tuple[list[str], list[str], list[str]]:
    functions: list[str] = []
    constants: list[str] = []
    modules: list[str] = []
    for node in body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                functions.append(node.name)
            case ast.Assign(targets=targets):
                constants += [target.id for target in targets if isinstance(target, ast.Name)]
            case ast.AnnAssign(target=ast.Name(id=name)):
                constants.append(name)
            case ast.ImportFrom(names=names):
                functions += [alias.asname or alias.name for alias in names]
            case ast.Import(names=names):
                modules += [alias.asname or alias.name for alias in names]
            case _:
                pass
    return functions, constants, modules


def _exceptions(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Raise(exc=ast.Call(func=ast.Name(id=name))) | ast.Raise(exc=ast.Name(id=name)):
                yield name
            case ast.ExceptHandler(type=ast.Name(id=name)):
                yield name
            case ast.ClassDef(name=name, bases=[ast.Name(id=base), *_]) if base.endswith(("Error", "Exception")):
                yield name
            case _:
                pass


def _attributes(own: ast.ClassDef) -> Iterator[str]:
    methods = {node.name for node in own.body if isinstance(node, FunctionNode)}
    for node in ast.walk(own):
        match node:
            case ast.Attribute(value=ast.Name(id="self"), attr=name) if name not in methods:
                yield name
            case _:
                pass
    yield from (
        node.name
        for node in own.body
        if isinstance(node, FunctionNode)
        and any(isinstance(decorator, ast.Name) and decorator.id == "property" for decorator in node.decorator_list)
    )


def _methods(own: ast.ClassDef) -> Iterator[str]:
    yield from (node.name for node in own.body if isinstance(node, FunctionNode) and not node.name.startswith("__"))


def _strings(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) <= 30:
            yield node.value


def _parameters(tree: ast.Module) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name, args=args) | ast.AsyncFunctionDef(name=name, args=args):
                names = tuple(arg.arg for arg in (*args.args, *args.kwonlyargs) if arg.arg not in {"self", "cls"})
                found.setdefault(name, names)
            case _:
                pass
    return found


def _keywords(tree: ast.Module) -> dict[str, tuple[str, ...]]:
    found: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), keywords=keywords):
                for keyword in keywords:
                    if keyword.arg and isinstance(keyword.value, ast.Name | ast.Constant | ast.Attribute):
                        found[name][f"{keyword.arg}={ast.unparse(keyword.value)}"] = None
            case _:
                pass
    return {name: tuple(texts)[:_MOST_NAMES] for name, texts in found.items()}


def _expressions(tree: ast.Module) -> Iterator[tuple[str, frozenset[str]]]:
    for node in ast.walk(tree):
        match node:
            case ast.Return(value=ast.expr() as value) | ast.Assign(value=value):
                names = frozenset(part.id for part in ast.walk(value) if isinstance(part, ast.Name))
                text = ast.unparse(value)
                if names and not isinstance(value, ast.Name) and len(text) <= 120:
                    yield text, names
            case _:
                pass


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))[:_MOST_NAMES]
