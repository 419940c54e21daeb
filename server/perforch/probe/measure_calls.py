"""A call's arguments as bytes that any process of the project can turn into fresh ones, lambdas included."""

import binascii
import builtins
import importlib
import io
import marshal
import pickle
import re
import types

MOST_BYTES = 1 << 20  # of one call
SHOWN_CHARACTERS = 120

_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


class Uncopyable(Exception):
    """The arguments cannot be written down."""


def packed(call):
    """`call` is a pair: positional arguments, keyword arguments. Raises Uncopyable."""
    target = io.BytesIO()
    try:
        _Pickler(target, protocol=4).dump(call)
    except Exception as error:  # whatever the project's own objects raise
        raise Uncopyable(str(error)) from None
    data = target.getvalue()
    if len(data) > MOST_BYTES:
        raise Uncopyable("they are too large")
    return binascii.b2a_base64(data, newline=False).decode("ascii")


def unpacker(text):
    """A function that makes the same arguments anew each time it is called."""
    data = binascii.a2b_base64(text)
    return lambda: pickle.loads(data)


def unpacked(text):
    return unpacker(text)()


def shown(name, call):
    """The call as one would write it."""
    positional, keyword = call
    try:
        parts = [repr(value) for value in positional] + ["%s=%r" % pair for pair in keyword.items()]
    except Exception:  # a `__repr__` of the project's
        parts = ["..."]
    text = _ADDRESS.sub("", "%s(%s)" % (name, ", ".join(parts)))
    return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 3] + "..."


class _Pickler(pickle.Pickler):
    """Writes functions that have no importable name by their code, with the globals that they use."""

    def reducer_override(self, thing):
        if isinstance(thing, types.ModuleType):
            return importlib.import_module, (thing.__name__,)
        if isinstance(thing, types.FunctionType) and not _is_importable(thing):
            return _function, _parts(thing)
        return NotImplemented


def _is_importable(function):
    owner = None
    try:
        owner = importlib.import_module(function.__module__)
        for name in function.__qualname__.split("."):
            owner = getattr(owner, name)
    except (ImportError, AttributeError, TypeError, ValueError):
        return False
    return owner is function


def _parts(function):
    used, known = _names(function.__code__), function.__globals__
    closure = None if function.__closure__ is None else tuple(cell.cell_contents for cell in function.__closure__)
    return (
        marshal.dumps(function.__code__),
        (function.__name__, function.__qualname__, function.__module__),
        {name: known[name] for name in sorted(used) if name in known},
        (function.__defaults__, function.__kwdefaults__),
        closure,
    )


def _names(code):
    inner = [const for const in code.co_consts if isinstance(const, types.CodeType)]
    return set(code.co_names).union(*(_names(each) for each in inner))


def _function(code, names, known, defaults, closure):
    """The other way round."""
    name, qualified, module = names
    scope = {"__builtins__": builtins, "__name__": module}
    scope.update(known)
    cells = None if closure is None else tuple(types.CellType(value) for value in closure)
    function = types.FunctionType(marshal.loads(code), scope, name, defaults[0], cells)
    function.__qualname__ = qualified
    function.__kwdefaults__ = defaults[1]
    return function
