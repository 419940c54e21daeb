"""What is computed with while searching: values that cannot change, and the kinds by which pieces fit together.

Lists are kept as tuples, sets as frozensets, dictionaries as Tables, so that every value can be compared and hashed;
the kind says what each really is. Kinds are written `int`, `[str]`, `(int,int)`, `{int}`, `{str:int}`; `?` is the
element of a list that was always empty, `any` that of a list of all sorts.
"""

import ast
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache, reduce
from typing import Final

Kind = str
Value = object
Vector = tuple[Value, ...]  # one value per example

ANY: Final = "any"
EMPTY: Final = "?"
NONE: Final = "none"
NUMBERS: Final = frozenset({"int", "float"})
_LARGEST = 1e300  # integers beyond cannot be compared to a float
CLOSE = 1e-6  # results of floating point count as equal up to this
_ANNOTATED = {"List": "list", "Sequence": "list", "Iterable": "list", "Tuple": "tuple", "Dict": "dict", "Set": "set"}


class Nothing:
    """What a piece yields for an example on which it fails."""

    def __repr__(self) -> str:
        return "<no value>"


NOTHING: Final = Nothing()


class Unsupported(Exception):
    """A value of a type that the search knows nothing about."""


class Table(dict[Value, Value]):
    """A dictionary that nobody changes."""

    def __hash__(self) -> int:  # type: ignore[override]  # a dict has none because it may change
        return hash(frozenset(self.items()))


def frozen(value: Value) -> Value:
    """Raises Unsupported."""
    match value:
        case bool() | int() | float() | str() | None:
            return value
        case list() | tuple():
            return tuple(frozen(each) for each in value)
        case set() | frozenset():
            return frozenset(frozen(each) for each in value)
        case dict():
            return Table((frozen(key), frozen(each)) for key, each in value.items())
        case _:
            raise Unsupported(f"a value of type {type(value).__name__}")


def kind_of(value: Value) -> Kind:
    """The kind of a value as the examples have it, lists not yet frozen; raises Unsupported."""
    match value:
        case None:
            return NONE
        case bool() | int() | float() | str():
            return type(value).__name__
        case list():
            return f"[{joined(map(kind_of, value))}]"
        case tuple():
            return f"({','.join(map(kind_of, value))})"
        case set() | frozenset():
            return f"{{{joined(map(kind_of, value))}}}"
        case dict():
            return f"{{{joined(map(kind_of, value))}:{joined(map(kind_of, value.values()))}}}"
        case _:
            raise Unsupported(f"a value of type {type(value).__name__}")


def joined(kinds: Iterable[Kind]) -> Kind:
    """The kind that values of all these kinds have in common."""
    return reduce(_join, kinds, EMPTY)


def kind_of_all(values: Sequence[Value], annotation: ast.expr | None = None) -> Kind:
    """The kind of a parameter or result: from what the examples show, made more precise by its annotation."""
    seen = joined(kind for kind in map(kind_of, values) if kind != NONE)
    declared = annotated(annotation)
    if declared is None:
        return seen
    both = _join(seen, declared)
    return both if _fits(both, declared) else seen


def annotated(node: ast.expr | None) -> Kind | None:
    """The kind that an annotation names, or None where it says too little."""
    match node:
        case ast.Name(id="int" | "float" | "str" | "bool" as name):
            return name
        case ast.Constant(value=str() as text):
            return _quoted(text)
        case ast.Subscript(value=ast.Name(id="Optional"), slice=inner):
            return annotated(inner)
        case ast.Subscript(value=ast.Name(id=name) | ast.Attribute(attr=name), slice=inner):
            return _parametrised(_ANNOTATED.get(name, name), inner)
        case _:
            return None


def depth(kind: Kind) -> int:
    """How many containers are within each other."""
    return 1 + max(map(depth, parts(kind)), default=0) if kind[0] in "[({" else 0


@lru_cache(maxsize=4096)
def parts(kind: Kind) -> tuple[Kind, ...]:
    """The kinds of a tuple's members, or of a dictionary's key and value; for other containers, of their elements."""
    inner, depth, start, found = kind[1:-1], 0, 0, []
    for place, character in enumerate(inner):
        depth += (character in "[({") - (character in "])}")
        if depth == 0 and character in ",:":
            found.append(inner[start:place])
            start = place + 1
    return (*found, inner[start:]) if inner else ()


def element(kind: Kind) -> Kind | None:
    """What iterating over such a value yields."""
    if kind == "str":
        return "str"
    if kind[0] in "[{":
        return parts(kind)[0]
    return None


def same(ours: Value, wanted: Value) -> bool:
    """Equal, as a test would see it."""
    if ours is NOTHING:
        return False
    if isinstance(ours, float) or isinstance(wanted, float):
        if not isinstance(ours, int | float) or not isinstance(wanted, int | float) or isinstance(ours, bool):
            return False
        return -_LARGEST < ours < _LARGEST and math.isclose(ours, wanted, rel_tol=CLOSE, abs_tol=CLOSE)
    if isinstance(ours, tuple) and isinstance(wanted, tuple):
        return len(ours) == len(wanted) and all(map(same, ours, wanted))
    return type(ours) is type(wanted) and ours == wanted


def _join(one: Kind, other: Kind) -> Kind:
    if other in {one, EMPTY}:
        return one
    if one == EMPTY:
        return other
    if {one, other} == NUMBERS:
        return "float"
    alike = one[0] == other[0] and one[0] in "[({"
    inner, others = (parts(one), parts(other)) if alike else ((), ())
    if alike and len(inner) == len(others):
        separator = ":" if one[0] == "{" else ","
        return f"{one[0]}{separator.join(map(_join, inner, others))}{one[-1]}"
    return ANY


def _fits(kind: Kind, declared: Kind) -> bool:
    """Whether an annotation told the truth, as far as the examples go."""
    return kind == declared or (ANY in declared and kind[0] == declared[0])


def _quoted(text: str) -> Kind | None:
    try:
        return annotated(ast.parse(text, mode="eval").body)
    except (SyntaxError, ValueError):
        return None


def _parametrised(name: str, inner: ast.expr) -> Kind | None:
    members = inner.elts if isinstance(inner, ast.Tuple) else [inner]
    kinds = [annotated(member) or ANY for member in members]
    match name, kinds:
        case "list", [kind]:
            return f"[{kind}]"
        case "set", [kind]:
            return f"{{{kind}}}"
        case "dict", [key, kind]:
            return f"{{{key}:{kind}}}"
        case "tuple", [*_] if not any(isinstance(member, ast.Constant) for member in members):
            return f"({','.join(kinds)})"
        case _:
            return None


def bindings(pattern: Kind, kind: Kind, known: Mapping[str, Kind]) -> dict[str, Kind] | None:
    """What the pattern's variables stand for where it matches, `known` included; else None.

    `a` and `b` match any kind, `ord` what can be ordered, `seq` lists and strings, each the same kind wherever it
    occurs; `num` matches both kinds of numbers, and stands for the wider of those that it matched.
    """
    if pattern in {"a", "b"}:
        bound = known.get(pattern, kind)
        return {**known, pattern: kind} if bound == kind else None
    if pattern == "num":
        wider = "float" if "float" in {kind, known.get("num")} else "int"
        return {**known, "num": wider} if kind in NUMBERS else None
    if pattern in _CLASSES:
        bound = known.get(pattern, kind)
        return {**known, pattern: kind} if bound == kind and _CLASSES[pattern](kind) else None
    if pattern == kind:
        return dict(known)
    if len(pattern) < 3 or pattern[0] != kind[0] or pattern[0] not in "[({":
        return None
    inner, others = parts(pattern), parts(kind)
    if len(inner) != len(others):
        return None
    found: dict[str, Kind] | None = dict(known)
    for piece, other in zip(inner, others, strict=True):
        found = bindings(piece, other, found) if found is not None else None
    return found


def filled(pattern: Kind, known: Mapping[str, Kind]) -> Kind:
    """The pattern with its variables replaced."""
    if pattern in known:
        return known[pattern]
    if pattern[0] in "[({":
        separator = ":" if pattern[0] == "{" and len(parts(pattern)) == 2 else ","
        return pattern[0] + separator.join(filled(part, known) for part in parts(pattern)) + pattern[-1]
    return pattern


def is_ordered(kind: Kind) -> bool:
    """Whether such values can be compared by size: numbers, strings, and lists and tuples of them."""
    if kind in {"int", "float", "str"}:
        return True
    return kind[0] in "[(" and bool(parts(kind)) and all(map(is_ordered, parts(kind)))


def _is_sequence(kind: Kind) -> bool:
    return kind == "str" or kind[0] == "["


_CLASSES: Final[Mapping[str, Callable[[Kind], bool]]] = {"ord": is_ordered, "seq": _is_sequence}
