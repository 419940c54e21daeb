"""From a function's node to a Target: span, body, signature, documentation."""

from dataclasses import dataclass
from pathlib import PurePosixPath

from tree_sitter import Node

from perforch.adapters.syntax_imports import Imports
from perforch.adapters.syntax_outline import Found, Outline
from perforch.adapters.syntax_source import Source
from perforch.core.task import Target
from perforch.languages.spec import Language, Nodes


@dataclass(frozen=True, slots=True)
class Parsed:
    """One file, ready for its targets to be made."""

    file: PurePosixPath
    language: Language
    source: Source
    outline: Outline
    imports: Imports


@dataclass(frozen=True, slots=True)
class _Body:
    """The statements of a function, as bytes, and the literal that documents it."""

    start: int
    end: int
    docstring: Node | None


def target(found: Found, parsed: Parsed) -> Target:
    """The Target of one function."""
    source, language = parsed.source, parsed.language
    body = _body(found, language.nodes, source)
    span = source.span(found.start, found.end)
    statements = source.without(parsed.outline.comments, body.start, body.end).strip()
    return Target(
        file=parsed.file,
        function=found.function,
        language=language.name,
        span=span,
        body=source.span(body.start, body.end),
        def_line=source.line(found.name_start),
        signature=_signature(found, parsed),
        docstring=_documentation(found, body, parsed),
        enclosing=".".join(found.member_of) or None,
        source=source.text[span.start : span.end],
        imports=parsed.imports.lines,
        imports_at=source.character(parsed.imports.at),
        is_stub=language.stub.fullmatch(statements) is not None,
        indent=source.indentation(found.start),
        blank_lines=language.blank_lines,
    )


def _body(found: Found, nodes: Nodes, source: Source) -> _Body:
    node = found.body
    assert node is not None, "the outline has only functions with a body"
    if source.data[node.start_byte : node.start_byte + 1] == b"{":
        return _braced(node, source)
    statements = [child for child in node.named_children if child.type not in nodes.comments]
    docstring = _docstring(statements[0], nodes) if statements else None
    if docstring is None:
        return _Body(node.start_byte, node.end_byte, None)
    start = statements[1].start_byte if len(statements) > 1 else docstring.end_byte
    end = node.end_byte if len(statements) > 1 else start
    return _Body(start, end, docstring)


def _braced(node: Node, source: Source) -> _Body:
    """What stands between the braces, white space around it left out."""
    start = node.start_byte + 1
    end = node.end_byte - 1 if source.data[start : node.end_byte].endswith(b"}") else node.end_byte
    inner = source.data[start:end]
    blank = len(inner) - len(inner.lstrip())
    if blank == len(inner):
        return _Body(start, start, None)
    return _Body(start + blank, start + len(inner.rstrip()), None)


def _docstring(statement: Node, nodes: Nodes) -> Node | None:
    candidates = [statement, *statement.children[:1]]
    literal = next((node for node in candidates if node.type == nodes.docstring), None)
    is_plain = literal is not None and not any(child.type in nodes.interpolations for child in literal.children)
    return literal if is_plain else None


def _signature(found: Found, parsed: Parsed) -> str:
    """The header on one line, without decorators, annotations and comments."""
    assert found.body is not None, "the outline has only functions with a body"
    header = parsed.source.without(parsed.outline.omitted, found.start, found.body.start_byte)
    return " ".join(header.split()).rstrip(" :{")


def _documentation(found: Found, body: _Body, parsed: Parsed) -> str:
    clean = parsed.language.documentation
    if body.docstring is not None:
        return clean(parsed.source.slice(body.docstring.start_byte, body.docstring.end_byte))
    if parsed.language.nodes.docstring is not None:
        return ""
    return clean("\n".join(parsed.source.slice(piece.start, piece.end) for piece in found.documentation))
