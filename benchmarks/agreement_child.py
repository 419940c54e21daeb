"""Runs two programs on the same inputs, in the folder that holds both; says on stdout how often they agree.

    agreement_child.py made-up FUNCTION COUNT       inputs like those that the workspace's tests use
    agreement_child.py given FUNCTION TOLERANCE     the inputs of inputs.json; `root` as TOLERANCE: see below

The right program is reference_program.py, the other candidate_program.py.
"""

import contextlib
import copy
import functools
import importlib
import io
import json
import os
import resource
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest
from agreement_inputs import new_inputs
from agreement_results import Hung, Raised, outcome, same

REFERENCE_SECONDS = 0.3  # an input that takes the right program longer is left out
CANDIDATE_SECONDS = 3.0
GIVEN_SECONDS = 5.0
MEMORY_BYTES = 4 << 30
FLOAT_TOLERANCE = 1e-9  # made-up inputs: the order of a sum is not the point
ROOT_TOLERANCE = 1e-4

Function = Callable[..., object]


def main() -> None:
    kind, name, value = sys.argv[1:]
    sys.path.insert(0, os.getcwd())  # noqa: PTH109 - a text is what sys.path takes
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    sys.setrecursionlimit(3000)
    reference = getattr(importlib.import_module("reference_program"), name)
    with contextlib.redirect_stdout(io.StringIO()):
        candidate = getattr(importlib.import_module("candidate_program"), name)
        results = (
            _made_up(name, reference, candidate, int(value))
            if kind == "made-up"
            else _given(reference, candidate, value)
        )
        verdicts = list(results)
    differing = [arguments for agrees, arguments in verdicts if not agrees]
    print(json.dumps({"compared": len(verdicts), "agree": len(verdicts) - len(differing), "differing": differing[:3]}))


def _made_up(name: str, reference: Function, candidate: Function, count: int) -> Iterator[tuple[bool, str]]:
    compared = 0
    for arguments in new_inputs(_examples(name, reference), Random(1), count):  # noqa: S311 - no secret
        expected = outcome(reference, copy.deepcopy(arguments), REFERENCE_SECONDS)
        if isinstance(expected, Raised | Hung):
            continue  # outside of what the right program is made for
        got = outcome(candidate, copy.deepcopy(arguments), CANDIDATE_SECONDS)
        yield same(expected, got, FLOAT_TOLERANCE), repr(arguments)[:300]
        compared += 1
        if compared == count:
            return


def _examples(name: str, reference: Function) -> list[tuple[object, ...]]:
    """The arguments that the workspace's tests call the function with, recorded with the right program in its place."""
    seen: list[tuple[object, ...]] = []

    @functools.wraps(reference)
    def recording(*arguments: object) -> object:
        with contextlib.suppress(RecursionError):
            seen.append(copy.deepcopy(arguments))
        return reference(*arguments)

    setattr(importlib.import_module(name), name, recording)
    pytest.main(["-q", "-p", "no:cacheprovider", "tests"])
    return seen


def _given(reference: Function, candidate: Function, tolerance: str) -> Iterator[tuple[bool, str]]:
    for arguments in json.loads(Path("inputs.json").read_text(encoding="utf-8")):
        got = outcome(candidate, tuple(copy.deepcopy(arguments)), GIVEN_SECONDS)
        if tolerance == "root":
            yield _is_root(arguments[0], got), repr(arguments)[:300]
            continue
        expected = outcome(reference, tuple(copy.deepcopy(arguments)), GIVEN_SECONDS)
        yield same(expected, got, float(tolerance)), repr(arguments)[:300]


def _is_root(coefficients: list[float], got: object) -> bool:
    """Any root will do, so the polynomial's value is looked at instead of the result."""
    if not isinstance(got, int | float):
        return False
    return abs(sum(factor * got**power for power, factor in enumerate(coefficients))) < ROOT_TOLERANCE


if __name__ == "__main__":
    main()
