"""What is written means what was meant: every piece, with every sort of argument."""

import ast
import re

import pytest

from perforch.builtin.synthesis.component import Component, Cost
from perforch.builtin.synthesis.expression import Constant, Expression, Variable
from perforch.builtin.synthesis.problem import components
from perforch.builtin.synthesis.writing import Writer
from perforch.builtin.terms import Binds

NAMES = ("p", "q", "r")
ARGUMENTS = {
    "choice": ("{1} if {0} else {2}", Binds.TEST, 3),
    "disjunction": ("{0} or {1}", Binds.OR, 2),
    "comparison": ("{0} < {1}", Binds.COMPARE, 2),
    "sum": ("{0} + {1}", Binds.SUM, 2),
    "power": ("{0} ** {1}", Binds.POWER, 2),
    "call": ("len({0})", Binds.ATOM, 1),
}


def expression(maker: Component | Variable | Constant, *parts: Expression) -> Expression:
    return Expression("int", 1, (0,), maker, parts)


def variable(name: str) -> Expression:
    return expression(Variable(0, name))


def component(text: str, binds: Binds, arity: int) -> Component:
    return Component(text, ("int",) * arity, "int", lambda *_: 0, Cost.USUAL, binds)


class Substituted(ast.NodeTransformer):
    """Puts trees where names of one letter stand."""

    def __init__(self, trees: list[ast.expr]) -> None:
        self.trees = trees

    def visit_Name(self, node: ast.Name) -> ast.expr:
        found = re.fullmatch(r"argument(\d)", node.id)
        return self.trees[int(found.group(1))] if found else node


def tree(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def normal(node: ast.AST) -> str:
    """Without the difference between lists, generators and `list(...)`, which iterating does not see."""
    text = ast.dump(node)
    text = re.sub(r"Call\(func=Name\(id='list', ctx=Load\(\)\), args=\[(.*)\], keywords=\[\]\)", r"\1", text)
    return text.replace("ListComp", "GeneratorExp")


@pytest.mark.parametrize("argument", ARGUMENTS)
def test_every_piece_keeps_its_arguments_together(argument: str) -> None:
    text, binds, arity = ARGUMENTS[argument]
    inner = expression(component(text, binds, arity), *map(variable, NAMES[:arity]))
    alone = tree(Writer(set(NAMES)).term(inner).text)
    for piece in components():
        if piece.text == text:  # `a or b or c` needs no parentheses to mean the same
            continue
        written = Writer(set(NAMES)).term(expression(piece, *[inner] * len(piece.takes))).text
        shown = re.sub(r"\{(\d)(:each)?\}", r"argument\1", piece.text)
        assert normal(tree(written)) == normal(Substituted([alone] * len(piece.takes)).visit(tree(shown))), written


@pytest.mark.parametrize(
    ("text", "arguments", "written"),
    [
        ("{0} < {1}", (Constant(3), Variable(0, "x")), "x > 3"),
        ("{0} <= {1}", (Constant(-1), Variable(0, "x")), "x >= -1"),
        ("{0} == {1}", (Constant("a"), Variable(0, "x")), "x == 'a'"),
        ("{0} in {1}", (Constant("a"), Variable(0, "x")), "'a' in x"),
        ("{0} - {1}", (Variable(0, "x"), Constant(-1)), "x - -1"),
        ("{0} ** {1}", (Constant(-1), Variable(0, "x")), "(-1) ** x"),
    ],
)
def test_it_is_written_as_people_would(text: str, arguments: tuple[Constant | Variable, ...], written: str) -> None:
    binds = {"<": Binds.COMPARE, "=": Binds.COMPARE, "i": Binds.COMPARE, "-": Binds.SUM, "*": Binds.POWER}
    kind = binds.get(text[4:5], Binds.ATOM)
    term = Writer({"x"}).term(expression(component(text, kind, 2), *map(expression, arguments)))
    assert term.text == written
