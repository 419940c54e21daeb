"""The names that code uses: what it could reach, however it spells it."""

import pytest

from perforch.adapters.syntax import TreeSitterSyntax
from perforch.languages import LANGUAGES, language_named

SYNTAX = TreeSitterSyntax()


@pytest.mark.parametrize(
    ("language", "code", "words"),
    [
        ("python", "os._exit(0)", {"os", "os._exit", "_exit"}),
        ("python", "a . b\\\n .c", {"a", "a.b", "a.b.c", "b", "b.c", "c"}),
        ("python", "x = 'os' # gc\n'''sys'''", {"x"}),
        ("python", "f'{os.name:>{w}} gc {x!r}' rb'sys'", {"os", "os.name", "name", "w", "x"}),
        ("python", "'a'.join(f(1e5).g)", {"join", "f", "g"}),
        ("python", "from os import (path, _exit as e)", {"os", "os.path", "path", "os._exit", "_exit", "e", "os._exit.e", "_exit.e"}),
        ("python", "import sys", {"sys"}),
        ("python", "def f(self):\n        global n\n        n = 1", {"f", "self", "global", "n"}),
        ("python", "def f(:", {"f"}),
        ("python", "\u00fc.\u6f22", {"\u00fc", "\u6f22", "\u00fc.\u6f22"}),
        ("python", "exec(c); x.match = 1", {"exec", "c", "x", "x.match", "match"}),
        ("java", 'System\n .exit(0); "Runtime"', {"System", "System.exit", "exit"}),
        ("cpp", 'std::exit(0); a->b; // abort\nR"(kill)"', {"std", "std.exit", "exit", "a", "a.b", "b"}),
        ("go", "os.Exit(1); x := `syscall`", {"os", "os.Exit", "Exit", "x"}),
        ("go", 'package p\nimport e "os/exec"', {"p", "e", "os", "exec", "e.os", "os.exec", "e.os.exec"}),
        ("rust", 'fn f() { println!("{}", std::process::exit(0)) }', {
            "f", "println", "std", "std.process", "std.process.exit", "process", "process.exit", "exit"}),
        ("rust", "use std::process::{exit};", {
            "std", "std.process", "std.process.exit", "process", "process.exit", "exit"}),
    ],
)  # fmt: skip
def test_words_are_names_and_chains_of_names(language: str, code: str, words: set[str]) -> None:
    assert SYNTAX.words(language, code) == words


@pytest.mark.parametrize(
    ("language", "code"),
    [
        ("python", "import os as o\ndef f():\n    o._exit(0)"),
        ("python", "def f():\n    __import__('os').abort()"),
        ("python", "from _pytest import runner"),
        ("python", "f.__globals__['x'] = 1"),
        ("java", "int f() { Runtime.getRuntime().halt(0); }"),
        ("java", "import java.lang.reflect.Field;"),
        ("cpp", "int f() { std::quick_exit(0); }"),
        ("cpp", 'int f() { asm("nop"); }'),
        ("go", "func f() { os.Exit(0) }"),
        ("rust", "fn f() { use std::process; process::exit(0) }"),
        ("rust", "fn f() { unsafe { g() } }"),
    ],
)
def test_reaching_for_the_test_process_is_seen(language: str, code: str) -> None:
    assert SYNTAX.words(language, code) & language_named(language).means


@pytest.mark.parametrize(
    ("language", "code"),
    [
        ("python", "def f(xs):\n    import re\n    return re.compile('sys').match(os.path.join(*xs))"),
        ("java", "int f() { return Math.max(items.size(), 1); }"),
        ("cpp", "int f() { return std::max(v.size(), 1) + *it->second.begin(); }"),
        ("go", "func f() string { return strings.Join(xs, os.PathSeparator) }"),
        ("rust", "fn f() -> i32 { xs.iter().map(|x| x.pow(2)).sum::<i32>() }"),
    ],
)
def test_ordinary_code_does_not(language: str, code: str) -> None:
    assert not SYNTAX.words(language, code) & language_named(language).means


def test_means_are_names_that_words_can_be() -> None:
    for language in LANGUAGES:
        assert all(part.isidentifier() for name in language.means for part in name.split("."))
