"""A function's text as the rules see it: its tree, what its names mean, and how pieces of the text are replaced."""

import ast
import builtins
import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from perforch.builtin.source import Source, parse, parse_expression
from perforch.core.edits import Splice, splice

_WORDS = frozenset({"return", "in", "and", "or", "not", "if", "else", "for", "yield", "is", "lambda", "elif", "while"})
_BLANK = re.compile(r"[ \t]*\r?\n")
_ENDS_BLANK = re.compile(r"\n[ \t]*\r?\n\Z")
_BLOCKS = ("body", "orelse", "finalbody")
_SIMPLE = (
    ast.Name
    | ast.Constant
    | ast.Call
    | ast.Subscript
    | ast.Attribute
    | ast.List
    | ast.Set
    | ast.Dict
    | ast.ListComp
    | ast.SetComp
    | ast.DictComp
    | ast.JoinedStr
)
SCOPES = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef


class Unfit(Exception):
    """A piece of the text cannot be replaced by itself."""


@dataclass(frozen=True, slots=True)
class Rewrite:
    """One application of a rule."""

    splices: tuple[Splice, ...]
    imports: tuple[str, ...] = ()


class Code:
    """A function as it stands in a module. Nodes belong to `function`; `module` is read for what its names mean."""

    def __init__(self, text: str, module: ast.Module) -> None:
        self.text = text
        self.source: Source = parse(text)
        self.function = self.source.function
        self.module = module

    # What there is

    @cached_property
    def nodes(self) -> tuple[ast.AST, ...]:
        """All nodes of the body, in the order of the text."""
        return tuple(_in_order(self.function.body))

    @cached_property
    def _parents(self) -> dict[int, ast.AST]:
        pairs = ((child, node) for node in ast.walk(self.function) for child in ast.iter_child_nodes(node))
        return {id(child): node for child, node in pairs}

    @cached_property
    def blocks(self) -> tuple[list[ast.stmt], ...]:
        """Every list of statements, the function's own first."""
        owners = [self.function, *(node for node in self.nodes if isinstance(node, ast.stmt | ast.excepthandler))]
        found = (getattr(owner, field, None) for owner in owners for field in _BLOCKS)
        return tuple(block for block in found if isinstance(block, list) and block and isinstance(block[0], ast.stmt))

    def parent(self, node: ast.AST) -> ast.AST:
        return self._parents[id(node)]

    def ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        """From the innermost outwards, the function itself last."""
        while node is not self.function:
            node = self.parent(node)
            yield node

    def statement(self, node: ast.AST) -> ast.stmt:
        """The innermost statement that the node is in, or is."""
        while not isinstance(node, ast.stmt):
            node = self.parent(node)
        return node

    def following(self, statement: ast.stmt) -> list[ast.stmt]:
        """The statements after it in its own block."""
        block = self.block(statement)
        return block[block.index(statement) + 1 :]

    def block(self, statement: ast.stmt) -> list[ast.stmt]:
        return next(block for block in self.blocks if any(each is statement for each in block))

    def before(self, statement: ast.stmt) -> ast.stmt | None:
        block = self.block(statement)
        index = block.index(statement)
        return block[index - 1] if index else None

    def scope(self, node: ast.AST) -> ast.AST:
        """The innermost function around the node."""
        return next(each for each in self.ancestors(node) if isinstance(each, SCOPES))

    # What names mean

    @cached_property
    def _bound(self) -> frozenset[str]:
        """Every name that the function binds, nested scopes included."""
        names = {node.arg for node in ast.walk(self.function) if isinstance(node, ast.arg)}
        for node in ast.walk(self.function):
            if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
                names.add(node.id)
            elif isinstance(node, ast.FunctionDef | ast.ClassDef) and node is not self.function:
                names.add(node.name)
            elif isinstance(node, ast.ExceptHandler):
                names.add(node.name or "")
            elif isinstance(node, ast.Import | ast.ImportFrom):
                names |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
        return frozenset(names)

    @cached_property
    def _module_names(self) -> frozenset[str]:
        names = {self.function.name}
        for node in ast.walk(self.module):
            match node:
                case ast.Name(id=name, ctx=ast.Store()) | ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                    names.add(name)
                case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                    names |= {(alias.asname or alias.name).partition(".")[0] for alias in aliases}
                case _:
                    pass
        return frozenset(names)

    def is_builtin(self, name: str) -> bool:
        """Whether the name means Python's own function here."""
        return hasattr(builtins, name) and name not in self._bound and name not in self._module_names

    def is_called(self, node: ast.AST, *names: str) -> bool:
        """Whether the node is a call of one of these builtin functions, with positional arguments alone."""
        return (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in names
            and self.is_builtin(node.func.id)
            and not node.keywords
            and not any(isinstance(each, ast.Starred) for each in node.args)
        )

    def is_module(self, node: ast.AST, name: str) -> bool:
        """Whether the node is the name of a module that was imported under its own name."""
        if not (isinstance(node, ast.Name) and node.id == name):
            return False
        trees: Sequence[ast.AST] = (self.module, self.function)
        imports = (each for tree in trees for each in ast.walk(tree) if isinstance(each, ast.Import))
        return any(alias.name == name and alias.asname is None for each in imports for alias in each.names)

    def imported(self, module: str, name: str) -> tuple[str, ...] | None:
        """The import line that gives `name` its meaning; nothing where it has another meaning already."""
        line = f"from {module} import {name}"
        if name in self._bound:
            return None
        for node in self.module.body:
            if isinstance(node, ast.ImportFrom) and node.module == module and _gives(node, name):
                return (line,)
        return None if name in self._module_names else (line,)

    def fresh(self, *wishes: str) -> str:
        """The first of the wished names that is free, or one like the last."""
        taken = {node.id for node in ast.walk(self.function) if isinstance(node, ast.Name)}
        taken |= self._bound | self._module_names | set(dir(builtins))
        free = next((wish for wish in wishes if wish not in taken), None)
        number = 2
        while free is None:
            free = f"{wishes[-1]}{number}" if f"{wishes[-1]}{number}" not in taken else None
            number += 1
        return free

    def loads(self, name: str) -> list[ast.Name]:
        return [node for node in self.nodes if isinstance(node, ast.Name) and node.id == name and is_load(node)]

    def stores(self, name: str) -> list[ast.Name]:
        return [node for node in self.nodes if isinstance(node, ast.Name) and node.id == name and not is_load(node)]

    @cached_property
    def parameters(self) -> tuple[ast.arg, ...]:
        given = self.function.args
        return (*given.posonlyargs, *given.args, *given.kwonlyargs)

    # How the text changes

    def swap(self, node: ast.expr, text: str) -> Splice:
        """Another expression in the place of this one."""
        start, end = self._span(node)
        new = parse_expression(text)
        if new is None:
            raise Unfit
        if isinstance(node, ast.GeneratorExp):  # its span has the parentheses around it
            return Splice(start, end, text if _is_wrapped(text) else f"({text})")
        if isinstance(new, _SIMPLE) and self._has_own_parentheses(start, end):
            return Splice(start - 1, end + 1, text)
        if _needs_parentheses(new, node, self.parent(node)) and not _is_wrapped(text):
            text = f"({text})"
        return Splice(start, end, text)

    def _has_own_parentheses(self, start: int, end: int) -> bool:
        """Whether there are parentheses around it that are no call's."""
        before = self.text[:start].rstrip(" ")
        is_wrapped = self.text[start - 1 : start] == "(" and self.text[end : end + 1] == ")"
        word = re.search(r"[\w)\]'\"]+$", before[:-1].rstrip(" "))
        return is_wrapped and (word is None or word.group() in _WORDS)

    def swap_bare(self, node: ast.expr, text: str) -> Splice:
        """Other targets in the place of this one."""
        return Splice(*self._span(node), text)

    def _span(self, node: ast.expr) -> tuple[int, int]:
        if any(isinstance(each, ast.JoinedStr) for each in self.ancestors(node)):
            raise Unfit  # before Python 3.12, nobody knows where in the literal it stands
        return self.source.span(node)

    def swap_name(self, node: ast.expr, name: str) -> Splice:
        return Splice(*self._span(node), name)

    def replace(self, start: int, end: int, text: str) -> Splice:
        return Splice(start, end, text)

    def swap_statements(self, first: ast.stmt, last: ast.stmt, text: str) -> Splice:
        """Other statements, written without indentation, in the place of these; none for the empty text."""
        start, end = self._start(first), self.source.span(last)[1]
        line_end = self.text.find("\n", end)
        rest = self.text[end : len(self.text) if line_end < 0 else line_end].strip()
        if rest and not rest.startswith("#"):
            raise Unfit
        if not text.strip():
            return self._removal(first, start, end)
        return Splice(start, end, self._indented(text, first))

    def insert(self, statement: ast.stmt, text: str) -> Splice:
        """Statements, written without indentation, before this one."""
        start = self._start(statement)
        return Splice(start, start, self._indented(text, statement) + self.source.newline + self._indent(statement))

    def _removal(self, first: ast.stmt, start: int, end: int) -> Splice:
        if len(self.block(first)) == 1:
            return Splice(start, end, "pass")
        line_end = self.text.find("\n", end)
        begin = start - len(self._indent(first))
        stop = len(self.text) if line_end < 0 else line_end + 1
        blank = _BLANK.match(self.text, stop)
        if blank and _ENDS_BLANK.search(self.text[:begin]):  # two blank lines would be left
            stop = blank.end()
        return Splice(begin, stop, "")

    def _start(self, statement: ast.stmt) -> int:
        decorators = getattr(statement, "decorator_list", [])
        if decorators:
            raise Unfit
        start = self.source.span(statement)[0]
        if self.text[self.text.rfind("\n", 0, start) + 1 : start].strip():
            raise Unfit
        return start

    def _indent(self, statement: ast.stmt) -> str:
        start = self.source.span(statement)[0]
        return self.text[self.text.rfind("\n", 0, start) + 1 : start]

    def _indented(self, text: str, statement: ast.stmt) -> str:
        lines = textwrap.indent(text.strip("\n"), self._indent(statement)).lstrip(" \t")
        return self.source.newline.join(lines.split("\n"))


def applied(code: Code, rewrite: Rewrite) -> str | None:
    """The text with the rewrite in it, or None where it cannot stand."""
    spans = sorted((each.start, each.end) for each in rewrite.splices)
    if any(one[1] > other[0] for one, other in pairwise(spans)):
        return None
    text = splice(code.text, rewrite.splices)
    try:
        parse(text)
    except SyntaxError:
        return None
    return text


def _gives(node: ast.ImportFrom, name: str) -> bool:
    return any(alias.name == name and alias.asname is None for alias in node.names)


def is_load(node: ast.Name) -> bool:
    return isinstance(node.ctx, ast.Load)


def written(node: ast.AST) -> str:
    """The node as Python writes it, without parentheses around it."""
    text = ast.unparse(node)
    if isinstance(node, ast.Tuple) and text.startswith("("):
        return text
    return text


def operand(node: ast.expr) -> str:
    """The node as part of a larger expression."""
    text = ast.unparse(node)
    return text if isinstance(node, _SIMPLE) else f"({text})"


def clause(node: ast.expr) -> str:
    """The node as it stands in a comprehension after `in` or `if`."""
    text = ast.unparse(node)
    return f"({text})" if isinstance(node, ast.IfExp | ast.Lambda | ast.NamedExpr) else text


def _needs_parentheses(new: ast.expr, old: ast.expr, parent: ast.AST) -> bool:
    if isinstance(new, _SIMPLE):
        return False
    match parent:
        case ast.comprehension():
            return isinstance(new, ast.IfExp | ast.Lambda | ast.NamedExpr | ast.Tuple)
        case ast.Call(func=function):
            return function is old or isinstance(new, ast.Tuple | ast.NamedExpr | ast.GeneratorExp)
        case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.List() | ast.Tuple() | ast.Set():
            return isinstance(new, ast.Tuple | ast.NamedExpr | ast.GeneratorExp | ast.Lambda)
        case ast.expr() | ast.keyword():
            return True
        case _:
            return isinstance(new, ast.NamedExpr | ast.GeneratorExp)


def _is_wrapped(text: str) -> bool:
    """Whether the outer parentheses belong together."""
    if not text.startswith("("):
        return False
    depth = 0
    for place, sign in enumerate(text):
        depth += (sign == "(") - (sign == ")")
        if depth == 0:
            return place == len(text) - 1
    return False


def _in_order(statements: Sequence[ast.AST]) -> Iterator[ast.AST]:
    for node in statements:
        yield node
        yield from _in_order(list(ast.iter_child_nodes(node)))
