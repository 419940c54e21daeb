"""Texts: what is done with each character is worked out once for each different one."""

import ast
from collections.abc import Iterator

from perforch.builtin.optimize import facts, kinds, trees
from perforch.builtin.optimize.calls import consumer
from perforch.builtin.optimize.code import Code, Rewrite, operand
from perforch.builtin.optimize.membership import repeating
from perforch.builtin.optimize.rule import Rule

_TEXT = "it is a text that it goes through"
_FEW = "it is a text that it goes through, with few different characters"


def _letters(node: ast.AST) -> tuple[ast.expr, str, ast.expr, list[ast.expr]] | None:
    """Element, name, text and conditions of a comprehension over characters."""
    match node:
        case (
            ast.ListComp(elt=element, generators=[ast.comprehension(target=ast.Name(id=item), iter=items, ifs=ifs)])
            | ast.GeneratorExp(
                elt=element, generators=[ast.comprehension(target=ast.Name(id=item), iter=items, ifs=ifs)]
            )
        ):
            return element, item, items, ifs
        case _:
            return None


def _is_worth_it(code: Code, parts: list[ast.expr], item: str) -> bool:
    """Whether something is done that costs more than looking it up."""
    nodes = [each for part in parts for each in ast.walk(part)]
    work = sum(isinstance(each, ast.Call | ast.BinOp | ast.Compare | ast.IfExp) for each in nodes)
    return work > 0 and all(facts.is_pure(code, part) for part in parts) and item in trees.names(parts)


def _is_characters(code: Code, items: ast.expr, parts: list[ast.expr], item: str) -> bool:
    """Whether it surely is, or is used like, a text."""
    if kinds.is_text(code, items):
        return True
    name = trees.root(items)
    if kinds.is_list(code, items) or name is None:
        return False
    if not kinds.is_parameter(code, name) and not _is_loop_item(code, name):
        return False
    uses = [each for part in parts for each in ast.walk(part)]
    if any(_is_sought_in_text(code, each, item) for each in uses):
        return True
    if any(isinstance(each, ast.Name) and each.id == item for each in _results(parts[0])):
        return True  # joined to a text, or counted, as it is
    return any(code.is_called(each, "ord", "int") and _is_only(each, item) for each in uses) or any(
        isinstance(each, ast.Attribute)
        and each.attr in kinds.TEXT_METHODS | kinds.TELLING_METHODS
        and isinstance(each.value, ast.Name)
        and each.value.id == item
        for each in uses
    )


def _results(node: ast.expr) -> list[ast.expr]:
    """What the expression may be, condition by condition."""
    return [*_results(node.body), *_results(node.orelse)] if isinstance(node, ast.IfExp) else [node]


def _is_sought_in_text(code: Code, node: ast.AST, item: str) -> bool:
    match node:
        case ast.Compare(left=ast.Name(id=name), ops=[ast.In() | ast.NotIn()], comparators=[where]):
            return name == item and kinds.is_text(code, where)
        case _:
            return False


def _is_only(node: ast.AST, item: str) -> bool:
    match node:
        case ast.Call(args=[ast.Name(id=name)]):
            return name == item
        case _:
            return False


def _is_loop_item(code: Code, name: str) -> bool:
    stores = code.stores(name)
    return bool(stores) and all(isinstance(code.parent(each), ast.For) for each in stores)


def _translated(code: Code) -> Iterator[Rewrite]:
    """''.join([f(c) for c in text]) is text.translate({ord(c): f(c) for c in set(text)})"""
    for node in code.nodes:
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Constant(value=""), attr="join"), args=[made]):
                found = _letters(made)
            case _:
                continue
        if found is None or not code.is_builtin("set") or not code.is_builtin("ord"):
            continue
        element, item, items, ifs = found
        parts = [element, *ifs]
        if not _is_worth_it(code, parts, item) or not _is_characters(code, items, parts, item):
            continue
        new = ast.unparse(element)
        if isinstance(element, ast.Name) and element.id == item and ifs:
            test = " and ".join(operand(each) for each in ifs)
            test = test if len(ifs) == 1 and test.startswith("(") else f"({test})"
            table = f"{{ord({item}): None for {item} in set({ast.unparse(items)}) if not {test}}}"
        elif ifs:
            test = " and ".join(operand(each) for each in ifs)
            table = f"{{ord({item}): {operand(element)} if {test} else None for {item} in set({ast.unparse(items)})}}"
        else:
            table = f"{{ord({item}): {new} for {item} in set({ast.unparse(items)})}}"
        yield Rewrite((code.swap(node, f"{operand(items)}.translate({table})"),))


def _filtered(code: Code) -> Iterator[Rewrite]:
    """len([c for c in text if f(c)]) and sum([1 for c in text if f(c)])"""
    for node in code.nodes:
        if not (code.is_called(node, "len", "sum") and isinstance(node, ast.Call) and len(node.args) == 1):
            continue
        found = _letters(node.args[0])
        if found is None or not is_countable(code, node.args[0]):
            continue
        element, item, items, ifs = found
        is_sum = isinstance(node.func, ast.Name) and node.func.id == "sum"
        if is_sum and not (isinstance(element, ast.Constant) and element.value == 1):
            continue
        test = " and ".join(ast.unparse(each) for each in ifs) if len(ifs) == 1 else " and ".join(map(operand, ifs))
        text = ast.unparse(items)
        count = f"{operand(items)}.count({item})"
        yield Rewrite((code.swap(node, f"sum([{count} for {item} in set({text}) if {test}])"),))


def is_countable(code: Code, node: ast.expr) -> bool:
    """Whether it is a comprehension over some characters of a text."""
    found = _letters(node)
    if found is None or not code.is_builtin("set"):
        return False
    _, item, items, ifs = found
    return bool(ifs) and _is_worth_it(code, ifs, item) and _is_characters(code, items, ifs, item)


def _tabled(code: Code) -> Iterator[Rewrite]:
    """sum([f(c) for c in text]): each different character times how often it is there"""
    for node in code.nodes:
        if not (code.is_called(node, "sum") and isinstance(node, ast.Call) and len(node.args) == 1):
            continue
        found = _letters(node.args[0])
        if found is None or not code.is_builtin("set"):
            continue
        element, item, items, ifs = found
        parts = [element, *ifs]
        if ifs or not _is_worth_it(code, parts, item) or not _is_characters(code, items, parts, item):
            continue
        text = f"{operand(items)}.count({item}) * {operand(element)} for {item} in set({ast.unparse(items)})"
        yield Rewrite((code.swap(node, f"sum([{text}])"),))


def _started(code: Code) -> Iterator[Rewrite]:
    """text[i:i + len(other)] == other is text.startswith(other, i)"""
    for node in code.nodes:
        match node:
            case ast.Compare(
                left=ast.Subscript(value=ast.Name(id=text), slice=ast.Slice(lower=low, upper=high, step=None)),
                ops=[ast.Eq()],
                comparators=[ast.Name(id=other)],
            ) if low is not None and high is not None:
                ends = {f"{ast.unparse(low)} + len({other})", f"len({other}) + {ast.unparse(low)}"}
                ends |= {f"{ast.unparse(low)} + {other}_length"}
                if ast.unparse(high) in ends and _is_text_like(code, text) and repeating(code, node) is not None:
                    yield Rewrite((code.swap(node, f"{text}.startswith({other}, {ast.unparse(low)})"),))
            case _:
                pass


def _is_text_like(code: Code, name: str) -> bool:
    return kinds.is_text(code, ast.Name(name, ast.Load()))


def _replaced(code: Code) -> Iterator[Rewrite]:
    """''.join([a if c == b else c for c in text]) is text.replace(b, a)"""
    for node in code.nodes:
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Constant(value=""), attr="join"), args=[made]):
                found = _letters(made)
            case _:
                continue
        if found is None or found[3]:
            continue
        match found[0]:
            case ast.IfExp(
                test=ast.Compare(
                    left=ast.Name(id=left), ops=[ast.Eq()], comparators=[ast.Constant(value=str() as old)]
                ),
                body=ast.Constant(value=str() as new),
                orelse=ast.Name(id=rest),
            ) if left == rest == found[1] and len(old) == 1 and _is_characters(code, found[2], [found[0]], found[1]):
                yield Rewrite((code.swap(node, f"{operand(found[2])}.replace({old!r}, {new!r})"),))
            case _:
                pass


def _pieces(code: Code) -> Iterator[Rewrite]:
    """Parts = [f(c) for c in text]; parts = ''.join(parts)"""
    for node in code.nodes:
        match node:
            case ast.Assign(
                targets=[ast.Name(id=name)],
                value=ast.Call(
                    func=ast.Attribute(value=ast.Constant(value=""), attr="join"), args=[ast.Name(id=given)]
                ) as call,
            ):
                first = code.before(node)
            case _:
                continue
        match first:
            case ast.Assign(targets=[ast.Name(id=made)], value=ast.ListComp() as pieces) if made == given == name:
                yield Rewrite((code.swap_statements(first, first, ""), code.swap(call.args[0], ast.unparse(pieces))))
            case _:
                pass


def _is_joined(code: Code, node: ast.AST) -> bool:
    return consumer(code, node) == "join"


def _reversed_part(code: Code) -> Iterator[Rewrite]:
    """`text[i:] == text[i:][::-1]`: the reverse of an end is a beginning of the reverse."""
    for node in code.nodes:
        match node:
            case ast.Compare(
                left=ast.Subscript(value=ast.Name(id=text), slice=ast.Slice(lower=low, upper=None, step=None)) as part,
                ops=[ast.Eq()],
                comparators=[ast.Subscript(value=other, slice=ast.Slice(lower=None, upper=None, step=step))],
            ) if low is not None and trees.same(part, other) and step is not None and ast.unparse(step) == "-1":
                loop = repeating(code, node)
            case _:
                continue
        if loop is None or text in facts.changed(code, [loop]) or not _is_text_like(code, text):
            continue
        name = code.fresh(f"{text}_reversed")
        yield Rewrite(
            (
                code.insert(code.statement(loop), f"{name} = {text}[::-1]"),
                code.swap(node, f"{name}.startswith({ast.unparse(part)})"),
            )
        )


RULES = (
    Rule("pieces that are joined at once need no name", _pieces, weight=1),
    Rule("a character that stands for another is replaced", _replaced, weight=5),
    Rule("characters are translated by a table", _translated, _TEXT, weight=6),
    Rule("characters are counted by kind", _filtered, _FEW, weight=4),
    Rule("characters are weighed by kind", _tabled, _FEW, weight=4),
    Rule("the reverse of an end is a beginning of the reverse", _reversed_part, weight=7),
    Rule("a text is compared where it stands", _started, weight=3),
)
