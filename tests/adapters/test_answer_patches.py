"""A change lands where its old lines stand, moved as they are, and leaves every other line alone."""

from dataclasses import dataclass
from textwrap import dedent

import pytest

from perforch.adapters.answer_patches import is_patch, patched

PYTHON = """\
import os


class Cart:
    def total(self, items):
        result = 0
        for item in items:
            result = result + item

        return result

    def count(self, items):
        result = 0
        for item in items:
            result = result + 1

        return result
"""
TOTAL, COUNT = range(4, 10), range(11, 17)

JAVA = """\
class Cart {
    int total(int[] items) {
        int result = 0;
        for (int item : items) {
            result = result + item;
        }
        return result;
    }

\tint tabbed(int[] items) {
\t\tint result = 0;
\t\treturn result;
\t}
}
"""
JAVA_TOTAL, JAVA_TABBED = range(1, 8), range(9, 13)

QUERY = '''\
class Report:
    def rows(self, db):
        sql = """
-- all of them
  SELECT *
FROM rows
"""
        found = db.run(sql)
        return list(found)
'''
ROWS = range(1, 9)


@dataclass(frozen=True, slots=True)
class Case:
    """The change, and which words of the text it swaps for which; None where it must be refused."""

    text: str
    near: range
    change: str
    swaps: tuple[tuple[str, str], ...] | None


def in_lines(text: str, near: range, old: str, new: str) -> str:
    """`text` with the one `old` that stands in the lines `near` swapped for `new`."""
    lines = text.splitlines(keepends=True)
    inside = "".join(lines[near.start : near.stop])
    assert inside.count(old) == 1, old
    return "".join([*lines[: near.start], inside.replace(old, new), *lines[near.stop :]])


def swapped(case: Case) -> str | None:
    if case.swaps is None:
        return None
    text = case.text
    for old, new in case.swaps:
        near = range(case.near.start, case.near.stop + text.count("\n") - case.text.count("\n"))
        stands_near = old in "".join(text.splitlines(keepends=True)[near.start : near.stop])
        text = in_lines(text, near if stands_near else range(len(text)), old, new)
    return text


def block(old: str, new: str, marker: str = "SEARCH") -> str:
    return f"<<<<<<< {marker}\n{old}=======\n{new}>>>>>>> REPLACE\n"


ADD = "            result = result + item\n"
PLUS = "            result += item\n"
HEADER = "    def total(self, items):\n"
LOOP = "        for item in items:\n            result = result + item\n"

CASES = {
    # Indentation
    "as it stands": Case(
        PYTHON,
        TOTAL,
        "@@ -7,2 +7,2 @@\n         for item in items:\n-            result = result + item\n+            result += item\n",
        ((ADD, PLUS),),
    ),
    "the header flush left, the body as it is": Case(
        PYTHON,
        TOTAL,
        "@@\n def total(self, items):\n-        result = 0\n+        result = 1\n         for item in items:\n",
        (("result = 0", "result = 1"),),
    ),
    "a line added below a header flush left": Case(
        PYTHON,
        TOTAL,
        "@@\n def total(self, items):\n+        seen = 1\n         result = 0\n         for item in items:\n             result = result + item\n",
        ((HEADER, HEADER + "        seen = 1\n"),),
    ),
    "a line added below nothing but a header flush left": Case(
        PYTHON,
        TOTAL,
        "@@\n def total(self, items):\n+        seen = 1\n",
        ((HEADER, HEADER + "        seen = 1\n"),),
    ),
    "a line added below nothing but a header, all moved": Case(
        PYTHON, TOTAL, "@@\n def total(self, items):\n+    seen = 1\n", ((HEADER, HEADER + "        seen = 1\n"),)
    ),
    "a header flush left replaced": Case(
        PYTHON,
        TOTAL,
        "@@\n-def total(self, items):\n+def total(self, items) -> int:\n         result = 0\n",
        ((HEADER, "    def total(self, items) -> int:\n"),),
    ),
    "a decorator above a header flush left": Case(
        PYTHON, TOTAL, "@@\n+@cache\n def total(self, items):\n", ((HEADER, "    @cache\n" + HEADER),)
    ),
    "all of it moved to the left": Case(
        PYTHON,
        TOTAL,
        "@@\n def total(self, items):\n     result = 0\n     for item in items:\n-        result = result + item\n+        if item:\n+            result += item\n",
        ((ADD, "            if item:\n                result += item\n"),),
    ),
    "all of it moved to the right": Case(
        PYTHON,
        TOTAL,
        "@@\n             for item in items:\n-                result = result + item\n+                result += item\n",
        ((ADD, PLUS),),
    ),
    "without any indentation": Case(PYTHON, TOTAL, "@@\n-result = result + item\n+result += item\n", ((ADD, PLUS),)),
    "context without its leading space": Case(
        PYTHON,
        TOTAL,
        "@@\n    def total(self, items):\n+        seen = 1\n        result = 0\n",
        ((HEADER, HEADER + "        seen = 1\n"),),
    ),
    "context without its leading space, the header flush left": Case(
        PYTHON,
        TOTAL,
        "@@\ndef total(self, items):\n        result = 0\n        for item in items:\n-            result = result + item\n+            result += item\n+            item = 0\n",
        ((ADD, PLUS + "            item = 0\n"),),
    ),
    "context without its leading space, all moved": Case(
        PYTHON,
        TOTAL,
        "@@\ndef total(self, items):\n    result = 0\n+    seen = 1\n    for item in items:\n",
        (("        result = 0\n", "        result = 0\n        seen = 1\n"),),
    ),
    "nothing but indented context without its leading space, all moved": Case(
        PYTHON,
        TOTAL,
        "@@\n    result = 0\n+    seen = 1\n    for item in items:\n",
        (("        result = 0\n", "        result = 0\n        seen = 1\n"),),
    ),
    "a blank line added": Case(
        PYTHON,
        TOTAL,
        "@@\n-result = 0\n+result = 1\n+\n+other = 2\n for item in items:\n result = result + item\n",
        (("        result = 0\n", "        result = 1\n\n        other = 2\n"),),
    ),
    "a line added after a blank one": Case(
        PYTHON,
        TOTAL,
        "@@\n     result = result + item\n\n+seen = 1\n return result\n",
        (("        return result\n", "        seen = 1\n        return result\n"),),
    ),
    "lines removed": Case(PYTHON, TOTAL, "@@\n-    result = result + item\n", ((ADD, ""),)),
    "Java, the header flush left": Case(
        JAVA,
        JAVA_TOTAL,
        "--- a/Cart.java\n+++ b/Cart.java\n@@ -1,5 +1,5 @@\n int total(int[] items) {\n         int result = 0;\n         for (int item : items) {\n-            result = result + item;\n+            result += item;\n         }\n",
        (("result = result + item", "result += item"),),
    ),
    "Java, all of it moved": Case(
        JAVA,
        JAVA_TOTAL,
        "@@\n for (int item : items) {\n-    result = result + item;\n+    if (item > 0) {\n+        result += item;\n+    }\n }\n",
        (
            (
                "            result = result + item;\n",
                "            if (item > 0) {\n                result += item;\n            }\n",
            ),
        ),
    ),
    "tabs in the file, spaces in the change": Case(
        JAVA,
        JAVA_TABBED,
        "@@\n-        int result = 0;\n+        if (true) {\n+            int result = 1;\n+        }\n",
        (("\t\tint result = 0;\n", "\t\tif (true) {\n\t\t\tint result = 1;\n\t\t}\n"),),
    ),
    "context with a tab and without its leading space": Case(
        JAVA, JAVA_TABBED, "@@\n\t\tint result = 0;\n+\t\tresult++;\n", (("= 0;\n", "= 0;\n\t\tresult++;\n"),)
    ),
    "a string at column 0 as context": Case(
        QUERY,
        ROWS,
        '@@\n def rows(self, db):\n     sql = """\n -- all of them\n   SELECT *\n FROM rows\n """\n-    found = db.run(sql)\n+    found = db.stream(sql)\n     return list(found)\n',
        (("db.run", "db.stream"),),
    ),
    "a line added below a string at column 0": Case(
        QUERY,
        ROWS,
        '@@\n """\n+    sql += ";"\n     found = db.run(sql)\n',
        (('\n"""\n', '\n"""\n        sql += ";"\n'),),
    ),
    "a string at column 0 changed": Case(
        QUERY,
        ROWS,
        '@@\n         sql = """\n -- all of them\n-  SELECT *\n+  SELECT id\n FROM rows\n',
        (("SELECT *", "SELECT id"),),
    ),
    # Place
    "lines that stand in both functions": Case(
        PYTHON, COUNT, "@@\n-        result = 0\n+        result = 1\n", (("result = 0", "result = 1"),)
    ),
    "lines that stand only elsewhere": Case(
        PYTHON, COUNT, "@@\n-import os\n+import sys\n", (("import os", "import sys"),)
    ),
    "lines that stand in both functions and the target is neither": Case(
        PYTHON, range(2), "@@\n-        result = 0\n+        result = 1\n", None
    ),
    "lines that stand nowhere": Case(PYTHON, TOTAL, "@@\n-        result = 7\n+        result = 1\n", None),
    "a hunk that begins above the target": Case(
        "a\n\nx\ny\n" * 2, range(6, 8), "@@\n a\n \n-x\n+z\n", (("x\n", "z\n"),)
    ),
    "twice in the target, once exactly": Case(
        "def f():\n    x()\n    if y:\n        x()\n",
        range(4),
        "@@\n-        x()\n+        z()\n",
        (("        x", "        z"),),
    ),
    "twice in the target, never exactly": Case(
        "def f():\n    x()\n    if y:\n        x()\n", range(4), "@@\n-x()\n+z()\n", None
    ),
    "twice in the target, twice exactly": Case(
        "def f():\n    x()\n    x()\n", range(3), "@@\n-    x()\n+    z()\n", None
    ),
    "only additions between context": Case(
        PYTHON, COUNT, "@@\n         result = 0\n+        seen = 1\n", (("= 0\n", "= 0\n        seen = 1\n"),)
    ),
    "no old lines": Case(PYTHON, TOTAL, "@@\n+import re\n", None),
    "no old lines but blank ones": Case(PYTHON, TOTAL, "@@\n \n+import re\n", None),
    # Headers
    "a removed comment with two dashes": Case(
        QUERY, ROWS, "@@\n--- all of them\n   SELECT *\n", (("-- all of them\n", ""),)
    ),
    "an added line with two pluses": Case(
        QUERY, ROWS, "@@\n   SELECT *\n+++ all\n FROM rows\n", (("SELECT *\n", "SELECT *\n++ all\n"),)
    ),
    "a comment replaced by another": Case(
        QUERY, ROWS, "@@\n--- all of them\n+-- some of them\n", (("-- all", "-- some"),)
    ),
    "words of a header as context": Case(
        "index = 0\nnew file\nx\n", range(3), "@@\nindex = 0\nnew file\n-x\n+y\n", (("x\n", "y\n"),)
    ),
    "every header": Case(
        PYTHON,
        TOTAL,
        "diff --git a/m.py b/m.py\nindex 12ab..34cd 100644\n--- a/m.py\n+++ b/m.py\n@@ -6 +6 @@ class Cart:\n-        result = 0\n+        result = 1\n\\ No newline at end of file\n",
        (("result = 0", "result = 1"),),
    ),
    "file names and no @@": Case(
        PYTHON,
        TOTAL,
        "--- a/m.py\n+++ b/m.py\n-        result = 0\n+        result = 1\n",
        (("result = 0", "result = 1"),),
    ),
    "prose above": Case(
        PYTHON,
        TOTAL,
        "- It is slow.\nHere you are:\n\n--- a/m.py\n+++ b/m.py\n@@ -6 +6 @@\n-        result = 0\n+        result = 1\n",
        (("result = 0", "result = 1"),),
    ),
    "prose above a bare @@": Case(
        PYTHON,
        TOTAL,
        "Here you are:\n\n@@ -6 +6 @@\n-        result = 0\n+        result = 1\n",
        (("result = 0", "result = 1"),),
    ),
    "neither headers nor @@": Case(
        PYTHON,
        TOTAL,
        "         for item in items:\n-            result = result + item\n+            result += item\n",
        ((ADD, PLUS),),
    ),
    # Edit blocks
    "an edit block": Case(PYTHON, TOTAL, block(ADD, PLUS), ((ADD, PLUS),)),
    "an edit block amid prose and fences": Case(
        PYTHON, TOTAL, f"I change\n- the loop:\n```python\n{block(ADD, PLUS)}```\nThat is all.", ((ADD, PLUS),)
    ),
    "two edit blocks": Case(
        PYTHON,
        TOTAL,
        block("        result = 0\n", "        result = 1\n") + "and\n" + block(ADD, PLUS),
        (("result = 0", "result = 1"), (ADD, PLUS)),
    ),
    "an edit block with other markers": Case(
        PYTHON, TOTAL, f"<<<<<\n{ADD}======\n{PLUS}>>>>>>>>> UPDATED\n", ((ADD, PLUS),)
    ),
    "an edit block with line numbers": Case(
        PYTHON, TOTAL, block(f":start_line:12\n:end_line: 12\n-------\n{ADD}", PLUS), ((ADD, PLUS),)
    ),
    "an edit block with a line": Case(PYTHON, TOTAL, block(f"-------\n{ADD}", PLUS), ((ADD, PLUS),)),
    "an edit block about a line": Case("-------\nx\n", range(2), block("-------\nx\n", "-------\ny\n"), (("x", "y"),)),
    "an edit block, the header flush left": Case(
        PYTHON,
        TOTAL,
        block(
            "def total(self, items):\n        result = 0\n" + LOOP,
            "def total(self, items):\n        seen = 1\n        result = 0\n        for item in items:\n" + PLUS,
        ),
        ((HEADER, HEADER + "        seen = 1\n"), (ADD, PLUS)),
    ),
    "an edit block, the header flush left only above": Case(
        PYTHON,
        TOTAL,
        block("def total(self, items):\n        result = 0\n", HEADER + "        result = 1\n"),
        (("result = 0", "result = 1"),),
    ),
    "an edit block, all of it moved": Case(
        PYTHON, TOTAL, block(dedent(LOOP), dedent(LOOP).replace("result = result +", "result +=")), ((ADD, PLUS),)
    ),
    "an edit block that puts lines below a condition": Case(
        PYTHON,
        TOTAL,
        block(LOOP, "        if items:\n            for item in items:\n                result = result + item\n"),
        ((LOOP, "        if items:\n            for item in items:\n                result = result + item\n"),),
    ),
    "an edit block that takes a condition away": Case(
        "def f():\n    if y:\n        x()\n    z()\n",
        range(4),
        block("    if y:\n        x()\n    z()\n", "    x()\n    z()\n"),
        (("    if y:\n        x()\n", "    x()\n"),),
    ),
    "an edit block that moves a line": Case(
        "def f():\n    for x in y:\n        g(x)\n        return x\n",
        range(4),
        block("        return x\n", "    return x\n"),
        (("        return x", "    return x"),),
    ),
    "an edit block that takes the outermost line away and moves another": Case(
        "def f():\n    x = 0\n    for x in y:\n        g(x)\n        h(x)\n",
        range(5),
        block("    x = 0\n    for x in y:\n        g(x)\n        h(x)\n", "        g(x)\n            h(x)\n"),
        (("    x = 0\n    for x in y:\n        g(x)\n        h(x)\n", "        g(x)\n            h(x)\n"),),
    ),
    "an edit block with its new side moved to the left": Case(
        PYTHON,
        TOTAL,
        block(
            HEADER + "        result = 0\n" + LOOP,
            dedent(HEADER + "        result = 0\n" + LOOP.replace("        for", "        seen = 1\n        for")),
        ),
        (("        for", "        seen = 1\n        for"),),
    ),
    "an edit block with its old side moved to the left": Case(
        PYTHON,
        TOTAL,
        block(
            dedent(HEADER + "        result = 0\n" + LOOP), HEADER + "        result = 0\n" + LOOP.replace(ADD, PLUS)
        ),
        ((ADD, PLUS),),
    ),
    "an edit block with its new side moved to the left and a line changed": Case(
        PYTHON,
        TOTAL,
        block(
            HEADER + "        result = 0\n" + LOOP, dedent(HEADER + "        result = 0\n" + LOOP.replace(ADD, PLUS))
        ),
        ((ADD, PLUS),),
    ),
    "an edit block that removes": Case(PYTHON, TOTAL, block(ADD, ""), ((ADD, ""),)),
    "an edit block with empty lines at the end": Case(
        PYTHON, TOTAL, block(f"{ADD}\n\n", f"{PLUS}\n\n"), ((ADD, PLUS),)
    ),
    "an edit block without old lines": Case(PYTHON, TOTAL, block("", PLUS), None),
    "an edit block with blank old lines": Case(PYTHON, TOTAL, block("\n", PLUS), None),
    "an edit block that never closes": Case(PYTHON, TOTAL, f"<<<<<<< SEARCH\n{ADD}=======\n{PLUS}", None),
    "an edit block that never divides": Case(PYTHON, TOTAL, f"<<<<<<< SEARCH\n{ADD}>>>>>>> REPLACE\n", None),
    "an edit block that never closes before another": Case(
        PYTHON, TOTAL, f"<<<<<<< SEARCH\n{ADD}=======\n{PLUS}{block(ADD, PLUS)}", None
    ),
    "an edit block that fits nowhere": Case(PYTHON, TOTAL, block("x\n", "y\n"), None),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_change_is_laid_over_the_lines_that_it_names_and_no_others(case: Case) -> None:
    assert patched(case.text, case.change, case.near) == swapped(case)


SAME = "def f():\n    x = 0\n    y = 0\n\n"
FIRST, SECOND, THIRD = range(3), range(4, 7), range(8, 11)
FOLLOWING = {
    "lines added above": "@@\n-start\n+start\n+one\n+two\n+three\n+four\n",
    "lines removed above": "@@\n-start\n-a\n-b\n-c\n",
    "lines added inside": "@@\n-    here\n+    x = 1\n+    x = 2\n+    x = 3\n+    x = 4\n",
    "lines added below": "@@\n end\n+one\n+two\n+three\n",
}


@pytest.mark.parametrize("first", FOLLOWING.values(), ids=FOLLOWING.keys())
def test_a_later_hunk_still_finds_the_target(first: str) -> None:
    text = f"start\na\nb\nc\n{SAME}def g():\n    here\n    x = 0\n    y = 0\n\n{SAME}end\n"
    alone = patched(text, first, range(8, 12))
    assert alone is not None
    before, after = alone.split("def g():")
    expected = f"{before}def g():{after.replace('y = 0', 'y = 5', 1)}"
    assert patched(text, f"{first}@@\n-    y = 0\n+    y = 5\n", range(8, 12)) == expected


@pytest.mark.parametrize("near", [FIRST, SECOND, THIRD])
def test_of_equal_functions_the_target_is_changed(near: range) -> None:
    expected = in_lines(SAME * 3, near, "x = 0", "x = 1")
    assert patched(SAME * 3, "@@\n def f():\n-    x = 0\n+    x = 1\n", near) == expected
    assert patched(SAME * 3, block("    x = 0\n", "    x = 1\n"), near) == expected


PATCHES = {
    "a hunk": ("@@ -1 +1 @@\n-x\n+y\n", True),
    "a hunk below prose": ("Here:\n\n@@\n x\n+y\n", True),
    "an edit block": (block("x\n", "y\n"), True),
    "an edit block that never closes": ("<<<<<<< SEARCH\nx\n", True),
    "a marker without a word": ("<<<<<<<\nx\n=======\ny\n>>>>>>>\n", True),
    "code": (PYTHON, False),
    "nothing": ("", False),
    "signs above a hunk's start": ("- x\n+ y\n@@\nx\n", False),
    "a list": ("- x\n+ y\n", False),
    "headers only": ("@@\n--- a/m.py\n+++ b/m.py\n", False),
    "a decorator": ("@cache\ndef f():\n    return 1\n-x\n", False),
    "shifts": ("x <<<<<<< y\n    <<<<<<< SEARCH\n", False),
}


@pytest.mark.parametrize(("text", "expected"), PATCHES.values(), ids=PATCHES.keys())
def test_a_patch_is_known_by_its_marks(text: str, expected: bool) -> None:
    assert is_patch(text) is expected
