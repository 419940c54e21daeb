"""Pieces of expressions as text, with how tightly they bind, so that parentheses stand only where they must."""

import ast
from dataclasses import dataclass, replace
from enum import IntEnum

Kinds = frozenset[str]  # names of run-time types; empty: unknown
UNKNOWN: Kinds = frozenset()
NUMERIC: Kinds = frozenset({"int", "float", "bool", "complex", "Decimal", "Fraction"})
ITERABLE: Kinds = frozenset(
    {"list", "tuple", "set", "frozenset", "range", "deque", "dict", "generator", "str", "bytes"}
)
SIZED: Kinds = frozenset(
    {"list", "tuple", "set", "frozenset", "dict", "deque", "str", "bytes", "defaultdict", "Counter"}
)
CALLABLE: Kinds = frozenset({"function", "builtin_function_or_method", "method", "type", "module"})
EVERYWHERE = (0, 1 << 60)


class Binds(IntEnum):
    """Precedence, loosest first, as in the language reference."""

    NAMED = 0
    TUPLE = 1
    TEST = 2
    OR = 3
    AND = 4
    NOT = 5
    COMPARE = 6
    BIT_OR = 7
    BIT_XOR = 8
    BIT_AND = 9
    SHIFT = 10
    SUM = 11
    PRODUCT = 12
    SIGN = 13
    POWER = 14
    AWAIT = 15
    ATOM = 16


BINARY: dict[type[ast.operator], tuple[str, Binds]] = {
    ast.Add: ("+", Binds.SUM),
    ast.Sub: ("-", Binds.SUM),
    ast.Mult: ("*", Binds.PRODUCT),
    ast.Div: ("/", Binds.PRODUCT),
    ast.FloorDiv: ("//", Binds.PRODUCT),
    ast.Mod: ("%", Binds.PRODUCT),
    ast.MatMult: ("@", Binds.PRODUCT),
    ast.Pow: ("**", Binds.POWER),
    ast.BitAnd: ("&", Binds.BIT_AND),
    ast.BitOr: ("|", Binds.BIT_OR),
    ast.BitXor: ("^", Binds.BIT_XOR),
    ast.LShift: ("<<", Binds.SHIFT),
    ast.RShift: (">>", Binds.SHIFT),
}
OPERATORS: dict[str, Binds] = dict(BINARY.values())
COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Is: "is",
    ast.IsNot: "is not",
    ast.In: "in",
    ast.NotIn: "not in",
}


@dataclass(frozen=True, slots=True)
class Term:
    """The text of an expression; `within` is the piece of the target in which its names are bound."""

    text: str
    binds: Binds = Binds.ATOM
    kinds: Kinds = UNKNOWN
    within: tuple[int, int] = EVERYWHERE

    def may_be(self, kinds: Kinds) -> bool:
        return not self.kinds or bool(self.kinds & kinds)

    @property
    def is_callable(self) -> bool:
        return bool(self.kinds & CALLABLE)


def fits(new: Term, old: Term) -> bool:
    """Whether a value of `new`'s type could stand where `old` does, as far as the types are known."""
    if not new.kinds or not old.kinds or "NoneType" in new.kinds | old.kinds:
        return not (new.is_callable or old.is_callable) or new.is_callable == old.is_callable
    return bool(new.kinds & old.kinds) or any(new.kinds & like and old.kinds & like for like in (NUMERIC, ITERABLE))


def wrapped(term: Term, need: Binds) -> str:
    return term.text if term.binds >= need else f"({term.text})"


def binary(left: Term, operator: str, right: Term) -> Term:
    binds = OPERATORS[operator]
    is_power = binds is Binds.POWER
    left_need, right_need = (Binds.AWAIT, Binds.SIGN) if is_power else (binds, Binds(binds + 1))
    text = f"{wrapped(left, left_need)} {operator} {wrapped(right, right_need)}"
    if is_power and left.text.isidentifier() and right.text.isalnum():
        text = text.replace(" ", "")
    return Term(text, binds)


def compare(left: Term, operator: str, right: Term) -> Term:
    text = f"{wrapped(left, Binds.BIT_OR)} {operator} {wrapped(right, Binds.BIT_OR)}"
    return Term(text, Binds.COMPARE, frozenset({"bool"}))


def both(left: Term, word: str, right: Term) -> Term:
    """`left and right`, `left or right`."""
    binds = Binds.AND if word == "and" else Binds.OR
    return Term(f"{wrapped(left, binds)} {word} {wrapped(right, binds)}", binds)


def negated(term: Term) -> Term:
    return Term(f"not {wrapped(term, Binds.NOT)}", Binds.NOT, frozenset({"bool"}), term.within)


def call(function: str, *arguments: Term) -> Term:
    return Term(f"{function}({', '.join(wrapped(argument, Binds.TEST) for argument in arguments)})")


def method(term: Term, name: str, *arguments: Term) -> Term:
    return Term(f"{wrapped(term, Binds.ATOM)}{call('.' + name, *arguments).text}")


def subscript(term: Term, index: str) -> Term:
    return Term(f"{wrapped(term, Binds.ATOM)}[{index}]")


def typed(term: Term, *kinds: str) -> Term:
    return replace(term, kinds=frozenset(kinds))


def strength(node: ast.expr) -> Binds:
    """How tightly an expression binds; a tuple is taken as written without parentheses."""
    match node:
        case ast.NamedExpr():
            return Binds.NAMED
        case ast.Tuple() | ast.Yield() | ast.YieldFrom():
            return Binds.TUPLE if isinstance(node, ast.Tuple) else Binds.NAMED
        case ast.IfExp() | ast.Lambda():
            return Binds.TEST
        case ast.BoolOp(op=op):
            return Binds.OR if isinstance(op, ast.Or) else Binds.AND
        case ast.UnaryOp(op=op):
            return Binds.NOT if isinstance(op, ast.Not) else Binds.SIGN
        case ast.Compare():
            return Binds.COMPARE
        case ast.BinOp(op=op):
            return BINARY[type(op)][1]
        case ast.Await():
            return Binds.AWAIT
        case ast.Constant(value=int() | float()):
            return Binds.AWAIT  # `1.real` is no attribute: as an object, a number needs parentheses
        case _:
            return Binds.ATOM
