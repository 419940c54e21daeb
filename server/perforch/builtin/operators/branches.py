"""The wrong keyword: `if` for `while`, `elif` for `if`, and what goes with it: branches and the else of loops."""

import ast
import re

from perforch.builtin.operators.base import Change, Changes, Ground, Operator, Spot
from perforch.builtin.rows import LOOPS, reindented
from perforch.core.edits import Splice


def other_keyword(ground: Ground, spot: Spot) -> Changes:
    """`if` for `while`, `elif` for `if`, `break` for `continue`."""
    node, start = spot.row.node, spot.row.start + len(spot.row.indent)
    text = ground.reading.text
    match node:
        case ast.If():
            if not node.orelse:
                yield Change(1.9, (Splice(start, start + 2, "while"),))
            previous = spot.block.rows[spot.index - 1] if spot.index else None
            if previous is not None and isinstance(previous.node, ast.If) and not _ends_in_else(previous.node):
                yield Change(1.6, (Splice(start, start + 2, "elif"),))
        case ast.While() if not node.orelse:
            yield Change(2.0, (Splice(start, start + 5, "if"),))
        case ast.Break() | ast.Continue() | ast.Pass():
            end = ground.source.span(node)[1]
            for cost, word in ((1.2, "break"), (1.2, "continue"), (1.8, "pass"), (1.8, "return"), (2.2, "raise")):
                if word != text[start:end] and (spot.block.in_loop or word not in {"break", "continue"}):
                    yield Change(cost, (Splice(start, end, word),))
        case _:
            return


def _ends_in_else(node: ast.If) -> bool:
    match node.orelse:
        case []:
            return False
        case [ast.If() as inner]:
            return _ends_in_else(inner)
        case _:
            return True


def branches(ground: Ground, spot: Spot) -> Changes:
    """The `elif` and `else` of an if: separated, dropped, unwrapped."""
    if not isinstance(spot.row.node, ast.If):
        return
    row, text = spot.row, ground.reading.text
    for keyword in re.finditer(rf"^{re.escape(row.indent)}(elif|else)\b", text[row.start : row.end], re.MULTILINE):
        at = row.start + keyword.start(1)
        line = row.start + keyword.start()
        following = re.compile(rf"^{re.escape(row.indent)}(?:elif|else)\b", re.MULTILINE).search(text, at, row.end)
        until = following.start() if following else row.end
        yield Change(1.8, (Splice(line, until, "") if following else _cut_tail(ground, line, until),))
        if keyword[1] == "elif":
            yield Change(1.7, (Splice(at, at + 4, "if"),))
    yield from _unwrapped(ground, spot)


def _cut_tail(ground: Ground, start: int, end: int) -> Splice:
    text = ground.reading.text
    return (
        Splice(start - len(ground.source.newline), end, "")
        if not text[start:end].endswith("\n")
        else Splice(start, end, "")
    )


def _unwrapped(ground: Ground, spot: Spot) -> Changes:
    """Only the body of an if, or only that of its else; and the two exchanged."""
    own = {block.field: block for block in ground.reading.blocks if block.owner is spot.row.node}
    texts = {
        field: "".join(reindented(ground.source, row, spot.row.indent) for row in block.rows)
        for field, block in own.items()
    }
    at_end = not ground.reading.text[spot.row.start : spot.row.end].endswith("\n")
    for cost, field in ((2.0, "body"), (2.0, "orelse")):
        if field in texts:
            new = texts[field].rstrip("\r\n") if at_end else texts[field]
            yield Change(cost, (Splice(spot.row.start, spot.row.end, new),))
    if {"body", "orelse"} <= own.keys():
        first, second = own["body"].rows, own["orelse"].rows
        one, other = (ground.reading.text[rows[0].start : rows[-1].end].rstrip("\r\n") for rows in (first, second))
        ends = [
            Splice(first[0].start, first[0].start + len(one), other),
            Splice(second[0].start, second[0].start + len(other), one),
        ]
        yield Change(1.9, tuple(ends))


def loop_else(ground: Ground, spot: Spot) -> Changes:
    """What follows a loop belongs into its else, or the other way round."""
    if not isinstance(spot.row.node, LOOPS):
        return
    row, text = spot.row, ground.reading.text
    own = [block for block in ground.reading.blocks if block.owner is row.node and block.field == "orelse"]
    for block in own:
        header = re.compile(rf"^{re.escape(row.indent)}else\b.*\n", re.MULTILINE).search(
            text, row.start, block.rows[0].start
        )
        if header:
            body = "".join(reindented(ground.source, inner, row.indent) for inner in block.rows)
            body = body if text[row.end - 1 : row.end] == "\n" else body.rstrip("\r\n")
            yield Change(1.8, (Splice(header.start(), row.end, body),))
    if not own and not spot.is_last:
        following = spot.block.rows[spot.index + 1]
        inner = reindented(ground.source, following, row.indent + ground.reading.unit)
        inner = inner if text[following.end - 1 : following.end] == "\n" else inner.rstrip("\r\n")
        new = f"{row.indent}else:{ground.source.newline}{inner}"
        yield Change(2.4, (Splice(following.start, following.end, new),))


OPERATORS: tuple[Operator[Spot], ...] = (
    Operator("another keyword", 1.2, other_keyword),
    Operator("other branches", 1.7, branches),
    Operator("the else of a loop", 1.8, loop_else),
)
