"""More inputs for a function: like those that the tests use, changed a little, of the same types, or larger."""

import string

from evaluate_inputs import mutated

GENERATED_SHARE = 0.35
LONGEST = 12
DEEPEST = 5
_LETTERS = string.ascii_letters + string.digits + " _-.,()[]"
_SEPARATORS = ("\n", ", ", ",", ";", " ")
_NUMBERS = (0, 1, 2, 3, 5, 10, 100, 1000)


def varied(make, rng):
    """A variant of the call that `make` makes anew, or None where nothing in it can be changed."""
    positional, keyword = make()
    places = [*range(len(positional)), *keyword]
    if not places:
        return None
    change = generated if rng.random() < GENERATED_SHARE else mutated
    is_changed = False
    for place in rng.sample(places, rng.randint(1, len(places))):
        holder = keyword if isinstance(place, str) else positional
        new = change(holder[place], rng)
        is_changed = is_changed or new is not holder[place]
        holder[place] = new
    return (positional, keyword) if is_changed else None


def generated(value, rng, depth=0):
    """A new value of the same type, down to the elements; `value` itself where the type is not known here."""
    make = _MAKERS.get(type(value))
    return value if make is None or depth > DEEPEST else make(value, rng, depth)


def _boolean(_value, rng, _depth):
    return rng.random() < 0.5


def _integer(value, rng, _depth):
    reach = max(abs(value), rng.choice(_NUMBERS)) + 1
    return rng.randint(-reach if value < 0 or rng.random() < 0.2 else 0, reach)


def _real(value, rng, _depth):
    return rng.uniform(-1, 1) * max(abs(value), float(rng.choice(_NUMBERS)))


def _text(value, rng, _depth):
    letters = value if value and rng.random() < 0.7 else _LETTERS
    return "".join(rng.choice(letters) for _ in range(rng.randint(0, max(len(value), LONGEST))))


def _bytes(value, rng, depth):
    return _text(value.decode("latin-1"), rng, depth).encode("latin-1")


def _list(value, rng, depth):
    """Elements like those that are there, in the same order if they were in order."""
    if not value:
        return value
    size = rng.randint(0, max(len(value), LONGEST))
    return _ordered_like(value, [generated(rng.choice(value), rng, depth + 1) for _ in range(size)])


def _tuple(value, rng, depth):
    return tuple(generated(item, rng, depth + 1) for item in value)


def _dict(value, rng, depth):
    if not value:
        return value
    pairs = list(value.items())
    chosen = (rng.choice(pairs) for _ in range(rng.randint(0, max(len(pairs), LONGEST))))
    return {generated(key, rng, depth + 1): generated(inner, rng, depth + 1) for key, inner in chosen}


def _set(value, rng, depth):
    if not value:
        return value
    items = sorted(value, key=repr)
    size = rng.randint(0, max(len(items), LONGEST))
    return type(value)(generated(rng.choice(items), rng, depth + 1) for _ in range(size))


_MAKERS = {
    bool: _boolean,
    int: _integer,
    float: _real,
    str: _text,
    bytes: _bytes,
    list: _list,
    tuple: _tuple,
    dict: _dict,
    set: _set,
    frozenset: _set,
}


def grown(make, factor, rng):
    """The call with its containers and texts about `factor` times as long; without any, its numbers as large.

    None where nothing in it can grow.
    """
    factor += rng.randint(0, factor // 2)  # so that no two are the same
    positional, keyword = make()
    values = [*positional, *keyword.values()]
    grow = _longer if any(isinstance(value, _SIZED) and value for value in values) else _larger
    new = (
        [grow(value, factor, rng) for value in positional],
        {name: grow(value, factor, rng) for name, value in keyword.items()},
    )
    changed = [*new[0], *new[1].values()]
    return new if any(one is not other for one, other in zip(values, changed)) else None  # noqa: B905 - Python 3.8


_SIZED = (list, str, bytes, dict, set, frozenset)


def _larger(value, factor, _rng):
    return value * factor if type(value) is int and value else value


def _longer(value, factor, rng):
    kind = type(value)
    if not value or kind not in _SIZED:
        return value
    if kind is str:
        separator = next((sign for sign in _SEPARATORS if sign in value.strip(sign)), "")
        return separator.join([value] * factor)
    if kind is bytes:
        return value * factor
    if kind is list:
        more = [_like(rng.choice(value), rng, factor) for _ in range(len(value) * (factor - 1))]
        return _ordered_like(value, value + more)
    if kind is dict:
        pairs = list(value.items())
        chosen = (rng.choice(pairs) for _ in range(len(pairs) * (factor - 1)))
        more = {_like(key, rng, factor): _like(inner, rng, 1) for key, inner in chosen}
        more.update(value)
        return more
    items = sorted(value, key=repr)
    return kind([*items, *(_like(rng.choice(items), rng, factor) for _ in range(len(items) * (factor - 1)))])


def _like(value, rng, factor):
    """Another element of a grown container: numbers from a wider range, texts a little changed."""
    kind = type(value)
    if kind is int:
        reach = max(1, abs(value)) * factor
        return rng.randint(-reach if value < 0 else 0, reach)
    if kind is float:
        return rng.uniform(-1.0 if value < 0 else 0.0, 1.0) * max(1.0, abs(value)) * factor
    if kind in (tuple, list) and len(value) <= LONGEST:
        return kind(_like(item, rng, factor) for item in value)
    return mutated(value, rng) if kind in (str, bytes) else value


def _ordered_like(value, new):
    """Sorted if `value` is, and without repetition if it is that as well: what takes sorted input relies on it."""
    try:
        steps = list(zip(value, value[1:]))  # noqa: B905, RUF007 - Python 3.8
        if len(value) > 2 and all(one < other for one, other in steps):
            return sorted(set(new))
        if len(value) > 2 and all(one <= other for one, other in steps):
            return sorted(new)
    except TypeError:
        pass
    return new
