"""What all known inputs of a function have in common, taken for the precondition of inputs that we make up."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import combinations, permutations

Arguments = tuple[object, ...]
Condition = Callable[[Arguments], bool]


def preconditions(examples: Sequence[Arguments]) -> list[Condition]:
    """The conditions of our catalogue that hold for every example."""
    positions = range(min((len(arguments) for arguments in examples), default=0))
    catalogue = [
        *(_of_one(condition, position) for position in positions for condition in _ALONE),
        *(
            _of_column(condition, position, column)
            for position in positions
            for column in (0, 1)
            for condition in _NUMBER
        ),
        *(_of_two(condition, *pair) for pair in permutations(positions, 2) for condition in _TOGETHER),
        *(_alike(first, second) for first, second in combinations(positions, 2)),
    ]
    return [condition for condition in catalogue if all(condition(arguments) for arguments in examples)]


def _of_one(condition: Callable[[object], bool], position: int) -> Condition:
    return lambda arguments: condition(arguments[position])


def _of_column(condition: Callable[[object], bool], position: int, column: int) -> Condition:
    def holds(arguments: Arguments) -> bool:
        rows = arguments[position]
        if not isinstance(rows, list) or not all(isinstance(row, list | tuple) and len(row) == 2 for row in rows):
            return False
        return all(condition(row[column]) for row in rows)

    return holds


def _of_two(condition: Callable[[object, object], bool], first: int, second: int) -> Condition:
    return lambda arguments: condition(arguments[first], arguments[second])


def _alike(first: int, second: int) -> Condition:
    return lambda arguments: _length(arguments[first]) == _length(arguments[second]) != -1


# Conditions on a single argument


def _not_negative(value: object) -> bool:
    return isinstance(value, int | float) and value >= 0


def _positive(value: object) -> bool:
    return isinstance(value, int | float) and value >= 1


def _above_one(value: object) -> bool:
    return isinstance(value, int | float) and value >= 2


def _all_not_negative(value: object) -> bool:
    return isinstance(value, list) and all(_not_negative(item) for item in value)


def _all_positive(value: object) -> bool:
    return isinstance(value, list) and all(_positive(item) for item in value)


def _not_empty(value: object) -> bool:
    return _length(value) > 0


def _unique(value: object) -> bool:
    return isinstance(value, list) and len({repr(item) for item in value}) == len(value)


def _sorted(value: object) -> bool:
    return _numbers(value) is not None and value == sorted(_numbers(value) or [])


def _digits(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, int) and 0 <= item <= 9 for item in value)


def _operands_and_operators_alternate(value: object) -> bool:
    if not isinstance(value, list) or any(isinstance(item, str) for item in value[::2]):
        return False
    return all(isinstance(item, str) for item in value[1::2]) and (not value or len(value) % 2 == 1)


_NUMBER = (_not_negative, _positive)
_ALONE = (
    _not_negative,
    _positive,
    _above_one,
    _all_not_negative,
    _all_positive,
    _not_empty,
    _unique,
    _sorted,
    _digits,
    _operands_and_operators_alternate,
)

# Conditions on two arguments


def _bounds_items(number: object, items: object) -> bool:
    values = _numbers(items)
    return isinstance(number, int) and values is not None and all(value < number for value in values)


def _bounds_displacement(number: object, items: object) -> bool:
    """No item is further than `number` from its place in the sorted list."""
    values = _numbers(items)
    if not isinstance(number, int) or values is None:
        return False
    return all(abs(index - sorted(values).index(value)) <= number for index, value in enumerate(values))


def _at_most_length(number: object, items: object) -> bool:
    return isinstance(number, int) and number <= _length(items)


def _below_length(number: object, items: object) -> bool:
    return isinstance(number, int) and number < _length(items)


_TOGETHER = (_bounds_items, _bounds_displacement, _at_most_length, _below_length)


def _numbers(value: object) -> list[float] | None:
    if isinstance(value, list) and all(isinstance(item, int | float) for item in value):
        return value
    return None


def _length(value: object) -> int:
    return len(value) if isinstance(value, str | list | tuple | dict) else -1


def atoms(value: object) -> Iterator[object]:
    """Every number and text within a value."""
    if isinstance(value, list | tuple):
        yield from _chained(value)
    elif isinstance(value, dict):
        yield from _chained((*value.keys(), *value.values()))
    else:
        yield value


def _chained(values: Iterable[object]) -> Iterator[object]:
    for value in values:
        yield from atoms(value)
