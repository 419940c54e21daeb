"""What a value is, down to its last bit, as a short text that can be compared with one from another process."""

import contextlib
import hashlib
import sys
import types

MOST_FLOATS = 2000
DEPTH = 20000  # frames, while a value is drawn: a linked list is as deep as it is long

_PLAIN = (type(None), bool, int, str, bytes, type(Ellipsis), type(NotImplemented), range, slice)
_SIMPLE = frozenset((type(None), bool, int, str, bytes))
_FLOATS = frozenset((float,))
_ATOMS = _SIMPLE | {float, complex}
_NAMED = (type, types.BuiltinFunctionType, types.ModuleType)


class Portrait:
    """Types, order and shared references count; so do all attributes. Floats are kept aside, in order.

    `is_opaque`: some part of it cannot be seen (a closure, a lock, an open file), so that nothing can be said of it.
    """

    def __init__(self):
        self._hash = hashlib.sha256()
        self._words = []
        self._write = self._words.append
        self._numbers = {}  # of mutable objects, by id
        self._alive = []  # so that no id comes up twice
        self.floats = []
        self.is_opaque = False

    def add(self, value):
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(max(limit, DEPTH))
        try:
            self._draw(value)
        except RecursionError:
            self.is_opaque = True
        finally:
            sys.setrecursionlimit(limit)

    @property
    def shape(self):
        """The digest of everything but the floats; where they are very many, of these too."""
        if len(self.floats) > MOST_FLOATS:
            self._words.extend(self.floats)
            self.floats = []
        for word in self._words:
            data = word.encode("utf-8", "surrogatepass") if isinstance(word, str) else word
            self._hash.update(b"%d:" % len(data) + data)
        self._words.clear()
        return self._hash.hexdigest()[:32]

    def _draw(self, value):
        kind = type(value)
        if kind is list:
            if not self._is_drawn(value):
                self._draw_items("list", value)
        elif kind is float:
            self._write("float")
            self.floats.append(value.hex())
        elif kind in _PLAIN or kind is complex:
            self._write(kind.__name__)
            self._write(repr(value))
        elif kind is tuple:
            self._draw_items("tuple", value)
        elif kind is frozenset:
            self._draw_set("frozenset", value)
        elif not self._is_drawn(value):
            self._draw_object(kind, value)

    def _is_drawn(self, value):
        """Whether this very object came before; if not, it gets its number."""
        known = self._numbers.get(id(value))
        if known is None:
            self._numbers[id(value)] = len(self._alive)
            self._alive.append(value)
            return False
        self._write("again")
        self._write(str(known))
        return True

    def _draw_object(self, kind, value):
        if kind is dict:
            self._draw_items("dict", [part for pair in value.items() for part in pair])
        elif isinstance(value, (set, frozenset)):
            self._draw_set(_name(kind), value)
            self._draw(getattr(value, "__dict__", None))
        elif kind is bytearray:
            self._write("bytearray")
            self._write(bytes(value))
        elif isinstance(value, _NAMED):
            self._write("named")
            self._write(_name(value))
        elif isinstance(value, types.FunctionType):
            self._draw_function(value)
        else:
            self._draw_instance(kind, value)

    def _draw_items(self, name, items):
        self._write(name)
        self._write(str(len(items)))
        kinds = set(map(type, items))
        if kinds == _FLOATS:
            self.floats.extend(map(float.hex, items))
        elif kinds <= _SIMPLE:  # one `repr` for all is a hundred times as fast
            self._write("items")
            self._write(repr(items))
        else:
            for item in items:
                self._draw(item)

    def _draw_set(self, name, values):
        """Each element by itself, since their order means nothing."""
        digests = []
        for value in values:
            portrait = Portrait()
            portrait._draw(value)
            self.is_opaque = self.is_opaque or portrait.is_opaque
            digests.append(portrait.shape + ",".join(portrait.floats))
        self._draw_items(name, sorted(digests))

    def _draw_function(self, function):
        name = _name(function)
        self._write("function")
        self._write(name)
        if "<" in name:
            self._write(function.__code__.co_code)
            self._write(repr(function.__code__.co_names))
            self.is_opaque = True

    def _draw_instance(self, kind, value):
        """As pickle sees it: by whose call it would be made again, with which state."""
        self._write(_name(kind))
        reduced = None
        with contextlib.suppress(Exception):  # what an object does when it is asked is its own affair
            reduced = value.__reduce_ex__(4)
        if reduced is None:
            self.is_opaque = True
        elif isinstance(reduced, str):
            self._write("global")
            self._write(reduced)
        else:
            self._draw_reduced(*reduced)

    def _draw_reduced(self, make, arguments, state=None, items=None, pairs=None, *_):
        self._write(_name(make))
        self._draw(arguments)
        self._draw(state)
        self._draw(None if items is None else tuple(items))
        self._draw(None if pairs is None else tuple(pairs))


def _name(thing):
    return "%s.%s" % (getattr(thing, "__module__", ""), getattr(thing, "__qualname__", getattr(thing, "__name__", "")))


def is_plain(value, depth=0):
    """Whether it is made of the simplest types alone: then a portrait shows whether a call has changed it."""
    kind = type(value)
    if kind in _ATOMS:
        return True
    if depth > 50:
        return False
    if kind in (list, tuple, set, frozenset):
        return _ATOMS.issuperset(map(type, value)) or all(is_plain(item, depth + 1) for item in value)
    return kind is dict and is_plain(list(value), depth + 1) and is_plain(list(value.values()), depth + 1)
