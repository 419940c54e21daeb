"""The names that a piece of code uses, however it spells them."""

import re
from collections.abc import Iterator

from tree_sitter import Language as Grammar
from tree_sitter import Node, Query

from perforch.adapters.syntax_outline import nodes_of
from perforch.adapters.syntax_source import Source
from perforch.languages.spec import Language, Nodes

_CHAIN = re.compile(r"(?<!\w)[^\W\d]\w*(?:[\s\\]*(?:\.|::|->)[\s\\]*[^\W\d]\w*)*")
_NAME = re.compile(r"[^\W\d]\w*")


def words(language: Language, grammar: Grammar, query: Query, root: Node, source: Source) -> frozenset[str]:
    """Every identifier, and for `a.b.c` also `a.b`, `b.c` and `a.b.c`; `from a import b` uses `a.b`.

    `::` and `->` count as dots. Keywords are left out, but for those that are among the language's `means`.
    """
    nodes = language.nodes
    code = bytearray(source.data)
    found: set[str] = set()
    keywords = _keywords(grammar) - language.means
    for node in nodes_of(query, root):
        start, end = node.start_byte, node.end_byte
        if node.type in nodes.interpolations:
            code[start:end] = source.data[start:end]
        elif node.type in nodes.imports:
            found.update(_imported(language, source.slice(start, end), keywords))
        else:
            code[start:end] = b'"' * (
                end - start
            )  # not spaces: what comes after a literal must not join what is before
    for chain in _CHAIN.finditer(code.decode(errors="replace")):
        names = _NAME.findall(chain[0])
        found.update(_parts(names[names[0] in keywords :]))
    return frozenset(found)


def literal_lines(nodes: Nodes, query: Query, root: Node) -> tuple[range, ...]:
    """The lines (0-based) that begin inside a literal whose value is used, literal by literal."""
    found = (node for node in nodes_of(query, root) if node.type in nodes.literals and not _stands_alone(node, nodes))
    rows = ((node.start_point.row, node.end_point.row) for node in found)
    return tuple(range(first + 1, last + 1) for first, last in rows if last > first)


def _stands_alone(literal: Node, nodes: Nodes) -> bool:
    """As a statement of its own, which is how functions are documented where literals do that."""
    around = literal.parent
    is_statement = around is not None and (around.start_byte, around.end_byte) == (literal.start_byte, literal.end_byte)
    return nodes.docstring is not None and is_statement


def _imported(language: Language, statement: str, keywords: frozenset[str]) -> Iterator[str]:
    for line in language.imports_of(statement):
        yield from _parts([name for name in _NAME.findall(line) if name not in keywords])


def _parts(names: list[str]) -> Iterator[str]:
    """Every run of names that follow one another."""
    for start in range(len(names)):
        for end in range(start + 1, len(names) + 1):
            yield ".".join(names[start:end])


def _keywords(grammar: Grammar) -> frozenset[str]:
    kinds = (
        (grammar.node_kind_for_id(number), grammar.node_kind_is_named(number))
        for number in range(grammar.node_kind_count)
    )
    return frozenset(kind for kind, named in kinds if kind is not None and not named and _NAME.fullmatch(kind))
