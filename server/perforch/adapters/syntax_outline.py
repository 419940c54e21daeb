"""The functions of a parsed file, with the names of what encloses them, and the comments and attributes beside them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

from tree_sitter import Language as Grammar
from tree_sitter import Node, Query, QueryCursor

from perforch.adapters.syntax_source import Piece
from perforch.languages.spec import Language, Nodes

# An operator's name may end in parentheses; a conversion's node goes on with its parameters.
_NAME = re.compile(r"operator\s*\(\s*\)|[^(]+")
_OPERATOR = re.compile(r"^operator (?=\W)")


@dataclass(frozen=True, slots=True)
class Found:
    """One function, as bytes. `start` and `end` include its attributes and wrappers."""

    node: Node
    start: int
    end: int
    name_start: int
    path: tuple[str, ...]
    member_of: tuple[str, ...]  # the path of its type, empty for free functions
    documentation: tuple[Piece, ...]  # the comments directly above, in order

    @property
    def function(self) -> str:
        return ".".join(self.path)

    @property
    def body(self) -> Node | None:
        return self.node.child_by_field_name("body")


@dataclass(frozen=True, slots=True)
class Outline:
    """All functions of a file that have a body, in order, and the pieces that signatures and bodies do without."""

    functions: tuple[Found, ...]
    comments: tuple[Piece, ...]
    omitted: tuple[Piece, ...]  # comments included


@dataclass(frozen=True, slots=True)
class _Open:
    """A node that the walk is inside of."""

    node: Node
    end: int
    path: tuple[str, ...]
    is_type: bool = False
    is_wrapper: bool = False


def outline_query(grammar: Grammar, nodes: Nodes) -> Query:
    """One query for every node that an outline is made of; older grammars may lack some of them."""
    kinds = chain(nodes.functions, nodes.types, nodes.scopes, nodes.wrappers, nodes.attributes, nodes.omitted)
    return kinds_query(grammar, {*kinds, *nodes.comments})


def kinds_query(grammar: Grammar, kinds: set[str]) -> Query:
    """A query for all nodes of these types."""
    known = sorted(kind for kind in kinds if grammar.id_for_node_kind(kind, True))  # noqa: FBT003 - a C signature
    return Query(grammar, " ".join(f"({kind}) @node" for kind in known))


def nodes_of(query: Query, root: Node) -> list[Node]:
    """What the query finds, outer nodes before inner ones."""
    found = QueryCursor(query).captures(root).get("node", [])
    return sorted(found, key=lambda node: (node.start_byte, -node.end_byte))


def outline(root: Node, language: Language, query: Query, data: bytes) -> Outline:
    """The outline of one parsed text."""
    walk = _Walk(language.nodes, data)
    for node in nodes_of(query, root):
        walk.enter(node)
    prototype = language.prototype
    functions = (
        found
        for found in walk.functions
        if prototype is None or prototype.match(data[found.start : found.end].decode(errors="replace")) is None
    )
    return Outline(tuple(functions), tuple(walk.comments), tuple(walk.omitted))


@dataclass(slots=True)
class _Walk:
    """Goes through the nodes of an outline in the order of the text."""

    nodes: Nodes
    data: bytes
    functions: list[Found] = field(default_factory=list)
    comments: list[Piece] = field(default_factory=list)
    omitted: list[Piece] = field(default_factory=list)
    _open: list[_Open] = field(default_factory=list)
    _beside: list[Piece] = field(default_factory=list)  # comments and attributes

    def enter(self, node: Node) -> None:
        kind, nodes = node.type, self.nodes
        while self._open and self._open[-1].end <= node.start_byte:
            self._open.pop()
        if kind in nodes.comments or kind in nodes.attributes or kind in nodes.omitted:
            self._note(node, kind)
        elif kind in nodes.functions:
            self._function(node)
        elif kind in nodes.wrappers:
            self._open.append(_Open(node, node.end_byte, self._path, is_wrapper=True))
        else:
            path = (*self._path, *_names(node, nodes))
            self._open.append(_Open(node, node.end_byte, path, is_type=kind in nodes.types))

    @property
    def _path(self) -> tuple[str, ...]:
        return self._open[-1].path if self._open else ()

    def _note(self, node: Node, kind: str) -> None:
        # Some grammars count a line comment's line end as part of it.
        end = node.start_byte + len(self.data[node.start_byte : node.end_byte].rstrip())
        piece = Piece(node.start_byte, end, is_attribute=kind in self.nodes.attributes)
        if kind in self.nodes.comments:
            self.comments.append(piece)
        if kind in self.nodes.comments or kind in self.nodes.attributes:
            self._beside.append(piece)
        self.omitted.append(piece)

    def _function(self, node: Node) -> None:
        names = (*self._qualifier(node), *_names(node, self.nodes))
        path = (*self._path, *names)
        if names and node.child_by_field_name("body") is not None:
            start, end = self._wrapped(node)
            start, documentation = self._above(start)
            member_of = path[:-1] if len(names) > 1 or self._in_type else ()
            name_start = _name_node(node, self.nodes).start_byte
            self.functions.append(Found(node, start, end, name_start, path, member_of, documentation))
        self._open.append(_Open(node, node.end_byte, path))

    @property
    def _in_type(self) -> bool:
        inner = next((scope for scope in reversed(self._open) if not scope.is_wrapper), None)
        return inner is not None and inner.is_type

    def _qualifier(self, node: Node) -> tuple[str, ...]:
        field_name = self.nodes.qualifier
        receiver = node.child_by_field_name(field_name) if field_name else None
        return _names(receiver, self.nodes) if receiver is not None else ()

    def _wrapped(self, node: Node) -> tuple[int, int]:
        """The span of the function with the wrappers directly around it."""
        start, end = node.start_byte, node.end_byte
        for scope in reversed(self._open):
            if not scope.is_wrapper:
                break
            start, end = scope.node.start_byte, scope.end
        return start, end

    def _above(self, start: int) -> tuple[int, tuple[Piece, ...]]:
        """Where the attributes before `start` begin, and the comments directly above them."""
        documentation: list[Piece] = []
        edge = start
        for piece in reversed(self._beside):
            gap = self.data[piece.end : edge]
            if gap.strip() or (not piece.is_attribute and not self._documents(piece, gap)):
                break
            if piece.is_attribute:
                start = piece.start
            else:
                documentation.append(piece)
            edge = piece.start
        return start, tuple(reversed(documentation))

    def _documents(self, comment: Piece, gap: bytes) -> bool:
        """A comment on lines of its own, with no blank line below it."""
        line_start = self.data.rfind(b"\n", 0, comment.start) + 1
        return gap.count(b"\n") <= 1 and not self.data[line_start : comment.start].strip()


def _names(node: Node, nodes: Nodes) -> tuple[str, ...]:
    """The parts of a node's name; empty if it has none."""
    return tuple(_parts(node, nodes)) if _name_children(node, nodes) else ()


def _parts(node: Node, nodes: Nodes) -> Iterator[str]:
    if node.type in nodes.named_by:
        for child in _name_children(node, nodes):
            yield from _parts(child, nodes)
        return
    found = _NAME.match((node.text or b"").decode(errors="replace"))
    name = " ".join(found[0].split()) if found else ""
    if name.startswith("operator"):
        yield _OPERATOR.sub("operator", name)
    else:
        yield from (part.strip() for part in name.split("::") if part.strip())


def _name_node(node: Node, nodes: Nodes) -> Node:
    """The innermost node that begins a function's name."""
    children = _name_children(node, nodes)
    return _name_node(children[0], nodes) if children else node


def _name_children(node: Node, nodes: Nodes) -> Sequence[Node]:
    fields = nodes.named_by.get(node.type)
    if fields is None:
        return ()
    if not fields:
        return node.named_children[:1]
    found = (node.child_by_field_name(name) for name in fields)
    return [child for child in found if child is not None]
