"""Whatever people and mutation tools break with one edit, the operators can put right."""

import ast
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from textwrap import dedent

import pytest
from mutants import mutants

MOST = 30_000


@dataclass(frozen=True)
class Repair:
    """One edit: `broken` becomes `right` in a function with the given body and types of variables."""

    broken: str
    right: str
    types: dict[str, str] = field(default_factory=dict)
    head: str = "def f(a, b, c):"
    file: str = ""
    function: str = "f"
    texts: tuple[str, ...] = ()

    def code(self, body: str) -> str:
        lines = dedent(body).strip("\n").split("\n")
        return "\n".join([self.head, *(f"    {line}" if line else "" for line in lines)])


NUMBERS = {"a": "int", "b": "int", "c": "int"}
LISTS = {"a": "list", "b": "list", "c": "int"}
TEXTS = {"a": "str", "b": "str", "c": "str"}

REPAIRS = {
    "forgotten return": Repair("b.sort()\nb[c:]", "b.sort()\nreturn b[c:]"),
    "comparison": Repair("return a < b", "return a <= b"),
    "identity": Repair("return a == None", "return a is None"),
    "membership": Repair("return a not in b", "return a in b"),
    "arithmetic": Repair("return a + b * c", "return a - b * c"),
    "division": Repair("return a / b", "return a // b"),
    "precedence needs parentheses": Repair("return a * b + c", "return a * (b + c)"),
    "precedence needs none": Repair("return (a + b) * c", "return a + b * c"),
    "operator of other precedence": Repair("return a + b ** c", "return a * b ** c"),
    "and or": Repair("if a and b:\n    return c", "if a or b:\n    return c"),
    "grouping of and or": Repair("return a and b or c", "return a and (b or c)"),
    "not": Repair("if not a:\n    return b", "if a:\n    return b"),
    "missing not": Repair("if a:\n    return b", "if not a:\n    return b"),
    "dropped conjunct": Repair("if a and b and c:\n    return 1", "if a and c:\n    return 1"),
    "number": Repair("return a[3]", "return a[4]"),
    "float": Repair("return a * 0.5", "return a * 1.5"),
    "truth value": Repair("return True", "return False"),
    "None for zero": Repair("x = None\nreturn x", "x = 0\nreturn x"),
    "text from the test": Repair("return 'valeu'", "return 'value'", texts=("assert f() == 'value'",)),
    "text of the file": Repair(
        "return a.get('nmae')", "return a.get('name')", file="KEY = 'name'\n\ndef f(a, b, c): pass"
    ),
    "case of a text": Repair('return "Error"', 'return "error"'),
    "pattern": Repair('return re.match(r"\\d*$", a)', 'return re.match(r"\\d+$", a)'),
    "class of a pattern": Repair('return re.sub(r"\\w+", "", a)', 'return re.sub(r"\\d+", "", a)'),
    "format": Repair('return "%s: %s" % (a, b)', 'return "%s: %r" % (a, b)'),
    "separator": Repair("return ','.join(a)", "return ', '.join(a)"),
    "field of an f-string": Repair('return f"{a}:{a}"', 'return f"{a}:{b}"'),
    "conversion in an f-string": Repair('return f"{a} is"', 'return f"{a!r} is"'),
    "variable": Repair("return a + a", "return a + b", NUMBERS),
    "attribute": Repair("return self.x * self.x", "return self.x * self.y", head="def f(self):",
                        file="class A:\n    def __init__(self):\n        self.x = self.y = 0\n    def f(self): pass",
                        function="A.f"),
    "forgotten self": Repair("return total", "return self.total", head="def f(self, total):",
                             file="class A:\n    def __init__(self):\n        self.total = 0\n    def f(self): pass",
                             function="A.f"),
    "sibling method": Repair("return self.low()", "return self.high()", head="def f(self):",
                             file="class A:\n    def low(self): pass\n    def high(self): pass\n    def f(self): pass",
                             function="A.f"),
    "function of the module": Repair("return encode(a)", "return decode(a)",
                                     file="def encode(x): ...\ndef decode(x): ...\ndef f(a, b, c): ..."),
    "method": Repair("return a.lstrip()", "return a.rstrip()"),
    "built-in": Repair("return min(a)", "return max(a)"),
    "arguments exchanged": Repair("return g(a, b, c)", "return g(a, c, b)"),
    "argument dropped": Repair("return g(a, b)", "return g(a)"),
    "argument missing": Repair("return a.get(b)", "return a.get(b, 0)"),
    "keyword dropped": Repair("return sorted(a, reverse=True)", "return sorted(a)"),
    "keyword missing": Repair("return sorted(a)", "return sorted(a, reverse=True)"),
    "key missing": Repair("return max(a)", "return max(a, key=len)"),
    "parameter not passed on": Repair("return g(a)", "return g(a, b=b)"),
    "call dropped": Repair("return len(set(a))", "return len(a)"),
    "call missing": Repair("return len(a)", "return len(set(a))", LISTS),
    "method call missing": Repair("return a == b", "return a.lower() == b.lower()", TEXTS),
    "not called": Repair("return a.strip", "return a.strip()"),
    "off by one": Repair("for i in range(len(a)):\n    g(i)", "for i in range(len(a) - 1):\n    g(i)"),
    "start of a slice": Repair("return a[1:]", "return a[:]"),
    "end of a slice": Repair("return a[:b]", "return a[:b + 1]", {"b": "int"}),
    "slice missing": Repair("return g(a)", "return g(a[1:])", LISTS),
    "index missing": Repair("return a", "return a[0]", LISTS),
    "index dropped": Repair("return a[0]", "return a"),
    "bound": Repair("return a - b", "return max(0, a - b)", NUMBERS),
    "sign": Repair("return a", "return -a", NUMBERS),
    "absolute value": Repair("return a - b", "return abs(a - b)", NUMBERS),
    "brackets": Repair("return a + b", "return a + [b]"),
    "list element": Repair("return [a, b, c]", "return [a, b]"),
    "yield from": Repair("yield g(a)", "yield from g(a)"),
    "await": Repair("return g(a)", "return await g(a)", head="async def f(a):"),
    "condition of a comprehension": Repair("return [x for x in a if x > 0]", "return [x for x in a]"),
    "presence": Repair("if a:\n    return b", "if a is not None:\n    return b"),
    "guard": Repair("while a.next.next:\n    a = a.next", "while a.next and a.next.next:\n    a = a.next"),
    "conditional expression": Repair("return a if b else c", "return c if b else a"),
    "exception raised": Repair("raise KeyError(a)", "raise ValueError(a)"),
    "exception caught": Repair(
        "try:\n    g(a)\nexcept KeyError:\n    pass", "try:\n    g(a)\nexcept IndexError:\n    pass"
    ),
    "default": Repair("return b", "return b", head="def f(a, b=0):"),
    "augmented operator": Repair("a += b\nreturn a", "a -= b\nreturn a"),
    "assigned, not added": Repair("a = b\nreturn a", "a += b\nreturn a"),
    "added, not assigned": Repair("a += b\nreturn a", "a = b\nreturn a"),
    "statement too many": Repair("a = a + 1\nb = 2\nreturn a", "a = a + 1\nreturn a"),
    "statements in the wrong order": Repair("a = b\nb = c\nreturn a", "b = c\na = b\nreturn a"),
    "return too deep": Repair(
        "for x in a:\n    g(x)\n    return x", "for x in a:\n    g(x)\nreturn x"
    ),
    "statement not deep enough": Repair(
        "for x in a:\n    b = x\ng(b)\nreturn c", "for x in a:\n    b = x\n    g(b)\nreturn c"
    ),
    "break for continue": Repair(
        "for x in a:\n    if x:\n        break\nreturn x", "for x in a:\n    if x:\n        continue\nreturn x"
    ),
    "if for while": Repair("if a > b:\n    a -= b\nreturn a", "while a > b:\n    a -= b\nreturn a"),
    "elif for if": Repair(
        "if a:\n    c = 1\nif b:\n    c = 2\nreturn c", "if a:\n    c = 1\nelif b:\n    c = 2\nreturn c"
    ),
    "branches exchanged": Repair(
        "if a:\n    return b\nelse:\n    return c", "if a:\n    return c\nelse:\n    return b"
    ),
    "result thrown away": Repair("g(a)", "return g(a)"),
    "method that changes nothing": Repair("a.strip()\nreturn a", "a = a.strip()\nreturn a"),
    "return without a value": Repair("if a:\n    return\nreturn b", "if a:\n    return b\nreturn b"),
    "step missing": Repair("while a < b:\n    g(a)", "while a < b:\n    g(a)\n    a += 1", NUMBERS),
    "statement missing": Repair("b = []\nfor x in a:\n    g(x)\nreturn b",
                                "b = []\nfor x in a:\n    g(x)\n    b.append(x)\nreturn b",
                                {"a": "list", "b": "list", "x": "int"}),
    "early return missing": Repair("return a[0]", "if len(a) == 0:\n    return None\nreturn a[0]", LISTS),
    "same change in two places": Repair("x = a + a\ny = b\nreturn x", "x = b + b\ny = b\nreturn x", NUMBERS),
}  # fmt: skip


@pytest.mark.parametrize("name", [name for name in REPAIRS if name != "default"])
def test_one_edit_is_repaired(name: str) -> None:
    case = REPAIRS[name]
    right = case.code(case.right)
    found = mutants(case.code(case.broken), case.types, case.file, case.function, case.texts)
    assert any(mutant.code == right for mutant in islice(found, MOST))


def test_a_default_is_repaired() -> None:
    assert any(mutant.code == "def f(a, b=None):\n    return b" for mutant in mutants("def f(a, b=0):\n    return b"))


SAMPLE = '''
    @cached  # once
    def f(self, items: list[int] = (), *, key="ü", limit=3):
        """Some words: it's a 'text'."""
        total, seen = 0, set()
        for i, item in enumerate(items):   # every one
            if (item in seen and
                    limit > 2): continue
            elif not seen or (len(items) > i + 1 < limit):
                seen.add(item); total += items[i]
            else:
                total = -(total - 1) * 2 if item else min(total, key_of(key))
            with open(key) as file:
                text = f"{item!r:>{limit}} {key}" + """
  kept as it is
"""
        try:
            while total > limit:
                total //= 2
                if total == 1: break
        except (KeyError, ValueError) as error:
            raise TypeError("bad") from error
        finally:
            self.count += sum(x ** 2 for x in items[1:] if x)
        return [x for x in seen if x], {k: v for k, v in zip(items, seen)}, lambda y: y + 1
'''.strip("\n")


FORMS = {
    "method": SAMPLE,
    "without its first indentation": SAMPLE.strip(),
    "CRLF": SAMPLE.replace("\n", "\r\n"),
    "tabs": SAMPLE.replace("    ", "\t"),
}
TYPES = {"items": "list", "total": "int", "limit": "int", "key": "str", "seen": "set", "i": "int"}


MANY = 50  # mutants, or a sample says nothing


@cache
def sampled(form: str) -> list[str]:
    return [mutant.code for mutant in islice(mutants(FORMS[form], TYPES), 0, 4_000, 41)]


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_every_mutant_can_be_read(form: str) -> None:
    assert len(sampled(form)) > MANY
    for code in sampled(form):
        lead = "" if code[0].isspace() else "    "
        ast.parse(f"if 1:\n{lead}{code}")


@pytest.mark.slow
def test_line_ends_are_kept() -> None:
    assert all("\n" not in code.replace("\r\n", "") for code in sampled("CRLF"))


@pytest.mark.slow
def test_tabs_are_kept() -> None:
    assert not any(line.startswith("    ") for code in sampled("tabs") for line in code.splitlines())


def test_mutants_of_a_method_can_be_read() -> None:
    found = list(islice(mutants(SAMPLE, TYPES), 0, 600, 7))
    assert len(found) > MANY
    for mutant in found:
        ast.parse(f"if 1:\n{mutant.code}")


def test_formatting_outside_the_change_is_kept() -> None:
    found = [mutant for mutant in islice(mutants(SAMPLE, TYPES), 1_000) if mutant.note == "another number"]
    assert len(found) > 10
    for mutant in found:
        pairs = zip(SAMPLE.split("\n"), mutant.code.split("\n"), strict=True)
        assert sum(old != new for old, new in pairs) == 1
