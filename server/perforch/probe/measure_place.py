"""Where the target lives: how a fresh process finds it, and calls it."""

import functools
import importlib
import itertools
import os
import sys
import types

ITEMS = 10000  # that are taken from an iterator


class Misplaced(Exception):
    """The function is not where it was when its calls were recorded; the text says why."""


class Place:
    """A module's name and file, and the names that lead from it to the function; `path` is what sys.path must be."""

    def __init__(self, module, file, names, path):
        self.module = module
        self.file = file
        self.names = names
        self.path = path

    def load(self):
        """Import the module. Raises Misplaced."""
        sys.path[:] = self.path
        try:
            module = importlib.import_module(self.module)
        except BaseException as error:  # a module of the project's may raise anything
            raise Misplaced("%s cannot be imported: %s: %s" % (self.module, type(error).__name__, error)) from None
        found = getattr(module, "__file__", None)
        if not found or os.path.realpath(found) != os.path.realpath(self.file):
            raise Misplaced("%s comes from %s, not from %s" % (self.module, found, self.file))
        return module

    def function(self):
        """What takes the recorded arguments, `self` and `cls` included. Raises Misplaced."""
        found = self.load()
        for name in self.names:
            members = vars(found)
            if name not in members:
                raise Misplaced("%s has no %s" % (self.module, ".".join(self.names)))
            found = members[name]
        if isinstance(found, (staticmethod, classmethod)):
            found = found.__func__
        elif isinstance(found, property):
            found = found.fget
        elif isinstance(found, functools.cached_property):
            found = found.func
        if not callable(found):
            raise Misplaced("%s cannot be called" % ".".join(self.names))
        return found


def cleared(function):
    """What empties the function's own cache, or None where it has none."""
    while function is not None:
        if hasattr(function, "cache_clear"):
            return function.cache_clear
        function = getattr(function, "__wrapped__", None)
    return None


def is_lazy(result):
    """Whether the work is still to be done."""
    return isinstance(result, types.CoroutineType) or hasattr(result, "__next__")


def consumed(result):
    """What a generator yields and a coroutine returns, instead of the object itself."""
    if isinstance(result, types.CoroutineType):
        import asyncio  # noqa: PLC0415 - few projects have it loaded, and it is large

        return asyncio.run(result)
    if hasattr(result, "__next__"):
        return list(itertools.islice(result, ITEMS))
    return result
