"""What a new version of a function would keep after a call, and the old one does not: read from its syntax."""

import ast
import textwrap

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
NAMING = frozenset(("FunctionDef", "AsyncFunctionDef", "ClassDef", "ExceptHandler", "MatchAs", "MatchStar"))
SCOPES = (*FUNCTIONS, ast.Lambda, ast.ClassDef)
CHANGERS = frozenset(
    """append appendleft add update setdefault pop popitem popleft extend extendleft insert clear remove discard sort
    reverse write writelines __setitem__ __delitem__ __setattr__ intersection_update difference_update
    symmetric_difference_update move_to_end put put_nowait send set""".split()  # noqa: SIM905 - a list to read
)

# `operator.add(a, b)` and `numpy.append(a, b)` are functions of modules: the methods take one argument.
WITH_ONE_ARGUMENT = frozenset(("append", "appendleft", "add", "extend", "remove", "discard", "write", "put", "send"))


def kept(before, after):
    """Why `after` may not stand for `before`, or None. Both are a function's text, indented as they may be.

    A cache within one call is fine; one that outlives the call would make measurements, and callers' data, lie.
    """
    old, new = _parsed(before), _parsed(after)
    if old is None or new is None:
        return None  # other checks say what is wrong with it
    if len(new.body) != 1 or not isinstance(new.body[0], FUNCTIONS):
        return "it is more than one function: the rest would outlive a call"
    earlier = set(_traces(old.body[0]))
    return next((trace for trace in _traces(new.body[0]) if trace not in earlier), None)


def _parsed(text):
    try:
        return ast.parse(textwrap.dedent(text))
    except SyntaxError:
        return None


def _traces(function):
    """One sentence per thing that outlives a call."""
    yield from _header_traces(function)
    for node in ast.walk(function):
        if isinstance(node, ast.Global):
            yield "it sets the global name %s" % ", ".join(node.names)
    for node in _own_nodes(function):
        if isinstance(node, ast.Nonlocal):
            yield "it sets the outer name %s" % ", ".join(node.names)
    outside = Outside(function)
    for node in ast.walk(function):
        yield from outside.traces(node)


def _header_traces(function):
    for decorator in function.decorator_list:
        yield "it has the decorator @%s, whose work outlives a call" % _text(decorator)
    defaults = [*function.args.defaults, *(node for node in function.args.kw_defaults if node is not None)]
    for default in defaults:
        if not _is_constant(default):
            yield "it has the default argument %s, which outlives a call" % _text(default)


def _is_constant(node):
    if isinstance(node, ast.UnaryOp):
        return _is_constant(node.operand)
    if isinstance(node, ast.Tuple):
        return all(_is_constant(item) for item in node.elts)
    return isinstance(node, ast.Constant)


def _own_nodes(function):
    """The nodes of the function's own body, without those of functions in it."""
    level = list(function.body)
    while level:
        node = level.pop()
        yield node
        if not isinstance(node, SCOPES):
            level.extend(ast.iter_child_nodes(node))


class Outside:
    """Tells what a function changes that is not its own: names from outside, their aliases, and itself."""

    def __init__(self, function):
        self._name = function.name
        self._own = _bound(function)
        self._receiver = _receiver(function)
        self._aliases = set()
        for _ in range(3):  # an alias of an alias of an alias
            self._aliases |= set(self._found_aliases(function))

    def _found_aliases(self, function):
        for node in ast.walk(function):
            for target, value in _assignments(node):
                if isinstance(target, ast.Name) and self._is_outside(value):
                    yield target.id

    def traces(self, node):
        if isinstance(node, ast.Name) and node.id == self._name and isinstance(node.ctx, ast.Store):
            return
        if isinstance(node, (ast.Attribute, ast.Subscript)):
            yield from self._access_traces(node)
        elif isinstance(node, ast.Call):
            yield from self._call_traces(node)

    def _access_traces(self, node):
        is_read = isinstance(node.ctx, ast.Load)
        if is_read and getattr(node, "attr", "") in CHANGERS - WITH_ONE_ARGUMENT and self._is_outside(node.value):
            yield "it changes %s, which outlives a call" % _text(node.value)
        elif not is_read and self._is_outside(node.value):
            yield "it changes %s, which outlives a call" % _text(node)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.value.id == self._name and self._name not in self._own:
                yield "it uses its own attribute %s, which outlives a call" % _text(node)
            elif not is_read and node.value.id == self._receiver:
                yield "it sets %s, which outlives a call" % _text(node)

    def _call_traces(self, node):
        function = node.func
        if _is_change(node) and self._is_outside(function.value):
            yield "it changes %s, which outlives a call" % _text(function.value)
        if isinstance(function, ast.Name) and function.id in ("getattr", "vars") and node.args:
            first = node.args[0]
            if isinstance(first, ast.Name) and first.id == self._name and self._name not in self._own:
                yield "it uses attributes of itself, which outlive a call"

    def _is_outside(self, node):
        """Whether the value belongs to something that was there before the call."""
        while isinstance(node, (ast.Attribute, ast.Subscript)):
            if isinstance(node, ast.Attribute) and node.attr == "__class__":
                return True
            node = node.value
        if isinstance(node, ast.Call):
            return isinstance(node.func, ast.Name) and node.func.id in ("type", "vars", "globals", "getattr")
        if not isinstance(node, ast.Name):
            return False
        return node.id not in self._own or node.id in self._aliases or node.id == "cls"


def _assignments(node):
    """Pairs of a target and the value that it gets; for a loop, what it goes through."""
    if isinstance(node, ast.Assign):
        for target in node.targets:
            yield from _unpacked(target, node.value)
    elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)) and node.value is not None:
        yield node.target, node.value
    elif isinstance(node, (ast.For, ast.comprehension)):
        yield node.target, node.iter


def _unpacked(target, value):
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
        yield from zip(target.elts, value.elts)  # noqa: B905 - Python 3.8
    else:
        yield target, value


def _is_change(call):
    """Whether it is a call of a method that changes its object."""
    function = call.func
    if not isinstance(function, ast.Attribute) or function.attr not in CHANGERS:
        return False
    return function.attr not in WITH_ONE_ARGUMENT or len(call.args) == 1


def _bound(function):
    """Every name that the function binds, parameters and those of functions in it included."""
    names = set()
    for node in ast.walk(function):
        if isinstance(node, ast.arg):
            names.add(node.arg)
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            names.add(node.id)
        elif type(node).__name__ in NAMING and node is not function and node.name:
            names.add(node.name)
    return names


def _receiver(function):
    arguments = [*getattr(function.args, "posonlyargs", ()), *function.args.args]
    return arguments[0].arg if arguments and arguments[0].arg in ("self", "cls") else None


def _text(node):
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return "%s.%s" % (_text(node.value), node.attr)
    if isinstance(node, ast.Subscript):
        return "%s[...]" % _text(node.value)
    if isinstance(node, ast.Call):
        return "%s(...)" % _text(node.func)
    return "..." if not isinstance(node, (ast.List, ast.Dict, ast.Set)) else "[...]"
