"""The process that reads source text for the server: some texts keep a parser busy for minutes, and it can be ended."""

import contextlib
import json
import sys
import time
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO

from perforch import resident
from perforch.core.errors import PerfOrchError
from perforch.core.ports import Syntax
from perforch.core.report import Json
from perforch.lsp import typed
from perforch.lsp.channels import protected_stdout
from perforch.lsp.jobs import Proposed
from perforch.lsp.placing import changes_of, found_again


@dataclass(frozen=True, slots=True)
class Outlining:
    """List the functions of this text."""

    file: str
    text: str


@dataclass(frozen=True, slots=True)
class Placing:
    """Say what the choice of that number changes in this text."""

    text: str
    proposed: Proposed
    number: int


@dataclass(frozen=True, slots=True)
class Question:
    """One of these."""

    outline: Outlining | None = None
    place: Placing | None = None


def main() -> int:
    """Answer one question a line until the input closes, which means that the server is gone."""
    output = protected_stdout()
    syntax = resident.syntax()
    with contextlib.suppress(BrokenPipeError):  # it is gone already
        for line in sys.stdin.buffer:
            _write(output, _answer(syntax, typed.read(Question, json.loads(line), "question")))
    return 0


def _answer(syntax: Syntax, question: Question) -> Json:
    started = time.process_time()
    try:
        content = _content(syntax, question)
    except (PerfOrchError, RecursionError) as error:
        return {"refused": str(error)}
    return {"content": content, "seconds": time.process_time() - started}


def _content(syntax: Syntax, question: Question) -> Json:
    if question.outline:
        file = PurePosixPath(question.outline.file)
        return [
            [each.function, each.span.first_line - 1, each.span.last_line - 1, each.def_line - 1, each.is_stub]
            for each in syntax.functions(file, question.outline.text)
        ]
    assert question.place is not None
    place = question.place
    target = found_again(syntax, place.text, place.proposed)
    return typed.write(changes_of(place.text, target, place.proposed.choices[place.number]))


def _write(output: BinaryIO, answer: Json) -> None:
    content = memoryview(json.dumps(answer).encode() + b"\n")
    while content:
        content = content[output.write(content) :]


if __name__ == "__main__":
    sys.exit(main())
