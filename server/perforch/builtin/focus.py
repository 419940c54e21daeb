"""How suspicious each line of a text is: by the tests for the start, carried over to what became of it."""

import ast
from collections.abc import Callable, Mapping
from difflib import SequenceMatcher

from perforch.builtin.source import Source
from perforch.core.localisation import suspicious_lines
from perforch.core.ports import Profile

Suspicion = Callable[[int], float]


def suspicion_of_start(profile: Profile, source: Source) -> Suspicion:
    """Scaled so that the most suspicious line has 1; the header, which no test is seen to execute, has 1 too."""
    none: frozenset[int] = frozenset()
    failing = [profile.lines.get(test, none) for test in profile.failing]
    scores = suspicious_lines(failing, [profile.lines.get(test, none) for test in profile.passing])
    highest = max(scores.values(), default=0.0)
    if not highest:
        return lambda _: 1.0
    scaled = {line: score / highest for line, score in scores.items()}
    complete = _spread(scaled, source)
    return lambda line: complete.get(line, 0.0)


def carried_over(suspicion: Suspicion, before: str, after: str) -> Suspicion:
    """Lines that stayed keep their suspicion; what was changed has done its part, and is left alone longer."""
    table: dict[int, float] = {}
    matcher = SequenceMatcher(None, before.splitlines(), after.splitlines(), autojunk=False)
    for block in matcher.get_matching_blocks():
        for step in range(block.size):
            table[block.b + step + 1] = suspicion(block.a + step + 1)
    return lambda line: table.get(line, 0.7)


def _spread(scores: Mapping[int, float], source: Source) -> dict[int, float]:
    """The lines of a statement that spans several are as suspicious as its most suspicious one."""
    complete = dict(scores)
    for node in ast.walk(source.function):
        if isinstance(node, ast.stmt) and node is not source.function:
            first, last = source.line(node), _last_line(source, node)
            highest = max((scores.get(line, 0.0) for line in range(first, last + 1)), default=0.0)
            for line in range(first, last + 1):
                complete[line] = max(complete.get(line, 0.0), highest)
    body = source.line(source.function.body[0])
    complete.update(dict.fromkeys(range(1, body), 1.0))
    return complete


def _last_line(source: Source, node: ast.stmt) -> int:
    """Of the statement itself: a compound one ends where its body begins."""
    body = getattr(node, "body", None)
    if isinstance(body, list) and body:
        return max(source.line(node), source.line(body[0]) - 1)
    return (node.end_lineno or node.lineno) - source.first_line + 1
