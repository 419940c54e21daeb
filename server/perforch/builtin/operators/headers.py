"""Headers: defaults of parameters, what is caught and raised, and changes made in several places at once."""

import ast
from collections import defaultdict
from itertools import combinations

from perforch.builtin.operators.base import Change, Changes, Ground, Operator, put
from perforch.builtin.reading import Site
from perforch.builtin.scope import reachable
from perforch.builtin.source import FunctionNode
from perforch.builtin.terms import COMPARISONS, Term, fits
from perforch.core.edits import Splice


def default(ground: Ground, site: Site) -> Changes:
    """Another default of a parameter."""
    if not isinstance(site.parent, ast.arguments):
        return
    old = ground.reading.term(site.node).text
    for text in ("None", "0", "1", "-1", "''", "()", "True", "False", "' '"):
        if text != old:
            yield put(ground, site, 1.8, Term(text))


def exception(ground: Ground, site: Site) -> Changes:
    """Another exception is raised or caught."""
    is_caught = isinstance(site.parent, ast.ExceptHandler)
    is_raised = isinstance(site.parent, ast.Raise) and site.field == "exc"
    match site.node:
        case ast.Name(id=name) if is_caught or is_raised or name.endswith(("Error", "Exception")):
            for rank, new in enumerate(ground.scope.exceptions):
                if new != name:
                    yield put(ground, site, 1.5 + 0.02 * rank, Term(new))
            if is_caught:
                yield from (
                    put(ground, site, 2.0, Term(f"({name}, {new})")) for new in ground.scope.exceptions if new != name
                )
        case ast.Tuple(elts=elements) if is_caught:
            for element in elements:
                yield put(ground, site, 2.4, ground.reading.term(element))
        case _:
            return


def raised(ground: Ground, site: Site) -> Changes:
    """What is raised is not an exception yet."""
    if isinstance(site.parent, ast.Raise) and site.field == "exc" and not isinstance(site.node, ast.Call):
        message = ground.reading.term(site.node).text
        for rank, name in enumerate(ground.scope.exceptions):
            yield put(ground, site, 1.8 + 0.02 * rank, Term(f"{name}({message})"))


def everywhere(ground: Ground, function: FunctionNode) -> Changes:
    """The same change at every place: a variable, a number, a comparison."""
    names: defaultdict[str, list[Site]] = defaultdict(list)
    for site in ground.reading.sites:
        if isinstance(site.node, ast.Name | ast.Constant) and not site.is_called and not site.is_stored:
            names[ground.reading.term(site.node).text].append(site)
    for sites in names.values():
        if 2 <= len(sites) <= 8:
            yield from _all_replaced(ground, sites)
    yield from _all_compared(ground, function)
    yield from _returns_exchanged(ground)


def _all_replaced(ground: Ground, sites: list[Site]) -> Changes:
    old = ground.reading.term(sites[0].node)
    new: list[Term] = []
    match sites[0].node:
        case ast.Name():
            at = (min(site.inner[0] for site in sites), max(site.inner[1] for site in sites))
            new = [
                other for other in reachable(ground.scope.variables, at) if fits(other, old) and other.text != old.text
            ]
        case ast.Constant(value=bool(value)):
            new = [Term(repr(not value))]
        case ast.Constant(value=int(value)):
            new = [Term(repr(number)) for number in (value + 1, value - 1) if number >= 0]
        case ast.Constant(value=str()):
            new = [constant for constant in ground.scope.constants if constant.text != old.text]
        case _:
            pass
    for other in new:
        yield Change(2.2, tuple(splice for site in sites for splice in ground.reading.put(site, other)))


def _returns_exchanged(ground: Ground) -> Changes:
    """What is returned in one case is returned in the other; or all truth values are the opposite."""
    returned = [site for site in ground.reading.sites if isinstance(site.parent, ast.Return)]
    for left, right in combinations(returned[:10], 2):
        one, other = ground.reading.term(left.node), ground.reading.term(right.node)
        if one.text != other.text:
            yield Change(1.5, (*ground.reading.put(left, other), *ground.reading.put(right, one)))
    truths = [site for site in returned if isinstance(site.node, ast.Constant) and isinstance(site.node.value, bool)]
    opposite = [ground.reading.put(site, Term(repr(not getattr(site.node, "value", None)))) for site in truths]
    if len(opposite) > 2:
        yield Change(1.7, tuple(splice for splices in opposite for splice in splices))


def _all_compared(ground: Ground, function: FunctionNode) -> Changes:
    spans: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    known = ground.reading.spans
    for node in ast.walk(function):
        if isinstance(node, ast.Compare) and node in known and len(node.ops) == 1:
            left, right = known[node.left].outer[1], known[node.comparators[0]].outer[0]
            token = COMPARISONS[type(node.ops[0])]
            span = ground.reading.token(left, right, token)
            if span is not None:
                spans[token].append(span)
    for token, places in spans.items():
        if len(places) > 1:
            for new in _OPPOSITES.get(token, ()):
                yield Change(2.0, tuple(Splice(*span, new) for span in places))


_OPPOSITES = {
    "<": ("<=", ">"), "<=": ("<", ">="), ">": (">=", "<"), ">=": (">", "<="), "==": ("!=",), "!=": ("==",),
    "in": ("not in",), "not in": ("in",), "is": ("is not",), "is not": ("is",),
}  # fmt: skip

OPERATORS: tuple[Operator[Site], ...] = (
    Operator("another default", 1.8, default),
    Operator("another exception", 1.5, exception),
    Operator("an exception made of it", 1.8, raised),
)
EVERYWHERE: tuple[Operator[FunctionNode], ...] = (Operator("the same change everywhere", 1.5, everywhere),)
