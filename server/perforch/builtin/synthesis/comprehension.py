"""Expressions over the elements of a sequence: a scope of its own for each source, and what is made of its bodies."""

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from perforch.builtin.synthesis.component import Cost
from perforch.builtin.synthesis.expression import INDEX, LOCALS, Each, Expression, Form
from perforch.builtin.synthesis.scope import WORK, Grammar, Scope, of_variable
from perforch.builtin.synthesis.values import NONE, NOTHING, Kind, Value, Vector, depth, element, is_ordered, parts

DEEPEST = 2  # comprehensions within comprehensions
_COMPREHENSION = 2  # the cost of the brackets: sum, join, any and so on have their own
_OVERHEAD = 20  # making something of a body takes as long as computing so many values
_INDEX = 4
_MOST_ELEMENTS = 400  # over all examples: beyond, every body would take too long
_LOWEST_BODY = 2  # a body is at least a variable
_MOST_SOURCES = (40, 120, 300)  # the dearest sources last, each allowed a smaller scope
_MOST_BODIES = (8_000, 2_000, 400)
_HOISTED = 8  # what is computed outside may be used inside up to this cost
_SCALARS = frozenset({"int", "float", "str", "bool"})


@dataclass(slots=True)
class Inner:
    """The scope of one source's elements."""

    source: Expression
    each: Each
    lengths: tuple[int, ...]
    scope: Scope
    inside: "Comprehensions | None" = None


@dataclass(slots=True)
class Comprehensions:
    """All comprehensions over what is in `outer`; `first` is the place of their first variable."""

    outer: Scope
    grammar: Grammar
    first: int
    depth: int = 1
    _inner: dict[int, Inner | None] = field(default_factory=dict)
    _opened: int = 0

    def advance(self) -> Iterator[None]:
        """All comprehensions that cost what the outer scope has just reached."""
        cost = self.outer.cost
        for source_cost in range(1, cost - _COMPREHENSION - _LOWEST_BODY + 1):
            body_cost = cost - source_cost - _COMPREHENSION
            for kind in self.outer.kinds:
                if element(kind) is None or (self.depth > 1 and source_cost > Cost.VARIABLE):
                    continue
                for source in tuple(self.outer.own_level(kind, source_cost)):
                    yield from self._over(source, body_cost)

    def _over(self, source: Expression, body_cost: int) -> Iterator[None]:
        inner = self._opened_over(source)
        if inner is None:
            return
        while inner.scope.cost < body_cost and not inner.scope.is_full:
            yield from inner.scope.advance()
            if inner.inside and inner.scope.cost > _LOWEST_BODY:
                yield from inner.inside.advance()
        work = 0
        for kind in inner.scope.kinds:
            for body in inner.scope.own_level(kind, body_cost):
                self._made_of(inner, body)
                work += len(body.values) + _OVERHEAD
                if work > WORK:
                    work = 0
                    yield
        yield

    def _opened_over(self, source: Expression) -> Inner | None:
        identity = id(source)
        if identity not in self._inner:
            self._inner[identity] = self._open(source)
        return self._inner[identity]

    def _open(self, source: Expression) -> Inner | None:
        rank = next((rank for rank, most in enumerate(_MOST_SOURCES) if self._opened < most), None)
        if rank is None or not source.is_total or not source.uses:
            return None
        sequences = [tuple(value) for value in source.values if isinstance(value, tuple | str | frozenset | dict)]
        lengths = tuple(map(len, sequences))
        if not 0 < sum(lengths) <= _MOST_ELEMENTS or source.kind[0] == "{":
            return None
        self._opened += 1
        return self._inner_of(source, sequences, _MOST_BODIES[rank] // self.depth)

    def _inner_of(self, source: Expression, sequences: Sequence[Sequence[Value]], most: int) -> Inner:
        kind = element(source.kind) or NONE
        members = parts(kind) if kind[0] == "(" else (kind,)
        lengths = tuple(map(len, sequences))
        each = Each(Form.MAP, self.first, len(members))
        own = ((1 << LOCALS) - 1) << self.first
        scope = Scope(self.grammar, own, most)
        inside = Comprehensions(scope, self.grammar, self.first + LOCALS, self.depth + 1)
        inner = Inner(source, each, lengths, scope, inside if self.depth < DEEPEST else None)
        elements = tuple(value for sequence in sequences for value in sequence)
        for place, member in enumerate(members):
            column = elements if len(members) == 1 else tuple(map(operator.itemgetter(place), elements))  # type: ignore[arg-type]  # elements of such a kind are tuples
            scope.add(of_variable(self.first + place, "", member, column))
        self._add_outer(scope, lengths)
        index = tuple(place for length in lengths for place in range(length))
        position = of_variable(self.first + INDEX, "", "int", index)
        scope.add(Expression("int", _INDEX, index, position.maker, (), position.uses))
        return inner

    def _add_outer(self, scope: Scope, lengths: Sequence[int]) -> None:
        """Variables, constants, and what is cheap, is the same for all elements and was computed outside."""
        for kind in self.outer.kinds:
            for cost in range(1, _HOISTED + 1):
                for outer in self.outer.level(kind, cost):
                    is_plain = not outer.parts
                    if outer.is_total and (is_plain or (kind in _SCALARS and not outer.constants())):
                        scope.add(_spread(outer, lengths))

    def _made_of(self, inner: Inner, body: Expression) -> None:
        own = ((1 << LOCALS) - 1) << self.first
        rows = tuple(_rows(body.values, inner.lengths))
        uses = inner.source.uses | (body.uses & ~own)
        makes = _Makes(self.outer, inner, body, uses, self.grammar.forms)
        if depth(body.kind) < self.grammar.deepest:
            makes.mapped(rows)
        if body.kind == "bool":
            makes.filtered(rows)
        if is_ordered(body.kind) and body.parts and inner.each.variables == 1 and not _uses_index(body, self.first):
            makes.keyed(rows)


@dataclass(frozen=True, slots=True)
class _Makes:
    """Puts what a source and a body make into the outer scope."""

    outer: Scope
    inner: Inner
    body: Expression
    uses: int
    forms: Mapping[Form, int]

    def mapped(self, rows: Sequence[Sequence[Value]]) -> None:
        self._add(Form.MAP, f"[{self.body.kind}]", tuple(map(tuple, rows)))

    def filtered(self, rows: Sequence[Sequence[Value]]) -> None:
        values = tuple(
            tuple(each for each, keep in zip(_sequence(sequence), row, strict=True) if keep)
            for sequence, row in zip(self.inner.source.values, rows, strict=True)
        )
        self._add(Form.FILTER, f"[{element(self.inner.source.kind)}]", values)

    def keyed(self, rows: Sequence[Sequence[Value]]) -> None:
        kind = element(self.inner.source.kind) or NONE
        for form, result, choose in (
            (Form.SORT, f"[{kind}]", _sorted_by),
            (Form.MOST, kind, _most_by),
            (Form.LEAST, kind, _least_by),
        ):
            values = tuple(
                choose(_sequence(sequence), row) for sequence, row in zip(self.inner.source.values, rows, strict=True)
            )
            self._add(form, result, values)

    def _add(self, form: Form, kind: Kind, values: Vector) -> None:
        each = Each(form, self.inner.each.first, self.inner.each.variables)
        cost = self.inner.source.cost + self.body.cost + self.forms[form]
        total = all(value is not NOTHING for value in values)
        if total:
            self.outer.add(Expression(kind, cost, values, each, (self.inner.source, self.body), self.uses))


def _spread(outer: Expression, lengths: Sequence[int]) -> Expression:
    values = tuple(value for value, length in zip(outer.values, lengths, strict=True) for _ in range(length))
    return Expression(outer.kind, outer.cost, values, outer.maker, outer.parts, outer.uses)


def _rows(values: Vector, lengths: Sequence[int]) -> Iterator[Vector]:
    start = 0
    for length in lengths:
        yield values[start : start + length]
        start += length


def _sequence(value: Value) -> Sequence[Value]:
    assert isinstance(value, tuple | str), "sources are sequences"
    return value


def _uses_index(body: Expression, first: int) -> bool:
    return bool(body.uses & 1 << (first + INDEX))


def _sorted_by(values: Sequence[Value], keys: Sequence[Value]) -> Value:
    order: Callable[[int], Value] = keys.__getitem__
    return tuple(values[place] for place in sorted(range(len(values)), key=order))  # type: ignore[arg-type]  # only keys of an ordered kind come here


def _most_by(values: Sequence[Value], keys: Sequence[Value]) -> Value:
    order: Callable[[int], Value] = keys.__getitem__
    return values[max(range(len(values)), key=order)] if values else NOTHING  # type: ignore[arg-type]  # as above


def _least_by(values: Sequence[Value], keys: Sequence[Value]) -> Value:
    order: Callable[[int], Value] = keys.__getitem__
    return values[min(range(len(values)), key=order)] if values else NOTHING  # type: ignore[arg-type]  # as above
