"""Typed values out of JSON and back: what does not fit is refused at the edge, with the place where it stands."""

import dataclasses
import types
from collections.abc import Mapping
from functools import cache
from typing import Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from lsprotocol.types import Position, Range

from perforch.core.errors import UsageError
from perforch.core.report import Json

T = TypeVar("T")
MOST_UNITS = 2**31 - 1  # what the protocol allows in a position


class Misfit(UsageError):
    """A message does not have the form that was agreed on."""


def read(kind: type[T], value: object, place: str = "params") -> T:
    """The value as this dataclass; members that it does not know are passed over. Raises Misfit."""
    found = _read(kind, value, place)
    assert isinstance(found, kind)
    return found


def write(value: object) -> Json:
    """A value made of dataclasses as JSON, under the names of its fields."""
    match value:
        case None | str() | bool() | int() | float():
            return value
        case Position(line, character):
            return {"line": line, "character": character}
        case Range(start, end):
            return {"start": write(start), "end": write(end)}
        case Mapping():
            return {str(name): write(each) for name, each in value.items()}
        case list() | tuple():
            return [write(each) for each in value]
    assert dataclasses.is_dataclass(value), f"{type(value)} has no place on the wire"
    return {field.name: write(getattr(value, field.name)) for field in dataclasses.fields(value)}


def _read(kind: object, value: object, place: str) -> object:
    origin = get_origin(kind)
    if origin in {Union, types.UnionType}:
        return _read_union(get_args(kind), value, place)
    if origin is Literal:
        if value in get_args(kind):
            return value
        raise Misfit(f"{place}: one of {', '.join(map(repr, get_args(kind)))} is expected, not {_shown(value)}")
    if origin is tuple:
        return _read_tuple(get_args(kind), value, place)
    if origin is Mapping:
        return _read_mapping(get_args(kind)[1], value, place)
    return _read_plain(kind, value, place)


def _read_plain(kind: object, value: object, place: str) -> object:
    if kind is object:
        return value
    if kind is Position:
        members = _members(value, place)
        return Position(*(_read_units(members.get(name), f"{place}.{name}") for name in ("line", "character")))
    if kind is Range:
        members = _members(value, place)
        return Range(*(read(Position, members.get(name), f"{place}.{name}") for name in ("start", "end")))
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        return _read_members(kind, value, place)
    return _read_scalar(kind, value, place)


def _read_scalar(kind: object, value: object, place: str) -> object:
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if kind is int and isinstance(value, bool):
        raise Misfit(f"{place}: a number is expected, not {_shown(value)}")
    if kind is None or kind is types.NoneType:
        kind = types.NoneType
    assert isinstance(kind, type), f"{kind} cannot be read"
    if not isinstance(value, kind):
        raise Misfit(f"{place}: {_NAMES.get(kind, kind.__name__)} is expected, not {_shown(value)}")
    return value


def _read_union(kinds: tuple[object, ...], value: object, place: str) -> object:
    if value is None and types.NoneType in kinds:
        return None
    wanted = [kind for kind in kinds if kind is not types.NoneType]
    for kind in wanted[:-1]:
        try:
            return _read(kind, value, place)
        except Misfit:
            continue
    return _read(wanted[-1], value, place)


def _read_tuple(kinds: tuple[object, ...], value: object, place: str) -> object:
    if not isinstance(value, list):
        raise Misfit(f"{place}: a list is expected, not {_shown(value)}")
    if kinds[-1] is Ellipsis:
        return tuple(_read(kinds[0], each, f"{place}[{at}]") for at, each in enumerate(value))
    if len(value) != len(kinds):
        raise Misfit(f"{place}: a list of {len(kinds)} is expected, not of {len(value)}")
    return tuple(_read(kind, each, f"{place}[{at}]") for at, (kind, each) in enumerate(zip(kinds, value, strict=True)))


def _read_mapping(kind: object, value: object, place: str) -> object:
    return {name: _read(kind, each, f"{place}.{name}") for name, each in _members(value, place).items()}


def _read_members(kind: type, value: object, place: str) -> object:
    members = _members(value, place)
    fields = {}
    for field, hint, is_needed in _fields(kind):
        if field in members:
            fields[field] = _read(hint, members[field], f"{place}.{field}")
        elif is_needed:
            raise Misfit(f"{place}: {field} is missing")
    return kind(**fields)


@cache
def _fields(kind: type) -> tuple[tuple[str, object, bool], ...]:
    hints = get_type_hints(kind)
    missing = dataclasses.MISSING
    return tuple(
        (field.name, hints[field.name], field.default is missing and field.default_factory is missing)
        for field in dataclasses.fields(kind)
    )


def _members(value: object, place: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise Misfit(f"{place}: an object is expected, not {_shown(value)}")
    return value


def _read_units(value: object, place: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MOST_UNITS:
        raise Misfit(f"{place}: a number from 0 on is expected, not {_shown(value)}")
    return value


_NAMES: Mapping[object, str] = types.MappingProxyType(
    {str: "a text", int: "a number", float: "a number", bool: "true or false", types.NoneType: "null"}
)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
