"""How an expression is written down: precedence, generators, good names, and what must be imported or defined."""

import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from perforch.builtin.synthesis.component import Component
from perforch.builtin.synthesis.expression import INDEX, Constant, Each, Expression, Form, Variable
from perforch.builtin.synthesis.values import element
from perforch.builtin.terms import OPERATORS, Binds, Term, wrapped

_PLACE = re.compile(r"\{(\d)(:each)?\}")
# What the operands of each operator need, as the left one and as the right one.
_OPERANDS = {
    **{operator: (binds, Binds(binds + 1)) for operator, binds in OPERATORS.items()},
    "**": (Binds.AWAIT, Binds.SIGN),
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">=", "in"), (Binds.BIT_OR, Binds.BIT_OR)),
    "and": (Binds.AND, Binds.AND),
    "or": (Binds.OR, Binds.OR),
    "not": (Binds.NOT, Binds.NOT),
    "if": (Binds.OR, Binds.OR),
    "else": (Binds.OR, Binds.TEST),
    "for": (Binds.TEST, Binds.TEST),
}
_OPERATOR = "|".join(re.escape(operator) for operator in sorted(_OPERANDS, key=len, reverse=True))
_LEFT = re.compile(rf"({_OPERATOR}) $")
_RIGHT = re.compile(rf" ({_OPERATOR}) ")
_BOUND = re.compile(r"\bfor (\w+) in\b")
_HEADER = re.compile(r"def \w+\((.*)\):\n")
_NAMES = {"str": "char", "int": "number", "float": "number", "[": "row", "(": "pair"}
_SIDE_BY_SIDE = ("first", "second", "third")


@dataclass(slots=True)
class Writer:
    """Writes one expression; `names` are those that are in use."""

    names: set[str]
    bound: dict[int, str] = field(default_factory=dict)

    def term(self, expression: Expression) -> Term:
        """The expression as a value."""
        match expression.maker:
            case Variable(place, name):
                return Term(self.bound.get(place, name))
            case Constant() as constant:
                return Term(constant.text, constant.binds)
            case Component() as component:
                return self._component(component, expression.parts)
            case Each(form) as each if form in {Form.MAP, Form.FILTER}:
                return Term(f"[{self._comprehension(expression, each)}]")
            case Each() as each:
                return self._keyed(expression, each)

    def iterable(self, expression: Expression) -> str:
        """The expression where it is the only argument of what goes through it: a generator rather than a list."""
        match expression.maker:
            case Each(form) as each if form in {Form.MAP, Form.FILTER}:
                return self._comprehension(expression, each)
            case Component(text=text) if text.startswith("[") and " for " in text:
                return self.term(expression).text[1:-1]
            case _:
                return self._source(expression)

    def _source(self, expression: Expression) -> str:
        """Where any iterable will do, nothing needs to be made a list first."""
        text = wrapped(self.term(expression), Binds.OR)
        is_listed = isinstance(expression.maker, Component) and expression.maker.text.startswith("list(")
        return text.removeprefix("list(").removesuffix(")") if is_listed else text

    def _component(self, component: Component, parts: Sequence[Expression]) -> Term:
        template = component.text
        if component.binds is Binds.COMPARE and isinstance(parts[0].maker, Constant) and len(parts) == 2:
            template, parts = _turned(template, parts)

        template = self._renamed(template)

        def put(place: re.Match[str]) -> str:
            part = parts[int(place.group(1))]
            need = _need(template, place)
            if place.group(2):
                is_alone = template[place.end() : place.end() + 1] == ")" and template[place.start() - 1] == "("
                return self.iterable(part) if is_alone else wrapped(self.term(part), need)
            return wrapped(self.term(part), need)

        text = _PLACE.sub(put, template)
        if component.binds is Binds.NOT and _is_membership(parts[0]):
            return Term(self.term(parts[0]).text.replace(" in ", " not in ", 1), Binds.COMPARE)
        return Term(text, component.binds)

    def _renamed(self, template: str) -> str:
        """The variables of a comprehension within a template, where they would hide others that are in use."""
        for name in _BOUND.findall(template):
            if name in self.names | set(self.bound.values()):
                template = re.sub(rf"\b{name}\b", self._free(name), template)
        return template

    def _comprehension(self, expression: Expression, each: Each) -> str:
        outside = dict(self.bound)
        text = self._clauses(expression, each)
        self.bound = outside
        return text

    def _clauses(self, expression: Expression, each: Each) -> str:
        source, body = expression.parts
        conditions: list[tuple[Expression, Each]] = []
        if each.form is Form.FILTER:
            conditions.append((body, each))
        while isinstance(source.maker, Each) and source.maker.form is Form.FILTER and not _counts(body, each):
            conditions.insert(0, (source.parts[1], source.maker))
            source = source.parts[0]
        is_indexed = any(_counts(condition, maker) for condition, maker in conditions) or _counts(body, each)
        iterated = self._source(source)
        names = self._bind(source, each)
        for _, maker in conditions:
            self.bound.update({maker.first + place: name for place, name in enumerate(names)})
            self.bound[maker.first + INDEX] = self.bound[each.first + INDEX]
        elements = ", ".join(names)
        shown = elements if each.form is Form.FILTER and len(names) == 1 else f"({elements})"
        result = wrapped(self.term(body), Binds.TEST) if each.form is Form.MAP else shown
        tests = "".join(f" if {wrapped(self.term(condition), Binds.OR)}" for condition, _ in conditions)
        if is_indexed:
            index = self.bound[each.first + INDEX]
            target = f"{index}, {elements}" if len(names) == 1 else f"{index}, ({elements})"
            return f"{result} for {target} in enumerate({iterated}){tests}"
        return f"{result} for {elements} in {iterated}{tests}"

    def _keyed(self, expression: Expression, each: Each) -> Term:
        source, body = expression.parts
        iterated, outside = self._source(source), dict(self.bound)
        (name,) = self._bind(source, each)
        simple = _function(body)
        key = simple or f"lambda {name}: {wrapped(self.term(body), Binds.TEST)}"
        self.bound = outside
        return Term(f"{each.form}({iterated}, key={key})")

    def _bind(self, source: Expression, each: Each) -> tuple[str, ...]:
        """Names for the variables of a comprehension, unlike all others in use."""
        wishes = _SIDE_BY_SIDE[: each.variables] if each.variables > 1 else (self._wish(source),)
        names = tuple(self._free(wish) for wish in wishes)
        self.bound.update({each.first + place: name for place, name in enumerate(names)})
        self.bound[each.first + INDEX] = self._free("index")
        return names

    def _wish(self, source: Expression) -> str:
        root = source
        while root.parts and root.kind == source.kind:
            root = root.parts[0]
        if isinstance(root.maker, Variable) and root.kind == source.kind and source.kind != "str":
            name = self.bound.get(root.maker.place, root.maker.name)
            if len(name) > 3 and name.endswith("s") and not name.endswith("ss"):
                return name[:-1]
        kind = element(source.kind) or ""
        if kind == "str" and source.kind != "str":
            return "text"
        return _NAMES.get(kind) or _NAMES.get(kind[:1], "item")

    def _free(self, wish: str) -> str:
        taken = self.names | set(self.bound.values())
        choices = (wish, *(f"{wish}{number}" for number in range(2, 100)))
        return next(name for name in choices if name not in taken)


@dataclass(frozen=True, slots=True)
class Body:
    """The statements of a function, not indented, and the import lines that they need."""

    text: str
    imports: tuple[str, ...]


def body_of(expression: Expression, names: set[str]) -> Body:
    """Helpers first, then the expression returned; where a helper is all there is, its own statements."""
    inlined = _inlined(expression, names)
    if inlined:
        return inlined
    used = tuple(dict.fromkeys(_components(expression)))
    helpers = dict.fromkeys(component.helper for component in used if component.helper)
    imports = dict.fromkeys(component.imports for component in used if component.imports)
    text = wrapped(Writer(set(names)).term(expression), Binds.TUPLE)
    return Body("".join(f"{helper}\n" for helper in helpers) + f"return {text}", tuple(imports))


def _inlined(expression: Expression, names: set[str]) -> Body | None:
    """The statements of a helper that is called with nothing but variables."""
    helper = expression.maker.helper if isinstance(expression.maker, Component) else ""
    given = [part.maker.name for part in expression.parts if isinstance(part.maker, Variable)]
    header = _HEADER.match(helper)
    if header is None or not isinstance(expression.maker, Component) or len(given) != len(expression.parts):
        return None
    text = textwrap.dedent(helper[header.end() :]).rstrip()
    parameters = header.group(1).split(", ")
    if any(re.search(rf"\b{name}\b", text) for name in names - set(parameters)) or set(given) & set(parameters):
        return None
    for parameter, name in zip(parameters, given, strict=True):
        text = re.sub(rf"\b{parameter}\b", name, text)
    return Body(text, tuple(filter(None, [expression.maker.imports])))


def _is_membership(expression: Expression) -> bool:
    return isinstance(expression.maker, Component) and expression.maker.text.startswith("{0} in ")


def _components(expression: Expression) -> Iterator[Component]:
    if isinstance(expression.maker, Component):
        yield expression.maker
    for part in expression.parts:
        yield from _components(part)


def _need(template: str, place: re.Match[str]) -> Binds:
    """How tightly an argument must bind, by the operators on either side of it."""
    if template[place.end() : place.end() + 1] in {".", "["}:
        return Binds.ATOM
    left, right = _LEFT.search(template, 0, place.start()), _RIGHT.match(template, place.end())
    as_right = _OPERANDS[left.group(1)][1] if left else Binds.TEST
    as_left = _OPERANDS[right.group(1)][0] if right else Binds.TEST
    return max(as_right, as_left)


def _turned(template: str, parts: Sequence[Expression]) -> tuple[str, Sequence[Expression]]:
    """`3 < x` is better read as `x > 3`."""
    turned = {"{0} < {1}": "{0} > {1}", "{0} <= {1}": "{0} >= {1}"}
    if template in {"{0} == {1}", "{0} != {1}"}:
        return template, parts[::-1]
    return (turned[template], parts[::-1]) if template in turned else (template, parts)


def _counts(body: Expression, each: Each) -> bool:
    return bool(body.uses & 1 << (each.first + INDEX))


def _function(body: Expression) -> str | None:
    """`len` for `len(x)`: a key needs no lambda where one function does."""
    plain = isinstance(body.maker, Component) and re.fullmatch(r"(\w+)\(\{0(?::each)?\}\)", body.maker.text)
    if plain and len(body.parts) == 1 and isinstance(body.parts[0].maker, Variable):
        return plain.group(1)
    return None
