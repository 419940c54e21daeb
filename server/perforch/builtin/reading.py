"""The target's text, understood: every expression that may be changed, every statement, and what is in scope."""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from perforch.builtin.kinds import kinds
from perforch.builtin.rows import Block, blocks
from perforch.builtin.slots import need
from perforch.builtin.source import FunctionNode, Source, parse_expression
from perforch.builtin.terms import Binds, Kinds, Term, strength, wrapped
from perforch.core.edits import Splice

_UNTOUCHED = frozenset({"decorator_list", "returns", "annotation", "type_comment", "type_params", "ctx"})
_COMMENT = re.compile(r"#[^\r\n]*")


@dataclass(frozen=True, slots=True)
class Site:
    """An expression in its place. `outer` is its span with grouping parentheses, equal to `inner` if there are none."""

    node: ast.expr
    parent: ast.AST
    field: str
    line: int
    inner: tuple[int, int]
    outer: tuple[int, int]
    need: Binds  # what may stand here without parentheses

    @property
    def is_condition(self) -> bool:
        if self.field == "test" and not isinstance(self.parent, ast.Assert):
            return True
        is_filter = isinstance(self.parent, ast.comprehension) and self.field == "ifs"
        is_negated = isinstance(self.parent, ast.UnaryOp) and isinstance(self.parent.op, ast.Not)
        return is_filter or is_negated or isinstance(self.parent, ast.BoolOp)

    @property
    def is_stored(self) -> bool:
        return isinstance(getattr(self.node, "ctx", None), ast.Store | ast.Del)

    @property
    def is_called(self) -> bool:
        return isinstance(self.parent, ast.Call) and self.field == "func"


@dataclass(frozen=True, slots=True)
class Reading:
    """What the operators work on."""

    source: Source
    types: Mapping[str, Kinds]
    sites: tuple[Site, ...]
    blocks: tuple[Block, ...]
    unit: str  # one step of indentation
    spans: Mapping[ast.expr, Site] = field(repr=False)

    @property
    def text(self) -> str:
        return self.source.text

    @property
    def function(self) -> FunctionNode:
        return self.source.function

    def term(self, node: ast.expr) -> Term:
        """The text of an expression, without its grouping parentheses."""
        start, end = self.source.span(node)
        text, binds = self.text[start:end], strength(node)
        if isinstance(node, ast.Tuple) and self._is_parenthesised(node, text):
            binds = Binds.ATOM
        if "\n" in text and binds is not Binds.ATOM:
            text, binds = f"({text})", Binds.ATOM  # what spans lines needs brackets of its own
        return Term(text, binds, kinds(node, self.types))

    def put(self, site: Site, new: Term) -> tuple[Splice, ...]:
        """The splice that replaces the site's expression, with parentheses where they are needed and only there."""
        if isinstance(site.node, ast.GeneratorExp) and isinstance(site.parent, ast.Call) and site.inner == site.outer:
            start, end = site.inner
            bare = len(site.parent.args) == 1 and self.source.span(site.parent)[1] == end
            return (Splice(start, end, f"({new.text})" if bare else wrapped(new, site.need)),)
        if new.binds >= site.need and site.outer != site.inner and "\n" not in new.text:
            return (Splice(*site.outer, self._spaced(site.outer, new.text)),)
        if site.outer != site.inner:
            return (Splice(*site.inner, new.text),)
        return (Splice(*site.inner, wrapped(new, site.need)),)

    def token(self, start: int, end: int, token: str) -> tuple[int, int] | None:
        """Where an operator or keyword stands between two expressions; comments do not count."""
        gap = _COMMENT.sub(lambda comment: " " * len(comment.group()), self.text[start:end])
        pattern = r"\s+".join(re.escape(part) for part in token.split())
        found = re.search(rf"(?<!\w){pattern}(?!\w)" if token[0].isalpha() else pattern, gap)
        return (start + found.start(), start + found.end()) if found else None

    def _spaced(self, outer: tuple[int, int], text: str) -> str:
        """`not(x)` must not become `notx`."""
        before = self.text[outer[0] - 1 : outer[0]]
        after = self.text[outer[1] : outer[1] + 1]
        left = " " if before.isalnum() and (text[:1].isalnum() or text[:1] in "_'\"") else ""
        right = " " if after.isalnum() and (text[-1:].isalnum() or text[-1:] == "_") else ""
        return f"{left}{text}{right}"

    def _is_parenthesised(self, node: ast.Tuple, text: str) -> bool:
        if not text.startswith("("):
            return False
        if not node.elts:
            return True
        first = self.spans.get(node.elts[0])
        return first is None or first.outer[0] != self.source.span(node)[0]


def read(source: Source, types: Mapping[str, Kinds]) -> Reading:
    found = list(_sites(source))
    rows = blocks(source)
    spans = {site.node: site for site in found}
    return Reading(source, types, tuple(found), rows, _unit(rows), spans)


def _sites(source: Source) -> Iterator[Site]:
    function = source.function
    documentation = function.body[0].value if ast.get_docstring(function, clean=False) is not None else None  # type: ignore[attr-defined]  # a docstring is an Expr
    pending: list[tuple[ast.AST, ast.AST, str]] = list(_children(function))
    while pending:
        node, parent, name = pending.pop()
        if node is documentation:
            continue
        if isinstance(node, ast.expr) and not isinstance(node, ast.Slice):
            yield _site(source, node, parent, name)
        if isinstance(node, ast.JoinedStr):
            pending.extend(_trusted(source, node))
        else:
            pending.extend(_children(node))


def _children(node: ast.AST) -> Iterator[tuple[ast.AST, ast.AST, str]]:
    for name, value in ast.iter_fields(node):
        if name in _UNTOUCHED:
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield child, node, name


def _trusted(source: Source, text: ast.JoinedStr) -> Iterator[tuple[ast.AST, ast.AST, str]]:
    """The expressions in an f-string whose positions are right; before Python 3.12 they may not be."""
    for part in text.values:
        if not isinstance(part, ast.FormattedValue):
            continue
        start, end = source.span(part.value)
        seen = parse_expression(source.text[start:end])
        if seen is not None and ast.dump(seen) == ast.dump(part.value):
            yield part.value, part, "value"


def _site(source: Source, node: ast.expr, parent: ast.AST, name: str) -> Site:
    inner = source.span(node)
    is_sole_argument = isinstance(parent, ast.Call) and name == "args" and len(parent.args) + len(parent.keywords) == 1
    is_pattern = isinstance(parent, ast.MatchValue)  # `case Point(1)`
    outer = _outer(source.text, inner, keep=1 if is_sole_argument or is_pattern else 0)
    return Site(node, parent, name, source.line(node), inner, outer, need(parent, name, node))


def _outer(text: str, inner: tuple[int, int], keep: int) -> tuple[int, int]:
    """The span with one pair of grouping parentheses; the innermost `keep` pairs belong to something else."""
    layers: list[tuple[int, int]] = []
    start, end = inner
    while len(layers) <= keep:
        left, right = start, end
        while left > 0 and text[left - 1] in " \t":
            left -= 1
        while right < len(text) and text[right] in " \t":
            right += 1
        if not (left > 0 and right < len(text) and text[left - 1] == "(" and text[right] == ")"):
            break
        start, end = left - 1, right + 1
        layers.append((start, end))
    return layers[0] if len(layers) > keep else inner


def _unit(found: tuple[Block, ...]) -> str:
    """How far the target indents: an inner block against the statement that owns it."""
    indents = {row.node: row.indent for block in found for row in block.rows}
    for block in found:
        outer = indents.get(block.owner) if isinstance(block.owner, ast.stmt) else None
        if outer is not None and block.rows[0].indent.startswith(outer):
            return block.rows[0].indent[len(outer) :]
    body = found[0].rows[0].indent if found else ""
    return "\t" if body.startswith("\t") else " " * 4
