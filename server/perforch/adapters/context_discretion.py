"""What is left out of a question because it comes from files that may not be shown."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import PurePosixPath

from perforch.adapters.context_visible import Visible
from perforch.core.proposal import Attempt
from perforch.core.survey import FailedTest, TestId
from perforch.core.verdict import Failed
from perforch.languages import language_of

LONGEST_MESSAGE = 300  # of a test that an earlier answer failed
NOT_SENT = "what it says is left out, for it is in a file that is not sent"


@dataclass(frozen=True)
class Discretion:
    """Leaves out what tests say that lie in files which are not shown, or that failed in such files.

    `near` is the file of the target.
    """

    visible: Visible
    near: PurePosixPath

    def failure(self, failure: FailedTest) -> FailedTest:
        """The same one, or no more of it than its name and its exception's."""
        files = [PurePosixPath(frame.file) for frame in failure.frames]
        if all(map(self.visible.shows, files)) and self._shows_test(failure.test, files):
            return failure
        return FailedTest(failure.test, failure.exception, "", f"{failure.exception}: {NOT_SENT}")

    def attempt(self, attempt: Attempt) -> Attempt:
        """With new evidence, where the old one may quote a test that is not shown."""
        verdict = attempt.verdict
        if not isinstance(verdict, Failed):
            return attempt
        failures = tuple(map(self.failure, verdict.failures))
        if failures == verdict.failures and all(map(self._shows_test, verdict.failing | verdict.broken)):
            return attempt
        said = [f"{each.test}: {each.exception}: {each.message[:LONGEST_MESSAGE] or NOT_SENT}" for each in failures]
        evidence = "\n".join([f"fault: {verdict.fault}; some of the tests are in files that are not sent", *said])
        return replace(attempt, verdict=replace(verdict, evidence=evidence, failures=failures))

    def _shows_test(self, test: TestId, files: Iterable[PurePosixPath] = ()) -> bool:
        """Whether the test's file may be shown; an id that is made of dots names a module, which must be found.

        `files` are known to be shown.
        """
        name, mark, _ = test.partition("::")
        if mark or language_of(PurePosixPath(name)):
            return self.visible.shows(PurePosixPath(name))
        parts = test.split(".")
        modules = {".".join(parts[:count]) for count in range(1, len(parts) + 1)}
        return not modules.isdisjoint(_modules(files)) or not modules.isdisjoint(self._modules)

    @cached_property
    def _modules(self) -> frozenset[str]:
        return _modules(self.visible.files(self.near))


def _modules(files: Iterable[PurePosixPath]) -> frozenset[str]:
    """The dotted names under which files may be known, from each of the folders above them."""
    parts = [file.with_suffix("").parts for file in files]
    return frozenset(".".join(each[start:]) for each in parts for start in range(len(each)))
