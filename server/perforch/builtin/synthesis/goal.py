"""What is searched for: an expression with the values of the examples' results."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from perforch.builtin.synthesis.expression import Expression
from perforch.builtin.synthesis.numbers import choice
from perforch.builtin.synthesis.values import ANY, EMPTY, NOTHING, Kind, Value, joined, same

_MOST_PARTIAL_USES = 5  # hits that leave a parameter out


@dataclass(slots=True)
class Goal:
    """Keeps what reaches the goal, what reaches part of it, and the conditions that tell the parts apart.

    `parts` has, per set of examples (a bit each), the first expression right on exactly these.
    """

    kind: Kind
    values: Sequence[Value]
    parameters: int
    hits: list[Expression] = field(default_factory=list)
    parts: dict[int, Expression] = field(default_factory=dict)
    conditions: dict[int, Expression] = field(default_factory=dict)
    right: list[int] = field(default_factory=list)  # how many of those considered were right, per example
    considered: int = 0  # expressions of the right kind: the more there were, the less a hit says

    @property
    def everywhere(self) -> int:
        return (1 << len(self.values)) - 1

    @property
    def all_parameters(self) -> int:
        return (1 << self.parameters) - 1

    @property
    def whole_hits(self) -> list[Expression]:
        """Those that use every parameter."""
        return [hit for hit in self.hits if hit.uses & self.all_parameters == self.all_parameters]

    def __post_init__(self) -> None:
        self.right = [0] * len(self.values)

    def notice(self, expression: Expression) -> bool:
        """Whether the expression is right on all examples."""
        if expression.kind == "bool":
            self._note_condition(expression)
        if not self._is_right_kind(expression.kind):
            return False
        self.considered += 1
        right = 0
        for place, (ours, wanted) in enumerate(zip(expression.values, self.values, strict=True)):
            if same(ours, wanted):
                right |= 1 << place
                self.right[place] += 1
        if right == self.everywhere:
            is_whole = expression.uses & self.all_parameters == self.all_parameters
            if is_whole or (expression.uses and len(self.hits) < _MOST_PARTIAL_USES):
                self.hits.append(expression)
            return True
        if right:
            self.parts.setdefault(right, expression)
        return False

    def conditional(self) -> Expression | None:
        """The cheapest choice between two expressions, each right on the examples for which it is chosen."""
        choices = [
            self._choice(condition, first, second)
            for holds, condition in self.conditions.items()
            if (first := self._right_on(holds)) and (second := self._right_on(self.everywhere & ~holds))
        ]
        whole = [each for each in choices if each.uses & self.all_parameters == self.all_parameters]
        return min(whole, key=lambda each: each.cost, default=None)

    def _right_on(self, examples: int) -> Expression | None:
        right = [expression for mask, expression in self.parts.items() if mask & examples == examples]
        return min(right, key=lambda each: each.cost, default=None)

    def _choice(self, condition: Expression, first: Expression, second: Expression) -> Expression:
        component, parts = choice(), (condition, first, second)
        return Expression(
            kind=self.kind,
            cost=component.cost + sum(part.cost for part in parts),
            values=tuple(self.values),
            maker=component,
            parts=parts,
            uses=condition.uses | first.uses | second.uses,
        )

    def _is_right_kind(self, kind: Kind) -> bool:
        if kind == self.kind:
            return True
        if (self.kind, kind) == ("float", "int"):
            return True
        return (EMPTY in self.kind or ANY in self.kind) and joined([kind, self.kind]) in {kind, self.kind}

    def _note_condition(self, expression: Expression) -> None:
        if not expression.is_total or NOTHING in expression.values:
            return
        holds = sum(1 << place for place, value in enumerate(expression.values) if value)
        if holds not in {0, self.everywhere}:
            self.conditions.setdefault(holds, expression)
