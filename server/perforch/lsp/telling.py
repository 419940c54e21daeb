"""What a user is told while a job runs: one line for each event."""

from typing import assert_never

from perforch.core.events import Asking, Event, Examining, Found, Judged, Judging, Searching, Spending, SuiteProgress
from perforch.core.task import Stage
from perforch.core.verdict import Failed
from perforch.lsp.jobs import Told

VERBS: dict[str, str] = {Stage.GENERATE: "Generate", Stage.FIX: "Fix", Stage.REFINE: "Optimize"}


def told(event: Event) -> Told:
    """An event as a line, with the share that is done where it is known."""
    match event:
        case Examining(text):
            return Told(text)
        case SuiteProgress(done, total):
            share = min(100, 100 * done // total) if total else None
            return Told(f"{done} of {total} tests" if total else f"{done} tests", percentage=share)
        case Found(tasks):
            return Told("looking at " + ", ".join(task.target.function for task in tasks))
        case Asking(_, stage, model, number, of):
            return Told(f"{VERBS[stage]} {number}/{of}: asking {model}", stage.value)
        case Spending():
            return Told(event.text)
        case Searching(tried, plausible, _):
            found = f", {plausible} pass the tests" if plausible else ""
            return Told(f"{tried} changes tried{found}")
        case Judging(model, stage):
            return Told(f"proving an answer by {model}", stage.value)
        case Judged(attempt):
            word = attempt.verdict.fault.value if isinstance(attempt.verdict, Failed) else "proven"
            return Told(f"{VERBS[attempt.stage]} by {attempt.model}: {word}", attempt.stage.value)
        case _ as never:
            assert_never(never)
