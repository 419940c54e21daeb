"""Generate: a function's body from the examples in its documentation, and from those that tests show where they can."""

import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from perforch.builtin.source import FunctionNode, parse
from perforch.builtin.synthesis.confidence import Signs, is_confident, signs
from perforch.builtin.synthesis.expression import Expression
from perforch.builtin.synthesis.problem import parameters_of, problem_of, prose_of
from perforch.builtin.synthesis.search import Outcome, search
from perforch.builtin.synthesis.values import Unsupported
from perforch.builtin.synthesis.writing import Body, body_of
from perforch.core.examples import Example, distinct, documented
from perforch.core.ports import Question
from perforch.core.task import Target
from perforch.core.tested import asserted

_FITS = "fits the examples"
_DOUBTFUL = "fits the examples, but little else speaks for it"
MOST_OFFERED = 4
SECONDS = 8.0


@dataclass(frozen=True, slots=True)
class Found:
    """A new text for the target that fits the examples; `is_confident` says whether it may be shown for that alone."""

    code: str
    imports: tuple[str, ...]
    is_confident: bool
    signs: Signs

    @property
    def note(self) -> str:
        """What the user is told about it."""
        return _FITS if self.is_confident else _DOUBTFUL


@dataclass(frozen=True, slots=True)
class NotFound:
    """Why there is none."""

    text: str


async def generate(
    question: Question, examples: Sequence[Example], deadline: float, clock: Callable[[], float]
) -> tuple[Found, ...] | NotFound:
    """Best first; ends by the deadline. Raises SyntaxError."""
    target = question.task.target
    function = parse(target.source).function
    if not examples:
        return NotFound("neither its documentation nor its tests show examples that can be read")
    try:
        problem = problem_of(function, examples, prose_of(target.docstring, target.function))
    except Unsupported as error:
        return NotFound(f"the examples have {error}, with which the embedded engine cannot compute")
    outcome = await search(problem, deadline, clock)
    best = _ranked(outcome)
    if not best:
        return NotFound(f"no expression fits the examples ({outcome.goal.considered} were of the right type)")
    return tuple(_found(target, function, *each) for each in best[:MOST_OFFERED])


def examples_of(target: Target, tests: Sequence[str]) -> tuple[Example, ...]:
    """What it is said to do; `tests` are sources. Raises SyntaxError.

    Those of the documentation come first: where a test contradicts one, both cannot hold, and the first is kept.
    """
    parameters = _named(target)
    shown = documented(target.docstring, _own_name(target), parameters)
    return distinct(chain(_complete(shown, parameters), asserted_of(target, tests)))


def asserted_of(target: Target, tests: Sequence[str]) -> tuple[Example, ...]:
    """What these sources assert of it. Raises SyntaxError."""
    parameters = _named(target)
    shown = [example for source in tests for example in asserted(source, _own_name(target), parameters)]
    return distinct(_complete(shown, parameters))


def _named(target: Target) -> list[str]:
    """Its parameters, where a call gives each of them; else none."""
    function = parse(target.source).function
    if function.args.vararg or function.args.kwarg or function.args.kwonlyargs:
        return []
    return [argument.arg for argument in parameters_of(function)]


def _own_name(target: Target) -> str:
    return target.function.rpartition(".")[2]


def _complete(examples: Iterable[Example], parameters: Sequence[str]) -> Iterator[Example]:
    return (example for example in examples if len(example.arguments) == len(parameters) > 0)


def _ranked(outcome: Outcome) -> list[tuple[Expression, Signs]]:
    hits = outcome.goal.whole_hits
    if not hits:
        conditional = outcome.goal.conditional()
        hits = [*([conditional] if conditional else ()), *outcome.goal.hits]
    told = [(hit, signs(hit, outcome.problem, outcome.goal)) for hit in hits]
    return sorted(told, key=lambda each: each[1].rank)


def _found(target: Target, function: FunctionNode, expression: Expression, told: Signs) -> Found:
    names = {argument.arg for argument in parameters_of(function)} | {function.name}
    body = body_of(expression, names)
    return Found(_replaced(target, body), body.imports, is_confident(told), told)


def _replaced(target: Target, body: Body) -> str:
    """The target's text with the new statements for its old ones, which may be none but the documentation."""
    start, end = target.body.start - target.span.start, target.body.end - target.span.start
    before, after = target.source[:start], target.source[end:]
    last = before.rpartition("\n")[2]
    indent = last if last.strip() == "" and last else f"{target.indent}    "
    text = textwrap.indent(body.text, indent)
    newline = "\r\n" if "\r\n" in target.source else "\n"
    text = newline.join(text.splitlines())
    if last.strip():
        return f"{before.rstrip()}{newline}{text}{after}"
    return f"{before}{text[len(indent) :] if last else text}{after}"
