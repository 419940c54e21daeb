"""Why a candidate's text cannot stand in its target's place."""

from collections.abc import Callable
from dataclasses import dataclass

from tree_sitter import Node

from perforch.adapters.syntax_outline import Found, Outline
from perforch.adapters.syntax_source import Source
from perforch.core.task import Target
from perforch.languages.spec import Language


@dataclass(frozen=True, slots=True)
class Site:
    """A text that was parsed."""

    source: Source
    root: Node
    outline: Outline

    @property
    def outermost(self) -> list[Found]:
        """The functions that lie in no other one."""
        found: list[Found] = []
        for function in self.outline.functions:
            if not found or function.start >= found[-1].end:
                found.append(function)
        return found


@dataclass(frozen=True, slots=True)
class _Place:
    """What stands around the target, so that it can be read without its file."""

    before: str
    after: str

    def around(self, code: str) -> str:
        return self.before + code + self.after

    def line(self, line: int) -> int:
        """A line of the text around, as a line of the code alone."""
        return line - self.before.count("\n")


def fault(language: Language, target: Target, code: str, parse: Callable[[str], Site]) -> str | None:
    """A sentence that says what is wrong, with the line within `code`, or None."""
    if not code.strip():
        return "the new code is empty"
    if code[0].isspace():
        return "the new code must begin at its first character, without indentation: it is put behind the old one's"
    places = _places(language, target)
    readable = [place for place in places if _reads(language, parse(place.around(target.source)))]
    found = [_fault_at(place, language, target, code, parse) for place in readable or places[:1]]
    return None if None in found else found[0]


def _places(language: Language, target: Target) -> tuple[_Place, ...]:
    """Where the target may stand, likelier first: inside of something, or by itself."""
    before, after = language.enclosure
    alone, inside = _Place(target.indent, "\n"), _Place(f"{before}\n{target.indent}", f"\n{after}\n")
    if before and target.indent:
        return inside, alone
    return (alone, inside) if before and target.enclosing is not None else (alone,)


def _reads(language: Language, site: Site) -> bool:
    if language.complaint is not None:
        return language.complaint(site.source.text) is None
    return not site.root.has_error


def _fault_at(place: _Place, language: Language, target: Target, code: str, parse: Callable[[str], Site]) -> str | None:
    site, old = parse(place.around(code)), parse(place.around(target.source))
    return (
        _does_not_parse(language, place, site, old)
        or _is_no_single_function(target, place, site)
        or _is_another_function(target, site, old)
    )


def _does_not_parse(language: Language, place: _Place, site: Site, old: Site) -> str | None:
    """The language's own parser decides where there is one and it knows the syntax that the file is written in."""
    if language.complaint is None:
        return _near_error(place, site) if len(_errors(site.root)) > len(_errors(old.root)) else None
    complaint = language.complaint(site.source.text)
    if complaint is None or (not site.root.has_error and language.complaint(old.source.text) is not None):
        return None
    at = f"line {place.line(complaint.line)}: " if complaint.line else ""
    return f"the new code does not parse: {at}{complaint.text}"


def _near_error(place: _Place, site: Site) -> str:
    row = _errors(site.root)[0].start_point.row
    line = site.source.text.split("\n")[row].strip()
    return f"the new code does not parse near line {place.line(row + 1)}: {line!r}"


def _errors(root: Node) -> list[Node]:
    """The places that do not parse, in order. The old code may have some too: a grammar does not know the macros."""
    found, waiting = [], [root]
    while waiting:  # not by recursion: the code may be nested deeper than our stack
        node = waiting.pop()
        inner = [child for child in node.children if child.has_error]
        waiting.extend(reversed(inner))
        if node.has_error and not inner:
            found.append(node)
    return found


def _is_no_single_function(target: Target, place: _Place, site: Site) -> str | None:
    functions = site.outermost
    names = ", ".join(found.path[-1] for found in functions)
    if len(functions) != 1:
        defined = f"{len(functions)} functions ({names})" if functions else "no function"
        return f"the new code defines {defined}; it must be exactly one, {target.function}"
    start, end = len(place.before.encode()), len(site.source.data) - len(place.after.encode())
    comments = site.outline.comments
    beside = [(start, functions[0].start), (functions[0].end, end)]
    extra = next((text for ends in beside if (text := site.source.without(comments, *ends).strip())), None)
    if extra is not None:
        return f"the new code holds more than the function {target.function}: {extra.splitlines()[0]!r}"
    return None


def _is_another_function(target: Target, new: Site, old: Site) -> str | None:
    """Compared with the old code read in the same place; where that is too broken to be read, by its name alone."""
    found = new.outermost[0]
    if len(old.outermost) != 1:
        last = target.function.rpartition(".")[2]
        return None if found.path[-1] == last else _renamed(found.path[-1], last)
    before = old.outermost[0]
    if found.path != before.path:
        return _renamed(found.function.removeprefix("_."), before.function.removeprefix("_."))
    if found.node.type != before.node.type or _is_async(found, new) != _is_async(before, old):
        return f"the new code begins {_header(found, new)!r} where {_header(before, old)!r} belongs"
    return None


def _renamed(new: str, old: str) -> str:
    return f"the new code defines {new!r} where {old!r} belongs"


def _is_async(found: Found, site: Site) -> bool:
    return "async" in _header(found, site).split()


def _header(found: Found, site: Site) -> str:
    return site.source.slice(found.node.start_byte, found.name_start).strip()
