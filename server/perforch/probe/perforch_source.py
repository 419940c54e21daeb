"""The workspace's own source files tell which of their functions are entered.

An import hook rewrites their syntax trees: every function begins with a mark, after its docstring; the one function
that is asked for has a mark before each statement. Lines, docstrings and signatures stay as they are, and the file
itself is not touched. Whatever cannot be rewritten with certainty runs as it is.
"""

import ast
import builtins
import sys
import warnings
from importlib.machinery import SourceFileLoader

from perforch_imports import imported_names

MARK = "__perforch__"
IMPORTING = "__perforch_importing__"
# Functions that these decorate are compiled from their bytecode by others, who do not know our mark.
COMPILED_ELSEWHERE = frozenset(
    ("njit", "jit", "vectorize", "guvectorize", "stencil", "generated_jit", "cfunc", "overload_method", "kernel")
)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
SUBSCRIPT = ast.Index if sys.version_info < (3, 9) else lambda node: node


class Instrument:
    """Rewrites the files of `places` that are not tests; `lines_of` is the key of the function to trace by line."""

    def __init__(self, places, marks, lines_of=None):
        self._places = places
        self._marks = marks
        self._lines_of = lines_of
        self._original = SourceFileLoader.get_code

    def install(self):
        setattr(builtins, MARK, self._marks.store)
        setattr(builtins, IMPORTING, self._marks.importing)
        original, code_of = self._original, self._code_of

        def get_code(loader, fullname):
            # A subclass that compiles in its own way (a type checker's import hook) is left alone.
            code = code_of(loader, fullname) if type(loader) is SourceFileLoader else None
            return original(loader, fullname) if code is None else code

        SourceFileLoader.get_code = get_code

    def _code_of(self, loader, fullname):
        try:
            path = loader.get_filename(fullname)
            file = self._places.relative(path)
            if file is None or self._places.is_test(file):
                return None
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return self._compiled(loader.get_data(path), path, (file, fullname))
        except Exception:
            return None  # the ordinary loader then says what is wrong with the file, in its own words

    def _compiled(self, source, path, names):
        tree = ast.parse(source, path)
        file, module = names
        package = module if path.endswith("__init__.py") else module.rpartition(".")[0]
        self._marks.imports[file] = imported_names(tree, package)
        return compile(self._marked(tree, file), path, "exec", dont_inherit=True)

    def _marked(self, tree, file):
        for node in [node for node in ast.walk(tree) if isinstance(node, FUNCTIONS)]:
            if not any(_last_name(decorator) in COMPILED_ELSEWHERE for decorator in node.decorator_list):
                self._mark(node, f"{file}:{node.lineno}")
        _bracket(tree, file)
        return ast.fix_missing_locations(tree)

    def _mark(self, function, key):
        place = 1 if _has_docstring(function) else 0
        at = function.body[min(place, len(function.body) - 1)]
        entry = [_mark_statement(self._marks.allot_function(key), at)]
        if key == self._lines_of:
            header = range(_first_line(function), _header_end(function) + 1)
            mark_lines(function, lambda lines, node: _mark_statement(self._marks.allot_lines(lines), node))
            entry.append(_mark_statement(self._marks.allot_lines(header), at))
        function.body[place:place] = entry


def mark_lines(function, marked):
    """Put a mark before each statement below `function`; `marked(lines, node)` makes one."""
    end = _header_end(function)
    start = 1 if _has_docstring(function) else 0
    _mark_block(function, "body", end, (marked, start))


def _mark_block(parent, name, end, how):
    """`end` is the last line before the block that has been accounted for; the new one is returned."""
    marked, start = how
    block = getattr(parent, name)
    statements = block[:start]
    for node in block[start:]:
        last = _own_end(node)
        statements += [marked(range(min(end + 1, _first_line(node)), last + 1), node), node]
        end = last
        # The body of an inner function or class does not run here; it runs as part of the target all the same.
        for child, inner in _blocks(node):
            end = _mark_block(child, inner, end, (marked, 1 if _has_docstring(child) else 0))
    setattr(parent, name, statements)
    return end


def _blocks(node):
    """The blocks of statements directly below a statement, in the order of the text."""
    found = [(node, "body")] if _is_block(node, "body") else []
    found += [(handler, "body") for handler in getattr(node, "handlers", ())]
    found += [(case, "body") for case in getattr(node, "cases", ())]
    found += [(node, name) for name in ("orelse", "finalbody") if _is_block(node, name)]
    return found


def _is_block(node, name):
    block = getattr(node, name, None)
    return isinstance(block, list) and bool(block)


def _own_end(node):
    """The last line of a statement without its blocks."""
    return _first_of_blocks(node) - 1 if _blocks(node) else node.end_lineno


def _first_of_blocks(node):
    child, name = _blocks(node)[0]
    first = _first_line(getattr(child, name)[0])
    # `match`: its first block is a case's; the header ends where the subject does.
    header = getattr(node, "subject", None)
    return header.end_lineno + 1 if header is not None else max(first, node.lineno + 1)


def _header_end(function):
    if _has_docstring(function):
        return function.body[0].end_lineno
    return max(_first_line(function.body[0]) - 1, function.lineno)


def _first_line(node):
    decorators = getattr(node, "decorator_list", ())
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def _has_docstring(node):
    first = node.body[0] if _is_block(node, "body") else None
    is_text = (
        isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    )
    return is_text and isinstance(node, (*FUNCTIONS, ast.ClassDef, ast.Module))


def _mark_statement(number, at):
    target = ast.Subscript(ast.Name(MARK, ast.Load()), SUBSCRIPT(ast.Constant(number)), ast.Store())
    return _placed(ast.Assign([target], ast.Constant(True)), at)  # noqa: FBT003


def _bracket(tree, file):
    """Tell where the module's own import begins and ends, after its docstring and `from __future__`."""
    start = 1 if _has_docstring(tree) else 0
    while start < len(tree.body) and _is_future(tree.body[start]):
        start += 1
    first, last = (tree.body[start], tree.body[-1]) if start < len(tree.body) else (None, None)
    tree.body.append(_importing(file, ast.Constant(False), last))  # noqa: FBT003 - the constant itself
    tree.body.insert(start, _importing(file, ast.Constant(True), first))  # noqa: FBT003


def _is_future(node):
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"


def _importing(file, begins, at):
    call = ast.Call(ast.Name(IMPORTING, ast.Load()), [ast.Constant(file), begins], [])
    return _placed(ast.Expr(call), at)


def _placed(statement, at):
    """All nodes of `statement` at the line where `at` begins, so that no traceback and no debugger sees a new line."""
    line, column = (_first_line(at), at.col_offset) if at is not None else (1, 0)
    for node in ast.walk(statement):
        if "lineno" in node._attributes:
            node.lineno = node.end_lineno = line
            node.col_offset = node.end_col_offset = column
    return statement


def _last_name(decorator):
    node = decorator.func if isinstance(decorator, ast.Call) else decorator
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
