"""The command that a user has set for the tests: which tool it runs, with which arguments and variables."""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field

from perforch.core.errors import SettingsError
from perforch.toolchains import pytest, unittest

_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")


@dataclass(frozen=True, slots=True)
class TestCommand:
    """`tool` None: whichever the project has."""

    __test__ = False  # not a test class, whatever its name

    tool: str | None = None
    arguments: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)


def parse(command: str | None) -> TestCommand:
    """The parts of a command like `API=1 python -m pytest -q tests/unit`; raises SettingsError for any other kind."""
    if command is None:
        return TestCommand()
    words = _words(command)
    at = next((at for at, word in enumerate(words) if not _ASSIGNMENT.match(word)), len(words))
    variables = dict(word.split("=", 1) for word in words[:at])
    for tool, arguments_of in ((pytest.NAME, pytest.arguments_of), (unittest.NAME, unittest.arguments_of)):
        arguments = arguments_of(words[at:])
        if arguments is not None:
            return TestCommand(tool, arguments, variables)
    raise SettingsError(
        f"test.command is {command!r}, which runs neither pytest nor unittest; "
        "give the command that a tool like make or tox runs in the end, such as `python -m pytest tests/unit`"
    )


def _words(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError as error:
        raise SettingsError(f"test.command is {command!r}, which cannot be split into words: {error}") from None
