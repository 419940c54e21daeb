"""The material that changes are made of: variables, constants, expressions, conditions and statements in reach."""

import ast
import builtins
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from perforch.builtin.atoms import atoms, near
from perforch.builtin.kinds import kinds
from perforch.builtin.reading import Reading, Site
from perforch.builtin.source import parse_expression
from perforch.builtin.surroundings import Surroundings
from perforch.builtin.terms import CALLABLE, EVERYWHERE, NUMERIC, SIZED, UNKNOWN, Binds, Term, strength

_MOST_ATOMS = 400
_MOST_EXPRESSIONS = 150
_QUOTED = re.compile(r"'([^'\n]{0,40})'|\"([^\"\n]{0,40})\"")
_BUILT_IN_ERRORS = (
    "ValueError", "TypeError", "KeyError", "IndexError", "AttributeError", "RuntimeError", "StopIteration",
    "NotImplementedError", "ZeroDivisionError", "LookupError", "OSError", "ArithmeticError", "OverflowError",
    "Exception",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scope:
    """Everything in the order of the text, without duplicates."""

    variables: tuple[Term, ...]  # parameters and locals that are no functions, then attributes of self
    functions: tuple[str, ...]  # that the target defines, then those of the module
    constants: tuple[Term, ...]
    strings: tuple[str, ...]  # that the file, the docstring and the failing tests mention
    expressions: tuple[Term, ...]
    conditions: tuple[Term, ...]
    atoms: tuple[Term, ...]  # simple conditions made up over the variables
    exceptions: tuple[str, ...]
    donations: tuple[Term, ...]  # expressions of the rest of the file whose names are known here
    unread: frozenset[str]  # parameters and locals that nothing uses: what is missing often uses them
    around: Surroundings

    @property
    def numbers(self) -> tuple[Term, ...]:
        return tuple(term for term in self.variables if term.may_be(NUMERIC))

    @property
    def collections(self) -> tuple[Term, ...]:
        return tuple(term for term in self.variables if term.kinds & SIZED)


def reachable(terms: Iterable[Term], at: tuple[int, int]) -> Iterator[Term]:
    """Those whose names are bound at this place."""
    return (term for term in terms if term.within[0] <= at[0] and at[1] <= term.within[1])


def collect(reading: Reading, around: Surroundings, texts: Sequence[str]) -> Scope:
    """`texts` are what failing tests said and the like: quoted words in them may be what a constant should be."""
    bounds = _bounds(reading)
    variables, own_functions = _variables(reading, around, bounds)
    conditions = tuple(_unique(_bounded(reading, site.node, bounds) for site in reading.sites if _is_test(site)))
    return Scope(
        variables=variables,
        functions=tuple(dict.fromkeys((*own_functions, *around.functions))),
        constants=tuple(_unique(_constants(reading))),
        strings=tuple(dict.fromkeys((*_quoted(texts), *_quoted([_documentation(reading)]), *around.strings))),
        expressions=tuple(_unique(_expressions(reading, bounds)))[:_MOST_EXPRESSIONS],
        conditions=conditions,
        atoms=tuple(_unique((*near(conditions), *atoms(variables))))[:_MOST_ATOMS],
        exceptions=tuple(dict.fromkeys((*around.exceptions, *_BUILT_IN_ERRORS))),
        donations=tuple(_donations(reading, around, own_functions)),
        unread=_unread(reading),
        around=around,
    )


def _donations(reading: Reading, around: Surroundings, own: Sequence[str]) -> Iterator[Term]:
    known = {node.arg for node in ast.walk(reading.function) if isinstance(node, ast.arg)}
    known |= {node.id for node in ast.walk(reading.function) if isinstance(node, ast.Name)}
    known |= {*own, *around.functions, *around.constants, *around.modules, *dir(builtins)}
    for text, names in around.expressions:
        node = parse_expression(text) if names <= known else None
        if node is not None:
            yield Term(text, Binds.ATOM if text.startswith("(") else strength(node), kinds(node, reading.types))


def _unread(reading: Reading) -> frozenset[str]:
    names = [node for node in ast.walk(reading.function) if isinstance(node, ast.Name)]
    bound = {node.id for node in names if isinstance(node.ctx, ast.Store)}
    bound |= {arg.arg for arg in ast.walk(reading.function) if isinstance(arg, ast.arg)}
    read = {node.id for node in names if isinstance(node.ctx, ast.Load)}
    return frozenset(name for name in bound - read if name not in {"self", "cls"} and not name.startswith("_"))


def _variables(
    reading: Reading, around: Surroundings, bounds: dict[str, tuple[int, int]]
) -> tuple[tuple[Term, ...], list[str]]:
    names: dict[str, None] = {}
    functions: list[str] = []
    for node in ast.walk(reading.function):
        match node:
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()) | ast.ExceptHandler(name=str(name)):
                names[name] = None
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                functions.append(name)
            case _:
                pass
    plain = [Term(name, Binds.ATOM, reading.types.get(name, UNKNOWN), bounds.get(name, EVERYWHERE)) for name in names]
    functions += [term.text for term in plain if term.is_callable]
    attributes = [] if "self" not in names else [Term(f"self.{name}") for name in around.attributes]
    kept = [
        term for term in plain if not (term.kinds and term.kinds <= CALLABLE) and term.text not in {"self", "cls", "_"}
    ]
    return (*kept, *attributes), functions


def _bounds(reading: Reading) -> dict[str, tuple[int, int]]:
    """Of names that are bound in one piece of the target only, that piece."""
    spans = dict(_comprehension_names(reading))
    places: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for site in reading.sites:
        if isinstance(site.node, ast.Name) and site.is_stored:
            places[site.node.id].append(site.inner)
    own = {arg.arg for arg in ast.walk(reading.function.args) if isinstance(arg, ast.arg)}
    return {
        name: (start, end)
        for name, (start, end) in spans.items()
        if name not in own and all(start <= first and last <= end for first, last in places[name])
    }


def _comprehension_names(reading: Reading) -> Iterator[tuple[str, tuple[int, int]]]:
    """Names that are bound in a piece of the target only: by comprehensions, lambdas and inner functions."""
    for node in ast.walk(reading.function):
        match node:
            case ast.ListComp(generators=parts) | ast.SetComp(generators=parts) | ast.DictComp(generators=parts):
                bound = [name.id for part in parts for name in ast.walk(part.target) if isinstance(name, ast.Name)]
            case ast.GeneratorExp(generators=parts):
                bound = [name.id for part in parts for name in ast.walk(part.target) if isinstance(name, ast.Name)]
            case ast.Lambda(args=args) | ast.FunctionDef(args=args) if node is not reading.function:
                bound = [arg.arg for arg in args.args]
            case _:
                continue
        for name in bound:
            yield name, reading.source.span(node)


def _bounded(reading: Reading, node: ast.expr, bounds: dict[str, tuple[int, int]]) -> Term:
    term = reading.term(node)
    start, end = reading.source.span(node)
    low, high = EVERYWHERE
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and part.id in bounds:
            first, last = bounds[part.id]
            if not start <= first < end:  # bound outside of the expression itself
                low, high = max(low, first), min(high, last)
    return Term(term.text, term.binds, term.kinds, (low, high))


def _expressions(reading: Reading, bounds: dict[str, tuple[int, int]]) -> Iterator[Term]:
    for site in reading.sites:
        if isinstance(site.node, ast.Name | ast.Constant | ast.Starred | ast.JoinedStr) or site.is_stored:
            continue
        if site.is_called and isinstance(site.node, ast.Attribute):
            continue
        yield _bounded(reading, site.node, bounds)


def _constants(reading: Reading) -> Iterator[Term]:
    for site in reading.sites:
        if isinstance(site.node, ast.Constant) and not isinstance(site.node.value, bool | None | type(...)):
            yield reading.term(site.node)


def _is_test(site: Site) -> bool:
    return (site.is_condition or isinstance(site.node, ast.Compare | ast.BoolOp)) and not isinstance(
        site.node, ast.Constant
    )


def _documentation(reading: Reading) -> str:
    return ast.get_docstring(reading.function, clean=False) or ""


def _quoted(texts: Iterable[str]) -> Iterator[str]:
    return (first or second for text in texts for first, second in _QUOTED.findall(text))


def _unique(terms: Iterable[Term]) -> Iterator[Term]:
    return iter({term.text: term for term in terms}.values())
