"""The same jobs for editors that know only the standard protocol: a command, its progress, and an edit to confirm."""

from collections.abc import Callable
from functools import partial

from lsprotocol.types import MessageType
from pygls.exceptions import JsonRpcInvalidParams

from perforch.core.errors import PerfOrchError
from perforch.lsp import typed, wire
from perforch.lsp.client import Applied
from perforch.lsp.diagnosing import Diagnosing
from perforch.lsp.names import COMMANDS, RUN_TESTS, Stage
from perforch.lsp.session import RequestFailed, Session
from perforch.lsp.solving import Asked, Solving, verb

APPLY, DISCARD = "Apply", "Discard"
Command = Callable[..., None]


class Commands:
    """Each command returns at once; the work goes on behind a progress that can be cancelled."""

    def __init__(self, session: Session, solving: Solving, diagnosing: Diagnosing) -> None:
        self._session = session
        self._solving = solving
        self._diagnosing = diagnosing

    def all(self) -> dict[str, Command]:
        """By the names that executeCommandProvider lists."""
        solvers = {name: _checked(partial(self._solve, stage)) for stage, name in COMMANDS.items()}
        return {**solvers, RUN_TESTS: _checked(self._run_tests)}

    def _solve(self, stage: Stage, *arguments: object) -> None:
        place = typed.read(wire.Place, arguments[0] if arguments else None, "arguments[0]")
        document = self._session.documents.read(place.uri)
        self._session.errand(self._solved(Asked(document, place.position.line, stage, place.test)))

    def _run_tests(self, *arguments: object) -> None:
        document = typed.read(wire.Document, arguments[0], "arguments[0]") if arguments else None
        self._session.errand(self._tested(document))

    async def _solved(self, asked: Asked) -> None:
        client = self._session.client
        token = await client.new_token()
        with client.progress(token, f"PerfOrch: {verb(asked.stage)}") as progress:
            result = await self._solving.result(asked, progress.report)
        kept = self._solving.kept(result.id)
        if kept is None:
            client.show(result.reason.text if result.reason else "nothing is proposed", MessageType.Warning)
            return
        summary = summary_of(result)
        if client.can_confirm:
            applied = await self._solving.apply(
                kept, 0, lambda edit, label: client.apply_confirmed(edit, label, summary)
            )
        elif await client.choice(f"{summary}\n\n{result.diff}", [APPLY, DISCARD]) == APPLY:
            applied = await self._solving.apply(kept, 0, client.apply)
        else:
            await self._solving.reject({"id": result.id})
            return
        self._show_unless(applied)

    def _show_unless(self, applied: Applied) -> None:
        if not applied.is_applied:
            self._session.client.show(applied.reason, MessageType.Warning)

    async def _tested(self, document: wire.Document | None) -> None:
        client = self._session.client
        token = await client.new_token()
        with client.progress(token, "PerfOrch: Run Tests") as progress:
            root = self._diagnosing.root(document)
            result = await self._diagnosing.run(root, progress.report)
        client.show(result.message or f"{result.passed} tests pass, {result.failed} fail")


def _checked(command: Command) -> Command:
    """Arguments that do not fit are refused in a sentence."""

    def checked(*arguments: object) -> None:
        try:
            command(*arguments)
        except typed.Misfit as error:
            raise JsonRpcInvalidParams(str(error)) from None
        except PerfOrchError as error:
            raise RequestFailed(str(error)) from None

    return checked


def summary_of(result: wire.SolveResult) -> str:
    """What was proven, in a line or two."""
    evidence, candidate = result.evidence, result.candidate
    assert evidence is not None
    assert candidate is not None
    word = "Proven" if evidence.level == "proven" else f"Level {evidence.level}"
    tests = f"{evidence.tests_run} tests ran, {evidence.tests_entering_target} of them enter the new code"
    gain = f"; CPU time x {result.comparison.cpu_time.ratio:.2f}" if result.comparison else ""
    return f"{word}: {candidate.model} changes {result.target.function}; {tests}{gain}"
