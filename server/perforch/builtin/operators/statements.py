"""Statements that are too many, in the wrong place, at the wrong depth, or of the wrong kind."""

import ast
import re

from perforch.builtin.operators.base import Change, Changes, Ground, Operator, Spot
from perforch.builtin.operators.symbols import other_operators
from perforch.builtin.rows import LOOPS, append, reindented, removal, whole
from perforch.builtin.source import FunctionNode
from perforch.builtin.terms import BINARY, EVERYWHERE, Term, binary, call
from perforch.core.edits import Splice

_COMPOUND = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try)
_JUMPS = (ast.Return, ast.Raise, ast.Break, ast.Continue)
_AUGMENTING = ("+", "-", "*", "&", "|", "//", "%")


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
                    Splice(other.start, other.start, text) if index < spot.index else _behind(ground, other.end, text)
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
            yield Change(2.4, (cut, _behind(ground, last.end, text)))


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
            yield Change(cost + 0.2 * level, (cut, _behind(ground, owner.end, text)))
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


def assignment(ground: Ground, spot: Spot) -> Changes:
    """`=` for `+=` and the like, another augmented operator, and what a minimum or maximum is taken with."""
    match spot.row.node:
        case ast.AugAssign(target=target, op=op, value=value):
            token = BINARY[type(op)][0]
            span = _equals(ground, target, value, f"{token}=")
            kinds = ground.reading.term(value).kinds | ground.reading.term(target).kinds
            if span is not None:
                start, end = span
                yield from (
                    Change(cost, (Splice(start, end, f"{new}="),)) for cost, new in other_operators(token, kinds)
                )
                yield Change(1.5, (Splice(start, end, "="),))
        case ast.Assign(targets=[(ast.Name() | ast.Subscript() | ast.Attribute()) as target], value=value):
            span = _equals(ground, target, value, "=")
            if span is not None:
                start, end = span
                yield from (Change(1.7, (Splice(start, end, f"{token}="),)) for token in _AUGMENTING)
            yield from _against_itself(ground, target, value)
        case _:
            return


def _equals(ground: Ground, target: ast.expr, value: ast.expr, token: str) -> tuple[int, int] | None:
    spans = ground.reading.spans
    return ground.reading.token(spans[target].outer[1], spans[value].outer[0], token)


def _against_itself(ground: Ground, target: ast.expr, value: ast.expr) -> Changes:
    old, new = ground.reading.term(target), ground.reading.term(value)
    site = ground.reading.spans[value]
    for function in ("max", "min"):
        yield Change(1.7, ground.reading.put(site, call(function, old, new)))
    yield Change(2.2, ground.reading.put(site, binary(old, "+", new)))


def call_or_assignment(ground: Ground, spot: Spot) -> Changes:
    """`x.update(y)` against `x = y`, `x = x.strip()`, `return x.strip()`."""
    match spot.row.node:
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=target), args=arguments) as value):
            old, new = ground.reading.term(target), ground.reading.term(value)
            site = ground.reading.spans[value]
            if isinstance(target, ast.Name | ast.Subscript | ast.Attribute):
                for text in [ground.reading.term(argument).text for argument in arguments[:1]]:
                    yield Change(2.0, (Splice(*site.outer, f"{old.text} = {text}"),))
                    yield Change(2.2, (Splice(*site.outer, f"{old.text} = {old.text} | {text}"),))
                    yield Change(2.2, (Splice(*site.outer, f"{old.text} += {text}"),))
                yield Change(2.0, (Splice(*site.outer, f"{old.text} = {new.text}"),))
            yield Change(2.2, (Splice(*site.outer, f"return {new.text}"),))
        case ast.Expr(value=ast.Call() as value):
            term = ground.reading.term(value)
            yield Change(1.8, (Splice(*ground.reading.spans[value].outer, f"return {term.text}"),))
        case ast.Expr(value=ast.Yield(value=ast.expr() as value)):
            yield Change(
                2.0, (Splice(*ground.source.span(spot.row.node), f"return {ground.reading.term(value).text}"),)
            )
        case _:
            return


def returned(ground: Ground, spot: Spot) -> Changes:
    """A return without a value, a return that should be a yield, an expression that should be returned."""
    node = spot.row.node
    start, end = ground.source.span(node)
    match node:
        case ast.Return(value=None):
            for value in return_values(ground):
                yield Change(1.9, (Splice(start, end, f"return {value.text}"),))
        case ast.Return(value=ast.expr() as value):
            old = ground.reading.term(value).text
            yield Change(2.4, (Splice(start, end, f"yield {old}"),))
            for new in return_values(ground):
                if new.text != old:
                    yield Change(2.0, (Splice(start, end, f"return {new.text}"),))
        case ast.Raise():
            for value in return_values(ground):
                yield Change(2.6, (Splice(start, end, f"return {value.text}"),))
        case _:
            return


def return_values(ground: Ground) -> list[Term]:
    """What the target returns elsewhere, simple constants, variables."""
    returns = [site.node for site in ground.reading.sites if isinstance(site.parent, ast.Return)]
    texts = [ground.reading.term(node).text for node in returns]
    texts += ["None", "0", "1", "-1", "True", "False", "[]", "''", "{}", "set()", "()", "[[]]", "self"]
    names = [
        variable.text
        for variable in ground.scope.variables
        if "." not in variable.text and variable.within == EVERYWHERE
    ]
    return [Term(text) for text in dict.fromkeys((*texts, *names, *(f"[{name}]" for name in names[:6])))]


OPERATORS: tuple[Operator[Spot], ...] = (
    Operator("a statement dropped", 1.5, deleted),
    Operator("several statements dropped", 1.8, run_deleted),
    Operator("two statements exchanged", 1.6, exchanged),
    Operator("a statement moved", 2.2, moved),
    Operator("a statement taken out of its block", 1.7, dedented),
    Operator("a statement taken into the block above", 1.8, indented),
    Operator("another keyword", 1.2, other_keyword),
    Operator("other branches", 1.7, branches),
    Operator("the else of a loop", 1.8, loop_else),
    Operator("another assignment", 1.2, assignment),
    Operator("assigned instead of called", 1.8, call_or_assignment),
    Operator("another return value", 1.9, returned),
)
