"""Replacing an expression looks like a human's edit: parentheses only where they are needed, all else untouched."""

import pytest
from mutants import reading_of

from perforch.builtin.rows import removal
from perforch.builtin.source import parse
from perforch.builtin.terms import Binds, Term, binary
from perforch.core.edits import splice

SUM = Term("x + y", Binds.SUM)
CHOICE = Term("x if y else z", Binds.TEST)


def replaced(line: str, old: str, new: Term, indent: str = "    ") -> str:
    """The line of a function with the expression `old` (without its parentheses) replaced."""
    code = f"def f():\n{indent}{line}"
    reading = reading_of(code)
    site = next(site for site in reading.sites if code[slice(*site.inner)] == old)
    return splice(code, reading.put(site, new)).split("\n", 1)[1][len(indent) :]


@pytest.mark.parametrize(
    ("line", "old", "new", "expected"),
    [
        ("return a * b", "a", SUM, "return (x + y) * b"),
        ("return a + b", "a", SUM, "return x + y + b"),
        ("return a - b", "b", SUM, "return a - (x + y)"),
        ("return (a - b) * c", "a - b", Term("x"), "return x * c"),
        ("return (a - b) * c", "a - b", SUM, "return (x + y) * c"),
        ("return(a)", "a", Term("x"), "return x"),
        ("return g(a)", "a", SUM, "return g(x + y)"),
        ("return g((a))", "a", SUM, "return g(x + y)"),
        ("return g(a)", "a", CHOICE, "return g(x if y else z)"),
        ("return [k for k in a]", "a", CHOICE, "return [k for k in (x if y else z)]"),
        ("return sum(k for k in a)", "(k for k in a)", Term("x"), "return sum(x)"),
        ("return not a", "a", CHOICE, "return not (x if y else z)"),
        ("return a.b", "a", SUM, "return (x + y).b"),
        ("return a.b", "a", Term("1", Binds.AWAIT), "return (1).b"),
        ("return a ** b", "a", Term("-x", Binds.SIGN), "return (-x) ** b"),
        ("return a ** b", "b", Term("-x", Binds.SIGN), "return a ** -x"),
        ("return ü + a  # as ever", "a", Term("x"), "return ü + x  # as ever"),
        ("return (a and\n        b)", "a", Term("x"), "return (x and\n        b)"),
        ('return f"{a} and {b!r}"', "b", Term("x"), 'return f"{a} and {x!r}"'),
        ("return a if(b)else c", "b", Term("x"), "return a if x else c"),
    ],
)
def test_an_expression_is_replaced(line: str, old: str, new: Term, expected: str) -> None:
    assert replaced(line, old, new) == expected


def test_terms_are_combined_with_the_parentheses_that_they_need() -> None:
    assert binary(SUM, "*", Term("z")).text == "(x + y) * z"
    assert binary(Term("z"), "-", SUM).text == "z - (x + y)"
    assert binary(SUM, "+", Term("z")).text == "x + y + z"


@pytest.mark.parametrize(
    "code",
    [
        "@property\n    def f(self):\n        return 1",
        "    def f(self):\n        return 1",
        "async def f(self):\n        return 1",
        "@a\n@b(1)\ndef f():\n    pass",
    ],
)
def test_a_function_is_read_as_it_stands_in_its_file(code: str) -> None:
    source = parse(code)
    last = source.function.body[-1]
    start, end = source.span(last)
    assert code[start:end] in {"return 1", "pass"}
    assert source.line(last) == code.count("\n") + 1


@pytest.mark.parametrize("code", ["def f(:\n    pass", "x = 1", "", "def f():\n    return \x00"])
def test_what_cannot_be_read_is_a_syntax_error(code: str) -> None:
    with pytest.raises(SyntaxError):
        parse(code)


def test_the_last_statement_goes_with_the_line_end_before_it() -> None:
    code = "def f():\n    a()\n    b()"
    reading = reading_of(code)
    assert splice(code, [removal(reading.source, reading.blocks[0].rows[-1])]) == "def f():\n    a()"


def test_statements_that_share_a_line_are_not_moved_about() -> None:
    reading = reading_of("def f():\n    for x in y: g(x)\n    a = 1; b = 2\n")
    assert reading.blocks == ()
