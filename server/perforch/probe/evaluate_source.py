"""Which piece of a file has to be compiled for a target, and where its code lies in what comes out."""

import __future__

import ast
import os
import re
import types
from typing import NamedTuple

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_LINE_END = re.compile(r"\r\n|\r|\n")


class Site(NamedTuple):
    """A file's text with the present code in the target's place, between two offsets, and its real path."""

    text: str
    start: int
    end: int
    path: str

    @property
    def first_line(self):
        return 1 + len(_LINE_END.findall(self.text, 0, self.start))

    def holds(self):
        """A test for code objects: is it the target's, or that of a function within it? It remembers its answers."""
        first = self.first_line
        last = first + len(_LINE_END.findall(self.text, self.start, self.end))
        answers = {}

        def is_inside(code):
            answer = answers.get(code)
            if answer is None:
                answer = answers[code] = (
                    first <= code.co_firstlineno <= last
                    and code.co_name != "<module>"
                    and os.path.realpath(code.co_filename) == self.path
                )
            return answer

        return is_inside


class Unfit(Exception):
    """The candidate cannot be swapped in; it has to be imported."""


class Outermost:
    """The outermost function around a target: how to compile it alone, with `code` in the target's place.

    It stands in a skeleton of its enclosing classes, so that private names and `__class__` come out right.
    """

    def __init__(self, head, body, names):
        self._head = head
        self._before, self._present, self._after = body
        self.names = names  # the classes around it, and its own
        self._filename = None
        self._flags = 0
        self.original = None
        self.header_key = None

    def adopt(self, original):
        """Take file name and `__future__` flags from the code that the whole file compiles to."""
        self._filename = original.co_filename
        self._flags = original.co_flags & _future_flags()
        self.original = original
        whole = self.compiled(self._present)
        self.header_key = code_key(whole, hole=code_at(whole, self.names))

    def _text(self, code):
        return self._head + self._before + (self._present if code is None else code) + self._after

    def compiled(self, code):
        return compile(self._text(code), self._filename, "exec", self._flags, dont_inherit=True)

    def compiled_with_names(self, code, names):
        """The same, with a dead reference to each of `names`, so that they are free variables again."""
        tree = ast.parse(self._text(code))
        dead = "if 0:\n    " + "; ".join(names)
        _definition(tree, self.names).body.extend(ast.parse(dead).body)
        return compile(tree, self._filename, "exec", self._flags, dont_inherit=True)

    def definition(self, code):
        return _definition(ast.parse(self._text(code)), self.names)


def outermost(site):
    """Find it. Raises Unfit where the text has no function at that place, and SyntaxError."""
    tree = ast.parse(site.text)
    starts = [0, *(match.end() for match in _LINE_END.finditer(site.text)), len(site.text)]
    chain = _chain(tree.body, site.first_line)
    if not chain or not isinstance(chain[-1], _FUNCTIONS):
        raise Unfit("there is no function at this place")
    function = chain[-1]
    first, last = starts[_first_line(function) - 1], starts[function.end_lineno]
    first, last = min(first, site.start), max(last, site.end)
    body = site.text[first : site.start], site.text[site.start : site.end], site.text[site.end : last]
    classes = [node.name for node in chain if isinstance(node, ast.ClassDef)]
    found = Outermost(_head(site.text, chain[:-1], starts), body, [*classes, function.name])
    whole = compile(site.text, site.path, "exec", dont_inherit=True)
    found.adopt(_code_on_line(whole, function.name, _first_line(function)))
    return found


def _chain(body, line):
    """The statements around `line`, outermost first, down to the first function."""
    for node in body:
        if _first_line(node) <= line <= node.end_lineno:
            if isinstance(node, _FUNCTIONS):
                return [node]
            inner = [statement for part in _blocks(node) for statement in part]
            return [node, *_chain(inner, line)]
    return []


def _blocks(node):
    """The lists of statements directly inside a compound statement."""
    for name in ("body", "orelse", "finalbody"):
        yield getattr(node, name, [])
    for handler in [*getattr(node, "handlers", []), *getattr(node, "cases", [])]:
        yield handler.body


def _first_line(node):
    return min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", []))])


def _head(text, chain, starts):
    """One line per enclosing block, indented as in the file; what is no class becomes a plain block."""
    lines = []
    for node in chain:
        start = starts[node.lineno - 1]
        indent = re.match(r"[ \t\f]*", text[start:]).group()
        while lines and len(lines[-1][0]) >= len(indent):  # an elif is a block within its if, but not by indentation
            lines.pop()
        lines.append((indent, "class %s:\n" % node.name if isinstance(node, ast.ClassDef) else "if 1:\n"))
    return "".join(indent + line for indent, line in lines)


def _definition(tree, names):
    nodes = [node for node in ast.walk(tree) if isinstance(node, (*_FUNCTIONS, ast.ClassDef))]
    for node in nodes:  # breadth first, and the skeleton has only the way down to it
        if node.name == names[-1] and isinstance(node, _FUNCTIONS):
            return node
    raise Unfit("it has another name")


def code_at(code, names):
    """The code of the function that is reached by `names`, or None."""
    for name in names:
        code = _first(code, lambda inner, name=name: inner.co_name == name)
        if code is None:
            return None
    return code


def _code_on_line(code, name, line):
    found = _first(code, lambda inner: inner.co_name == name and inner.co_firstlineno == line)
    if found is None:
        raise Unfit("its code is not found")
    return found


def _first(code, wanted):
    """The first code, breadth first, inside `code`."""
    level = [code]
    while level:
        level = [const for outer in level for const in outer.co_consts if isinstance(const, types.CodeType)]
        for inner in level:
            if wanted(inner):
                return inner
    return None


def inner_codes(code, path=()):
    """`code` and all codes within it, with their paths: names, numbered where they repeat."""
    yield path, code
    counts = {}
    for const in code.co_consts:
        if isinstance(const, types.CodeType):
            number = counts[const.co_name] = counts.get(const.co_name, 0) + 1
            yield from inner_codes(const, (*path, (const.co_name, number)))


def code_key(code, hole=()):
    """What a code does, lines and columns left out; the codes in `hole` are left out too."""
    holes = hole if isinstance(hole, (list, tuple)) else [hole]
    consts = tuple(
        (None if any(const is left_out for left_out in holes) else code_key(const, hole))
        if isinstance(const, types.CodeType)
        else repr(const)
        for const in code.co_consts
    )
    return (
        code.co_code,
        consts,
        code.co_names,
        code.co_varnames,
        code.co_freevars,
        code.co_cellvars,
        code.co_flags,
        (code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount),
        getattr(code, "co_exceptiontable", b""),
    )


def _future_flags():
    flags = 0
    for name in __future__.all_feature_names:
        flags |= getattr(__future__, name).compiler_flag
    return flags
