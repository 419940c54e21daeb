"""What an answer must never do: reach another function, a string's value, or the rest of the file."""

from pathlib import Path, PurePosixPath

import pytest

from perforch.adapters.answers import Answers
from perforch.adapters.syntax import TreeSitterSyntax
from perforch.core.asking import Unusable
from perforch.core.candidate import Candidate
from perforch.core.edits import apply
from perforch.core.ports import Question
from perforch.core.task import Category, Concerned, Limits, Stage, Task, Workspace

SYNTAX = TreeSitterSyntax()
TOTAL = """import os
from datetime import datetime

SEED = 1


def helper(x):
    return x + SEED


def total(items, start=0):
    result = start
    for item in items:
        result += item
    return result - 1
"""
GOOD = "def total(items, start=0):\n    return sum(items, start)"
SHAPES = """class A:
    @property
    def size(self):
        return self.n + 1

    @size.setter
    def size(self, n):
        self.n = n

    @size.deleter
    def size(self):
        del self.n

    def area(self):
        return self.n


class B:
    def area(self):
        return 7
"""
QUERY = """class Q:
    def sql(self, n):
        text = '''
SELECT *
  FROM t
'''
        return text * n
"""
DISPLAY = """struct A(i32);

impl fmt::Display for A {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "A{}", self.0 + 1)
    }
}

impl fmt::Debug for A {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}
"""
OVERLOADS = """struct V {
    int& at(int i) {
        return d[i + 1];
    }
    const int& at(int i) const {
        return d[i];
    }
};
"""
YAML = "package a\n\nfunc Text() string {\n\ts := `\na:\n    b: 1\n`\n\treturn s + s\n}\n"


def fenced(code: str, tag: str = "python") -> str:
    return f"```{tag}\n{code}\n```"


def answered(answer: str, text: str, function: str, file: str = "m.py", line: int | None = None) -> str:
    """The whole file as the best replacement leaves it, or why there is none."""
    target = SYNTAX.find(PurePosixPath(file), text, function, line)
    task = Task(Workspace(Path("/w")), target, text, Stage.FIX, Category.MATHS, Concerned(), Limits())
    found = Answers(SYNTAX).parse(Question(task, Stage.FIX, target.source), answer)
    if isinstance(found, Unusable):
        return found.text
    return apply(text, target, Candidate(found[0].code, "m", Stage.FIX, found[0].imports))


def total(answer: str) -> str:
    return answered(answer, TOTAL, "total")


@pytest.mark.parametrize("whole", [True, False], ids=["the whole file", "a diff"])
@pytest.mark.parametrize(
    ("file", "text", "line", "old", "new"),
    [
        ("m.py", SHAPES, 3, "return self.n + 1", "return self.n"),
        ("a.rs", DISPLAY, 4, "self.0 + 1", "self.0"),
        ("a.cpp", OVERLOADS, 2, "d[i + 1]", "d[i]"),
    ],
    ids=["a property", "two traits", "const"],
)
def test_of_functions_with_one_name_the_one_at_its_place_is_taken(
    file: str, text: str, line: int, old: str, new: str, whole: bool
) -> None:
    changed = text.replace(old, new)
    (before,) = [each for each in text.splitlines() if old in each]
    answer = fenced(changed if whole else f"@@\n-{before}\n+{before.replace(old, new)}", "x" if whole else "diff")
    function = {"m.py": "A.size", "a.rs": "A.fmt", "a.cpp": "V.at"}[file]
    assert answered(answer, text, function, file, line) == changed


def test_another_types_method_is_not_taken() -> None:
    for answer in ("class B:\n    def area(self):\n        return 3", "@size.deleter\ndef size(self):\n    pass"):
        function, line = ("A.area", 14) if "area" in answer else ("A.size", 3)
        assert "class" not in answered(fenced(answer), SHAPES, function, line=line)
    both = "def area(self):\n    return 5\n\nclass B:\n    def area(self):\n        return 3"
    assert answered(fenced(both), SHAPES, "A.area") == SHAPES.replace("return self.n\n", "return 5\n")


def test_a_function_of_the_same_name_inside_it_is_not_taken_for_it() -> None:
    text = "class T:\n    def walk(self, n):\n        return n\n"
    answer = "def walk(self, n):\n    def walk(k):\n        return k + 1\n    return walk(n)"
    indented = answer.replace("\n", "\n    ")
    assert answered(fenced(answer), text, "T.walk") == f"class T:\n    {indented}\n"


@pytest.mark.parametrize(
    "answer",
    [
        fenced(QUERY.replace("* n", "+ n")),
        fenced("@@\n-        return text * n\n+        return text + n", "diff"),
        fenced("def sql(self, n):\n    text = '''\nSELECT *\n  FROM t\n'''\n    return text + n"),
    ],
    ids=["its class", "a diff", "the method alone"],
)
def test_lines_within_a_string_keep_their_value(answer: str) -> None:
    assert answered(answer, QUERY, "Q.sql") == QUERY.replace("* n", "+ n")


def test_a_string_that_was_moved_with_its_code_is_moved_back() -> None:
    text = QUERY.replace("SELECT", "        SELECT").replace("  FROM", "          FROM")
    text = text.replace("\n'''\n", "\n        '''\n")
    lines = text.replace("* n", "+ n").splitlines()[1:]
    moved = "\n".join(line.removeprefix("    ") for line in lines)
    assert answered(fenced(moved), text, "Q.sql") == text.replace("* n", "+ n")


def test_spaces_within_a_string_do_not_become_tabs_and_tabs_do_not_become_spaces() -> None:
    answer = fenced("@@\n-\treturn s + s\n+\treturn s", "diff")
    assert answered(answer, YAML, "Text", "a.go") == YAML.replace("return s + s", "return s")
    split = "def total(items, start=0):\n    return sum(items.split('\t'), start)"
    assert "split('\t')" in total(fenced(split))


@pytest.mark.parametrize(
    "code", ['return s.replace("<|endoftext|>", "")', 'return re.sub(r"<think>.*?</think>", "", s)']
)
def test_chat_marks_within_code_are_code(code: str) -> None:
    text = "import re\n\n\ndef clean(s):\n    return s\n"
    assert answered(fenced(f"def clean(s):\n    {code}"), text, "clean") == text.replace("return s", code)


NO_BODY = {
    "an excuse": "Sorry",
    "a command": fenced("pytest", "bash"),
    "output": fenced("6", ""),
    "JSON": fenced('{"code": "def total(items, start=0): return 1"}', "json"),
    "a usage example": fenced("print(total([1, 2]))"),
    "a call": fenced("total([1, 2])"),
    "its last line": f"Change the last line to\n{fenced('    return result')}",
    "another function and a usage": fenced("def total_fixed(items, start=0):\n    return 1")
    + "\n"
    + fenced("print(total([]))"),
    "nothing that returns": fenced("for item in items:\n    start += item"),
}


@pytest.mark.parametrize("answer", NO_BODY.values(), ids=NO_BODY)
def test_what_is_no_whole_body_does_not_become_one(answer: str) -> None:
    assert "\n" not in total(answer), total(answer)


@pytest.mark.parametrize(
    "code",
    [
        "def total(items, start=0):\n    result = start + 1\n    # ... rest of the function unchanged ...",
        "def total(items, start=0):\n    result = start + 1\n    ...\n    return result",
        "def total(items, start=0):\n    # existing code ...\n    return 1",
    ],
)
def test_a_function_of_which_parts_are_left_out_is_refused(code: str) -> None:
    assert "leaves parts" in total(fenced(code))


def test_an_edit_block_changes_its_lines_and_no_more() -> None:
    block = "<<<<<<< SEARCH\n    return result - 1\n=======\n    return result\n>>>>>>> REPLACE"
    for answer in (block, fenced(block), f"The sum is one short:\n{block}\nDone."):
        assert total(answer) == TOTAL.replace("result - 1", "result")


@pytest.mark.parametrize(
    ("file", "text", "function", "header"),
    [
        (
            "a.go",
            "package a\n\nfunc (s *Stack) Push(x int) {\n\ts.n = x\n}\n",
            "Stack.Push",
            "func (s *Stack) Push(x int, y int) {",
        ),
        (
            "a.rs",
            "pub(crate) fn add(a: i32, b: i32) -> i32 {\n    a\n}\n",
            "add",
            "pub(crate) fn add(a: i32, b: i32, c: i32) -> i32 {",
        ),
        (
            "a.rs",
            "fn app<F: Fn(i32) -> i32>(f: F, x: i32) -> i32 {\n    f(x)\n}\n",
            "app",
            "fn app<F: Fn(i32) -> i32>(f: F, x: i32, y: i32) -> i32 {",
        ),
        (
            "a.cpp",
            "int f(std::string a, std::string b) {\n    return 1;\n}\n",
            "f",
            "int f(std::string b, std::string a) {",
        ),
        ("m.py", 'def f(a, sep=")", n=1):\n    return a\n', "f", 'def f(a, sep=")", m=1, k=2):'),
        ("m.py", "def f(a, b=1):\n    return a\n", "f", "def f(a, b):"),
    ],
)
def test_other_parameters_are_another_signature(file: str, text: str, function: str, header: str) -> None:
    body = "\n    return a" if file == "m.py" else "\n    x;\n}"
    assert "signature" in answered(fenced(header + body, "x"), text, function, file)


@pytest.mark.parametrize(
    ("file", "text", "function", "header"),
    [
        ("a.rs", "fn gcd(a: u64, b: u64) -> u64 {\n    a\n}\n", "gcd", "fn gcd(mut a: u64, mut b: u64) -> u64 {"),
        ("A.java", "class A {\n    int f(int x) {\n        return x;\n    }\n}\n", "A.f", "int f(final int x) {"),
        (
            "m.py",
            "def f(a, key=lambda x: x > 1, n=1):\n    return a\n",
            "f",
            "def f(a, key=lambda x: x > 1, n: int = 1):",
        ),
    ],
)
def test_how_a_function_holds_its_arguments_is_its_own_business(
    file: str, text: str, function: str, header: str
) -> None:
    body = "\n    return a + 1" if file == "m.py" else "\n    return 2;\n}"
    assert header in answered(fenced(header + body, "x"), text, function, file)


def test_only_imports_that_the_function_needs_come_along() -> None:
    code = "import math\nimport sys\nimport pytest\nfrom __future__ import annotations\n\n" + GOOD.replace(
        "sum", "math.fsum"
    )
    after = total(fenced(code + "\n\n\ndef test_total():\n    assert total([1]) == 1\n    sys.exit()"))
    assert "import math" in after
    assert not any(name in after for name in ("sys", "pytest", "__future__"))


def test_imports_in_a_block_of_their_own_come_along() -> None:
    answer = f"Add at the top:\n{fenced('import math')}\nand then:\n{fenced(GOOD.replace('sum', 'math.fsum'))}"
    assert "import math\n" in total(answer)


@pytest.mark.parametrize("line", ["import datetime", "from x import helper"])
def test_an_import_that_would_change_what_a_name_means_is_refused(line: str) -> None:
    name = line.rpartition(" ")[2]
    assert "in this file" in total(fenced(f"{line}\n\n{GOOD.replace('sum(', f'{name}.sum(')}"))


def test_a_member_that_it_needs_and_that_is_not_there_is_named() -> None:
    code = "class A:\n    def _h(self):\n        return 2\n\n    def area(self):\n        return self._h()"
    assert "_h" in answered(fenced(code), SHAPES, "A.area")


def test_a_function_of_the_file_may_be_newly_called() -> None:
    changed = TOTAL.replace("return result - 1", "return helper(result)")
    assert total(fenced(changed)) == changed
    assert total(fenced("@@\n-    return result - 1\n+    return helper(result)", "diff")) == changed


def test_line_ends_are_the_files_own_everywhere() -> None:
    text = TOTAL.replace("\n", "\r\n")
    answer = fenced("@@ -14 +14 @@\n-    return result - 1\n+    return result", "diff")
    assert answered(answer, text, "total") == text.replace("result - 1", "result")
    one_line = "def g(a): ...\r\n"
    assert (
        answered(fenced("def g(a):\n    b = a\n    return b"), one_line, "g")
        == "def g(a):\r\n    b = a\r\n    return b\r\n"
    )


def test_attributes_on_the_line_of_the_header_are_not_doubled() -> None:
    java = "class A {\n    @Override\n    public void run() {\n        go();\n    }\n}\n"
    assert (
        answered(fenced("@Override public void run() { stop(); }", "java"), java, "A.run", "A.java").count("@Override")
        == 1
    )
    cpp = "template <typename T>\nT twice(T x) {\n    return x;\n}\n"
    assert (
        answered(
            fenced("template <typename T> T twice(T x) {\n    return 2 * x;\n}", "cpp"), cpp, "twice", "a.cpp"
        ).count("template")
        == 1
    )


def test_a_constructor_alone_is_read_within_its_class() -> None:
    java = "class T {\n    int n;\n    T(int n) {\n        this.n = 1;\n    }\n}\n"
    after = answered(fenced("T(int n) {\n    this.n = n;\n}", "java"), java, "T.T", "T.java")
    assert after == java.replace("= 1", "= n")


def test_tabs_are_kept_where_the_answer_has_spaces() -> None:
    text = "class A:\n\tdef f(self, x):\n\t\tif x:\n\t\t\treturn 1\n\t\treturn 2\n"
    answer = "def f(self, x):\n    if x:\n        return 3\n    return 2"
    assert answered(fenced(answer), text, "A.f") == text.replace("return 1", "return 3")
