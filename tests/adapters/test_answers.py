"""What is taken from the shapes in which models answer, and what is refused with a reason."""

from pathlib import Path, PurePosixPath

import pytest

from perforch.adapters.answers import Answers
from perforch.adapters.syntax import TreeSitterSyntax
from perforch.core.asking import Replacement, Unusable
from perforch.core.candidate import Candidate
from perforch.core.edits import apply
from perforch.core.ports import Question
from perforch.core.task import Category, Concerned, Limits, Stage, Task, Workspace

SYNTAX = TreeSitterSyntax()
PLAIN = "import math\n\n\ndef area(r, scale=1):\n    return math.pi * r\n\n\ndef other():\n    return 1\n"
GOOD = "def area(r, scale=1):\n    return math.pi * r * r"
BODY = "    return math.pi * r * r"
METHOD = '''class Circle:
    """A circle."""

    def __init__(self, r):
        self.r = r

    @property
    def area(self):
        """Its area."""
        return self.r

    @staticmethod
    def unit():
        return Circle(2)
'''
METHOD_GOOD = '@property\n    def area(self):\n        """Its area."""\n        return 3 * self.r ** 2'
JAVA = "class A {\n    static int twice(int x) {\n        return x + 1;\n    }\n}\n"
JAVA_GOOD = "static int twice(int x) {\n        return 2 * x;\n    }"
GO = "package a\n\nfunc Twice(x int) int {\n\treturn x + 1\n}\n"
GO_GOOD = "func Twice(x int) int {\n\treturn 2 * x\n}"
RUST = "pub fn twice(x: i32) -> i32 {\n    x + 1\n}\n"
RUST_GOOD = "pub fn twice(x: i32) -> i32 {\n    2 * x\n}"
CPP = "namespace a {\nint twice(int x) {\n    return x + 1;\n}\n}\n"
CPP_GOOD = "int twice(int x) {\n    return 2 * x;\n}"


def question(text: str, function: str, file: str = "m.py", start: str | None = None) -> Question:
    target = SYNTAX.find(PurePosixPath(file), text, function, None)
    task = Task(Workspace(Path("/w")), target, text, Stage.FIX, Category.MATHS, Concerned(), Limits())
    return Question(task, Stage.FIX, start or target.source)


def taken(answer: str, text: str = PLAIN, function: str = "area", file: str = "m.py") -> Replacement | str:
    """The best replacement, or the reason why there is none."""
    parsed = Answers(SYNTAX).parse(question(text, function, file), answer)
    return parsed.text if isinstance(parsed, Unusable) else parsed[0]


def fenced(code: str, tag: str = "python") -> str:
    return f"```{tag}\n{code}\n```"


SHAPES = {
    "a fenced function": fenced(GOOD),
    "no language on the fence": fenced(GOOD, ""),
    "py3 on the fence": fenced(GOOD, "py3"),
    "tildes": f"~~~python\n{GOOD}\n~~~",
    "four backticks": f"````python\n{GOOD}\n````",
    "an indented fence": f"  ```python\n{GOOD}\n  ```",
    "bare code": GOOD,
    "bare code with empty lines around": f"\n\n{GOOD}\n\n",
    "prose before": f"The bug is the missing square.\n\n{fenced(GOOD)}",
    "prose after": f"{fenced(GOOD)}\nThis squares the radius, so `area(2)` is right.",
    "prose around": f"Sure!\n{fenced(GOOD)}\nHope this helps!",
    "windows line ends": fenced(GOOD).replace("\n", "\r\n"),
    "the old code first": f"You had:\n{fenced(PLAIN)}\nIt should be:\n{fenced(GOOD)}",
    "a usage example last": f"{fenced(GOOD)}\nUse it so:\n{fenced('print(area(2))')}",
    "a shell block last": f"{fenced(GOOD)}\nRun:\n{fenced('pytest -q', 'bash')}",
    "an inline code before": f"Change `return` in `area`:\n{fenced(GOOD)}",
    "the whole file": fenced(PLAIN.replace("pi * r", "pi * r * r")),
    "the whole file, bare": PLAIN.replace("pi * r", "pi * r * r"),
    "its import repeated": fenced(f"import math\n\n{GOOD}"),
    "a test below it": fenced(f"{GOOD}\n\n\ndef test_area():\n    assert area(1) > 3"),
    "example calls below it": fenced(f"{GOOD}\n\nprint(area(2))"),
    "a main guard below it": fenced(f"{GOOD}\n\nif __name__ == '__main__':\n    print(area(2))"),
    "an unused helper": fenced(f"def square(x):\n    return x * x\n\n\n{GOOD}"),
    "the body alone": fenced(BODY),
    "the body alone, not indented": fenced(BODY.strip()),
    "chat tokens": f"<|start_header_id|>assistant<|end_header_id|>\n\n{GOOD}",
    "thoughts first": f"<think>Perhaps\n```python\ndef area(r, scale=1):\n    return 0\n```\n</think>\n{fenced(GOOD)}",
    "a unified diff": fenced(
        "--- a/m.py\n+++ b/m.py\n@@ -4,2 +4,2 @@\n def area(r, scale=1):\n-    return math.pi * r\n+    return math.pi * r * r",
        "diff",
    ),
    "a diff with wrong numbers": fenced(
        "@@ -1,1 +1,1 @@\n def area(r, scale=1):\n-    return math.pi * r\n+    return math.pi * r * r", "diff"
    ),
    "a diff without a header": fenced("@@\n-    return math.pi * r\n+    return math.pi * r * r", "diff"),
    "a diff without a tag": fenced(
        "@@ -4,2 +4,2 @@\n def area(r, scale=1):\n-    return math.pi * r\n+    return math.pi * r * r", ""
    ),
    "a diff without indentation": fenced("@@\n-return math.pi * r\n+return math.pi * r * r", "diff"),
    "an unclosed fence around whole code": f"```python\n{GOOD}\n",
    "indented as if in a class": fenced("    def area(r, scale=1):\n        return math.pi * r * r"),
}


@pytest.mark.parametrize("answer", SHAPES.values(), ids=SHAPES.keys())
def test_the_function_is_taken_from_every_shape(answer: str) -> None:
    found = taken(answer)
    assert isinstance(found, Replacement), found
    assert found.code == GOOD
    assert found.imports == ()


METHOD_SHAPES = {
    "inside its class": fenced(f"class Circle:\n    {METHOD_GOOD}"),
    "alone, not indented": fenced('@property\ndef area(self):\n    """Its area."""\n    return 3 * self.r ** 2'),
    "alone, indented": fenced(f"    {METHOD_GOOD}"),
    "without its decorator": fenced('def area(self):\n    """Its area."""\n    return 3 * self.r ** 2'),
    "without its decorator, in its class": fenced(
        'class Circle:\n    def area(self):\n        """Its area."""\n        return 3 * self.r ** 2'
    ),
    "the whole class": fenced(METHOD.replace("return self.r\n", "return 3 * self.r ** 2\n")),
    "two spaces": fenced('@property\ndef area(self):\n    """Its area."""\n    return 3 * self.r ** 2'),
    "the body alone": fenced("return 3 * self.r ** 2"),
}


@pytest.mark.parametrize("answer", METHOD_SHAPES.values(), ids=METHOD_SHAPES.keys())
def test_a_method_keeps_its_place_and_its_decorators(answer: str) -> None:
    found = taken(answer, METHOD, "Circle.area")
    assert isinstance(found, Replacement), found
    assert found.code == METHOD_GOOD


@pytest.mark.parametrize(
    ("file", "text", "good"),
    [("A.java", JAVA, JAVA_GOOD), ("a.go", GO, GO_GOOD), ("a.rs", RUST, RUST_GOOD), ("a.cpp", CPP, CPP_GOOD)],
)
@pytest.mark.parametrize("whole", [False, True], ids=["the function", "the whole file"])
def test_other_languages_are_taken_the_same_way(file: str, text: str, good: str, whole: bool) -> None:
    answer = text.replace("x + 1", "2 * x") if whole else good
    function = {"A.java": "A.twice", "a.go": "Twice", "a.rs": "twice", "a.cpp": "a.twice"}[file]
    found = taken(fenced(answer, "x"), text, function, file)
    assert isinstance(found, Replacement), found
    assert found.code == good


REFUSED = {
    "nothing at all": ("  \n", "empty"),
    "prose alone": ("I am sorry, I cannot help with that.", "no code"),
    "another function": (fenced("def circumference(r):\n    return 6 * r"), "circumference"),
    "the code as it was": (fenced(PLAIN), "repeats"),
    "a changed signature": (fenced("def area(r, scale=1, precise=True):\n    return r"), "signature"),
    "a renamed parameter": (fenced("def area(radius, scale=1):\n    return radius"), "signature"),
    "a helper that it needs": (
        fenced("def square(x):\n    return x * x\n\n\ndef area(r, scale=1):\n    return math.pi * square(r)"),
        "square",
    ),
    "broken code": (fenced("def area(r, scale=1):\n    return (math.pi * r"), "cannot stand"),
    "cut in the middle": ("```python\ndef area(r, scale=1):\n    return math.pi * (r *", ""),
    "a diff that fits nowhere": (fenced("@@\n-    return 7\n+    return 8", "diff"), "does not fit"),
}


@pytest.mark.parametrize(("answer", "says"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_taken_safely_is_refused_with_a_reason(answer: str, says: str) -> None:
    found = taken(answer)
    assert isinstance(found, str), found
    assert says in found


def test_new_imports_come_along_and_known_ones_do_not() -> None:
    found = taken(
        fenced("import math\nfrom functools import reduce\n\ndef area(r, scale=1):\n    return reduce(max, [r])")
    )
    assert isinstance(found, Replacement)
    assert found.imports == ("from functools import reduce",)


def test_annotations_may_be_added() -> None:
    found = taken(fenced("def area(r: float, scale: int = 1) -> float:\n    return math.pi * r * r"))
    assert isinstance(found, Replacement)


def test_of_two_proposals_the_last_comes_first() -> None:
    first, second = GOOD, GOOD.replace("r * r", "r ** 2")
    parsed = Answers(SYNTAX).parse(
        question(PLAIN, "area"), f"Option 1\n{fenced(first)}\nOption 2, better\n{fenced(second)}"
    )
    assert not isinstance(parsed, Unusable)
    assert [each.code for each in parsed] == [second, first]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("indent", ["    ", "\t"])
def test_the_files_own_line_ends_and_indentation_are_kept(newline: str, indent: str) -> None:
    text = PLAIN.replace("    ", indent).replace("\n", newline)
    found = taken(fenced(GOOD), text)
    assert isinstance(found, Replacement), found
    after = apply(text, question(text, "area").task.target, Candidate(found.code, "m", Stage.FIX))
    assert after == text.replace("pi * r", "pi * r * r")


def test_a_diff_is_read_against_the_draft_that_the_model_was_given() -> None:
    draft = GOOD.replace("r * r", "r * 7")
    answer = fenced("@@\n-    return math.pi * r * 7\n+    return math.pi * r * r", "diff")
    parsed = Answers(SYNTAX).parse(question(PLAIN, "area", start=draft), answer)
    assert not isinstance(parsed, Unusable)
    assert parsed[0].code == GOOD
