"""From the probe's account and the way its process ended to a survey, with a message where something is wrong."""

from perforch.adapters.commands import Finished
from perforch.core.survey import Ending, Survey
from perforch.toolchains import probed
from perforch.toolchains.probed import Account


def survey_of(account: Account, finished: Finished, level: str) -> Survey:
    stray = _stray(account)
    ending = probed.ending(account, finished.status, timed_out=finished.timed_out)
    notes = (stray, _note(ending, account, finished), finished.trouble)
    return Survey(
        ending=Ending.ENVIRONMENT if stray else ending,
        runs=account.runs,
        collection=account.uncollected,
        seconds=finished.seconds,
        sandbox=level,
        output="\n".join(part for part in (finished.output.rstrip(), *notes) if part),
    )


def _stray(account: Account) -> str:
    """Tests that import the project from elsewhere than the copy say nothing about the copy."""
    if account.end is None or not account.end.strays:
        return ""
    named = ", ".join(f"{module} from {file}" for module, file in sorted(account.end.strays.items())[:3])
    return (
        f"the tests import {named}, not from the workspace, so they do not test its code; "
        "install the project in editable mode (`python -m pip install -e .`) in its own environment"
    )


def _note(ending: Ending, account: Account, finished: Finished) -> str:
    running = f" while {account.running} was running" if account.running else ""
    match ending:
        case Ending.TIMEOUT:
            return f"the tests were ended after {finished.seconds:.0f} s{running}"
        case Ending.CRASHED if account.end is None:
            return f"the test process was gone before its report was complete{running} ({_how(finished.status)})"
        case Ending.CRASHED:
            return f"the run was interrupted before all tests had run{running}"
        case Ending.DISAGREES if not account.genuine:
            return "somebody else wrote into the report of the tests"
        case Ending.DISAGREES:
            told = "nothing" if account.end is None else account.end.status
            return f"the report says exit status {told}, the process ended with {finished.status}"
        case _:
            return ""


def _how(status: int) -> str:
    return f"signal {-status}" if status < 0 else f"exit status {status}"
