"""What a function's documentation shows by example: arguments, and what comes of them."""

import ast
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

_LITERAL_BEGINS = r"""(?=[-+]?\.?\d|[\[({'"]|(?:True|False|None|true|false)\b)"""
_ARROW = r"(?:=+>|-+>|➞|→|⇒|↦)"
_TELLING = r"(?:returns?|be|is|are|gives?|equals?|yields?|produces?|to|outputs?|results?|in)"
# What may stand between a call and its result: a sign, or a few words of which the last one tells.
_BETWEEN = re.compile(
    rf"[\s`)]*(?:#\s*)?(?:{_ARROW}|={{1,3}}|:|(?<=#)|(?<=# )|[,;]?[\w\s,]{{0,40}}?\b{_TELLING}\b\s*:?)\s*[`]?\s*"
    rf"{_LITERAL_BEGINS}"
)
_NEXT_LINE = re.compile(rf"[ \t]*\n\s*{_LITERAL_BEGINS}")  # as in a session of the interpreter
_OUTCOME = re.compile(
    rf"(?:\b(?:outputs?|results?|returns?|answer|expected)\b[^\n=:\[\]]{{0,40}}?(?:[=:]|\bis|\bbe)?|{_ARROW})"
    rf"\s*[`]?\s*{_LITERAL_BEGINS}",
    re.IGNORECASE,
)
_BULLET = re.compile(r"\s*(?:[-*•]|\d+[.)])?\s+|\s*")
_NUMBER = re.compile(r"(?>[-+]?(?:\d[\d_]*(?:\.\d+)?|\.\d+)(?:[eE][-+]?\d+)?)(?![\w/]|\.\.)")
_WORD = re.compile(r"(?:True|False|None|true|false)\b")
_WORDS = {"True": True, "true": True, "False": False, "false": False, "None": None}
_STRING = re.compile(r"""(['"])\1\1.*?\1\1\1|(['"])(?:\\.|(?!\2)[^\\\n])*\2""", re.DOTALL)
_GOES_ON = re.compile(r"[ \t]*[-+*/%]+[ \t]*[\d(]")  # what begins like a literal is the first part of a sum
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_PROMPT = re.compile(r">>>\s*$")


@dataclass(frozen=True, slots=True)
class Example:
    """One call and its result; the arguments are in the order of the parameters."""

    arguments: tuple[object, ...]
    result: object

    def call(self, function: str) -> str:
        """As it would be written in a program."""
        return f"{function}({', '.join(map(repr, self.arguments))})"


def documented(text: str, function: str, parameters: Sequence[str]) -> tuple[Example, ...]:
    """The examples of a docstring: calls of the function, or else named inputs, or else `input -> output` lines."""
    text = text.replace("\r\n", "\n")
    for read in (_calls, _named, _listed, _misnamed_calls):
        found = tuple(_different(read(text, function, parameters)))
        if found:
            return found
    return ()


def _different(examples: Iterable[Example]) -> Iterator[Example]:
    """Each example once; one that contradicts another stays, as nothing can then be said to fit them all."""
    known: list[Example] = []
    for example in examples:
        if example not in known:
            known.append(example)
            yield example


def distinct(examples: Iterator[Example]) -> tuple[Example, ...]:
    """Each call once, with the result that was given first."""
    first: dict[str, Example] = {}
    for example in examples:
        first.setdefault(repr(example.arguments), example)
    return tuple(first.values())


def bound(arguments: Sequence[object], named: Mapping[str, object], parameters: Sequence[str]) -> tuple[object, ...]:
    """The arguments in the order of the parameters; raises ValueError where one is missing, or there is no such one."""
    left = parameters[len(arguments) :]
    if len(arguments) > len(parameters) or set(named) - set(left):
        raise ValueError("these are not the function's parameters")
    given = [named[name] for name in left if name in named]
    if len(arguments) + len(given) != len(parameters):
        raise ValueError("not every parameter is given")
    return (*arguments, *given)


def _calls(text: str, function: str, parameters: Sequence[str]) -> Iterator[Example]:
    yield from _calls_of(re.escape(function), text, parameters)


def _misnamed_calls(text: str, _function: str, parameters: Sequence[str]) -> Iterator[Example]:
    """The function has been renamed since: the calls of one other name count, if all are of that name."""
    names = set(re.findall(r"(?<![\w.])([A-Za-z_]\w*)\(", text))
    if len(names) == 1:
        yield from _calls_of(names.pop(), text, parameters)


def _calls_of(name: str, text: str, parameters: Sequence[str]) -> Iterator[Example]:
    for start in re.finditer(rf"(?<!\w){name}\s*(?=\()", text):
        end = _bracket_end(text, start.end())
        if end is None:
            continue
        between = _BETWEEN.match(text, end)
        if between is None and _PROMPT.search(text, 0, start.start()):
            between = _NEXT_LINE.match(text, end)
        arguments = _arguments(text[start.end() : end], parameters)
        result = _literal(text, between.end()) if between else None
        if arguments is not None and result is not None:
            yield Example(arguments, result.value)


def _named(text: str, _function: str, parameters: Sequence[str]) -> Iterator[Example]:
    """`For n = 3 the output should be 6`; `Input: a = [1], b = 2` and `Output: 4` on the next line."""
    names = "|".join(map(re.escape, parameters))
    if len(parameters) == 1:
        names += "|input"
    if not names:
        return
    given = re.compile(rf"\b({names})\s*(?:=|:|\bis\b)\s*[`]?{_LITERAL_BEGINS}", re.IGNORECASE)
    inputs: dict[str, object] = {}
    shown: _Shown | None = None
    at = 0
    while (event := _next(text, at, given)) is not None:
        value, at = _literal(text, event.end()), event.end()
        if value is None:
            continue
        at = value.end
        if event.re is given:
            if shown is not None:
                yield shown.example
                shown, inputs = None, {}
            inputs[_parameter(event.group(1), parameters)] = value.value
        elif set(inputs) == set(parameters):
            told = event.group()[:1].isalpha()
            if shown is None or (told and not shown.is_told):
                shown = _Shown(Example(bound((), inputs, parameters), value.value), told)
    if shown is not None:
        yield shown.example


@dataclass(frozen=True, slots=True)
class _Shown:
    """An example, and whether a word tells its result: where only arrows lead to it, it may be a step on the way."""

    example: Example
    is_told: bool


def _next(text: str, at: int, given: re.Pattern[str]) -> re.Match[str] | None:
    """The next input or outcome, whichever comes first."""
    name, outcome = given.search(text, at), _OUTCOME.search(text, at)
    if name is None or outcome is None:
        return name or outcome
    return name if name.start() <= outcome.start() else outcome


def _parameter(name: str, parameters: Sequence[str]) -> str:
    """The parameter that is meant: by its name, however it is capitalised, or the only one there is."""
    alike = [each for each in parameters if each == name] or [
        each for each in parameters if each.lower() == name.lower()
    ]
    return (alike or [parameters[0]])[0]


def _listed(text: str, _function: str, parameters: Sequence[str]) -> Iterator[Example]:
    """Lines such as `- [1, 2], 3 -> 6`."""
    for line in text.splitlines():
        bullet = _BULLET.match(line)
        at = bullet.end() if bullet else 0
        arguments: list[object] = []
        while (value := _literal(line, at)) is not None:
            arguments.append(value.value)
            comma = re.compile(r"\s*,\s*").match(line, value.end)
            at = comma.end() if comma else value.end
        arrow = re.compile(rf"\s*(?:{_ARROW}|==)\s*").match(line, at)
        result = _literal(line, arrow.end()) if arrow else None
        if result is not None and len(arguments) == len(parameters):
            yield Example(tuple(arguments), result.value)


@dataclass(frozen=True, slots=True)
class _Literal:
    value: object
    end: int


def _literal(text: str, at: int) -> _Literal | None:
    """The literal that begins exactly there."""
    word = _WORD.match(text, at)
    if word:
        return _Literal(_WORDS[word.group()], word.end())
    found = _NUMBER.match(text, at) or _STRING.match(text, at)
    end = found.end() if found else _bracket_end(text, at)
    if end is None or _GOES_ON.match(text, end):
        return None
    try:
        return _Literal(_evaluated(text[at:end]), end)
    except ValueError:
        return None


def _arguments(call: str, parameters: Sequence[str]) -> tuple[object, ...] | None:
    """What stands between the parentheses, as values; None where it is more than literals."""
    try:
        node = _expression(f"f{call}")
        if not isinstance(node, ast.Call) or any(keyword.arg is None for keyword in node.keywords):
            return None
        named = {str(keyword.arg): ast.literal_eval(keyword.value) for keyword in node.keywords}
        return bound([ast.literal_eval(argument) for argument in node.args], named, parameters)
    except (ValueError, TypeError, MemoryError, RecursionError):
        return None


def _evaluated(text: str) -> object:
    """Raises ValueError for what is no literal."""
    try:
        value: object = ast.literal_eval(_expression(text))
    except (TypeError, MemoryError, RecursionError) as error:  # an unhashable key, a very deep nesting
        raise ValueError(str(error)) from error
    return value


def _expression(text: str) -> ast.expr:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an invalid escape in somebody's documentation
        try:
            return ast.parse(text.strip(), mode="eval").body
        except (SyntaxError, MemoryError, RecursionError) as error:
            raise ValueError(str(error)) from error


def _bracket_end(text: str, at: int) -> int | None:
    """Where the bracket that opens there is closed again, strings skipped."""
    expected: list[str] = []
    while at < len(text):
        character = text[at]
        string = _STRING.match(text, at)
        if string:
            at = string.end()
            continue
        if character in _CLOSING:
            expected.append(_CLOSING[character])
        elif expected and character == expected[-1]:
            expected.pop()
        elif character in ")]}":
            return None
        at += 1
        if not expected:
            return at if character in ")]}" else None
    return None
