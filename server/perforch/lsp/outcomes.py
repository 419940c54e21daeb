"""How a job ended, as a worker's last line."""

from collections.abc import Mapping
from typing import assert_never

from perforch.app.health import Failing, Health
from perforch.core.candidate import Candidate
from perforch.core.proposal import Declined, NoProposal, Proposal
from perforch.core.report import Json
from perforch.lsp import wire
from perforch.lsp.jobs import Choice, End, Failure, Line, Place, Proposed, Refused, Solved, Tested


def line(end: End) -> Line:
    match end:
        case Solved():
            return Line(solved=end)
        case Tested():
            return Line(tested=end)
        case Refused():
            return Line(refused=end)
        case wire.DoctorResult():
            return Line(doctor=end)
        case wire.RankingsResult():
            return Line(rankings=end)
        case wire.ModelsResult():
            return Line(models=end)
        case _ as never:
            assert_never(never)


def solved(outcome: Proposal | NoProposal, report: Mapping[str, Json], number: str) -> Solved:
    """The command line's object, and what it takes to apply each proven answer."""
    return Solved(number, report, _proposed(outcome) if isinstance(outcome, Proposal) else None)


def tested(found: Health | Declined) -> Tested:
    """Failing tests with the places that an editor marks."""
    if isinstance(found, Declined):
        return Tested(0, 0, 0, (), (), found.reason.text)
    failures = tuple(map(_failure, found.failing))
    return Tested(found.passed, len(failures), found.skipped, found.flaky, failures, None)


def _failure(failing: Failing) -> Failure:
    failure, at, suspect = failing.failure, failing.at, failing.suspect
    first_line = failure.message.strip().split("\n", 1)[0]
    return Failure(
        test=failure.test,
        message=": ".join(part for part in (failure.exception, first_line) if part),
        at=Place(at.file, at.line) if at else None,
        suspect=Place(str(suspect.file), suspect.def_line) if suspect else None,
        suspect_name=suspect.function if suspect else None,
    )


def _proposed(proposal: Proposal) -> Proposed:
    task = proposal.task
    candidates = (proposal.candidate, *(alternative.candidate for alternative in proposal.alternatives))
    return Proposed(
        file=str(task.target.file),
        function=task.target.function,
        text=task.text,
        start=task.target.span.start,
        before=task.target.source,
        choices=tuple(map(_choice, candidates)),
    )


def _choice(candidate: Candidate) -> Choice:
    return Choice(candidate.code, candidate.imports)
