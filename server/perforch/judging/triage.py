"""Is it the code? Before any model is asked, failures of the environment and of the test itself are told apart."""

import re
from collections.abc import Iterable
from enum import StrEnum

from perforch.core.proposal import Declined, Reason
from perforch.core.survey import FailedTest, RanTest


class Cause(StrEnum):
    """Who is to blame for a failing test."""

    CODE = "code"
    NETWORK = "network"
    MISSING_MODULE = "missing-module"
    VARIABLE = "environment-variable"
    FILES = "files"
    TEST = "test"


NETWORK_ERRORS = re.compile(
    r"Network is unreachable|Name or service not known|Temporary failure in name resolution"
    r"|Connection refused|Failed to establish a new connection|could not connect to server|getaddrinfo failed"
    r"|nodename nor servname"
)
NETWORK_TYPES = {"gaierror", "ConnectionRefusedError", "URLError", "ConnectError", "ConnectTimeout", "MaxRetryError"}
FILE_ERRORS = re.compile(r"Read-only file system|/(root|home|Users)/|Permission denied")
VARIABLE_READ = re.compile(r"os\.environ\[|os\.getenv\(|environ\[")
MISSING_FIXTURE = re.compile(r"fixture '[^']+' not found")
TEST_DEFECTS = {"NameError", "SyntaxError", "IndentationError", "UnboundLocalError"}

ADVICE = {
    Cause.NETWORK: "it needs the network or a service, which the sandbox does not give; mark the test so that it is "
    "deselected, or name others with --test",
    Cause.MISSING_MODULE: "a module is not installed in the project's interpreter; install it there, or set "
    "languages.python.interpreter to the interpreter that has it",
    Cause.VARIABLE: "it needs an environment variable; give it in perforch.toml under [test.environment]",
    Cause.FILES: "it needs files outside the workspace (the home folder is empty in the sandbox, the system read-only)",
    Cause.TEST: "it breaks in its own code before it reaches any function of the workspace",
}


def cause(run: RanTest) -> Cause:
    """Why this test failed, from its exception, its traceback and what it entered."""
    failure = run.failure
    if failure is None:
        return Cause.CODE
    return _environment(failure) or (Cause.TEST if _is_the_tests_own(run, failure) else Cause.CODE)


def declined(run: RanTest, why: Cause) -> Declined:
    """The sentence for the user: which test, what is wrong, what helps."""
    failure = run.failure
    detail = f" ({failure.exception}: {_first_line(failure.message)})" if failure else ""
    code = "test-broken" if why is Cause.TEST else "environment"
    return Declined(Reason(code, f"{run.test} fails, but not because of the code{detail}: {ADVICE[why]}"))


def collection_declined(failures: Iterable[FailedTest]) -> Declined:
    """Tests that cannot be collected, where the target is not to blame."""
    first, *more = failures
    also = f" (and {len(more)} more)" if more else ""
    why = _environment(first)
    advice = ADVICE[why] if why else "repair it, or name the tests to run with --test"
    text = f"{first.test} cannot be collected{also}: {first.exception}: {_first_line(first.message)}; {advice}"
    return Declined(Reason("environment" if why else "cannot-collect", text))


def _environment(failure: FailedTest) -> Cause | None:
    said = f"{failure.exception}: {failure.message}"
    if failure.exception == "ModuleNotFoundError":
        return Cause.MISSING_MODULE
    if failure.exception in NETWORK_TYPES or NETWORK_ERRORS.search(said):
        return Cause.NETWORK
    if failure.exception == "KeyError" and VARIABLE_READ.search(failure.text):
        return Cause.VARIABLE
    if failure.exception in {"PermissionError", "FileNotFoundError", "OSError"} and FILE_ERRORS.search(said):
        return Cause.FILES
    return None


def _is_the_tests_own(run: RanTest, failure: FailedTest) -> bool:
    """It entered nothing of the workspace and broke, rather than found something wrong."""
    if MISSING_FIXTURE.search(failure.message) or MISSING_FIXTURE.search(failure.text):
        return True
    return not run.entered and (failure.exception in TEST_DEFECTS or bool(failure.frames))


def _first_line(message: str) -> str:
    return message.strip().split("\n", 1)[0][:200]
