"""What is asked for many times is looked up in a set or dict."""

import ast
from collections.abc import Iterator

from perforch.builtin.optimize import facts, kinds, trees
from perforch.builtin.optimize.code import Code, Rewrite
from perforch.builtin.optimize.rule import Rule

_HASHED = "the items can be hashed"
_COMPREHENSIONS = ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp


def repeating(code: Code, node: ast.AST) -> ast.AST | None:
    """The outermost loop or comprehension of the same function in which the node is evaluated again and again."""
    found: ast.AST | None = None
    child = node
    for each in code.ancestors(node):
        if isinstance(each, ast.FunctionDef | ast.Lambda):
            break
        if repeats(each, child, node):
            found = each
        child = each
    return found


def repeats(each: ast.AST, child: ast.AST, node: ast.AST) -> bool:
    """Whether `each` evaluates its child again and again, in which the node is."""
    if isinstance(each, _COMPREHENSIONS):
        return child is not each.generators[0] or not _is_first_iter(each, node)
    return isinstance(each, ast.While) or (isinstance(each, ast.For) and child is not each.iter)


def _is_first_iter(comprehension: ast.AST, node: ast.AST) -> bool:
    assert isinstance(comprehension, _COMPREHENSIONS)
    return any(each is node for each in ast.walk(comprehension.generators[0].iter))


def _questions(code: Code) -> Iterator[ast.Compare]:
    for node in code.nodes:
        if isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], ast.In | ast.NotIn):
            yield node


def _constant_set(code: Code) -> Iterator[Rewrite]:
    """`c in ['a', 'e', 'i'] is c in {'a', 'e', 'i'}, which is made once for all`."""
    for node in _questions(code):
        match node.comparators[0]:
            case ast.List(elts=items) | ast.Tuple(elts=items) if len(items) > 2 and all(map(_is_plain, items)):
                if repeating(code, node) is None and not all(map(_is_word, items)):
                    continue  # small numbers are quickly compared
                text = ", ".join(dict.fromkeys(ast.unparse(each) for each in items))
                yield Rewrite((code.swap(node.comparators[0], f"{{{text}}}"),))
            case ast.Name(id=name) if repeating(code, node) is not None:
                known = _constant_items(code, name)
                if known is not None:
                    text = ", ".join(dict.fromkeys(known))
                    yield Rewrite((code.swap(node.comparators[0], f"{{{text}}}"),))
            case _:
                pass


def _is_plain(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str | int)


def _is_word(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _constant_items(code: Code, name: str) -> list[str] | None:
    """The items of a local list or tuple of constants that never changes."""
    values = kinds.assigned(code, name)
    if len(values) != 1 or kinds.is_parameter(code, name) or name in facts.mutated(code, code.function.body):
        return None
    match values[0]:
        case ast.List(elts=items) | ast.Tuple(elts=items) if len(items) > 2 and all(map(_is_plain, items)):
            return [ast.unparse(each) for each in items]
        case _:
            return None


def _letters(code: Code) -> Iterator[Rewrite]:
    """`for c in text: ... c in 'aeiou' ..., where c is a single character`."""
    for node in _questions(code):
        letters = node.comparators[0]
        if isinstance(letters, ast.Name):
            values = kinds.assigned(code, letters.id)
            known = values[0] if len(values) == 1 and not kinds.is_parameter(code, letters.id) else None
        else:
            known = letters
        match known:
            case ast.Constant(value=str() as text) if len(text) > 2 and _is_letter(code, node.left):
                items = ", ".join(repr(each) for each in dict.fromkeys(text))
                yield Rewrite((code.swap(letters, f"{{{items}}}"),))
            case _:
                pass


def _is_letter(code: Code, node: ast.expr) -> bool:
    """Whether it is one character of a text: bound by going through one."""
    match node:
        case ast.Name(id=name):
            for store in code.stores(name):
                parent = code.parent(store)
                if not (isinstance(parent, ast.For | ast.comprehension) and kinds.is_text(code, parent.iter)):
                    return False
            return bool(code.stores(name)) and not kinds.is_parameter(code, name)
        case _:
            return False


def _set_before(code: Code) -> Iterator[Rewrite]:
    """`x in xs, again and again, for an xs that does not change`."""
    for node in _questions(code):
        loop = repeating(code, node)
        match node.comparators[0]:
            case ast.Name(id=name) if loop is not None and not kinds.is_text(code, node.comparators[0]):
                known = kinds.is_list(code, node.comparators[0])
                if not known or name in facts.changed(code, [loop]) or not code.is_builtin("set"):
                    continue
                new = code.fresh(f"{name}_set")
                before = code.insert(code.statement(loop), f"{new} = set({name})")
                again = [
                    each.comparators[0]
                    for each in _questions(code)
                    if trees.same(each.comparators[0], node.comparators[0])
                ]
                inside = [each for each in again if any(each is inner for inner in ast.walk(loop))]
                yield Rewrite((before, *(code.swap(each, new) for each in inside)))
            case _:
                pass


def _counts(code: Code) -> Iterator[Rewrite]:
    """xs.count(x), again and again"""
    line = code.imported("collections", "Counter")
    for node in code.nodes:
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id=name) as counted, attr="count"), args=[wanted], keywords=[]
            ):
                loop = repeating(code, node)
            case _:
                continue
        if loop is None or line is None or isinstance(wanted, ast.Constant) or kinds.is_text(code, counted):
            continue
        if name in facts.changed(code, [loop]) or not trees.names(wanted) & trees.stored([loop]):
            continue
        if f"in set({name})" in ast.unparse(loop):
            continue  # each is asked for once
        calls = [
            each
            for each in code.nodes
            if isinstance(each, ast.Call) and trees.same(each.func, node.func) and len(each.args) == 1
            if repeating(code, each) is not None
        ]
        if any(name in facts.changed(code, [repeating(code, each) or loop]) for each in calls):
            continue
        new = code.fresh(f"{name}_counts")
        first = code.statement(repeating(code, calls[0]) or loop)
        if any(_has_store_between(code, first, each, name) for each in calls):
            calls = [each for each in calls if any(each is inner for inner in ast.walk(first))]
        before = code.insert(first, f"{new} = Counter({name})")
        yield Rewrite((before, *(code.swap(each, f"{new}[{ast.unparse(each.args[0])}]") for each in calls)), line)


def _has_store_between(code: Code, first: ast.stmt, call: ast.AST, name: str) -> bool:
    """Whether the name may be another thing at the call, or the call be reached without what stands before `first`."""
    block = code.block(first)
    later = block[block.index(first) :]
    is_after = any(call is inner for statement in later for inner in ast.walk(statement))
    return not is_after or name in facts.changed(code, later)


def _tally(code: Code) -> Iterator[Rewrite]:
    """`d = {x: 0 for x in xs}; for x in xs: d[x] += 1`."""
    line = code.imported("collections", "Counter")
    for node in code.nodes:
        match node:
            case ast.For(
                target=ast.Name(id=item),
                iter=ast.Name(id=items),
                body=[
                    ast.AugAssign(
                        target=ast.Subscript(value=ast.Name(id=counts), slice=ast.Name(id=key)),
                        op=ast.Add(),
                        value=ast.Constant(value=1),
                    )
                ],
                orelse=[],
            ) if key == item and line is not None:
                first = code.before(node)
            case _:
                continue
        match first:
            case ast.Assign(
                targets=[ast.Name(id=name)],
                value=ast.DictComp(
                    key=ast.Name(id=inner),
                    value=ast.Constant(value=0),
                    generators=[ast.comprehension(target=ast.Name(id=same), iter=ast.Name(id=through), ifs=[])],
                ),
            ) if (name, inner, through) == (counts, same, items):
                text = f"{counts} = Counter({items})"
                yield Rewrite((code.swap_statements(first, first, ""), code.swap_statements(node, node, text)), line)
            case _:
                pass


def _attempted(code: Code) -> Iterator[Rewrite]:
    """try: xs.append(d[x]) except: pass"""
    for node in code.nodes:
        match node:
            case ast.Try(
                body=[
                    ast.Expr(
                        value=ast.Call(
                            func=ast.Attribute(attr="append"), args=[ast.Subscript(value=ast.Name(id=name), slice=key)]
                        ) as call
                    )
                ],
                handlers=[ast.ExceptHandler(type=kind, body=[ast.Pass() | ast.Continue()])],
                orelse=[],
                finalbody=[],
            ) if kind is None or ast.unparse(kind) in {"KeyError", "LookupError", "Exception"}:
                values = kinds.assigned(code, name)
                if len(values) == 1 and isinstance(values[0], ast.Dict) and isinstance(key, ast.Name | ast.Constant):
                    text = f"if {ast.unparse(key)} in {name}:\n    {ast.unparse(call)}"
                    yield Rewrite((code.swap_statements(node, node, text),))
            case _:
                pass


RULES = (
    Rule("a membership test among constants is one in a set", _constant_set, _HASHED, weight=3),
    Rule("a letter is looked for in a set", _letters, weight=1),
    Rule("a list that is asked again and again is a set", _set_before, _HASHED, weight=5),
    Rule("items are counted once for all", _counts, _HASHED, weight=6),
    Rule("a tally is a Counter", _tally, "only what was counted is asked for", weight=2),
    Rule("a key is looked for before it is missed", _attempted, _HASHED, weight=4),
)
