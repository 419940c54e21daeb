"""The pieces that work on lists, sets and dictionaries, and on strings as sequences."""

import itertools
import operator
from dataclasses import replace

from perforch.builtin.synthesis import safe
from perforch.builtin.synthesis.component import Component, piece, rare, seldom
from perforch.builtin.synthesis.values import Table
from perforch.builtin.terms import Binds


def slicing() -> tuple[Component, ...]:
    """One element, or some in a row."""
    even, odd = r"even (?:ind|pos)|every (?:other|second)|alternat", r"odd (?:ind|pos)|every (?:other|second)|alternat"
    return (
        piece("len({0})", "seq -> int", len, "length|long|size|number of|count|how many"),
        piece("{0}[{1}]", "[a] int -> a", safe.nth, "index|position|th |element"),
        piece("{0}[{1}]", "str int -> str", safe.nth, "index|position|th |character"),
        piece("{0}[0]", "[a] -> a", operator.itemgetter(0), "first|start|begin"),
        piece("{0}[-1]", "[a] -> a", operator.itemgetter(-1), "last|end"),
        piece("{0}[0]", "str -> str", operator.itemgetter(0), "first|start|begin"),
        piece("{0}[-1]", "str -> str", operator.itemgetter(-1), "last|end"),
        *_alike("{0}[::-1]", "", lambda a: a[::-1], "revers|backward|palindrom|mirror|flip|descend"),
        *_alike("{0}[{1}:]", " int", lambda a, b: a[b:], "suffix|from|last|rotat|shift|after"),
        *_alike("{0}[:{1}]", " int", lambda a, b: a[:b], "prefix|first|until|rotat|shift|before"),
        *_alike("{0}[1:]", "", lambda a: a[1:], "rest|first|without|next|consecutive|adjacent"),
        *_alike("{0}[:-1]", "", lambda a: a[:-1], "last|without|consecutive|adjacent|previous"),
        *_alike("{0}[::2]", "", lambda a: a[::2], even),
        *_alike("{0}[1::2]", "", lambda a: a[1::2], odd),
        _infix("{0} + {1}", "[a] [a] -> [a]", lambda a, b: safe.limited(a + b), "concat|append|join|combin|merge"),
        replace(seldom("{0} + [{1}]", "[a] a -> [a]", lambda a, b: (*a, b), "append|add|insert"), binds=Binds.SUM),
        replace(rare("{0} * {1}", "[a] int -> [a]", safe.repeated, "repeat|times|copies"), binds=Binds.PRODUCT),
    )


def reducing() -> tuple[Component, ...]:
    """A list becomes one value."""
    most = "most|frequen|common|mode|majority"
    return (
        piece("sum({0:each})", "[int] -> int", sum, "sum|add|total|count|number of|how many"),
        piece("sum({0:each})", "[float] -> float", sum, "sum|add|total"),
        piece("sum({0:each})", "[bool] -> int", sum, "count|number of|how many|sum|total|occur"),
        piece("max({0:each})", "[ord] -> ord", max, "max|larg|great|highest|longest|biggest"),
        piece("min({0:each})", "[ord] -> ord", min, "min|small|least|lowest|short|closest"),
        seldom("math.prod({0:each})", "[num] -> num", safe.product_of, "product|multipl"),
        piece("any({0:each})", "[bool] -> bool", any, "any|exist|at least one|some|contain|two|three|pair|either"),
        piece("all({0:each})", "[bool] -> bool", all, "all|every|each|only|whether|monoton|sorted|order|valid|below"),
        rare("sum({0}) / len({0})", "[num] -> float", safe.mean, "average|mean"),
        rare("statistics.median({0:each})", "[num] -> num", safe.median, "median"),
        rare("Counter({0:each}).most_common(1)[0][0]", "[a] -> a", safe.most_common, most),
        piece("{0}.count({1})", "[a] a -> int", tuple.count, "count|how many|number of|times|occur|frequen"),
        seldom("{0}.index({1})", "[a] a -> int", tuple.index, "index|position"),
        replace(
            piece("{0} in {1:each}", "a [a] -> bool", lambda a, b: a in b, "contain| in |member|exist|present|common"),
            binds=Binds.COMPARE,
        ),
    )


def rearranging() -> tuple[Component, ...]:
    """A list becomes another list."""
    once = "unique|duplicat|distinct|remov|once|set|common|different|repeat|differ"
    by_size = "sort|order|ascend|increas|smallest|least|largest|arrang|rank"
    down = "descend|decreas|revers|largest|greatest|maxim|top"
    return (
        piece("sorted({0:each})", "[ord] -> [ord]", lambda a: tuple(sorted(a)), by_size),
        seldom("sorted({0:each})", "str -> [str]", lambda a: tuple(sorted(a)), by_size),
        seldom("sorted({0:each}, reverse=True)", "[ord] -> [ord]", lambda a: tuple(sorted(a, reverse=True)), down),
        seldom("list(dict.fromkeys({0:each}))", "[a] -> [a]", lambda a: tuple(dict.fromkeys(a)), once),
        rare("list(itertools.accumulate({0:each}))", "[num] -> [num]", safe.running(operator.add), _RUNNING),
        rare("list(itertools.accumulate({0:each}, max))", "[num] -> [num]", safe.running(max), _RUNNING),
        rare("list(itertools.accumulate({0:each}, min))", "[num] -> [num]", safe.running(min), _RUNNING),
        seldom("list(itertools.chain.from_iterable({0:each}))", "[[a]] -> [a]", safe.flat, "flat|concat|all|list of"),
        piece("list(range({0}))", "int -> [int]", safe.numbers_in, "range|numbers|from 0|less than|up to|below|until"),
        piece(
            "list(range(1, {0} + 1))",
            "int -> [int]",
            lambda a: safe.numbers_in(1, a + 1),
            "from 1|up to|1 to|numbers|inclusive|first",
        ),
        seldom("list(range({0}, {1}))", "int int -> [int]", safe.numbers_in, "range|between|from"),
        seldom(
            "list(range({0}, {1} + 1))",
            "int int -> [int]",
            lambda a, b: safe.numbers_in(a, b + 1),
            "range|between|inclusive|from",
        ),
        rare(
            "[{0}[start:end] for start in range(len({0})) for end in range(start + 1, len({0}) + 1)]",
            "[a] -> [[a]]",
            safe.subarrays,
            "sub.?array|sub.?list|contiguous|substring",
        ),
    )


def pairing() -> tuple[Component, ...]:
    """Elements side by side, to be compared or combined."""
    beside = "consecutive|adjacent|neighbo|next|previous|monoton|order|sorted|successive|increas|decreas"
    both = "correspond|pair|each|two (?:lists|arrays|strings)|respectiv|index|xor|guess|compare"
    pairs = "pair|any two|two (?:distinct )?(?:numbers|elements)|each other|two different|between"
    return (
        *(
            replace(seldom("list(zip({0}, {1}))", f"{a} {b} -> [({c},{d})]", _zipped, both), commutes=True)
            for a, b, c, d in (("[a]", "[b]", "a", "b"), ("str", "str", "str", "str"))
        ),
        seldom("list(zip({0}, {0}[1:]))", "[a] -> [(a,a)]", _neighbours, beside),
        seldom("list(zip({0}, {0}[1:]))", "str -> [(str,str)]", _neighbours, beside),
        rare("list(itertools.combinations({0}, 2))", "[a] -> [(a,a)]", safe.groups_of(2), pairs),
        rare(
            "list(itertools.combinations({0}, 3))",
            "[a] -> [(a,a,a)]",
            safe.groups_of(3),
            "three (?:distinct )?(?:numbers|elements)|triple",
        ),
    )


def tables() -> tuple[Component, ...]:
    """Sets and dictionaries."""
    shared = "common|both|intersect|shared|same|unique|distinct|duplicat"
    count = "occur|frequen|appear|repetition|histogram|counts of"
    return (
        seldom("set({0:each})", "[a] -> {a}", frozenset, shared),
        seldom("set({0:each})", "str -> {str}", frozenset, shared),
        piece("len({0})", "{a} -> int", len, "count|how many|number of"),
        replace(seldom("{0} & {1}", "{a} {a} -> {a}", operator.and_, shared), binds=Binds.BIT_AND, commutes=True),
        replace(seldom("{0} | {1}", "{a} {a} -> {a}", operator.or_, "union|either|all|merge"), binds=Binds.BIT_OR),
        replace(seldom("{0} - {1}", "{a} {a} -> {a}", operator.sub, "differ|not in|missing|without"), binds=Binds.SUM),
        piece("sorted({0:each})", "{ord} -> [ord]", lambda a: tuple(sorted(a))),
        piece("len({0})", "{a:b} -> int", len, "count|how many|number of|size"),
        piece("list({0}.keys())", "{a:b} -> [a]", tuple, "key|name"),
        piece("list({0}.values())", "{a:b} -> [b]", lambda a: tuple(a.values()), "value"),
        piece("list({0}.items())", "{a:b} -> [(a,b)]", lambda a: tuple(a.items())),
        piece("{0}[{1}]", "{a:b} a -> b", dict.__getitem__),
        replace(seldom("{0} in {1}", "a {a:b} -> bool", lambda a, b: a in b, "contain| in |key"), binds=Binds.COMPARE),
        rare("dict(Counter({0:each}))", "[a] -> {a:int}", safe.counted, count),
        rare("dict(Counter({0:each}))", "str -> {str:int}", safe.counted, count),
        rare("dict({0:each})", "[(a,b)] -> {a:b}", Table, "dict|map"),
    )


_RUNNING = "rolling|running|cumul|until|at any point|so far|moment|prefix"


def _zipped(*columns: tuple[object, ...]) -> tuple[tuple[object, ...], ...]:
    return tuple(zip(*columns, strict=False))


def _neighbours(values: tuple[object, ...]) -> tuple[tuple[object, ...], ...]:
    return tuple(itertools.pairwise(values))


def _alike(text: str, more: str, function: object, words: str) -> tuple[Component, Component]:
    """The same for lists and for strings."""
    assert callable(function)
    return piece(text, f"[a]{more} -> [a]", function, words), piece(text, f"str{more} -> str", function, words)


def _infix(text: str, signature: str, function: object, words: str) -> Component:
    assert callable(function)
    return replace(piece(text, signature, function, words), binds=Binds.SUM)
