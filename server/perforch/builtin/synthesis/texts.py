"""The pieces that work on strings."""

from dataclasses import replace

from perforch.builtin.synthesis import safe
from perforch.builtin.synthesis.component import Component, Cost, piece, rare, seldom
from perforch.builtin.terms import Binds

VOWELS = "aeiou"


def cases() -> tuple[Component, ...]:
    """Upper and lower case, and what characters are."""
    upper, lower = "upper|capital|case", "lower|case|insensitive"
    return (
        piece("{0}.upper()", "str -> str", str.upper, upper),
        piece("{0}.lower()", "str -> str", str.lower, lower),
        seldom("{0}.swapcase()", "str -> str", str.swapcase, "case|flip|swap|revers|invert"),
        seldom("{0}.capitalize()", "str -> str", str.capitalize, "capital"),
        seldom("{0}.title()", "str -> str", str.title, "title|capital"),
        seldom("{0}.isdigit()", "str -> bool", str.isdigit, "digit|number|numeric"),
        seldom("{0}.isalpha()", "str -> bool", str.isalpha, "letter|alphabet"),
        seldom("{0}.isalnum()", "str -> bool", str.isalnum, "alphanumeric|letter"),
        seldom("{0}.isupper()", "str -> bool", str.isupper, upper),
        seldom("{0}.islower()", "str -> bool", str.islower, lower),
        seldom("{0}.isspace()", "str -> bool", str.isspace, "space"),
        rare("{0} in 'aeiou'", "str -> bool", lambda a: a in VOWELS, "vowel"),
        rare("{0} in 'aeiouAEIOU'", "str -> bool", lambda a: a in VOWELS + VOWELS.upper(), "vowel"),
        rare("ord({0})", "str -> int", ord, "ascii|code|shift|alphabet|cipher|rotat|encrypt"),
        rare("chr({0})", "int -> str", chr, "ascii|code|shift|alphabet|cipher|rotat|encrypt"),
    )


def searching() -> tuple[Component, ...]:
    """Finding, counting and replacing within strings."""
    return (
        _infix("{0} in {1}", "str str -> bool", lambda a, b: a in b, Binds.COMPARE, "contain|substring|in|include"),
        piece("{0}.count({1})", "str str -> int", str.count, "count|how many|number of|times|occur"),
        piece("{0}.replace({1}, {2})", "str str str -> str", safe.replaced, "replac|substitut"),
        seldom("{0}.replace({1}, '')", "str str -> str", lambda a, b: a.replace(b, ""), "remov|delet|without|ignor"),
        piece("{0}.startswith({1})", "str str -> bool", str.startswith, "start|prefix|begin"),
        piece("{0}.endswith({1})", "str str -> bool", str.endswith, "end|suffix"),
        seldom("{0}.find({1})", "str str -> int", str.find, "find|index|position"),
    )


def building() -> tuple[Component, ...]:
    """Taking strings apart and putting them together."""
    text = "string|text|concat|convert|digits"
    return (
        _infix(
            "{0} + {1}", "str str -> str", lambda a, b: safe.limited(a + b), Binds.SUM, "concat|append|join|add|begin"
        ),
        _infix("{0} * {1}", "str int -> str", safe.repeated, Binds.PRODUCT, "repeat|times|copies"),
        piece("str({0})", "num -> str", str, text),
        piece("int({0})", "str -> int", safe.number_of, "number|integer|int|digit|value"),
        seldom("float({0})", "str -> float", float, "number|float|decimal"),
        seldom("{0}.strip()", "str -> str", str.strip, "strip|whitespace|trim|leading|trailing|space"),
        piece("{0}.split()", "str -> [str]", _split, "word|space|split|delimit|separate"),
        piece("{0}.split({1})", "str str -> [str]", _split, "split|separat|delimit|comma|word|space|group"),
        piece("''.join({0:each})", "[str] -> str", lambda a: safe.joined_with("", a)),
        piece("' '.join({0:each})", "[str] -> str", lambda a: safe.joined_with(" ", a), "space|word|sentence|delimit"),
        piece("{0}.join({1:each})", "str [str] -> str", safe.joined_with, "join|separat|delimit|concat|between"),
        seldom("list({0})", "str -> [str]", tuple, "list|character|letter"),
        seldom("''.join(sorted({0:each}))", "str -> str", lambda a: "".join(sorted(a)), "sort|order|anagram|same char"),
        rare(
            "[{0}[:end] for end in range(1, len({0}) + 1)]",
            "str -> [str]",
            safe.prefixes,
            "prefix",
        ),
        rare("[{0}[start:] for start in range(len({0}))]", "str -> [str]", safe.suffixes, "suffix|postfix"),
        rare(
            "[{0}[start:end] for start in range(len({0})) for end in range(start + 1, len({0}) + 1)]",
            "str -> [str]",
            safe.substrings,
            "substring",
        ),
    )


def _split(text: str, separator: str | None = None) -> tuple[str, ...]:
    return tuple(text.split(separator))


def _infix(text: str, signature: str, function: object, binds: Binds, words: str) -> Component:
    assert callable(function)
    return replace(piece(text, signature, function, words, Cost.USUAL), binds=binds)


def palindromes() -> tuple[Component, ...]:
    """Sequences that read the same backwards."""
    told = rare("{0} == {0}[::-1]", "seq -> bool", lambda a: a == a[::-1], "palindrom|symmetr|mirror|balanced")
    return (
        replace(told, binds=Binds.COMPARE),
        rare("str({0}) == str({0})[::-1]", "int -> bool", _reads_the_same, "palindrom"),
    )


def _reads_the_same(number: int) -> bool:
    return str(number) == str(number)[::-1]
