"""Arithmetic: divisors up to the root, sums and powers in closed form."""

import ast
from collections.abc import Iterator

from perforch.builtin.optimize import facts
from perforch.builtin.optimize.calls import is_native
from perforch.builtin.optimize.code import Code, Rewrite, operand
from perforch.builtin.optimize.loops import initial, stays_inside
from perforch.builtin.optimize.rule import Rule


def _root(code: Code) -> Iterator[Rewrite]:
    """`for d in range(2, n): if n % d == 0: <the end of it>`."""
    line = code.imported("math", "isqrt")
    for node in code.nodes:
        found = _trial(code, node)
        if found is None or line is None or not code.is_builtin("min"):
            continue
        loop, number, bounds = found
        if "isqrt" in ast.unparse(loop.iter) or "sqrt" in ast.unparse(loop.iter) or not _is_wide(bounds[1], number):
            continue
        value = ast.unparse(number) if code.is_called(number, "len") else f"max({ast.unparse(number)}, 0)"
        bound = f"isqrt({value}) + 1"
        yield Rewrite((code.swap(bounds[1], f"min({ast.unparse(bounds[1])}, {bound})"),), line)


def _trial(code: Code, node: ast.AST) -> tuple[ast.For, ast.expr, list[ast.expr]] | None:
    """A loop over possible divisors that ends with the first one, and does not say which it was."""
    match node:
        case ast.For(
            target=ast.Name(id=divisor),
            iter=ast.Call(args=[ast.Constant(value=2), _]) as header,
            body=[ast.If(test=test, body=body, orelse=[])],
        ):
            number = _divided(test, divisor)
        case _:
            return None
    if number is None or not code.is_called(header, "range") or not _ends(body[-1:], body):
        return None
    if divisor in facts.names(body) or divisor in facts.names(number) or not stays_inside(code, node, {divisor}):
        return None
    return node, number, header.args


def _divided(test: ast.expr, divisor: str) -> ast.expr | None:
    """The n of `n % d == 0` or `not n % d`."""
    match test:
        case ast.Compare(
            left=ast.BinOp(left=number, op=ast.Mod(), right=ast.Name(id=name)),
            ops=[ast.Eq()],
            comparators=[ast.Constant(value=0)],
        ) if name == divisor:
            return number
        case ast.UnaryOp(op=ast.Not(), operand=ast.BinOp(left=number, op=ast.Mod(), right=ast.Name(id=name))):
            return number if name == divisor else None
        case _:
            return None


def _ends(last: list[ast.stmt], body: list[ast.stmt]) -> bool:
    """Whether the loop ends there, or whatever comes later would only do the same again."""
    if isinstance(last[0], ast.Return | ast.Break):
        return True
    return any(isinstance(each, ast.Return | ast.Break) for each in body) or all(
        isinstance(each, ast.Assign) and isinstance(each.value, ast.Constant) and isinstance(each.targets[0], ast.Name)
        for each in body
    )


def _is_wide(bound: ast.expr, number: ast.expr) -> bool:
    """Whether the bound is the number itself, or a little less."""
    match bound:
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub(), right=ast.Constant(value=0 | 1)):
            return facts.same(left, number) and not (isinstance(bound.op, ast.Add))
        case _:
            return facts.same(bound, number)


def _odd(code: Code) -> Iterator[Rewrite]:
    """After 2, only odd numbers can be the least divisor."""
    line = code.imported("itertools", "chain")
    for node in code.nodes:
        found = _trial(code, node)
        if (
            found is None
            or line is None
            or not any(isinstance(each, ast.Return | ast.Break) for each in ast.walk(node))
        ):
            continue
        loop, _, bounds = found
        text = ast.unparse(bounds[1])
        if "sqrt" not in text and "** 0.5" not in text:
            continue
        name = code.fresh("end", "stop")
        before = code.insert(loop, f"{name} = {text}")
        new = code.swap(loop.iter, f"chain(range(2, min({name}, 3)), range(3, {name}, 2))")
        yield Rewrite((before, new), line)


def _largest_divisor(code: Code) -> Iterator[Rewrite]:
    """`for i in reversed(range(n)): if n % i == 0: return i`."""
    line = code.imported("math", "isqrt")
    for node in code.nodes:
        match node:
            case ast.For(
                target=ast.Name(id=divisor),
                iter=ast.Call(args=[ast.Call(args=[ast.Name(id=number)]) as header]) as back,
                body=[ast.If(test=test, body=[ast.Return(value=ast.Name(id=given))], orelse=[])],
                orelse=[],
            ) if code.is_called(back, "reversed") and code.is_called(header, "range") and given == divisor:
                found = _divided(test, divisor)
            case ast.For(
                target=ast.Name(id=divisor),
                iter=ast.Call(
                    args=[
                        ast.BinOp(left=ast.Name(id=number), op=ast.Sub(), right=ast.Constant(value=1)),
                        ast.Constant(value=0),
                        ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=1)),
                    ]
                ) as header,
                body=[ast.If(test=test, body=[ast.Return(value=ast.Name(id=given))], orelse=[])],
                orelse=[],
            ) if code.is_called(header, "range") and given == divisor:
                found = _divided(test, divisor)
            case _:
                continue
        if line is None or not isinstance(found, ast.Name) or found.id != number or "isqrt" in code.text:
            continue
        text = (
            f"if {number} > 1:\n"
            f"    for {divisor} in range(2, isqrt({number}) + 1):\n"
            f"        if {number} % {divisor} == 0:\n"
            f"            return {number} // {divisor}\n"
            f"    return 1"
        )
        yield Rewrite((code.insert(node, text),), line)


def _range_sum(code: Code) -> Iterator[Rewrite]:
    """sum(range(n)) has a closed form."""
    for node in code.nodes:
        if not (code.is_called(node, "sum") and isinstance(node, ast.Call) and len(node.args) == 1):
            continue
        inner = node.args[0]
        match inner:
            case ast.ListComp(
                elt=ast.Name(id=item),
                generators=[ast.comprehension(target=ast.Name(id=name), iter=items, ifs=[])],
            ) if item == name:
                numbers = items
            case _:
                numbers = inner
        statement = code.statement(node)
        if not code.is_called(numbers, "range") or not _is_always_reached(code, node, statement):
            continue
        name = code.fresh("numbers", "terms")
        text = f"({name}[0] + {name}[-1]) * len({name}) // 2 if {name} else 0"
        yield Rewrite((code.insert(statement, f"{name} = {ast.unparse(numbers)}"), code.swap(node, text)))


def _is_always_reached(code: Code, node: ast.expr, statement: ast.stmt) -> bool:
    """Whether nothing is evaluated conditionally, or many times, between the statement and the expression."""
    between = ast.IfExp | ast.BoolOp | ast.Lambda | ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
    if not isinstance(statement, ast.Return | ast.Assign | ast.AugAssign | ast.Expr):
        return False
    for each in code.ancestors(node):
        if each is statement:
            return True
        if isinstance(each, between):
            return False
    return False


def _factorial(code: Code) -> Iterator[Rewrite]:
    """`x = 1; for j in range(1, n + 1): x *= j`."""
    line = code.imported("math", "factorial")
    for node in code.nodes:
        match node:
            case ast.For(
                target=ast.Name(id=item),
                iter=ast.Call(
                    args=[ast.Constant(value=1 | 2), ast.BinOp(left=number, op=ast.Add(), right=ast.Constant(value=1))]
                ) as header,
                body=[ast.AugAssign(target=ast.Name(id=name), op=ast.Mult(), value=ast.Name(id=factor))],
                orelse=[],
            ) if item == factor and code.is_called(header, "range") and line is not None:
                first = initial(code, node, name)
            case _:
                continue
        if first is None or not (isinstance(first.value, ast.Constant) and first.value.value == 1):
            continue
        if stays_inside(code, node, {item}) and code.is_builtin("max"):
            text = f"{name} = factorial(max({ast.unparse(number)}, 0))"
            yield Rewrite((code.swap_statements(first, first, ""), code.swap_statements(node, node, text)), line)


def _power(code: Code) -> Iterator[Rewrite]:
    """`for _ in range(n): r = c * r % m`."""
    for node in code.nodes:
        match node:
            case ast.For(
                target=ast.Name(id=item),
                iter=ast.Call(args=[times]) as header,
                body=[
                    ast.Assign(
                        targets=[ast.Name(id=name)],
                        value=ast.BinOp(
                            left=ast.BinOp(left=one, op=ast.Mult(), right=two), op=ast.Mod(), right=modulus
                        ),
                    )
                ],
                orelse=[],
            ) if code.is_called(header, "range") and code.is_builtin("pow"):
                base = two if ast.unparse(one) == name else one if ast.unparse(two) == name else None
            case _:
                continue
        fixed = base is not None and not {name, item} & facts.names([base, modulus, times])
        if base is None or not fixed or not stays_inside(code, node, {item}) or "pow(" in ast.unparse(code.function):
            continue
        if not (isinstance(times, ast.Name) and isinstance(base, ast.Constant) and isinstance(modulus, ast.Name)):
            continue
        test = f"{times.id} > 0 and isinstance({modulus.id}, int) and {modulus.id} != 0"
        text = f"{name} = {name} * pow({base.value!r}, {times.id}, {modulus.id}) % {modulus.id}"
        slow = "\n".join("    " + line for line in ast.unparse(node).split("\n"))
        yield Rewrite((code.swap_statements(node, node, f"if {test}:\n    {text}\nelse:\n{slow}"),))


def _common_divisor(code: Code) -> Iterator[Rewrite]:
    """`while b: a, b = b, a % b`."""
    line = code.imported("math", "gcd")
    for node in code.nodes:
        match node:
            case ast.While(
                test=test,
                body=[
                    ast.Assign(
                        targets=[ast.Tuple(elts=[ast.Name(id=one), ast.Name(id=two)])],
                        value=ast.Tuple(
                            elts=[
                                ast.Name(id=left),
                                ast.BinOp(left=ast.Name(id=over), op=ast.Mod(), right=ast.Name(id=under)),
                            ]
                        ),
                    )
                ],
                orelse=[],
            ) if (left, over, under) == (two, one, two) and ast.unparse(test) in {two, f"{two} != 0", f"{two} > 0"}:
                is_known = all(facts.annotation(code, name) == "int" for name in (one, two))
            case _:
                continue
        if line is None or "gcd(" in ast.unparse(code.function).partition("\n")[2]:
            continue
        kinds = "" if is_known else f" and isinstance({one}, int) and isinstance({two}, int)"
        text = f"if {one} >= 0 and {two} >= 0{kinds}:\n    {one}, {two} = gcd({one}, {two}), 0"
        yield Rewrite((code.insert(node, text),), line)


def _affine(code: Code) -> Iterator[Rewrite]:
    """[a + 2 * i for i in range(n)] is list(range(a, a + 2 * n, 2))"""
    for node in code.nodes:
        match node:
            case ast.ListComp(
                elt=ast.BinOp(left=first, op=ast.Add(), right=ast.BinOp() as product),
                generators=[ast.comprehension(target=ast.Name(id=item), iter=ast.Call(args=[times]) as header, ifs=[])],
            ) if code.is_called(header, "range") and code.is_builtin("list"):
                step = _factor(product, item)
            case _:
                continue
        if (
            step is None
            or item in facts.names(first)
            or not facts.is_number(code, first)
            or not facts.is_pure(code, times)
        ):
            continue
        start, count = ast.unparse(first), operand(times)
        yield Rewrite((code.swap(node, f"list(range({start}, {start} + {step} * {count}, {step}))"),))


def _factor(node: ast.BinOp, item: str) -> int | None:
    match node:
        case ast.BinOp(left=ast.Constant(value=int() as step), op=ast.Mult(), right=ast.Name(id=name)) if name == item:
            return step if step > 0 else None
        case ast.BinOp(left=ast.Name(id=name), op=ast.Mult(), right=ast.Constant(value=int() as step)) if name == item:
            return step if step > 0 else None
        case _:
            return None


def _square(code: Code) -> Iterator[Rewrite]:
    """`x ** 2 is x * x`."""
    for node in code.nodes:
        match node:
            case ast.BinOp(left=ast.Name(id=name), op=ast.Pow(), right=ast.Constant(value=2)):
                yield Rewrite((code.swap(node, f"{name} * {name}"),))
            case _:
                pass


def _square_of_call(code: Code) -> Iterator[Rewrite]:
    """`[f(x) ** 2 for x in xs]`."""
    for node in code.nodes:
        match node:
            case ast.ListComp(
                elt=ast.BinOp(
                    left=ast.Call(func=function, args=[ast.Name(id=given)], keywords=[]),
                    op=ast.Pow(),
                    right=ast.Constant(value=2),
                ),
                generators=[ast.comprehension(target=ast.Name(id=item), iter=items, ifs=[])],
            ) if given == item and is_native(code, function) and code.is_builtin("map"):
                text = f"[{item} * {item} for {item} in map({ast.unparse(function)}, {ast.unparse(items)})]"
                yield Rewrite((code.swap(node, text),))
            case _:
                pass


def _multiples(code: Code) -> Iterator[Rewrite]:
    """`[i for i in range(a, b) if i % 2 == 0]`."""
    for node in code.nodes:
        match node:
            case ast.ListComp(
                elt=ast.Name(id=given),
                generators=[
                    ast.comprehension(
                        target=ast.Name(id=item),
                        iter=ast.Call(args=[start, end]) as header,
                        ifs=[
                            ast.Compare(
                                left=ast.BinOp(
                                    left=ast.Name(id=divided), op=ast.Mod(), right=ast.Constant(value=int() as step)
                                ),
                                ops=[ast.Eq()],
                                comparators=[ast.Constant(value=int() as rest)],
                            )
                        ],
                    )
                ],
            ) if (
                given == item == divided
                and code.is_called(header, "range")
                and 0 <= rest < step
                and code.is_builtin("list")
            ):
                if isinstance(start, ast.Name | ast.Constant):
                    first = ast.unparse(start)
                    begin = f"{first} + ({rest} - {first}) % {step}" if rest else f"{first} + -{first} % {step}"
                    yield Rewrite((code.swap(node, f"list(range({begin}, {ast.unparse(end)}, {step}))"),))
            case _:
                pass


def _bits(code: Code) -> Iterator[Rewrite]:
    """bin(x)[2:].count('1'): there is no 1 in what is cut off."""
    for node in code.nodes:
        match node:
            case ast.Call(
                func=ast.Attribute(
                    value=ast.Subscript(
                        value=ast.Call(func=ast.Name(id="bin")) as made,
                        slice=ast.Slice(lower=ast.Constant(value=2), upper=None, step=None),
                    ) as part,
                    attr="count",
                ),
                args=[ast.Constant(value="1")],
            ) if code.is_builtin("bin"):
                yield Rewrite((code.swap(part, ast.unparse(made)),))
            case _:
                pass


RULES = (
    Rule("divisors are looked for up to the root", _root, "whole numbers are divided", weight=9),
    Rule("the largest divisor belongs to the least one", _largest_divisor, "whole numbers are divided", weight=9),
    Rule("after two, only odd divisors are tried", _odd, "whole numbers are divided", weight=5),
    Rule("a sum of a range has a closed form", _range_sum, weight=8),
    Rule("a product of a range from one is a factorial", _factorial, weight=6),
    Rule("repeated multiplication with a modulus is a power", _power, weight=9),
    Rule("Euclid's algorithm is built in", _common_divisor, weight=5),
    Rule("evenly spaced numbers are a range", _affine, weight=4),
    Rule("multiples in a range are a range", _multiples, weight=4),
    Rule("squares of what a function gives are products", _square_of_call, "numbers are squared", weight=3),
    Rule("a square is a product", _square, "a number is squared", weight=2),
    Rule("the sign of the base has no ones", _bits, weight=2),
)
