"""What can go wrong that is not a verdict: a promise broken by the user, a tool or the machine.

PerfOrchError                 exit status   every message says what, where, and what to do
├── UsageError                2             the request makes no sense: no such file, function or option
│   ├── FunctionNotFound      2
│   └── AmbiguousFunction     2             lists the candidates
├── SettingsError             2             a settings file or variable; names the file and line
├── ToolMissing               3             an interpreter, compiler or test tool is not there
├── SandboxUnavailable        3             the machine cannot isolate as strictly as the settings ask
├── MemoryUnavailable         2             the folder of the rankings cannot be used, or another process holds it
├── LaboratoryUnavailable     -             caught by the judge: nothing is proposed, with this as its reason
└── WorkbenchUnavailable      -             caught by the embedded engine, never shown as an error
"""

from typing import ClassVar


class PerfOrchError(Exception):
    """The root: anything a user can cause and cure."""

    exit_status: ClassVar[int] = 2


class UsageError(PerfOrchError):
    """The request itself makes no sense."""


class FunctionNotFound(UsageError):
    """There is no such function in the file."""


class AmbiguousFunction(UsageError):
    """More than one function has this name; the message lists them."""


class SettingsError(PerfOrchError):
    """A setting is wrong; the message names the file and the line."""


class ToolMissing(PerfOrchError):
    """A program that the project needs is not installed."""

    exit_status = 3


class SandboxUnavailable(PerfOrchError):
    """No isolation of the demanded level can be had on this machine."""

    exit_status = 3


class MemoryUnavailable(PerfOrchError):
    """The folder of the rankings cannot be read, written or locked."""


class LaboratoryUnavailable(PerfOrchError):
    """Two versions of a target cannot be compared on this machine, or in this project."""


class WorkbenchUnavailable(PerfOrchError):
    """The tests of a target cannot be run in process, so the embedded engine cannot search."""
