"""Everything that can be computed from some variables, cheapest first, and each result only once."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from perforch.builtin.synthesis.component import Component, Cost
from perforch.builtin.synthesis.expression import Expression, Form, Variable
from perforch.builtin.synthesis.values import ANY, NOTHING, Kind, Value, Vector, bindings, depth, filled

FAILURES = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
_ROOM = 2_500_000  # values: some 300 MB at worst
_EXPRESSION = 12  # an expression itself takes as much room as so many values
WORK = 1_500  # values computed between two chances to pause: well under 5 ms


@dataclass(frozen=True, slots=True)
class Priced:
    """A component and what it costs in this search."""

    component: Component
    cost: int


@dataclass(frozen=True, slots=True)
class Fit:
    """Kinds of arguments that a component takes together, and the kind of what it makes of them."""

    takes: tuple[Kind, ...]
    gives: Kind


@dataclass(frozen=True, slots=True)
class Use:
    """A component for arguments of certain kinds."""

    component: Component
    cost: int
    fit: Fit


@dataclass(slots=True)
class Room:
    """How many more values may be kept, all scopes of a search together."""

    left: int = _ROOM


@dataclass(frozen=True, slots=True)
class Grammar:
    """What expressions are made of; which pieces fit together is worked out once per set of kinds.

    Nothing is made that is nested deeper than `deepest`: there would be no end of kinds.
    """

    priced: tuple[Priced, ...]
    forms: Mapping[Form, int]
    deepest: int
    room: Room = field(default_factory=Room)
    _uses: dict[tuple[Kind, ...], tuple[Use, ...]] = field(default_factory=dict)

    def uses(self, kinds: Sequence[Kind]) -> tuple[Use, ...]:
        """Every component with every combination of these kinds that it takes."""
        known = tuple(sorted(kinds))
        if known not in self._uses:
            self._uses[known] = tuple(
                Use(priced.component, priced.cost, fit)
                for priced in self.priced
                for fit in _fits(priced.component, known, priced.component.takes, {})
                if depth(fit.gives) <= self.deepest
            )
        return self._uses[known]


class Scope:
    """The bank of expressions over some variables, grown by one unit of cost at a time.

    `own` are the bits of the variables that every new expression must use one of; `most` caps the bank. Where `partial`
    holds, an expression may fail on some of the examples. `noticed` is called with every new expression, and with every
    further one for a result that it has called for by answering True.
    """

    def __init__(
        self, grammar: Grammar, own: int, most: int, noticed: Callable[[Expression], bool] | None = None
    ) -> None:
        self.cost = 0
        self.count = 0
        self._grammar = grammar
        self._own = own
        self._most = most
        self._noticed = noticed
        self._bank: dict[Kind, dict[int, list[Expression]]] = {}
        self._own_bank: dict[tuple[Kind, int], list[Expression]] = {}
        self._seen: set[tuple[Kind, object]] = set()
        self._wanted: set[tuple[Kind, object]] = set()
        self._work = 0

    @property
    def is_full(self) -> bool:
        return self.count >= self._most or self._grammar.room.left <= 0

    @property
    def kinds(self) -> tuple[Kind, ...]:
        return tuple(self._bank)

    def level(self, kind: Kind, cost: int) -> Sequence[Expression]:
        return self._bank.get(kind, {}).get(cost, ())

    def own_level(self, kind: Kind, cost: int) -> Sequence[Expression]:
        """Those that use a variable of this scope's own."""
        return self._own_bank.get((kind, cost), ())

    def add(self, expression: Expression) -> None:
        """Keeps the expression unless one that is no dearer has the same values."""
        key = (expression.kind, _key(expression.kind, expression.values))
        if key in self._seen:
            if key in self._wanted and self._noticed:
                self._noticed(expression)
            return
        self._seen.add(key)
        self.count += 1
        self._grammar.room.left -= len(expression.values) + _EXPRESSION
        self._bank.setdefault(expression.kind, {}).setdefault(expression.cost, []).append(expression)
        if expression.uses & self._own:
            self._own_bank.setdefault((expression.kind, expression.cost), []).append(expression)
        if self._noticed and self._noticed(expression):
            self._wanted.add(key)

    def advance(self) -> Iterator[None]:
        """All that components make at the next cost; pauses often."""
        self.cost += 1
        for use in self._grammar.uses(self.kinds):
            if self.is_full:
                return
            rest = self.cost - use.cost
            if rest >= len(use.fit.takes):
                yield from self._combine(use.component, use.fit, rest)

    def _combine(self, component: Component, fit: Fit, rest: int) -> Iterator[None]:
        match len(fit.takes):
            case 1:
                yield from self._apply(component, fit, (), self.own_level(fit.takes[0], rest))
            case 2:
                yield from self._pairs(component, fit, rest)
            case _:
                yield from self._triples(component, fit, rest)

    def _pairs(self, component: Component, fit: Fit, rest: int) -> Iterator[None]:
        is_symmetric = component.commutes and fit.takes[0] == fit.takes[1]
        for first in range(1, rest // 2 + 1 if is_symmetric else rest):
            every = self.level(fit.takes[1], rest - first)
            own = self.own_level(fit.takes[1], rest - first)
            is_triangle = is_symmetric and 2 * first == rest
            for place, one in enumerate(self.level(fit.takes[0], first)) if every else ():
                if not one.uses & self._own:
                    yield from self._apply(component, fit, (one,), own)
                else:
                    yield from self._apply(component, fit, (one,), every[place:] if is_triangle else every)

    def _triples(self, component: Component, fit: Fit, rest: int) -> Iterator[None]:
        for first in range(1, rest - 1):
            for second in range(1, rest - first):
                every = self.level(fit.takes[2], rest - first - second)
                own = self.own_level(fit.takes[2], rest - first - second)
                for one in self.level(fit.takes[0], first) if every else ():
                    for other in self.level(fit.takes[1], second):
                        is_own = (one.uses | other.uses) & self._own
                        yield from self._apply(component, fit, (one, other), every if is_own else own)

    def _apply(
        self, component: Component, fit: Fit, given: tuple[Expression, ...], lasts: Sequence[Expression]
    ) -> Iterator[None]:
        """One of the arguments at least uses a variable of this scope's own."""
        is_total = all(part.is_total for part in given)
        columns = [part.values for part in given]
        self._work += 1
        for last in tuple(lasts):
            self._work += len(last.values) + 4
            if self._work > WORK:
                self._work = 0
                if self.is_full:
                    return
                yield
            if last in given and not component.doubles:
                continue
            values = self._values(component, (*columns, last.values), is_total and last.is_total)
            if values is not None:
                self._offer(component, fit.gives, (*given, last), values)

    def _offer(self, component: Component, kind: Kind, parts: tuple[Expression, ...], values: Vector) -> None:
        """As `add`, but makes the expression only if it is new: most are not."""
        key = (kind, _key(kind, values))
        if key in self._seen and key not in self._wanted:
            return
        uses = 0
        for part in parts:
            uses |= part.uses
        self.add(Expression(kind, self.cost, values, component, parts, uses, is_total=NOTHING not in values))

    def _values(self, component: Component, columns: Sequence[Vector], is_total: bool) -> Vector | None:  # noqa: FBT001  # a fact about the columns
        if is_total:
            try:
                return tuple(map(component.function, *columns))
            except FAILURES:
                pass
        if self._noticed is None:
            return None
        values = tuple(_computed(component.function, row) for row in zip(*columns, strict=True))
        return values if any(value is not NOTHING for value in values) else None


def _fits(
    component: Component, kinds: Sequence[Kind], patterns: Sequence[Kind], known: Mapping[str, Kind]
) -> Iterator[Fit]:
    if not patterns:
        takes = ()
        yield Fit(takes, filled(component.gives, known))
        return
    for kind in kinds:
        found = bindings(patterns[0], kind, known)
        if found is None:
            continue
        for fit in _fits(component, kinds, patterns[1:], found):
            is_mirrored = (
                component.commutes and len(patterns) == 2 and patterns[0] == patterns[1] and fit.takes[0] < kind
            )
            if not is_mirrored:
                yield Fit((kind, *fit.takes), fit.gives)


def _computed(function: Callable[..., Value], row: Sequence[Value]) -> Value:
    if any(value is NOTHING for value in row):
        return NOTHING
    try:
        return function(*row)
    except FAILURES:
        return NOTHING


def _key(kind: Kind, values: Vector) -> object:
    """What tells values apart; in lists of all sorts, 1 and True are equal but not the same."""
    return repr(values) if ANY in kind else values


def of_variable(place: int, name: str, kind: Kind, values: Vector) -> Expression:
    return Expression(kind, Cost.VARIABLE, values, Variable(place, name), uses=1 << place)
