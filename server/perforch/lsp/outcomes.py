"""How a job ended, as a worker's last line."""

from typing import assert_never

from perforch.core.candidate import Candidate
from perforch.core.proposal import NoProposal, Proposal
from perforch.core.report import as_json
from perforch.core.task import Request
from perforch.lsp import wire
from perforch.lsp.jobs import Choice, End, Line, Proposed, Refused, Solved, Tested


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


def solved(outcome: Proposal | NoProposal, request: Request, seconds: float) -> Solved:
    """The command line's object, and what it takes to apply each proven answer."""
    proposed = _proposed(outcome) if isinstance(outcome, Proposal) else None
    return Solved(as_json(outcome, request, seconds), proposed)


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
