"""New inputs for a function, by changing known ones a little and keeping what they have in common."""

import copy
from collections.abc import Iterator, Sequence
from random import Random

from agreement_preconditions import Arguments, atoms, preconditions

MOST_CHANGES = 4
TRIES_PER_INPUT = 60  # of which most may violate a precondition
NODE_LISTS = ("successors", "predecessors", "incoming_nodes", "outgoing_nodes")


def new_inputs(examples: Sequence[Arguments], rng: Random, count: int) -> Iterator[Arguments]:
    """Different inputs like the examples, the examples first."""
    holding = preconditions(examples)
    seen: set[str] = set()
    change = _Change(rng, examples)
    for number in range(count * TRIES_PER_INPUT):
        arguments = copy.deepcopy(examples[number]) if number < len(examples) else change.arguments()
        key = _key(arguments)
        if key not in seen and all(holds(arguments) for holds in holding):
            seen.add(key)
            yield arguments


class _Change:
    """Random changes, with the numbers, characters and items that the examples use at the same place."""

    def __init__(self, rng: Random, examples: Sequence[Arguments]) -> None:
        self._rng = rng
        self._examples = examples
        self._columns = [list(column) for column in zip(*examples, strict=False)]
        values = [atom for arguments in examples for atom in atoms(list(arguments))]
        self._characters = [
            sorted({char for value in column for atom in atoms(value) if isinstance(atom, str) for char in atom})
            or ["a"]
            for column in self._columns
        ]
        self._most = max([abs(value) for value in values if isinstance(value, int | float)], default=9)

    def arguments(self) -> Arguments:
        changed = list(copy.deepcopy(self._rng.choice(self._examples)))
        for _ in range(self._rng.randint(1, MOST_CHANGES)):
            place = self._rng.randrange(len(changed)) if changed else 0
            if changed:
                changed[place] = self._changed(changed[place], place)
        return tuple(changed)

    def _changed(self, value: object, place: int) -> object:
        rng = self._rng
        match value:
            case bool():
                return not value
            case int():
                return rng.choice(
                    [value + 1, value - 1, value // 2, value * 2, rng.randint(0, int(self._most)), -value]
                )
            case float():
                return rng.choice([value * 2, value / 2, value + rng.random(), rng.uniform(0, self._most)])
            case str():
                return self._changed_text(value, place)
            case list():
                return self._changed_list(value, place)
            case tuple():
                items = list(value)
                index = rng.randrange(len(items)) if items else None
                return tuple(self._changed(x, place) if i == index else x for i, x in enumerate(items))
            case dict():
                return self._changed_weights(value)
            case _ if hasattr(value, "successor"):
                return self._changed_graph(value)
            case _:
                return value

    def _changed_text(self, text: str, place: int) -> str:
        rng = self._rng
        start, end = sorted((rng.randint(0, len(text)), rng.randint(0, len(text))))
        added = "".join(rng.choices(self._characters[place], k=rng.randint(1, 4)))
        shuffled = "".join(rng.sample(text, len(text)))
        return rng.choice(
            [text[:start] + text[end:], text[:start] + added + text[start:], shuffled, text + text[start:end]]
        )

    def _changed_list(self, items: list[object], place: int) -> list[object]:
        rng = self._rng
        others = [item for value in self._columns[place] if isinstance(value, list) for item in value]
        index = rng.randint(0, len(items))
        match rng.randrange(7):
            case 0 if items:
                return [
                    self._changed_item(item, others, place) if at == index else item for at, item in enumerate(items)
                ]
            case 1 if others:
                return [*items[:index], copy.deepcopy(rng.choice(others)), *items[index:]]
            case 2 if items:
                return items[:index]
            case 3:
                return rng.sample(items, len(items))
            case 4 if _are_numbers(items):
                return sorted(items)  # type: ignore[type-var]  # they are numbers
            case 5 if items and index < len(items):
                return [*items[:index], *items[index + 1 :]]
            case 6 if index + 1 < len(items):
                return [*items[:index], items[index + 1], items[index], *items[index + 2 :]]
            case _ if _are_numbers(others):
                return [rng.randint(0, int(self._most)) for _ in range(rng.randint(0, len(items) + 3))]
            case _:
                return items

    def _changed_item(self, item: object, others: Sequence[object], place: int) -> object:
        """Texts among numbers are operators or the like: only known ones will do."""
        texts = [other for other in others if isinstance(other, str)]
        if isinstance(item, str) and len(texts) < len(others):
            return self._rng.choice(texts)
        return self._changed(item, place)

    def _changed_weights(self, weights: dict[object, object]) -> dict[object, object]:
        """Weights only grow and new edges are heavy, so that no negative cycle comes into being."""
        rng = self._rng
        changed = dict(weights)
        key = rng.choice(list(changed)) if changed else None
        weight = changed.get(key)
        if key is not None and isinstance(weight, int | float):
            changed[key] = weight + rng.randint(0, 9)
        nodes = sorted({node for edge in changed if isinstance(edge, tuple) for node in edge}, key=repr)
        if len(nodes) > 1 and rng.random() < 0.3:
            first, second = rng.sample(nodes, 2)
            if (second, first) not in changed:
                changed.setdefault((first, second), int(self._most) * len(nodes) + rng.randint(0, 9))
        return changed

    def _changed_graph(self, node: object) -> object:
        """Another node of the same graph, after a link was cut or made where that leaves links consistent."""
        rng = self._rng
        nodes = reachable(node)
        used = [name for name in NODE_LISTS if any(getattr(other, name) for other in nodes)]
        one = rng.choice(nodes)
        if len(used) == 1:
            links = getattr(one, used[0])
            if links and rng.random() < 0.5:
                links.pop(rng.randrange(len(links)))
            else:
                links.append(rng.choice(nodes))
        elif not used and rng.random() < 0.3:
            one.successor = None  # type: ignore[attr-defined]  # a Node of the suite
        return rng.choice(nodes)


def reachable(node: object) -> list[object]:
    """All nodes of a graph, in a fixed order, the given one first."""
    found: list[object] = []
    waiting = [node]
    while waiting:
        one = waiting.pop(0)
        if one is None or any(one is other for other in found):
            continue
        found.append(one)
        waiting.extend([one.successor, *(link for name in NODE_LISTS for link in getattr(one, name))])  # type: ignore[attr-defined]
    return found


def _are_numbers(items: Sequence[object]) -> bool:
    return all(isinstance(item, int | float) for item in items)


def _key(arguments: Arguments) -> str:
    return repr([_shape(argument) for argument in arguments])


def _shape(value: object) -> object:
    if not hasattr(value, "successor"):
        return value if not isinstance(value, list | tuple) else [_shape(item) for item in value]
    nodes = reachable(value)
    return [
        [
            next(at for at, other in enumerate(nodes) if other is link)
            for name in NODE_LISTS
            for link in getattr(one, name)
        ]
        + [one.value, next((at for at, other in enumerate(nodes) if other is one.successor), None)]  # type: ignore[attr-defined]
        for one in nodes
    ]
