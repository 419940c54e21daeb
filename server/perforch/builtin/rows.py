"""Statements as whole lines of text, so that they can be deleted, moved and inserted like a human would."""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from perforch.builtin.source import FunctionNode, Source
from perforch.core.edits import Splice

_FIELDS = ("body", "orelse", "finalbody")
_REST_OF_LINE = re.compile(r"[ \t]*(#[^\r\n]*)?(\r\n|\r|\n|$)")
LOOPS = (ast.For, ast.AsyncFor, ast.While)


@dataclass(frozen=True, slots=True)
class Row:
    """A statement that has its lines to itself, from the start of the first to the end of the last."""

    node: ast.stmt
    start: int
    end: int
    indent: str
    line: int


@dataclass(frozen=True, slots=True)
class Block:
    """The statements of one suite; `rows` lacks the docstring."""

    owner: ast.AST
    field: str
    rows: tuple[Row, ...]
    in_loop: bool
    has_docstring: bool

    @property
    def is_outermost(self) -> bool:
        return isinstance(self.owner, FunctionNode)


def blocks(source: Source) -> tuple[Block, ...]:
    """Every suite whose statements have their lines to themselves, outer before inner."""
    return tuple(_blocks(source, source.function, in_loop=False))


def removal(source: Source, row: Row) -> Splice:
    if row.end == len(source.text) and not source.text.endswith(("\n", "\r")):
        before = len(source.text[: row.start]) - len(source.text[: row.start].rstrip("\r\n"))
        return Splice(row.start - min(before, len(source.newline)), row.end, "")
    return Splice(row.start, row.end, "")


def before(source: Source, row: Row, lines: Iterable[str]) -> Splice:
    """Lines to insert, without indentation, in front of a row."""
    return Splice(row.start, row.start, "".join(f"{row.indent}{line}{source.newline}" for line in lines))


def after(source: Source, row: Row, lines: Iterable[str]) -> Splice:
    text = "".join(f"{row.indent}{line}{source.newline}" for line in lines)
    return append(source, row.end, text)


def append(source: Source, at: int, text: str) -> Splice:
    """Whole lines, at the end of a line; the target's last line may lack its line end."""
    if at == len(source.text) and not source.text.endswith(("\n", "\r")):
        return Splice(at, at, source.newline + text.removesuffix(source.newline))
    return Splice(at, at, text)


def whole(source: Source, row: Row) -> str:
    """The row's text as whole lines, with a line end even at the end of the target."""
    text = source.text[row.start : row.end]
    return text if text.endswith(("\n", "\r")) else text + source.newline


def reindented(source: Source, row: Row, indent: str) -> str:
    """The row's text with another indentation; the inside of long strings is left alone."""
    kept = _inside_strings(source, row.node)
    lines = whole(source, row).splitlines(keepends=True)
    return "".join(
        line if number in kept or not line.startswith(row.indent) else indent + line[len(row.indent) :]
        for number, line in enumerate(lines, row.line)
    )


def _inside_strings(source: Source, node: ast.stmt) -> frozenset[int]:
    return frozenset(
        line - source.first_line + 1
        for part in ast.walk(node)
        if isinstance(part, ast.JoinedStr) or (isinstance(part, ast.Constant) and isinstance(part.value, str | bytes))
        for line in range(part.lineno + 1, (part.end_lineno or part.lineno) + 1)
    )


def _blocks(source: Source, owner: ast.AST, *, in_loop: bool) -> Iterator[Block]:
    for field in _FIELDS:
        statements = getattr(owner, field, None)
        if not isinstance(statements, list):
            continue
        inside = not isinstance(owner, FunctionNode) and (in_loop or (isinstance(owner, LOOPS) and field == "body"))
        documented = isinstance(owner, FunctionNode) and ast.get_docstring(owner, clean=False) is not None
        mine = statements[1:] if documented else statements
        rows = tuple(row for row in (_row(source, node) for node in mine) if row is not None)
        if rows and len(rows) == len(mine):
            yield Block(owner, field, rows, inside, documented)
        for node in statements:
            yield from _blocks(source, node, in_loop=inside)
    for part in (*getattr(owner, "handlers", ()), *getattr(owner, "cases", ())):
        yield from _blocks(source, part, in_loop=in_loop)


def _row(source: Source, node: ast.stmt) -> Row | None:
    decorators = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(decorator.lineno for decorator in decorators)])
    start = source.starts[first - source.first_line]
    _, end = source.span(node)
    begin = source.offset(node.lineno, node.col_offset)
    indent = source.text[source.starts[node.lineno - source.first_line] : begin]
    rest = _REST_OF_LINE.match(source.text, end)
    if indent.strip() or rest is None or source.text.startswith("elif", begin):
        return None
    return Row(node, start, rest.end(), indent, first - source.first_line + 1)
