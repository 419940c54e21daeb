"""The imports of a file, and the place for one more."""

from collections.abc import Sequence
from dataclasses import dataclass

from tree_sitter import Node

from perforch.adapters.syntax_source import Source
from perforch.languages.spec import Language, Nodes


@dataclass(frozen=True, slots=True)
class Imports:
    """Every import at the top level, as one-line statements, and the byte offset of the line for a new one."""

    lines: tuple[str, ...]
    at: int


def imports_of(root: Node, language: Language, source: Source) -> Imports:
    """A new import goes below the last one above the first definition, else below the preamble."""
    children = _top_level(root, language.nodes)
    lines = (
        line
        for node in children
        if node.type in language.nodes.imports
        for line in language.imports_of(source.slice(node.start_byte, node.end_byte))
    )
    first = next((at for at, node in enumerate(children) if _defines(node, language.nodes)), len(children))
    anchor = _last_import(children[:first], language.nodes) or _preamble(children[: first + 1], language.nodes)
    limit = children[first].start_byte if first < len(children) else len(source.data)
    return Imports(tuple(dict.fromkeys(lines)), _below(anchor, source, limit))


def _defines(node: Node, nodes: Nodes) -> bool:
    kinds = (nodes.functions, nodes.types, nodes.wrappers, nodes.scopes, nodes.attributes)
    return any(node.type in kind for kind in kinds)


def _top_level(root: Node, nodes: Nodes) -> list[Node]:
    """The children of the file, or of the include guard around all of it."""
    children = root.children
    rest = [node for node in children if node.type not in nodes.comments and node.type not in nodes.preamble]
    if rest and len(rest) == 1 and rest[0].type in nodes.guards:
        return [*(node for node in children if node is not rest[0]), *rest[0].children]
    return children


def _last_import(children: Sequence[Node], nodes: Nodes) -> Node | None:
    return next((node for node in reversed(children) if node.type in nodes.imports), None)


def _preamble(children: Sequence[Node], nodes: Nodes) -> Node | None:
    """The last of: the clauses that must come first, the file's docstring, comments with a blank line below."""
    anchor, only_comments = None, True
    for node, after in zip(children, [*children[1:], None], strict=False):
        if node.type in nodes.comments:
            detached = after is None or after.start_point.row > node.start_point.row + _rows(node) or _is_magic(node)
            anchor = node if only_comments and detached else anchor
        elif node.type in nodes.preamble or (only_comments and _is_docstring(node, nodes)):
            anchor = node
        elif node.is_named:
            only_comments = False
    return anchor


def _rows(comment: Node) -> int:
    """How far below a comment's first row something directly below it would start."""
    return (comment.text or b"").rstrip().count(b"\n") + 1


def _is_magic(comment: Node) -> bool:
    """A hash-bang or a coding line: nothing may come above it."""
    text = comment.text or b""
    return comment.start_point.row < 2 and (text.startswith(b"#!") or b"coding" in text)


def _is_docstring(node: Node, nodes: Nodes) -> bool:
    return nodes.docstring is not None and any(child.type == nodes.docstring for child in node.children[:1])


def _below(anchor: Node | None, source: Source, limit: int) -> int:
    if anchor is None:
        return len("\ufeff".encode()) if source.text.startswith("\ufeff") else 0
    line = source.next_line(anchor.end_byte)
    # A definition on the same line, which no style guide allows but some grammars do.
    return line if line <= limit else anchor.end_byte
