"""What may not stand in a target's place, and what the model is told about it."""

from pathlib import PurePosixPath

import pytest

from perforch.adapters.syntax import TreeSitterSyntax

SYNTAX = TreeSitterSyntax()
PYTHON = """\
class A:
    @property
    def f(self):
        return 1

    async def g(self):
        return 2

def h(x):
    return x
"""
OUTSIDE = "int A::f() const { return 1; }\n"
INSIDE = "struct A {\n  A(int x) : y(x) { }\n  template<class T> int g(T t) { return 1; }\n};\n"
GO = "package p\nfunc (a *A) M() int { return 1 }\nfunc F() int {\n\treturn 1\n}\n"
RUST = "impl A {\n  #[inline]\n  async fn m(&self) -> i32 { 1 }\n}\n"
JAVA = "class A {\n  A() { super(); }\n  int f() { return 1; }\n}\n"
FILES = {PYTHON: "a.py", OUTSIDE: "a.cpp", INSIDE: "a.cpp", GO: "a.go", RUST: "a.rs", JAVA: "A.java"}


def faults(text: str, function: str, code: str) -> str | None:
    return SYNTAX.faults(SYNTAX.find(PurePosixPath(FILES.get(text, "a.py")), text, function, None), code)


ACCEPTED = [
    (PYTHON, "A.f", "@property\n    def f(self):\n        return 2"),
    (PYTHON, "A.f", "@functools.cached_property\n    def f(self):\n        return 2"),
    (PYTHON, "A.f", "# \u00e9\n    @property\n    def f(self):\n\n        if self: return 2\n        # end"),
    (PYTHON, "A.g", "async def g(self):\n      return await h(2)"),
    (PYTHON, "h", "def h(x):\n  def k():\n    class B:\n      def h(self): pass\n  return k\n"),
    (PYTHON, "h", "def h(x, y=1): return x"),
    (PYTHON, "h", "def h(x):\r\n\treturn '\\d'"),
    (PYTHON, "h", "def h(x):\n    return x is 1"),
    (OUTSIDE, "A.f", "int A::f() const { return g([] { return 2; }); }"),
    (INSIDE, "A.A", "A(int x) : y(x + 1), z{2} { run(); }"),
    (INSIDE, "A.g", "template <class T>\n  int g(T t) { return 2; }  // two"),
    (GO, "A.M", "func (b *A) M() int { return 2 }"),
    (RUST, "A.m", "#[inline]\n  #[cold]\n  async fn m(&self) -> i32 { 2 }"),
    (JAVA, "A.A", "A() { this(1); }"),
    (JAVA, "A.f", "@Override int f() { return new B() { int f() { return 1; } }.f(); }"),
]

REFUSED = [
    (PYTHON, "h", "", "empty"),
    (PYTHON, "h", "  \n", "empty"),
    (PYTHON, "h", "    def h(x):\n        return x", "indentation"),
    (PYTHON, "A.f", "@property\n    def f(self):\n    return 2", "line 3: expected an indented block"),
    (PYTHON, "A.f", "@property\ndef f(self):\n    return 2", "does not parse: line 2"),
    (PYTHON, "h", "def h(x):\n    return x +\n", "line 2: invalid syntax"),
    (PYTHON, "h", "def h(x):\n    return (x", "does not parse"),
    (PYTHON, "h", "def h(x):\n    return x\0", "does not parse"),
    (PYTHON, "h", "def h(x):\n\tif x:\n        return 1", "does not parse"),
    (PYTHON, "h", "x = 1", "no function"),
    (PYTHON, "h", "def k(x):\n    return x", "'k' where 'h' belongs"),
    (PYTHON, "h", "def h(x):\n    return k(x)\ndef k(x):\n    return x", "2 functions (h, k)"),
    (PYTHON, "h", "def h(x):\n    return x\nimport os", "more than the function h: 'import os'"),
    (PYTHON, "h", "import os\ndef h(x):\n    return x", "more than the function h: 'import os'"),
    (PYTHON, "A.f", "@property\n    def f(self):\n        return 2\n    limit = 3", "'limit = 3'"),
    (PYTHON, "h", "class B:\n    def h(x): return 1", "'class B:'"),
    (PYTHON, "A.g", "def g(self):\n        return 2", "'def' where 'async def' belongs"),
    (OUTSIDE, "A.f", "int f() const { return 2; }", "'f' where 'A.f' belongs"),
    (OUTSIDE, "A.f", "int A::f() const { return 2 }", "near line 1"),
    (INSIDE, "A.A", "A(int x) { } }; struct B { ", "more than the function"),
    (INSIDE, "A.A", "A(int x); int z;", "no function"),
    (INSIDE, "A.A", "~A() { }", "'~A' where 'A' belongs"),
    (GO, "A.M", "func M() int { return 1 }", "'M' where 'A.M' belongs"),
    (GO, "A.M", "func (b B) M() int { return 1 }", "'B.M' where 'A.M' belongs"),
    (GO, "F", "func F() int {\n\treturn 1\n", "does not parse"),
    (RUST, "A.m", "fn m(&self) -> i32 { 2 }", "'fn' where 'async fn' belongs"),
    (RUST, "A.m", "async fn m(&self) -> i32 { 2 }\n} impl B {", "more than the function"),
    (JAVA, "A.f", "int f() { return 2; } } class B {", "more than the function"),
    (JAVA, "A.f", "A() { }", "'A' where 'f' belongs"),
    (JAVA, "A.f", "int f();", "no function"),
]


@pytest.mark.parametrize(("text", "function", "code"), ACCEPTED)
def test_a_new_function_of_the_same_name_and_kind_may_stand_there(text: str, function: str, code: str) -> None:
    assert faults(text, function, code) is None


@pytest.mark.parametrize(("text", "function", "code", "says"), REFUSED)
def test_anything_else_is_refused_with_the_reason(text: str, function: str, code: str, says: str) -> None:
    assert says in str(faults(text, function, code))


def test_a_function_that_does_not_parse_may_be_repaired() -> None:
    broken = "class A:\n    def f(self):\n        return (1\n\n    def g(self):\n        return 2\n"
    target = SYNTAX.find(PurePosixPath("a.py"), broken, "A.f", None)
    assert SYNTAX.faults(target, "def f(self):\n        return (1)") is None
    assert SYNTAX.faults(target, "def f(self):\n        return (2") is not None
    assert SYNTAX.faults(target, "def q(self):\n        return (1)") is not None


def test_code_that_is_nested_deeper_than_any_stack_is_judged_all_the_same() -> None:
    (java,) = SYNTAX.functions(PurePosixPath("A.java"), "class A { int f() { return 1; } }")
    nested = "int f() { return " + "(" * 3000 + "1" + ")" * 3000 + "; }"
    assert SYNTAX.faults(java, nested) is None
    assert SYNTAX.faults(java, nested.replace("; }", " }")) is not None
    (python,) = SYNTAX.functions(PurePosixPath("a.py"), "def f():\n    return 1\n")
    assert "nested" in str(SYNTAX.faults(python, "def f():\n    return " + "(" * 3000 + "1" + ")" * 3000))


def test_a_macro_that_no_grammar_knows_is_no_fault_of_a_candidate() -> None:
    text = "API_ int f(int x) {\n  return 1;\n}\n"
    (target,) = SYNTAX.functions(PurePosixPath("a.cpp"), text)
    assert SYNTAX.faults(target, target.source.replace("1", "2")) is None
    assert SYNTAX.faults(target, target.source.replace("return 1", "return (1")) is not None


def test_syntax_that_is_newer_than_our_own_python_is_no_fault_of_a_candidate() -> None:
    newer = "def f(x):\n    return f'{x!r:{'>'}{10}} {'a' 'b'}'\n"
    (target,) = SYNTAX.functions(PurePosixPath("a.py"), newer)
    assert SYNTAX.faults(target, newer.replace("10", "11").rstrip()) is None
