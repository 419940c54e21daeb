"""Statements that are too many, in the wrong place or at the wrong depth."""

import ast

from perforch.builtin.operators.base import Change, Changes, Ground, Operator, Spot
from perforch.builtin.rows import append, reindented, removal, whole
from perforch.builtin.source import FunctionNode
from perforch.core.edits import Splice

_JUMPS = (ast.Return, ast.Raise, ast.Break, ast.Continue)


def deleted(ground: Ground, spot: Spot) -> Changes:
    row = spot.row
    if len(spot.block.rows) > 1:
        yield Change(1.5, (removal(ground.source, row),))
        return
    body_only = isinstance(row.node, ast.Pass)
    if not body_only:
        keep = row.end if ground.reading.text[row.start : row.end].endswith("\n") else len(ground.reading.text)
        line_end = ground.source.newline if ground.reading.text[row.start : row.end].endswith("\n") else ""
        yield Change(1.8, (Splice(row.start, keep, f"{row.indent}pass{line_end}"),))


def run_deleted(ground: Ground, spot: Spot) -> Changes:
    """Two or three statements in a row."""
    rows = spot.block.rows
    for cost, last in ((1.8, spot.index + 1), (2.0, spot.index + 2)):
        if last < len(rows) and len(rows) > last - spot.index + 1:
            yield Change(cost, tuple(removal(ground.source, row) for row in rows[spot.index : last + 1]))


def exchanged(ground: Ground, spot: Spot) -> Changes:
    """Two neighbours change places."""
    if spot.is_last:
        return
    row, following = spot.row, spot.block.rows[spot.index + 1]
    between = ground.reading.text[row.end : following.start]
    new = whole(ground.source, following) + between + whole(ground.source, row)
    if following.end == len(ground.reading.text) and not ground.reading.text.endswith("\n"):
        new = new.removesuffix(ground.source.newline)
    yield Change(1.6, (Splice(row.start, following.end, new),))


def moved(ground: Ground, spot: Spot) -> Changes:
    """To another place in its block, or in the block around it."""
    row, rows = spot.row, spot.block.rows
    if len(rows) > 1:
        for index, other in enumerate(rows):
            if abs(index - spot.index) > 1:
                text = reindented(ground.source, row, other.indent)
                place = (
                    Splice(other.start, other.start, text)
                    if index < spot.index
                    else append(ground.source, other.end, text)
                )
                yield Change(2.2, (removal(ground.source, row), place))
        yield from _moved_inwards(ground, spot)


def _moved_inwards(ground: Ground, spot: Spot) -> Changes:
    for block in ground.reading.blocks:
        if block is spot.block or isinstance(spot.row.node, FunctionNode):
            continue
        first, last = block.rows[0], block.rows[-1]
        if spot.row.start <= first.start < spot.row.end:
            continue
        text = reindented(ground.source, spot.row, first.indent)
        cut = removal(ground.source, spot.row)
        yield Change(2.4, (cut, Splice(first.start, first.start, text)))
        if not isinstance(last.node, _JUMPS) and last.end <= spot.row.start:
            yield Change(2.4, (cut, append(ground.source, last.end, text)))


def dedented(ground: Ground, spot: Spot) -> Changes:
    """The last statement of a block comes after it, one or more levels out."""
    row = spot.row
    if not spot.is_last or spot.block.is_outermost:
        return
    cost = 1.7 if len(spot.block.rows) > 1 else 2.4
    owners = [other for block in ground.reading.blocks for other in block.rows if other.start < row.start < other.end]
    for level, owner in enumerate(sorted(owners, key=lambda other: -other.start)):
        text = reindented(ground.source, row, owner.indent)
        if len(spot.block.rows) > 1 and owner.end == row.end:
            new = text if ground.reading.text[row.end - 1 : row.end] in "\r\n" else text.rstrip("\r\n")
            yield Change(cost + 0.2 * level, (Splice(row.start, row.end, new),))
        elif len(spot.block.rows) > 1:
            cut = removal(ground.source, row)
            yield Change(cost + 0.2 * level, (cut, append(ground.source, owner.end, text)))
    if spot.block.field == "body" and owners:
        yield from _hoisted(ground, spot)


def _hoisted(ground: Ground, spot: Spot) -> Changes:
    """The first statement of a block comes before it."""
    first = spot.block.rows[0]
    owners = [row for block in ground.reading.blocks for row in block.rows if row.node is spot.block.owner]
    for owner in owners if len(spot.block.rows) > 1 else []:
        text = reindented(ground.source, first, owner.indent)
        yield Change(1.9, (Splice(owner.start, owner.start, text), removal(ground.source, first)))


def indented(ground: Ground, spot: Spot) -> Changes:
    """The statement goes to the end of the block in front of it."""
    if spot.index == 0:
        return
    before = spot.block.rows[spot.index - 1]
    text = ground.reading.text
    tails = [block for block in ground.reading.blocks if block.rows[-1].end == before.end and block is not spot.block]
    for level, block in enumerate(reversed(tails)):
        if isinstance(block.rows[-1].node, _JUMPS) or block.rows[0].start < before.start:
            continue
        new = reindented(ground.source, spot.row, block.rows[0].indent)
        new = new if text[spot.row.end - 1 : spot.row.end] in "\r\n" else new.rstrip("\r\n")
        yield Change(1.8 + 0.1 * level, (Splice(spot.row.start, spot.row.end, new),))


def _behind(ground: Ground, at: int, text: str) -> Splice:
    return append(ground.source, at, text)


OPERATORS: tuple[Operator[Spot], ...] = (
    Operator("a statement dropped", 1.5, deleted),
    Operator("several statements dropped", 1.8, run_deleted),
    Operator("two statements exchanged", 1.6, exchanged),
    Operator("a statement moved", 2.2, moved),
    Operator("a statement taken out of its block", 1.7, dedented),
    Operator("a statement taken into the block above", 1.8, indented),
)
