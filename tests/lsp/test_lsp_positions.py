"""Editors count lines and code units; nobody's count may shift an edit."""

import random

import pytest
from lsprotocol.types import Position, Range

from perforch.lsp.documents import DidChange, Documents, Named, Opened, TextEdited
from perforch.lsp.positions import Lines, units
from perforch.lsp.typed import Misfit, read

ASTRAL = "a😋é\u2028b\x0cc\r\nnext"


@pytest.mark.parametrize(
    ("encoding", "at_c"), [("utf-8", 1 + 4 + 2 + 3 + 1 + 1), ("utf-16", 1 + 2 + 1 + 1 + 1 + 1), ("utf-32", 6)]
)
def test_a_place_is_counted_in_the_units_that_were_agreed_on(encoding: str, at_c: int) -> None:
    lines, counted = Lines.of(ASTRAL), units(encoding)
    offset = ASTRAL.index("c")
    assert lines.position(offset, counted) == Position(0, at_c)
    assert lines.offset(Position(0, at_c), counted) == offset


@pytest.mark.parametrize(
    ("position", "offset"),
    [
        (Position(0, 99), ASTRAL.index("\r")),  # beyond the line: its end, before the line break
        (Position(1, 0), ASTRAL.index("next")),
        (Position(9, 0), len(ASTRAL)),
        (Position(0, 2), 1),  # inside a character: its start
    ],
)
def test_places_that_are_not_there_are_the_nearest_ones(position: Position, offset: int) -> None:
    assert Lines.of(ASTRAL).offset(position, units("utf-16")) == offset


def test_only_the_line_ends_of_the_protocol_end_lines() -> None:
    assert len(Lines.of("a\x0bb\x0cc\x1cd\u2028e\u0085f").starts) == 1
    assert len(Lines.of("a\nb\r\nc\rd").starts) == 4


def test_every_offset_survives_the_way_there_and_back() -> None:
    text = "x = '😋é'\r\n\tdef\n\n€" * 3
    for encoding in ("utf-8", "utf-16", "utf-32"):
        lines, counted = Lines.of(text), units(encoding)
        inner = {at for at in range(len(text)) if text[at - 1 : at + 1] == "\r\n"}
        for offset in set(range(len(text) + 1)) - inner:
            assert lines.offset(lines.position(offset, counted), counted) == offset


def changed(before: str, *edits: TextEdited) -> str:
    documents = Documents()
    documents.open(Opened("file:///a.py", before, 1))
    document, _ = documents.change(Named("file:///a.py", 2), edits)
    assert document.version == 2
    return document.text


def edit(start: tuple[int, int], end: tuple[int, int], text: str) -> TextEdited:
    return TextEdited(text, Range(Position(*start), Position(*end)))


@pytest.mark.parametrize(
    ("before", "edits", "after"),
    [
        ("abc", [TextEdited("new")], "new"),
        ("abc\ndef", [edit((0, 1), (1, 1), "-")], "a-ef"),
        ("abc\r\ndef", [edit((0, 3), (1, 0), "\r\n\r\n")], "abc\r\n\r\ndef"),
        ("😋x", [edit((0, 2), (0, 3), "y")], "😋y"),
        ("a\x0cb\nc", [edit((1, 0), (1, 1), "d")], "a\x0cb\nd"),
        ("ab", [edit((0, 2), (0, 2), "c"), edit((0, 3), (0, 3), "d")], "abcd"),
        ("ab\n", [edit((1, 0), (1, 0), "end")], "ab\nend"),
        ("ab", [edit((5, 0), (9, 9), "c")], "abc"),
    ],
)
def test_changes_are_applied_as_editors_mean_them(before: str, edits: list[TextEdited], after: str) -> None:
    assert changed(before, *edits) == after


@pytest.mark.parametrize(
    "params",
    [
        None,
        [],
        {"textDocument": {"uri": 5}, "contentChanges": []},
        {"textDocument": {"uri": "a"}, "contentChanges": [{"text": None}]},
        {"textDocument": {"uri": "a"}, "contentChanges": [{"text": "", "range": {"start": {"line": -1}}}]},
        {"textDocument": {"uri": "a", "version": True}, "contentChanges": []},
    ],
)
def test_changes_that_do_not_have_the_agreed_form_are_refused(params: object) -> None:
    with pytest.raises(Misfit):
        read(DidChange, params)


def test_line_starts_are_kept_while_text_is_replaced() -> None:
    rng = random.Random(0)
    lines = Lines.of("".join(rng.choices("ab\n", k=200)))
    for _ in range(500):
        start, end = sorted(rng.randrange(len(lines.text) + 1) for _ in range(2))
        lines = lines.replaced(start, min(end, start + 9), "".join(rng.choices("ab\n\n\r", k=rng.randrange(9))))
        lines = Lines.of(lines.text.replace("\r", "")) if rng.random() < 0.1 else lines
        assert list(lines.starts) == list(Lines.of(lines.text).starts)
