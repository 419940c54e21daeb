"""What there is to know about a programming language in order to find its functions and to judge changes to them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from perforch.core.task import Target

NOTHING: frozenset[str] = frozenset()
# What people write into a body that is still to come; the message of an exception or a panic, mostly.
UNFINISHED = r"(?i:not (?:yet )?implemented|unimplemented|implement me|to ?do)"
# The arguments of a call, as far as a stub has any.
ARGUMENTS = r"""\((?:[^()"']|"[^"\n]*"|'[^'\n]*'|\([^()]*\))*\)"""
_COMMENT_MARKS = re.compile(r"^[ \t]*(?:/\*+!?|//[/!]?|\*(?!/))[ \t]?|[ \t]*\*+/[ \t]*$", re.MULTILINE)
_DIRECTIVE = re.compile(r"^//(?:go:|nolint\b).*$", re.MULTILINE)
_SPACES = re.compile(r"\s+")


def listed(names: str) -> frozenset[str]:
    """Names that are separated by white space."""
    return frozenset(names.split())


def one_line(statement: str) -> tuple[str, ...]:
    """An import statement as one line, which is how a candidate's imports are compared with it."""
    return (_SPACES.sub(" ", statement.strip()),)


def plain_comment(raw: str) -> str:
    """The words of a doc comment, without its marks and its directives to tools."""
    lines = _COMMENT_MARKS.sub("", _DIRECTIVE.sub("", raw)).splitlines()
    return "\n".join(line.rstrip() for line in lines).strip()


@dataclass(frozen=True, slots=True)
class Complaint:
    """What a language's own parser has against a text; lines are 1-based, and sometimes unknown."""

    text: str
    line: int | None


@dataclass(frozen=True, slots=True)
class Nodes:
    """The grammar's node types, by the part that they play.

    `named_by` leads from a node to its name: the fields to follow, whose names are joined by dots; an empty tuple
    means the first child. A node without an entry is its own name. `qualifier` is the field of a function that names
    the type it belongs to, where that is not the enclosing node.
    """

    functions: frozenset[str]
    types: frozenset[str]
    named_by: Mapping[str, tuple[str, ...]]
    imports: frozenset[str]
    comments: frozenset[str]
    literals: frozenset[str]  # strings and characters: their words are not names
    scopes: frozenset[str] = NOTHING  # lengthen the names of what they enclose, but are no types
    wrappers: frozenset[str] = NOTHING  # hold one function, and belong to its span
    attributes: frozenset[str] = NOTHING  # stand before a function, and belong to its span
    omitted: frozenset[str] = NOTHING  # left out of a signature
    interpolations: frozenset[str] = NOTHING  # code inside a literal
    preamble: frozenset[str] = NOTHING  # must stay above the imports
    guards: frozenset[str] = NOTHING  # may enclose a whole file
    docstring: str | None = None  # the literal that documents a function as its first statement
    qualifier: str | None = None


@dataclass(frozen=True, slots=True)
class Language:
    """One language, as facts: it describes, and never runs anything.

    `enclosure` is what must stand around a method (before, after) to parse it alone; its indentation is kept.
    `stub` matches a whole body, comments left out, that is still to be written. `means` are the names by which code
    could reach the process that tests it; a candidate may not newly use them. `abort` is a body that ends any test that
    enters it. `fragment` says why statements cannot be all of a function's new body, given the names that the file
    uses; without it bodies are not taken without their headers.
    """

    name: str
    suffixes: frozenset[str]
    nodes: Nodes
    enclosure: tuple[str, str]
    stub: re.Pattern[str]
    means: frozenset[str]
    abort: str
    idioms: tuple[str, ...]
    prototype: re.Pattern[str] | None = None  # begins the text of functions that only declare another one
    example_tests: Callable[[Target], tuple[str, int]] | None = (
        None  # documented examples as a test module, and how many
    )
    imports_of: Callable[[str], tuple[str, ...]] = one_line  # an import statement, as one line per imported name
    documentation: Callable[[str], str] = plain_comment
    blank_lines: int = 1  # between the imports and what follows them
    fragment: Callable[[Target, str, frozenset[str]], str | None] | None = None
    complaint: Callable[[str], Complaint | None] | None = None  # by a parser of its own, where there is one
