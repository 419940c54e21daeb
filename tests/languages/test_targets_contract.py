"""One contract over all languages: what a Target says is true of the text that it came from."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path, PurePosixPath

import pytest

from perforch.adapters.syntax import TreeSitterSyntax
from perforch.core.edits import Splice, splice
from perforch.core.task import Target
from perforch.languages import LANGUAGES, language_named

SAMPLES = Path(__file__).parent / "samples"
SYNTAX = TreeSitterSyntax()


@dataclass(frozen=True)
class Expected:
    """What a function of a sample must be found as; `starts` is how its span begins."""

    function: str
    starts: str
    signature: str
    docstring: str = ""
    enclosing: str | None = None
    body: str = ""
    is_stub: bool = False


@dataclass(frozen=True)
class Sample:
    language: str
    file: str
    functions: tuple[Expected, ...]
    imports: tuple[str, ...]
    below: str  # the text on the line above the place for a new import
    new_import: str
    todo: str  # a statement that makes a function a stub


def stub(
    function: str, starts: str, signature: str, docstring: str = "", *, enclosing: str | None, body: str = ""
) -> Expected:
    return Expected(function, starts, signature, docstring, enclosing, body, is_stub=True)


PYTHON = Sample(
    "python",
    "store.py",
    (
        Expected("Store.__init__", "def __init__", "def __init__(self, limit: int = LIMIT) -> None", enclosing="Store",
                 body="self._parts: Counter[str] = Counter()\n        self.limit = limit"),
        Expected("Store.full", "@property\n    def", "def full(self) -> bool", "Whether nothing more fits in.", "Store",
                 "return self._parts.total() >= self.limit"),
        stub("Store.full", "@full.setter\n", "def full(self, value: bool) -> None", enclosing="Store",
             body='raise NotImplementedError("later")'),
        Expected("Store.key", "@staticmethod\n    @functools", "def key( name: str, size: int, ) -> str", enclosing="Store",
                 body='return f"{name}-{size}"'),
        stub("Store.Shelf.put", "async def put", "async def put(self, part: str) -> None",
             'Puts a part here.\n\n>>> put("a\\n")', enclosing="Store.Shelf"),
        Expected("Store.Shelf.take", "def take", "def take(self)", enclosing="Store.Shelf", body="return queue().pop()"),
        Expected("outer", "def outer", "def outer(n)",
                 body="def inner(m):\n        return (lambda k: k + m)(n)\n    return inner(1)"),
        Expected("outer.inner", "def inner", "def inner(m)", body="return (lambda k: k + m)(n)"),
    ),
    ("from __future__ import annotations", "import functools", "from collections import Counter",
     "from collections import deque as queue"),
    ")",
    "import os",
    "raise NotImplementedError",
)  # fmt: skip

JAVA = Sample(
    "java",
    "Store.java",
    (
        Expected("Store.Store", "public Store(", "public Store(int limit)",
                 "Makes a store.\n\n@param limit how many fit in", "Store", "this.limit = limit;"),
        Expected("Store.full", "@Override\n", "public boolean full() throws IllegalStateException",
                 "Whether nothing more fits in.", "Store", "return size() >= limit; // never above"),
        stub("Store.later", "int later(int", "int later(int a)", enclosing="Store",
             body='throw new UnsupportedOperationException("not yet");'),
        Expected("Store.later", "int later(String", "int later(String a)", enclosing="Store", body="return 1;"),
        Expected("Store.order", "Comparator<T> order", "Comparator<T> order()", enclosing="Store",
                 body="return new Comparator<T>() {\n            public int compare(T a, T b) { return a.compareTo(b); }\n        };"),
        Expected("Store.order.Comparator.compare", "public int compare", "public int compare(T a, T b)",
                 enclosing="Store.order.Comparator", body="return a.compareTo(b);"),
        Expected("Store.Point.Point", "Point {", "Point", enclosing="Store.Point",
                 body="if (x < 0) throw new IllegalArgumentException();"),
        Expected("Store.Point.sum", "int sum", "int sum()", enclosing="Store.Point", body="return x + y;"),
        Expected("Store.Kind.SMALL.size", "int size", "int size()", enclosing="Store.Kind.SMALL", body="return 1;"),
        Expected("Store.Kind.size", "int size", "int size()", enclosing="Store.Kind", body="return 2;"),
        stub("Store.Visitor.again", "default void", "default void again()", enclosing="Store.Visitor"),
    ),
    ("import java.util.ArrayDeque;", "import java.util.function.*;"),
    "import java.util.function.*;",
    "import java.util.List;",
    'throw new UnsupportedOperationException("later");',
)  # fmt: skip

CPP = Sample(
    "cpp",
    "store.hpp",
    (
        Expected("demo.parts.Store.Store", "explicit Store", "explicit Store(int limit)", enclosing="demo.parts.Store",
                 body="clear();"),
        stub("demo.parts.Store.~Store", "~Store()", "~Store()", enclosing="demo.parts.Store"),
        Expected("demo.parts.Store.full", "[[nodiscard]] bool", "bool full() const noexcept",
                 "Whether nothing more fits in.", "demo.parts.Store", "return size_ >= limit_;"),
        Expected("demo.parts.Store.operator<", "bool operator<", "bool operator<(const Store& other) const",
                 enclosing="demo.parts.Store", body="return size_ < other.size_;"),
        Expected("demo.parts.Store.operator bool", "operator bool", "operator bool() const",
                 enclosing="demo.parts.Store", body="return size_ > 0;"),
        stub("demo.parts.Store.operator()", "T operator()", "T operator()(int at)", enclosing="demo.parts.Store",
             body='throw std::logic_error("not implemented");'),
        Expected("demo.parts.Store.operator==", "friend bool",
                 "friend bool operator==(const Store& a, const Store& b)", enclosing="demo.parts.Store",
                 body="return a.size_ == b.size_;"),
        Expected("demo.parts.Store.largest", "template <class U>\n", "template <class U> U largest(U first)",
                 "The largest.", "demo.parts.Store",
                 "auto pick = [](U a, U b) { return a < b ? b : a; };\n        return pick(first, first);"),
        Expected("demo.parts.Shelf.Slot.at", "int at", "int at(int i)", enclosing="demo.parts.Shelf.Slot",
                 body="return i;"),
        Expected("demo.parts.hidden", "int hidden", "int hidden()", body="return 1;"),
        Expected("demo.parts.Store.clear", "template <typename T>\nvoid", "template <typename T> void Store<T>::clear()",
                 enclosing="demo.parts.Store", body="size_ = 0;"),
        Expected("demo.parts.Shelf.label", "std::string&", "std::string& Shelf::label(int i)",
                 enclosing="demo.parts.Shelf", body="return labels[i];"),
        Expected("plain", "int plain", "int plain(void)", body="return 0;"),
    ),
    ("#include <string>", '#include "part.h"'),
    '#include "part.h"',
    "#include <vector>",
    'throw std::runtime_error("TODO");',
)  # fmt: skip

GO = Sample(
    "go",
    "store.go",
    (
        Expected("Store.Full", "func (s", "func (s *Store[T]) Full() bool",
                 "Full says whether nothing more fits in.", "Store", "return s.size() >= s.limit // never above"),
        stub("Store.size", "func (Store", "func (Store[T]) size() int", enclosing="Store", body='panic("not implemented")'),
        Expected("Map", "func Map", "func Map[A, B any](xs []A, f func(A) B) (ys []B, err error)", "Map applies f.",
                 body="each := func(a A) B { return f(a) }\n\tfor _, x := range xs {\n\t\tys = append(ys, each(x))\n\t}\n\treturn"),
        stub("init", "func init", "func init()", enclosing=None),
    ),
    ('import "fmt"', 'import "os"', 'import str "strings"'),
    ")",
    'import "bytes"',
    'panic("implement me")',
)  # fmt: skip

RUST = Sample(
    "rust",
    "store.rs",
    (
        Expected("Store.full", "#[inline]\n    #[must_use]\n", "pub const fn full(&self) -> bool",
                 "Whether nothing more fits in.\n\nNever panics.", "Store", "self.parts.len() >= 10 // never above"),
        stub("Store.put", "async fn put", "async fn put(&mut self, part: T) where T: Send", enclosing="Store",
             body='todo!("later")'),
        Expected("Store.fmt", "fn fmt", "fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result", enclosing="Store",
                 body='write!(f, "{}", self.parts.len())'),
        stub("Visitor.again", "fn again", "fn again(&self)", enclosing="Visitor"),
        Expected("inner.outer", "pub fn outer", "pub fn outer(n: i32) -> i32",
                 body="fn nested(m: i32) -> i32 { m + 1 }\n        let twice = |k: i32| k * 2;\n        nested(twice(n))"),
        Expected("inner.outer.nested", "fn nested", "fn nested(m: i32) -> i32", body="m + 1"),
        Expected("it_works", "#[test]\n", "fn it_works()", body="assert_eq!(inner::outer(1), 3);"),
    ),
    ("use std::collections::BTreeMap;", "use std::collections::HashMap as Map;", "use std::fmt;"),
    "use std::fmt;",
    "use std::rc::Rc;",
    "unimplemented!()",
)  # fmt: skip

CONTRACT = (PYTHON, JAVA, CPP, GO, RUST)
every_sample = pytest.mark.parametrize("sample", CONTRACT, ids=lambda sample: sample.language)


def read_sample(sample: Sample) -> str:
    path = next(SAMPLES.glob(f"*{PurePosixPath(sample.file).suffix.replace('.hpp', '.cpp')}.txt"))
    return path.read_text(encoding="utf-8")


def disguised(sample: Sample) -> Iterator[str]:
    """The same text as other editors and other people would have saved it."""
    text = read_sample(sample)
    yield text
    yield text.replace("\n", "\r\n")
    yield "\ufeff" + text
    yield text.replace("size", "Teil\u00e4\u6f22")
    yield text.replace("nothing", "\N{PILE OF POO}").replace("\n", "\r\n")
    yield text.replace("    ", "\t")


def test_every_language_keeps_the_contract() -> None:
    assert [sample.language for sample in CONTRACT] == [language.name for language in LANGUAGES]


@every_sample
def test_the_functions_of_a_file_are_found_as_they_are_written(sample: Sample) -> None:
    text = read_sample(sample)
    targets = SYNTAX.functions(PurePosixPath(sample.file), text)
    assert [target.function for target in targets] == [expected.function for expected in sample.functions]
    for target, expected in zip(targets, sample.functions, strict=True):
        found = Expected(
            target.function,
            target.source[: len(expected.starts)],
            target.signature,
            target.docstring,
            target.enclosing,
            text[target.body.start : target.body.end],
            target.is_stub,
        )
        assert found == expected
        assert target.language == sample.language
        assert target.imports == sample.imports


@every_sample
def test_places_are_right_whatever_the_characters_and_line_ends(sample: Sample) -> None:
    for text in disguised(sample):
        targets = SYNTAX.functions(PurePosixPath(sample.file), text)
        assert len(targets) == len(sample.functions)
        for target in targets:
            assert_places(target, text)


def assert_places(target: Target, text: str) -> None:
    span, body = target.span, target.body
    assert text[span.start : span.end] == target.source
    assert not target.source[0].isspace()
    assert not target.source[-1].isspace()
    assert span.start <= body.start <= body.end <= span.end
    for place in (span, body):
        assert place.first_line == text.count("\n", 0, place.start) + 1
        assert place.last_line == text.count("\n", 0, max(place.start, place.end - 1)) + 1
    name = target.function.rpartition(".")[2]
    assert name in text.split("\n")[target.def_line - 1]
    assert text.split("\n")[span.first_line - 1].lstrip("\ufeff").startswith(target.indent)


@every_sample
def test_an_import_added_where_the_target_says_leaves_the_functions_as_they_are(sample: Sample) -> None:
    for text in disguised(sample):
        before = SYNTAX.functions(PurePosixPath(sample.file), text)
        at = before[0].imports_at
        assert text[:at].rstrip("\r\n").rsplit("\n", 1)[-1] == sample.below
        after = SYNTAX.functions(PurePosixPath(sample.file), splice(text, [Splice(at, at, sample.new_import + "\n")]))
        assert [target.source for target in after] == [target.source for target in before]
        assert sample.new_import in after[0].imports


@every_sample
def test_a_function_may_stand_in_its_own_place_and_no_other_may(sample: Sample) -> None:
    for text in disguised(sample):
        targets = SYNTAX.functions(PurePosixPath(sample.file), text)
        for target, after in pairwise(targets):
            assert SYNTAX.faults(target, target.source) is None
            if after.function.rpartition(".")[2] != target.function.rpartition(".")[2]:
                assert SYNTAX.faults(target, after.source) is not None


@every_sample
def test_a_function_without_its_body_is_a_stub(sample: Sample) -> None:
    text = read_sample(sample)
    file = PurePosixPath(sample.file)
    for number, target in enumerate(SYNTAX.functions(file, text)):
        body = target.body
        if body.start < body.end:
            emptied = splice(text, [Splice(body.start, body.end, sample.todo)])
            again = SYNTAX.find(file, emptied, target.function, target.def_line)
            assert (number, again.is_stub) == (number, True)


@every_sample
def test_a_function_is_found_by_its_line_and_by_its_name_with_it(sample: Sample) -> None:
    text = read_sample(sample)
    file = PurePosixPath(sample.file)
    for target in SYNTAX.functions(file, text):
        assert SYNTAX.find(file, text, target.function, target.def_line) == target
        assert SYNTAX.find(file, text, None, target.def_line).span.start >= target.span.start


@every_sample
def test_errors_elsewhere_in_the_file_do_not_matter(sample: Sample) -> None:
    text = read_sample(sample) + "\n) = = oops ((\n"
    targets = SYNTAX.functions(PurePosixPath(sample.file), text)
    assert len(targets) == len(sample.functions)
    for target in targets:
        assert SYNTAX.faults(target, target.source) is None


@every_sample
def test_the_names_that_a_function_uses_hold_its_own(sample: Sample) -> None:
    for target in SYNTAX.functions(PurePosixPath(sample.file), read_sample(sample)):
        name = target.function.rpartition(".")[2]
        if name.isidentifier():
            assert name in SYNTAX.words(sample.language, target.source)


@every_sample
def test_a_language_is_described_in_a_page(sample: Sample) -> None:
    language = language_named(sample.language)
    facts = Path(__import__(f"perforch.languages.{sample.language}", fromlist=["x"]).__file__)
    assert len(facts.read_text(encoding="utf-8").splitlines()) <= 100
    assert language.means
    assert all(line.endswith(".") for line in language.idioms)
