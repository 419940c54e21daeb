"""Targets in the corners of the languages, and where a new import goes."""

import time
from pathlib import PurePosixPath

import pytest

from perforch.adapters.syntax import TreeSitterSyntax
from perforch.core.task import Target

SYNTAX = TreeSitterSyntax()


def targets(text: str, file: str = "a.py") -> tuple[Target, ...]:
    return SYNTAX.functions(PurePosixPath(file), text)


NAMES = [
    ("a.py", "f = lambda x: x\n", []),
    ("a.py", "class A:\n    class B:\n        def f(self): pass\n", ["A.B.f"]),
    ("a.py", "if x:\n    def f(): pass\nelse:\n    def f(): return 1\n", ["f", "f"]),
    ("a.py", "async def f():\n    async def g():\n        yield 1\n", ["f", "f.g"]),
    ("a.py", "@overload\ndef f(a: int) -> int: ...\n@typing.overload\ndef f(a: str) -> str: ...\ndef f(a): return a\n", ["f"]),
    ("a.py", "def f[T: int](x: T) -> T:\n    return x\ntype X = int\n", ["f"]),
    ("a.py", "def \u00fcber(x):\n    return x\n", ["\u00fcber"]),
    ("a.py", "def f(:\n    pass\n\ndef g(): pass\n", ["f", "g"]),
    ("a.py", "match x:\n    case 1:\n        def f(): pass\n", ["f"]),
    ("a.py", "", []),
    ("a.txt", "def f(): pass\n", []),
    ("a.pyi", "def f(): ...\n", []),
    ("A.java", "class A { static { f(); } Runnable r = () -> {}; }", []),
    ("A.java", "@interface N { int v() default 1; }", []),
    ("A.java", "class A { <T> void f(T... x) {} A() {} class A2 { A2() {} } }", ["A.f", "A.A", "A.A2.A2"]),
    ("A.java", "sealed interface S permits A { private void f() {} }", ["S.f"]),
    ("A.java", "class A { B b = new B() { void f() {} }; B c = new x.B<T>(1) { void g() {} }; }", ["A.B.f", "A.x.B.g"]),
    ("A.java", "void main() { }", ["main"]),
    ("a.cpp", "int f(int); struct A { int g(); virtual int h() = 0; A() = default; };", []),
    ("a.cpp", "template <> int A<int>::f<3>() { return 1; }", ["A.f"]),
    ("a.cpp", "std::ostream& operator<<(std::ostream& o, const A& a) { return o; }", ["operator<<"]),
    ("a.cpp", "struct A { A& operator = (const A&) { return *this; } void* operator new(size_t n) { return 0; } };", ["A.operator=", "A.operator new"]),
    ("a.cpp", "A::operator std::string() const { return s; }", ["A.operator std::string"]),
    ("a.cpp", "namespace a { namespace b::c { inline namespace v1 { int f() { return 1; } } } }", ["a.b.c.v1.f"]),
    ("a.cpp", "template<class T> struct S<T*> { T f() { return {}; } };", ["S.f"]),
    ("a.cpp", "int (*f(int a))(int) { return 0; }", ["f"]),
    ("a.cpp", "auto f(auto x) -> decltype(x) requires C<decltype(x)> { return x; }", ["f"]),
    ("a.cpp", "#ifdef X\nint f() { return 1; }\n#else\nint f() { return 2; }\n#endif\n", ["f", "f"]),
    ("a.cpp", "int main() { struct L { int f() { return 1; } } l; return [] { return 1; }(); }", ["main", "main.L.f"]),
    ("a.cpp", "constexpr int f() try { return 1; } catch (...) { return 2; }", ["f"]),
    ("a.go", "package p\nfunc (*T) M() {}\nfunc (m Map[K, V]) N() {}\nvar f = func() {}\n", ["T.M", "Map.N"]),
    ("a.rs", "impl<'a, T> a::Tr for b::S<'a, T> { fn f() {} }", ["S.f"]),
    ("a.rs", 'extern "C" { fn c(); }\nunsafe extern "C" fn f() {}\nmacro_rules! m { () => { fn g() {} } }\n', ["f"]),
    ("a.rs", "mod a { mod b { impl X { fn f() { struct Y; impl Y { fn g() {} } } } } }", ["a.b.X.f", "a.b.X.f.Y.g"]),
]  # fmt: skip


@pytest.mark.parametrize(("file", "text", "names"), NAMES)
def test_functions_are_named_by_what_encloses_them(file: str, text: str, names: list[str]) -> None:
    assert [target.function for target in targets(text, file)] == names


BODIES = [
    ("def f(): return 1\n", "return 1", "", False),
    ("def f():\n    '''d'''\n", "", "d", True),
    ("def f(): '''d'''\n", "", "d", True),
    ("def f():\n    r'''d\\n'''\n    return 1\n", "return 1", "d\\n", False),
    ("def f():\n    'it\\'s \\d'\n    return 1\n", "return 1", "it's \\d", False),
    ("def f():\n    f'{x}'\n    return 1\n", "f'{x}'\n    return 1", "", False),
    (
        "def f():\n    # one\n    '''d\n\n      e\n    '''\n    # two\n    return 1\n\n\nx = 1\n",
        "return 1",
        "d\n\ne",
        False,
    ),
    ("def f():\n    pass  # later\n", "pass  # later", "", True),
    ("def f():\n    # TODO\n    ...\n", "...", "", True),
    ("def f():\n    raise NotImplementedError\n", "raise NotImplementedError", "", True),
    ("def f():\n    raise NotImplementedError(f'{x} (y)')\n", "raise NotImplementedError(f'{x} (y)')", "", True),
    ("def f():\n    raise NotImplementedError()\n    g()\n", "raise NotImplementedError()\n    g()", "", False),
    ("def f():\n    pass\n    g()\n", "pass\n    g()", "", False),
    ("def f():\n    return NotImplemented\n", "return NotImplemented", "", False),
]


@pytest.mark.parametrize(("text", "body", "docstring", "is_stub"), BODIES)
def test_a_python_body_is_what_follows_the_docstring(text: str, body: str, docstring: str, is_stub: bool) -> None:
    (target,) = targets(text)
    assert (text[target.body.start : target.body.end], target.docstring, target.is_stub) == (body, docstring, is_stub)


STUBS = [
    ("A.java", "class A { int f() { BODY } }", 'throw new RuntimeException("Not implemented");', True),
    ("A.java", "class A { int f() { BODY } }", "throw new RuntimeException(cause);", False),
    ("A.java", "class A { int f() { BODY } }", "// TODO", True),
    ("a.cpp", "int f() { BODY }", "/* your code here */", True),
    ("a.cpp", "int f() { BODY }", "abort();", True),
    ("a.cpp", "int f() { BODY }", 'assert(false && "not implemented");', True),
    ("a.cpp", "int f() { BODY }", "assert(x > 0); return 1;", False),
    ("a.go", "package p\nfunc f() int { BODY }", 'panic(errors.New("not yet implemented"))', True),
    ("a.go", "package p\nfunc f() int { BODY }", 'panic("unreachable")', False),
    ("a.rs", "fn f() -> i32 { BODY }", "unimplemented!()", True),
    ("a.rs", "fn f() -> i32 { BODY }", 'panic!("not implemented: {}", 1);', True),
    ("a.rs", "fn f() -> i32 { BODY }", "todo!(); 1", False),
]  # fmt: skip


@pytest.mark.parametrize(("file", "text", "body", "is_stub"), STUBS)
def test_a_stub_is_a_body_that_is_still_to_be_written(file: str, text: str, body: str, is_stub: bool) -> None:
    assert [target.is_stub for target in targets(text.replace("BODY", body), file)] == [is_stub]


IMPORTS = [
    ("a.py", "def f(): pass\n", ""),
    ("a.py", "\ufeffdef f(): pass\n", "\ufeff"),
    ("a.py", "#!/usr/bin/env python\n# -*- coding: utf-8 -*-\ndef f(): pass\n", "# -*- coding: utf-8 -*-"),
    ("a.py", "# Copyright\n\n# about f\ndef f(): pass\n", "# Copyright"),
    ("a.py", "'''doc'''\nx = 1\ndef f(): pass\n", "'''doc'''"),
    ("a.py", "'''doc'''\nfrom __future__ import annotations\nx = 1\ndef f(): pass\n", "from __future__ import annotations"),
    ("a.py", "import a\ntry:\n    import b\nexcept ImportError:\n    b = None\nimport c; import d  # d\n\ndef f(): pass\nimport e\n", "import c; import d  # d"),
    ("a.py", "x = 1\ndef f(): pass\nimport e\n", ""),
    ("a.py", "def f():\n    import a\n", ""),
    ("a.py", "from a import (\n    b,\n)\n@d\ndef f(): pass\n", ")"),
    ("A.java", "package a;\n\nclass A { void f() { } }\n", "package a;"),
    ("a.hpp", "#pragma once\nint f() { return 1; }\n", "#pragma once"),
    ("a.hpp", "#ifndef A\n#define A\nint f() { return 1; }\n#endif\n", "#define A"),
    ("a.cpp", "#include <a>\n#ifdef X\n#include <b>\n#endif\nint f() { return 1; }\n", "#include <a>"),
    ("a.cpp", "// Copyright\n\nint f() { return 1; }\n", "// Copyright"),
    ("a.go", "// Package p.\npackage p\n\n// F.\nfunc F() {}\n", "package p"),
    ("a.go", 'package p; import "a"; func F() {\n}\n', None),
    ("a.rs", "#![no_std]\n\n#[test]\nfn f() {}\n", "#![no_std]"),
    ("a.rs", "// about f\n#[test]\nfn f() {}\n", ""),
]  # fmt: skip


@pytest.mark.parametrize(("file", "text", "above"), IMPORTS)
def test_a_new_import_goes_below_the_imports_or_what_must_stay_first(file: str, text: str, above: str | None) -> None:
    at = targets(text, file)[0].imports_at
    if above is None:  # all on one line: behind the last import
        assert text[:at].endswith('import "a"')
    else:
        assert text[:at].removesuffix("\n").rsplit("\n", 1)[-1] == above


@pytest.mark.parametrize(
    ("file", "statement", "lines"),
    [
        ("a.py", "import a, b as c", ["import a", "import b as c"]),
        ("a.py", "from . import (a, # one\n  b as c,\n)", ["from . import a", "from . import b as c"]),
        ("a.py", "from a import \\\n  b", ["from a import b"]),
        ("a.py", "from importlib import metadata", ["from importlib import metadata"]),
        ("a.go", 'package p\nimport (\n . "a/b" // x\n _ "c"\n)', ['import . "a/b"', 'import _ "c"']),
        ("a.rs", "pub(crate) use a::{self, b::{c, d as e}, *};", [
            "pub(crate) use a;", "pub(crate) use a::b::c;", "pub(crate) use a::b::d as e;", "pub(crate) use a::*;"]),
        ("a.cpp", "#  include   <a.h>", ["# include <a.h>"]),
    ],
)  # fmt: skip
def test_imports_are_listed_one_by_one(file: str, statement: str, lines: list[str]) -> None:
    function = {"a.py": "def f(): pass", "a.go": "func f() {}", "a.rs": "fn f() {}", "a.cpp": "int f() { }"}[file]
    assert list(targets(f"{statement}\n{function}\n", file)[0].imports) == lines


def test_a_documenting_comment_stands_directly_above() -> None:
    text = "int x; // about x\nint f() { return 1; }\n\n// license\n\nint g() { return 1; }\n/* about\n * h */\n// too\nint h() { return 1; }\n"
    assert [target.docstring for target in targets(text, "a.cpp")] == ["", "", "about\nh\ntoo"]


def test_text_that_no_encoding_knows_keeps_its_places() -> None:
    text = "x = '\udcff\udcfe'\n\u00e9 = 1\ndef f():\n    return '\udcff'\n"
    (target,) = targets(text)
    assert target.source == text[text.index("def") :].rstrip()


@pytest.mark.slow
def test_a_file_of_50000_lines_is_read_in_about_a_second() -> None:
    function = "def f{0}(a, b):\n    '''doc \u00e9'''\n    x = [a for a in b if a % {0}]\n    return {{a: x}}\n\n"
    text = "".join(function.format(number) for number in range(10_000))
    started = time.process_time()
    found = targets(text)
    assert len(found) == 10_000
    assert found[-1].source == text[found[-1].span.start : found[-1].span.end]
    assert time.process_time() - started < 2.5  # 0.7 s on an idle machine
    assert SYNTAX.find(PurePosixPath("a.py"), text, None, 40_002).function == "f8000"
