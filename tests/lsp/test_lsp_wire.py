"""What both sides say is declared twice, in Python and in TypeScript; the two must agree name for name."""

import dataclasses
import re
import typing
from pathlib import Path
from typing import Literal, get_args, get_origin, get_type_hints

import pytest
from lsprotocol.types import Position, Range

from perforch.lsp import typed, wire
from perforch.lsp.jobs import Job, Origin, Solve

PROTOCOL = Path(__file__).parent.parent.parent / "client-vscode" / "src" / "protocol.ts"
SERVER_ONLY = {"SetTrustParams"}  # for clients other than ours, which are started only once the workspace is trusted


def python_types() -> dict[str, dict[str, str]]:
    return {
        name: {field.name: shown(get_type_hints(kind)[field.name], field) for field in dataclasses.fields(kind)}
        for name, kind in vars(wire).items()
        if isinstance(kind, type) and dataclasses.is_dataclass(kind)
    }


def shown(hint: object, field: "dataclasses.Field[object]") -> str:
    """A Python type as TypeScript writes it; what has the default None may be left out."""
    if field.default is None:
        inner = [each for each in get_args(hint) if each is not type(None)]
        return "optional " + " | ".join(sorted(map(plain, inner)))
    return plain(hint)


def plain(hint: object) -> str:
    scalars = {str: "string", int: "number", float: "number", bool: "boolean", type(None): "null"}
    if hint in scalars:
        return scalars[typing.cast("type", hint)]
    if get_origin(hint) is Literal:
        return " | ".join(sorted(f'"{each}"' for each in get_args(hint)))
    if get_origin(hint) is tuple:
        first, *rest = get_args(hint)
        return f"{plain(first)}[]" if rest == [...] else f"[{', '.join(map(plain, (first, *rest)))}]"
    if get_args(hint):
        return " | ".join(sorted(set(map(plain, get_args(hint)))))
    return typing.cast("type", hint).__name__


def typescript_types(source: str) -> dict[str, dict[str, str]]:
    stages = re.search(r"export type Stage = (.*?);", source)
    assert stages
    found: dict[str, dict[str, str]] = {}
    for name, parent, body in re.findall(
        r"export interface (\w+)(?: extends (\w+))? \{\n(.*?)^\}", source, re.MULTILINE | re.DOTALL
    ):
        fields = dict(found.get(parent, {}))
        for field, optional, kind in re.findall(r"^  (\w+)(\??): (.*?);", body, re.MULTILINE):
            written = " | ".join(sorted(part.strip() for part in kind.replace("Stage", stages.group(1)).split("|")))
            fields[field] = f"optional {written}" if optional else written
        found[name] = fields
    return found


@pytest.mark.skipif(not PROTOCOL.exists(), reason="the client's sources are not here")
def test_both_sides_declare_the_same_names_and_types() -> None:
    ours, theirs = python_types(), typescript_types(PROTOCOL.read_text(encoding="utf-8"))
    for name in SERVER_ONLY & set(ours):
        ours.pop(name)
    theirs.pop("Requests")
    tokens = {"SolveParams", "RunTestsParams"}  # a token may be a number as well; our client makes texts
    for name in tokens:
        ours[name]["workDoneToken"] = "optional string"
    assert sorted(theirs) == sorted(ours)
    assert {name: theirs[name] for name in ours} == ours


@pytest.mark.skipif(not PROTOCOL.exists(), reason="the client's sources are not here")
def test_both_sides_know_the_same_methods() -> None:
    methods = {value for value in vars(wire).values() if isinstance(value, str) and value.startswith("perforch/")}
    source = PROTOCOL.read_text(encoding="utf-8")
    theirs = set(re.findall(r'"(perforch/\w+)"', source))
    assert theirs | {wire.SET_TRUST} == methods


def test_values_survive_the_way_there_and_back() -> None:
    edit = wire.Edit("file:///a", None, Range(Position(1, 2), Position(3, 4)), "new", None, "old")
    assert typed.read(wire.Edit, typed.write(edit)) == edit
    job = Job(Origin("/x", {"a.py": "😋"}, {"KEY": "1"}, ("m",)), solve=Solve("fix", "a.py", 3, ("t",)))
    assert typed.read(Job, typed.write(job)) == job


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        ({}, "textDocument is missing"),
        ({"textDocument": [], "position": {}, "stage": "fix"}, "textDocument: an object is expected"),
        ({"textDocument": {"uri": None}, "position": {}, "stage": "fix"}, "uri: a text is expected, not None"),
        ({"textDocument": {"uri": ""}, "position": {"line": 1.5, "character": 0}, "stage": "fix"}, "position.line"),
        ({"textDocument": {"uri": ""}, "position": {"line": 2**40, "character": 0}, "stage": "fix"}, "position.line"),
        ({"textDocument": {"uri": ""}, "position": {"line": 0, "character": 0}, "stage": ["fix"]}, "stage: one of"),
        ({"textDocument": {"uri": ""}, "position": {"line": 0, "character": 0}, "stage": {}}, "stage: one of"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(value: object, complaint: str) -> None:
    with pytest.raises(typed.Misfit, match=complaint):
        typed.read(wire.SolveParams, value)
