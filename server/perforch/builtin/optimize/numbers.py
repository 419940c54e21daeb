"""Arithmetic: sums, products and powers in closed form."""

import ast
from collections.abc import Iterator

from perforch.builtin.optimize import facts, kinds, trees
from perforch.builtin.optimize.calls import is_native
from perforch.builtin.optimize.code import Code, Rewrite, operand
from perforch.builtin.optimize.loops import initial, stays_inside
from perforch.builtin.optimize.rule import Rule


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
        fixed = base is not None and not {name, item} & trees.names([base, modulus, times])
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
                is_known = all(kinds.annotation(code, name) == "int" for name in (one, two))
            case _:
                continue
        if line is None or "gcd(" in ast.unparse(code.function).partition("\n")[2]:
            continue
        typed = "" if is_known else f" and isinstance({one}, int) and isinstance({two}, int)"
        text = f"if {one} >= 0 and {two} >= 0{typed}:\n    {one}, {two} = gcd({one}, {two}), 0"
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
            or item in trees.names(first)
            or not kinds.is_number(code, first)
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
            case ast.BinOp(left=ast.Name(id=name), op=ast.Pow(), right=ast.Constant(value=2)) if kinds.is_number(
                code, node.left
            ):
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
            ) if given == item and _gives_whole(code, function) and code.is_builtin("map"):
                text = f"[{item} * {item} for {item} in map({ast.unparse(function)}, {ast.unparse(items)})]"
                yield Rewrite((code.swap(node, text),))
            case _:
                pass


def _gives_whole(code: Code, function: ast.expr) -> bool:
    """Whether it is a function of Python's own that gives whole numbers: squares of others may overflow."""
    return is_native(code, function) and ast.unparse(function) in {"len", "ord", "int", "math.ceil", "math.floor"}


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
    Rule("a sum of a range has a closed form", _range_sum, weight=8),
    Rule("a product of a range from one is a factorial", _factorial, weight=6),
    Rule("repeated multiplication with a modulus is a power", _power, weight=9),
    Rule("Euclid's algorithm is built in", _common_divisor, weight=5),
    Rule("evenly spaced numbers are a range", _affine, weight=4),
    Rule("multiples in a range are a range", _multiples, weight=4),
    Rule("squares of what a function gives are products", _square_of_call, weight=3),
    Rule("a square is a product", _square, weight=2),
    Rule("the sign of the base has no ones", _bits, weight=2),
)
