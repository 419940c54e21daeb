"""Loops that collect become comprehensions, texts that grow are joined, sums are left to `sum`."""

import ast
from collections.abc import Iterator

from perforch.builtin.optimize import facts, kinds, texts, trees
from perforch.builtin.optimize.calls import is_count
from perforch.builtin.optimize.code import Code, Rewrite
from perforch.builtin.optimize.loops import Collected, collected, initial
from perforch.builtin.optimize.rule import Rule


def _loops(code: Code) -> Iterator[tuple[ast.For, Collected]]:
    for node in code.nodes:
        if isinstance(node, ast.For):
            found = collected(code, node)
            if found is not None:
                yield node, found


def _list(code: Code) -> Iterator[Rewrite]:
    for loop, found in _loops(code):
        if found.kind != "append":
            continue
        first = initial(code, loop, found.name)
        if first is not None and _is_empty_list(code, first.value):
            yield _assigned(code, loop, first, f"{found.name} = [{found.text}]")
        elif first is not None and kinds.is_list(code, first.value):
            yield Rewrite((code.swap_statements(loop, loop, f"{found.name} += [{found.text}]"),))


def _set(code: Code) -> Iterator[Rewrite]:
    for loop, found in _loops(code):
        first = initial(code, loop, found.name)
        if found.kind == "add" and first is not None and code.is_called(first.value, "set"):
            if not isinstance(first.value, ast.Call) or first.value.args:
                continue
            yield _assigned(code, loop, first, f"{found.name} = {{{found.text}}}")


def _joined(code: Code) -> Iterator[Rewrite]:
    for loop, found in _loops(code):
        first = initial(code, loop, found.name)
        if found.kind != "+" or first is None or not kinds.is_text(code, first.value):
            continue
        text = f"''.join([{found.text}])"
        if isinstance(first.value, ast.Constant) and first.value.value == "":
            yield _assigned(code, loop, first, f"{found.name} = {text}")
        else:
            yield Rewrite((code.swap_statements(loop, loop, f"{found.name} += {text}"),))


def _sum(code: Code) -> Iterator[Rewrite]:
    if not code.is_builtin("sum"):
        return
    for loop, found in _loops(code):
        first = initial(code, loop, found.name)
        if found.kind != "+" or not _may_be_added(code, found, first) or not _is_worth_it(code, found):
            continue
        text = f"sum([{found.text}])"
        if first is not None and isinstance(first.value, ast.Constant) and first.value.value == 0:
            yield _assigned(code, loop, first, f"{found.name} = {text}")
        elif first is not None or _is_counter(code, found):
            yield Rewrite((code.swap_statements(loop, loop, f"{found.name} += {text}"),))


def _may_be_added(code: Code, found: Collected, first: ast.Assign | None) -> bool:
    if isinstance(found.element, ast.Constant) and not isinstance(found.element.value, int):
        return False
    if isinstance(found.element, ast.List | ast.ListComp | ast.JoinedStr) or kinds.is_text(code, found.element):
        return False
    return first is None or not (kinds.is_text(code, first.value) or kinds.is_list(code, first.value))


def _is_worth_it(code: Code, found: Collected) -> bool:
    """Counting one by one is quicker than summing up ones, unless they need not be gone through at all."""
    if not isinstance(found.element, ast.Constant):
        return True
    whole = ast.parse(f"[{found.text}]", mode="eval").body
    return texts.is_countable(code, whole) or is_count(code, whole) is not None


def _is_counter(code: Code, found: Collected) -> bool:
    return kinds.is_number(code, ast.Name(found.name, ast.Load()))


def _product(code: Code) -> Iterator[Rewrite]:
    for loop, found in _loops(code):
        line = code.imported("math", "prod")
        if found.kind == "*" and line is not None and initial(code, loop, found.name) is not None:
            splice = code.swap_statements(loop, loop, f"{found.name} = prod([{found.text}], start={found.name})")
            yield Rewrite((splice,), line)


def _assigned(code: Code, loop: ast.For, first: ast.Assign, text: str) -> Rewrite:
    return Rewrite((code.swap_statements(first, first, ""), code.swap_statements(loop, loop, text)))


def _is_empty_list(code: Code, node: ast.expr) -> bool:
    match node:
        case ast.List(elts=[]):
            return True
        case ast.Call(args=[]):
            return code.is_called(node, "list")
        case _:
            return False


def _split(code: Code) -> Iterator[Rewrite]:
    """A loop that keeps several accounts that have nothing to do with each other becomes one loop for each."""
    for loop in code.nodes:
        if not isinstance(loop, ast.For) or loop.orelse or len(loop.body) < 2:
            continue
        if not kinds.is_list(code, loop.iter) and not code.is_called(loop.iter, "range"):
            continue
        head = f"for {ast.unparse(loop.target)} in {ast.unparse(loop.iter)}:"
        if len(_accounts(code, loop)) == len(loop.body):
            parts = [f"{head}\n    {ast.unparse(each)}" for each in loop.body]
            yield Rewrite((code.swap_statements(loop, loop, "\n".join(parts)),))


def _accounts(code: Code, loop: ast.For) -> set[str]:
    found: list[str] = []
    for statement in loop.body:
        match statement:
            case ast.AugAssign(target=ast.Name(id=name), value=value) if facts.is_pure(code, value):
                found.append(name)
            case _:
                return set()
    read = {name for each in loop.body if isinstance(each, ast.AugAssign) for name in trees.names(each.value)}
    return set() if read & set(found) or trees.names(loop.iter) & set(found) else set(found)


RULES = (
    Rule("a loop that appends is a list comprehension", _list, weight=3),
    Rule("a loop that adds to a set is a set comprehension", _set, weight=2),
    Rule("pieces of a text are joined at once", _joined, "only texts are added", weight=3),
    Rule("independent accounts get a loop each", _split, "numbers are counted", weight=1),
    Rule("a loop that adds up is a sum", _sum, "whole numbers are added", weight=2),
    Rule("a loop that multiplies is a product", _product, "numbers are multiplied", weight=1),
)
