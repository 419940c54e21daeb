"""Which function of an answer is the target's counterpart, and whether it is still called in the same way."""

import re
from collections.abc import Iterator, Sequence

from perforch.core.task import Target

_OPENING, _CLOSING = "([{<", ")]}>"
# Quotes by themselves may be a lifetime's.
_STRING = re.compile(r"""=\s*'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""")
_ARROW = re.compile(r"->|=>|<=|>=")
_ANNOTATION = re.compile(r"(?<!:):(?!:)")
_HOLDING = re.compile(r"^(?:(?:mut|final)\s+)+")  # how the function itself holds an argument is nobody else's business


def counterpart(target: Target, own: Sequence[Target], offered: Sequence[Target]) -> Target | None:
    """The answer's version of the target; `own` are the functions of its file, `offered` those of the answer.

    Where the answer has as many of that name as the file, it is the one at the same place among them. Otherwise it is
    the last one that is not evidently another function of the file, or of another type, or inside another of the name.
    """
    mine = [each for each in own if each.function == target.function]
    exact = [each for each in offered if each.function == target.function]
    if len(exact) == len(mine):
        return exact[next(number for number, each in enumerate(mine) if each.key == target.key)]
    last = target.function.rpartition(".")[2]
    near = exact or [
        each for each in offered if each.function.rpartition(".")[2] == last and _may_be_of(each, target.enclosing)
    ]
    others = {_looks(each) for each in mine} - {_looks(target)}
    found = [each for each in _outermost(near) if _looks(each) not in others]
    alike = [each for each in found if parameters(each) == parameters(target)]
    chosen = alike or found
    return chosen[-1] if chosen else None


def parameters(function: Target) -> list[str]:
    """What callers rely on: each parameter before its annotation, and whether it may be left out."""
    return [
        ("=" if has_default else "") + " ".join(_HOLDING.sub("", _ANNOTATION.split(name)[0].strip()).split())
        for name, has_default in _split(_list_of(function))
        if name.strip()
    ]


def attributes(function: Target) -> str:
    """What stands above the line of the name: decorators, annotations, template parameters."""
    lines = function.source.splitlines(keepends=True)
    return "".join(lines[: function.def_line - function.span.first_line])


def _looks(function: Target) -> tuple[str, str]:
    return " ".join(attributes(function).split()), "".join(function.signature.split())


def _may_be_of(function: Target, enclosing: str | None) -> bool:
    """A bare function may be anybody's; one inside a type belongs to that."""
    if function.enclosing is None or enclosing is None:
        return function.enclosing is None
    return function.enclosing.rpartition(".")[2] == enclosing.rpartition(".")[2]


def _outermost(functions: Sequence[Target]) -> list[Target]:
    """Without those that lie inside another one; outer ones come first."""
    found: list[Target] = []
    for each in functions:
        if not any(other.span.start <= each.span.start < other.span.end for other in found):
            found.append(each)
    return found


def _list_of(function: Target) -> str:
    """The signature from behind the parenthesis that opens the parameters: the first one after name and generics."""
    name = function.function.rpartition(".")[2]
    text = _ARROW.sub("  ", _STRING.sub(lambda found: "=_" if found[0].startswith("=") else "_", function.signature))
    found = re.search(rf"(?<!\w){re.escape(name)}(?=\s*[(<\[])", text)
    depth = 0
    for at in range(found.end() if found else 0, len(text)):
        if text[at] == "(" and depth == 0:
            return text[at + 1 :]
        depth = _deeper(depth, text[at])
    return ""


def _split(text: str) -> Iterator[tuple[str, bool]]:
    """Each parameter's text up to its default, and whether it has one."""
    depth, parameter = 0, ""
    for character in text:
        if depth == 0 and character in ",)":
            name, default, _ = parameter.partition("=")
            yield name, bool(default)
            parameter = ""
            if character == ")":
                return
            continue
        depth = _deeper(depth, character)
        parameter += character


def _deeper(depth: int, character: str) -> int:
    """A comparison in a default closes nothing."""
    return max(0, depth + (character in _OPENING) - (character in _CLOSING))
