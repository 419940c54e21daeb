"""Bugs as people make them, one small edit each, seeded in functions of sound Python code.

Written apart from the embedded engine's operators on purpose: what seeds a bug should not know what repairs it.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from perforch.core.edits import Splice, splice
from perforch.evaluation.seeding_edits import Edit, edits_of
from perforch.evaluation.seeding_text import Offsets

MOST_TRIES = 50  # edits that do not compile, or change nothing, are drawn again


@dataclass(frozen=True, slots=True)
class Seeded:
    """One bug: the whole text of the file with it, the function that it is in (dotted), and what was done there."""

    function: str
    kind: str
    line: int
    before: str
    after: str
    text: str


@dataclass(frozen=True, slots=True)
class _Place:
    function: str
    node: ast.FunctionDef | ast.AsyncFunctionDef


def seeded(text: str, rng: Random) -> Seeded | None:
    """A bug in a random function of the file, of a random kind; None where there is nothing to break."""
    tree = ast.parse(text)
    places = list(_functions(tree, ""))
    offsets = Offsets(text)
    for _ in range(MOST_TRIES if places else 0):
        place = rng.choice(places)
        edits = edits_of(place.node, offsets)
        if not edits:
            continue
        kind = rng.choice(sorted({edit.kind for edit in edits}))
        bug = _applied(text, place, rng.choice([edit for edit in edits if edit.kind == kind]))
        if _is_another_program(bug.text, tree):
            return bug
    return None


def _functions(node: ast.AST, prefix: str) -> Iterator[_Place]:
    """Every function and method, not those within functions: their enclosing one stands for them."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield _Place(prefix + child.name, child)
        elif isinstance(child, ast.ClassDef):
            yield from _functions(child, f"{prefix}{child.name}.")
        elif isinstance(child, ast.If | ast.Try):
            yield from _functions(child, prefix)


def _applied(text: str, place: _Place, edit: Edit) -> Seeded:
    return Seeded(
        function=place.function,
        kind=edit.kind,
        line=text.count("\n", 0, edit.start) + 1,
        before=text[edit.start : edit.end],
        after=edit.text,
        text=splice(text, [Splice(edit.start, edit.end, edit.text)]),
    )


def _is_another_program(text: str, before: ast.Module) -> bool:
    try:
        compile(text, "<seeded>", "exec")
    except (SyntaxError, ValueError):
        return False
    return ast.dump(ast.parse(text)) != ast.dump(before)
