"""Where the nodes of the target's syntax tree stand in its text, in characters."""

import ast
import re
import textwrap
from bisect import bisect_right
from dataclasses import dataclass

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
_LINE_END = re.compile(r"\r\n|\r|\n")
_HEADER = re.compile(r"^([ \t]*)(?:async[ \t]+)?def\b", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Source:
    """A text, its tree, and the offset at which each line begins.

    A method is cut out of its class with its indentation: then the tree is that of the text in an `if` of its own,
    and lines are counted from `first_line`.
    """

    text: str
    function: FunctionNode
    starts: tuple[int, ...]
    first_line: int
    first_column: int

    def offset(self, line: int, utf8_column: int) -> int:
        row = line - self.first_line
        start = self.starts[row]
        column = utf8_column - (self.first_column if row == 0 else 0)
        end = self.starts[row + 1] if row + 1 < len(self.starts) else len(self.text)
        piece = self.text[start:end]
        return start + (column if piece.isascii() else len(piece.encode()[:column].decode(errors="replace")))

    def span(self, node: ast.expr | ast.stmt | ast.arg | ast.keyword) -> tuple[int, int]:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self.offset(node.lineno, node.col_offset), self.offset(node.end_lineno, node.end_col_offset)

    def line(self, node: ast.expr | ast.stmt) -> int:
        """1-based within the target's text."""
        return node.lineno - self.first_line + 1

    def line_at(self, offset: int) -> int:
        return bisect_right(self.starts, offset)

    @property
    def newline(self) -> str:
        return "\r\n" if "\r\n" in self.text else "\n"


def parse(text: str) -> Source:
    """Raises SyntaxError."""
    header = _HEADER.search(text)
    indent = header.group(1) if header else ""
    starts = (0, *(match.end() for match in _LINE_END.finditer(text)))
    if not indent:
        return Source(text, _first_function(_tree(text)), starts, 1, 0)
    missing = "" if text.startswith((" ", "\t")) else indent
    tree = _tree(f"if 1:\n{missing}{text}")
    return Source(text, _first_function(tree), starts, 2, len(missing))


def parse_loosely(text: str) -> ast.Module:
    """The tree of a whole file, or an empty one where it cannot be read."""
    try:
        return _tree(text)
    except SyntaxError:
        return ast.Module([], [])


def parse_expression(text: str) -> ast.expr | None:
    try:
        return ast.parse(textwrap.dedent(text).strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _tree(text: str) -> ast.Module:
    try:
        return ast.parse(text)
    except (ValueError, RecursionError, MemoryError) as error:  # null characters; nested too deeply
        raise SyntaxError(str(error)) from error


def _first_function(tree: ast.Module) -> FunctionNode:
    """The outermost one, in the order of the text."""
    body: list[ast.stmt] = tree.body
    for node in body[0].body if body and isinstance(body[0], ast.If) else body:
        if isinstance(node, FunctionNode):
            return node
    raise SyntaxError("there is no function here")
