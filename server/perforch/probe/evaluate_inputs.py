"""More inputs for a function: small changes, of the same types, of the arguments that the tests call it with."""

import copy

VARIANTS = 100
SAMPLES = 30
DEEPEST = 4


def varied(samples, rng):
    """The samples and some VARIANTS of them; each is a pair of positional arguments and keyword arguments."""
    chosen = samples[:SAMPLES]
    found = list(chosen)
    for _ in range(3 * VARIANTS):
        if len(found) >= len(chosen) + VARIANTS:
            break
        variant = _variant(rng.choice(chosen), rng)
        if variant is not None:
            found.append(variant)
    return found


def _variant(sample, rng):
    """One or two of the arguments changed, or None where nothing can be."""
    try:
        positional, keyword = copy.deepcopy(sample)
    except Exception:
        return None
    places = [*range(len(positional)), *keyword]
    changed = False
    for place in rng.sample(places, min(len(places), rng.choice((1, 1, 2)))):
        holder = keyword if isinstance(place, str) else positional
        new = mutated(holder[place], rng)
        changed = changed or new is not holder[place]
        holder[place] = new
    return (positional, keyword) if changed else None


def mutated(value, rng, depth=0):
    """A value like `value`; `value` itself where its type has no changes here."""
    change = _CHANGES.get(type(value))
    if change is None or depth > DEEPEST:
        return value
    return change(value, rng, depth)


def _boolean(value, _rng, _depth):
    return not value


def _integer(value, rng, _depth):
    return rng.choice((value + 1, value - 1, 0, 1, -value, value * 2, value // 2, rng.randint(-10, 20)))


def _real(value, rng, _depth):
    return rng.choice((value + 1.0, value - 0.5, 0.0, -value, value * 2, value / 3, rng.uniform(-10, 10)))


def _text(value, rng, _depth):
    if not value:
        return rng.choice(("a", " ", "0", "ab"))
    at = rng.randrange(len(value))
    return rng.choice(
        (
            value[:at] + value[at + 1 :],
            value[:at] + value[at] + value[at:],
            value[:at] + rng.choice(value) + value[at + 1 :],
            value[at:],
            value[:at],
            value[::-1],
            value + value,
            value.swapcase(),
            "",
        )
    )


def _bytes(value, rng, depth):
    return _text(value.decode("latin-1"), rng, depth).encode("latin-1", "replace")


def _list(value, rng, depth):
    if not value:
        return value
    at = rng.randrange(len(value))
    inner = mutated(value[at], rng, depth + 1)
    shuffled = rng.sample(value, len(value))
    return rng.choice(
        (
            [*value[:at], inner, *value[at + 1 :]],
            [*value[:at], inner, *value[at:]],
            [*value[:at], inner, *value[at + 1 :]],
            value[:at] + value[at + 1 :],
            [*value[:at], value[at], *value[at:]],
            value[::-1],
            shuffled,
            [],
        )
    )


def _tuple(value, rng, depth):
    """Its length often means something, and stays."""
    if not value:
        return value
    at = rng.randrange(len(value))
    return (*value[:at], mutated(value[at], rng, depth + 1), *value[at + 1 :])


def _dict(value, rng, depth):
    if not value:
        return value
    key = rng.choice(list(value))
    if rng.random() < 0.3:
        return {name: inner for name, inner in value.items() if name != key}
    return {**value, key: mutated(value[key], rng, depth + 1)}


def _set(value, rng, depth):
    if not value:
        return value
    chosen = sorted(value, key=repr)[rng.randrange(len(value))]
    if rng.random() < 0.5:
        return value - {chosen}
    new = mutated(chosen, rng, depth + 1)
    return type(value)({*(value - {chosen}), new})


_CHANGES = {
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
