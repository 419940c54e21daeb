"""Reads source text with tree-sitter: which functions there are, what a new one may look like, which names it uses."""

import difflib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import tree_sitter

from perforch.adapters import grammars
from perforch.adapters.syntax_faults import Site, fault
from perforch.adapters.syntax_imports import imports_of
from perforch.adapters.syntax_outline import Found, Outline, kinds_query, outline, outline_query
from perforch.adapters.syntax_source import Source, read
from perforch.adapters.syntax_targets import Parsed, target
from perforch.adapters.syntax_words import literal_lines, words
from perforch.core.errors import AmbiguousFunction, FunctionNotFound, UsageError
from perforch.core.task import Target
from perforch.languages import LANGUAGES, language_named, language_of
from perforch.languages.spec import Language

NEAR = 5  # how many similar names a message offers


@dataclass(frozen=True, slots=True)
class _Reader:
    """A grammar with its queries compiled."""

    grammar: tree_sitter.Language
    outline: tree_sitter.Query
    words: tree_sitter.Query


class TreeSitterSyntax:
    """Fills the port `Syntax`. Grammars are loaded at first use and kept; threads may share one."""

    def __init__(self, load: Callable[[str], tree_sitter.Language] = grammars.load) -> None:
        self._load = load
        self._readers: dict[str, _Reader] = {}

    def functions(self, file: PurePosixPath, text: str) -> tuple[Target, ...]:
        """Every function of the file that has a body, outer ones before inner ones; empty for other files."""
        language = language_of(file)
        if language is None:
            return ()
        parsed = self._parsed(file, language, text)
        return tuple(target(found, parsed) for found in parsed.outline.functions)

    def find(self, file: PurePosixPath, text: str, function: str | None, line: int | None) -> Target:
        """The one function of that name, or the innermost one around that line (1-based), or both.

        A name may be written with `.`, `::` or `#`, and without what encloses it where that is clear. Raises
        FunctionNotFound, AmbiguousFunction, and UsageError for a file of no language that we know.
        """
        language = language_of(file)
        if language is None:
            raise UsageError(f"{file} holds no functions that we can read; we read {_known_suffixes()}")
        parsed = self._parsed(file, language, text)
        chosen = _choose(parsed, function, line)
        return target(chosen, parsed)

    def faults(self, target: Target, code: str) -> str | None:
        """Why `code` cannot stand in the target's place, as a sentence with the line within `code`, or None."""
        language = language_named(target.language)

        def site(text: str) -> Site:
            source = read(text)
            root = self._root(language, source)
            return Site(source, root, self._outline(language, root, source))

        return fault(language, target, code, site)

    def literals(self, language: str, code: str) -> tuple[range, ...]:
        """The lines (0-based) that begin inside a string, string by string; those that are documentation left out."""
        known = language_named(language)
        return literal_lines(known.nodes, self._reader(known).words, self._root(known, read(code)))

    def words(self, language: str, code: str) -> frozenset[str]:
        """Identifiers, dotted names and every part of them, joined by dots; comments and strings left out."""
        known = language_named(language)
        source = read(code)
        reader = self._reader(known)
        return words(known, reader.grammar, reader.words, self._root(known, source), source)

    def _parsed(self, file: PurePosixPath, language: Language, text: str) -> Parsed:
        source = read(text)
        root = self._root(language, source)
        imports = imports_of(root, language, source)
        return Parsed(file, language, source, self._outline(language, root, source), imports)

    def _root(self, language: Language, source: Source) -> tree_sitter.Node:
        # A parser is cheap, and must not be shared between threads.
        return tree_sitter.Parser(self._reader(language).grammar).parse(source.data).root_node

    def _outline(self, language: Language, root: tree_sitter.Node, source: Source) -> Outline:
        return outline(root, language, self._reader(language).outline, source.data)

    def _reader(self, language: Language) -> _Reader:
        if language.name not in self._readers:
            grammar, nodes = self._load(language.name), language.nodes
            spoken = nodes.comments | nodes.literals | nodes.interpolations | nodes.imports
            self._readers[language.name] = _Reader(
                grammar, outline_query(grammar, nodes), kinds_query(grammar, set(spoken))
            )
        return self._readers[language.name]


def _choose(parsed: Parsed, function: str | None, line: int | None) -> Found:
    named = parsed.outline.functions if function is None else _named(parsed, function)
    around = [found for found in named if line is not None and _spans(parsed.source, found, line)]
    if around:
        return around[-1]  # the innermost comes last
    if not named:
        raise FunctionNotFound(_not_found(parsed, function or ""))
    if function is None and line is not None:
        raise FunctionNotFound(f"no function at line {line} of {parsed.file}; it has {_listed(parsed, named)}")
    if len(named) == 1:
        return named[0]
    which = f" named {function}" if function else ""
    raise AmbiguousFunction(
        f"{parsed.file} has {len(named)} functions{which}: {_listed(parsed, named)}; "
        "give the whole dotted name, or a line inside the one you mean"
    )


def _named(parsed: Parsed, function: str) -> Sequence[Found]:
    """The functions of exactly that name, else those whose dotted name ends in it."""
    wanted = function.strip().replace("::", ".").replace("#", ".")
    # operator() is called so; behind other names the parentheses are only a way of writing.
    names = {wanted, wanted.removesuffix("()")}
    exact = [found for found in parsed.outline.functions if found.function in names]
    endings = tuple("." + name for name in names)
    return exact or [found for found in parsed.outline.functions if found.function.endswith(endings)]


def _spans(source: Source, found: Found, line: int) -> bool:
    return source.line(found.start) <= line <= source.line(max(found.start, found.end - 1))


def _not_found(parsed: Parsed, function: str) -> str:
    names = list(dict.fromkeys(found.function for found in parsed.outline.functions))
    if not names:
        return f"{parsed.file} has no functions with a body"
    last = {name.rpartition(".")[2]: name for name in names}
    near = [
        *difflib.get_close_matches(function, names, NEAR, 0.6),
        *(last[name] for name in difflib.get_close_matches(function.rpartition(".")[2], last, NEAR, 0.6)),
    ]
    offered = list(dict.fromkeys(near))[:NEAR]
    hint = f"did you mean {', '.join(offered)}?" if offered else f"it has {', '.join(names[:NEAR])}, ..."
    return f"no function {function!r} in {parsed.file}; {hint} Write it dotted, as in Class.method or outer.inner"


def _listed(parsed: Parsed, functions: Sequence[Found]) -> str:
    shown = [f"{found.function} (line {parsed.source.line(found.name_start)})" for found in functions[: 4 * NEAR]]
    return ", ".join(shown) + (", ..." if len(functions) > len(shown) else "")


def _known_suffixes() -> str:
    return ", ".join(sorted(suffix for language in LANGUAGES for suffix in language.suffixes))
