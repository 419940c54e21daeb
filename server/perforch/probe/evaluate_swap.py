"""Putting a candidate's code into the live functions of a module that was imported long ago."""

import ast
import functools
import gc
import os
import types
from typing import NamedTuple, Optional

from evaluate_source import Unfit, code_at, code_key, inner_codes, outermost


class Defaults(NamedTuple):
    """A function's default arguments."""

    positional: Optional[tuple]
    keyword: Optional[dict]


class Swap(NamedTuple):
    """Codes by path within the outermost function; `key` tells candidates apart by what they do."""

    codes: dict
    defaults: Optional[Defaults]
    key: int


class Surgeon:
    """Knows the live functions that a target's source has become, and gives them other code.

    Only the outermost function that encloses the target is compiled. Closures made at import time (what a decorator
    returned) get the code that lies at the same place within it. Raises Unfit where a swap would not have the effect
    that the changed source has: other decorators, other free variables, or a function that has done its work at import.
    """

    def __init__(self, site, entered_at_import):
        self._entered_at_import = entered_at_import
        self._outer = outermost(site)
        self._codes = dict(inner_codes(self._outer.original))
        self._live = _live_functions(site.path, self._codes)
        self._caches = _caches(os.getcwd())
        self._defaults = [
            (function, function.__defaults__, function.__kwdefaults__) for function in self._live.get((), [])
        ]
        self._header_touched = False

    @property
    def is_alive(self):
        """Whether there is a function to swap; it may be there only as closures."""
        return bool(self._live)

    @property
    def function(self):
        """The outermost function itself, as the module has it."""
        return self._live[()][0] if () in self._live else None

    @property
    def present_key(self):
        """The `key` that a swap of the present code would have."""
        return _swap_key(self._codes[()], None)

    @property
    def outer_code(self):
        return self._codes[()]

    def prepare(self, code):
        """Compile `code` in the target's place. Raises Unfit, and what `compile` raises."""
        outer = self._outer
        whole = outer.compiled(code)
        new = code_at(whole, outer.names)
        if new is None:
            raise Unfit("it has another name")
        if new.co_freevars != outer.original.co_freevars:
            new = self._with_free_variables(code, new)
        defaults = None
        if code_key(whole, hole=new) != outer.header_key:
            defaults = self._changed_defaults(code)
        return Swap(self._fitting(new), defaults, _swap_key(new, defaults))

    def install(self, swap):
        for path, functions in self._live.items():
            code = swap.codes[path]
            for function in functions:
                function.__code__ = code
        if self._header_touched or swap.defaults is not None:
            self._install_defaults(swap.defaults)
        for clear in self._caches:
            clear()

    def restore(self):
        """The present code again."""
        self.install(Swap(self._codes, None, 0))

    def _install_defaults(self, defaults):
        self._header_touched = defaults is not None
        for function, positional, keyword in self._defaults:
            function.__defaults__ = positional if defaults is None else defaults.positional
            function.__kwdefaults__ = keyword if defaults is None else defaults.keyword

    def _with_free_variables(self, code, new):
        wanted = self._outer.original.co_freevars
        if not set(new.co_freevars) < set(wanted):
            raise Unfit("it uses other variables from outside")
        padded = code_at(self._outer.compiled_with_names(code, wanted), self._outer.names)
        if padded is None or padded.co_freevars != wanted:
            raise Unfit("it uses other variables from outside")
        return padded

    def _fitting(self, new):
        """The codes for every path that is alive."""
        codes = dict(inner_codes(new))
        if self._entered_at_import and not _same_but_inside(new, self._codes[()]):
            raise Unfit("it was called while its module was imported")
        for path in self._live:
            if path not in codes or codes[path].co_freevars != self._codes[path].co_freevars:
                raise Unfit("a closure that was made at import does not fit")
        return codes

    def _changed_defaults(self, code):
        old, new = self._outer.definition(None), self._outer.definition(code)
        if _dumped(old.decorator_list) != _dumped(new.decorator_list):
            raise Unfit("its decorators changed")
        parts = [[*node.args.defaults, *node.args.kw_defaults] for node in (old, new)]
        if _dumped(parts[0]) == _dumped(parts[1]) and _names(old.args.kwonlyargs) == _names(new.args.kwonlyargs):
            return None
        function = self.function
        if function is None:
            raise Unfit("its defaults changed")
        return _evaluated(new.args, function.__globals__)


def _swap_key(code, defaults):
    return hash((code_key(code), None if defaults is None else repr(defaults)))


def _same_but_inside(one, other):
    """Whether two codes differ only in the functions that they define."""
    codes = [[const for const in code.co_consts if isinstance(const, types.CodeType)] for code in (one, other)]
    return len(codes[0]) == len(codes[1]) and code_key(one, hole=codes[0]) == code_key(other, hole=codes[1])


def _evaluated(arguments, namespace):
    """The values of a header's defaults."""

    def value(node):
        return eval(compile(ast.Expression(node), "<default>", "eval"), namespace)

    try:
        positional = tuple(value(node) for node in arguments.defaults) or None
        pairs = zip(arguments.kwonlyargs, arguments.kw_defaults)  # noqa: B905 - not in Python 3.8
        keyword = {name.arg: value(node) for name, node in pairs if node is not None}
    except Exception as error:
        raise Unfit("its defaults cannot be evaluated alone") from error
    return Defaults(positional, keyword or None)


def _dumped(nodes):
    return [None if node is None else ast.dump(node) for node in nodes]


def _names(arguments):
    return [argument.arg for argument in arguments]


def _live_functions(path, codes):
    """Every function object whose code is one of `codes`, by path: decorated, wrapped and bound ones too."""
    wanted = {(code.co_firstlineno, code.co_name): place for place, code in codes.items()}
    same_file = functools.lru_cache(None)(lambda name: os.path.realpath(name) == path)
    live = {}
    for thing in gc.get_objects():
        if type(thing) is types.FunctionType:
            code = thing.__code__
            place = wanted.get((code.co_firstlineno, code.co_name))
            if place is not None and same_file(code.co_filename):
                live.setdefault(place, []).append(thing)
    return live


def _caches(root):
    """How to empty each functools cache around a function of the workspace."""
    kind = type(functools.lru_cache(None)(len))
    inside = os.path.join(os.path.realpath(root), "")
    found = []
    for thing in gc.get_objects():
        if type(thing) is kind:
            code = getattr(getattr(thing, "__wrapped__", None), "__code__", None)
            if code is not None and os.path.realpath(code.co_filename).startswith(inside):
                found.append(thing.cache_clear)
    return found
