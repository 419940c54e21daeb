"""What there is to find: the parameters, the examples, and what the documentation says besides."""

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass

from perforch.builtin.synthesis.component import Component, Cost
from perforch.builtin.synthesis.expression import Form
from perforch.builtin.synthesis.numbers import arithmetic, logic, number_theory
from perforch.builtin.synthesis.scope import Grammar, Priced
from perforch.builtin.synthesis.sequences import pairing, rearranging, reducing, slicing, tables
from perforch.builtin.synthesis.texts import building, cases, palindromes, searching
from perforch.builtin.synthesis.values import Kind, Value, Vector, depth, frozen, kind_of, kind_of_all
from perforch.core.examples import Example

_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?![\w.]*\w)")
_QUOTED = re.compile(r"""(['"`])([^'"`\n]{0,12})\1""")
_NUMBER_WORDS = {"two": 2, "twice": 2, "three": 3, "four": 4, "five": 5, "ten": 10, "hundred": 100}
_SIGN_WORDS = {"space": " ", "comma": ",", "hyphen": "-", "dash": "-", "underscore": "_", "newline": "\n", "dot": "."}
_FORMS = {
    Form.MAP: "",
    Form.FILTER: "",
    Form.SORT: "sort|order|arrang|rank",
    Form.MOST: "max|most|larg|long|great|high|biggest",
    Form.LEAST: "min|least|small|short|low|clos|near",
}
_DEEPEST = 2  # lists of lists, of pairs
_LARGEST = 10**6
_MOST_TOLD = 8  # literals taken from one documentation
_FEW = 3  # so many are worth as much as parameters


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter with its value in every example."""

    name: str
    kind: Kind
    values: Vector


@dataclass(frozen=True, slots=True)
class Literal:
    """A literal that may be needed, and what it costs."""

    value: Value
    kind: Kind
    cost: int


@dataclass(frozen=True, slots=True)
class Problem:
    """`prose` is the documentation without its examples, and the words of the function's name."""

    parameters: tuple[Parameter, ...]
    kind: Kind
    results: Vector
    prose: str


def problem_of(function: ast.FunctionDef | ast.AsyncFunctionDef, examples: Sequence[Example], prose: str) -> Problem:
    """Raises Unsupported where the examples have values that cannot be computed with."""
    arguments = parameters_of(function)
    columns = list(zip(*(example.arguments for example in examples), strict=True))
    parameters = tuple(
        Parameter(argument.arg, kind_of_all(column, argument.annotation), tuple(map(frozen, column)))
        for argument, column in zip(arguments, columns, strict=True)
    )
    results = [example.result for example in examples]
    return Problem(parameters, kind_of_all(results, function.returns), tuple(map(frozen, results)), prose)


def parameters_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.arg]:
    """Those that a caller gives; of a method the first is not one of them, as it is called on an object."""
    every = [*function.args.posonlyargs, *function.args.args]
    return every[1:] if every and every[0].arg in {"self", "cls"} else every


def prose_of(docstring: str, function: str) -> str:
    """The documentation without the lines of its examples, and the function's name as words."""
    name = function.rpartition(".")[2]
    kept, skips = [], False
    for line in docstring.splitlines():
        is_call = f"{name}(" in line or line.lstrip().startswith(">>>")
        if not is_call and not skips:
            kept.append(line)
        skips = is_call and line.lstrip().startswith(">>>")
    return "\n".join([name.replace("_", " "), *kept])


def grammar_of(problem: Problem) -> Grammar:
    """Every component, cheaper where the documentation speaks of it."""
    prose = problem.prose
    priced = tuple(Priced(component, _price(component.words, component.cost, prose)) for component in components())
    forms = {form: _price(words, Cost.USUAL, prose) if words else Cost.TOLD for form, words in _FORMS.items()}
    given = [depth(kind) for kind in (problem.kind, *(parameter.kind for parameter in problem.parameters))]
    return Grammar(priced, forms, max(_DEEPEST, *given))


def literals_of(problem: Problem) -> tuple[Literal, ...]:
    """Those that the documentation mentions, results that recur, and a few that are always useful."""
    told = [*_numbers(problem.prose), *_texts(problem.prose), *_recurring(problem.results)][:_MOST_TOLD]
    price = Cost.TOLD if len(told) <= _FEW else Cost.USUAL
    kinds = {part for parameter in problem.parameters for part in re.findall(r"\w+", parameter.kind)} | {problem.kind}
    usual: list[Value] = [0, 1, 2]
    if "str" in kinds:
        usual += ["", " "]
    prices = {(kind_of(value), value): Cost.USUAL for value in usual} | {
        (kind_of(value), value): price for value in told
    }
    return tuple(Literal(value, kind, cost) for (kind, value), cost in prices.items())


def components() -> tuple[Component, ...]:
    groups = (
        *(arithmetic, number_theory, logic, cases, searching, building, palindromes),
        *(slicing, reducing, rearranging, pairing, tables),
    )
    return tuple(component for group in groups for component in group())


def _price(words: str, cost: Cost, prose: str) -> int:
    if not words or not re.search(rf"\b(?:{words})", prose, re.IGNORECASE):
        return cost
    return Cost.RARE_TOLD if cost is Cost.RARE else Cost.TOLD


def _numbers(prose: str) -> list[Value]:
    found: list[Value] = [
        float(text) if "." in text else int(text) for text in _NUMBER.findall(prose) if abs(float(text)) <= _LARGEST
    ]
    return [
        *dict.fromkeys(found),
        *(number for word, number in _NUMBER_WORDS.items() if re.search(rf"\b{word}\b", prose)),
    ]


def _texts(prose: str) -> list[Value]:
    quoted: list[Value] = [text for _, text in _QUOTED.findall(prose)]
    signs: list[Value] = [sign for word, sign in _SIGN_WORDS.items() if re.search(rf"\b{word}", prose, re.IGNORECASE)]
    return [*dict.fromkeys([*quoted, *signs])]


def _recurring(results: Vector) -> list[Value]:
    """Texts that a function answers again and again are words of its own."""
    texts = [result for result in results if isinstance(result, str)]
    return [text for text in dict.fromkeys(texts) if texts.count(text) > 1 and text]
