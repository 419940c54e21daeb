"""Two models that need no intelligence: the data set's own solution, and the code as it is.

The first shows that a suite can be solved by what it asks for, the second that it is not solved already.
"""

from dataclasses import dataclass

from perforch.core.candidate import Answer, Candidate
from perforch.core.ports import Model, Question
from perforch.evaluation.suites_task import SuiteTask, top_level_imports

REFERENCE = "reference"
UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Answering:
    """A model that gives the same code whatever it is asked."""

    name: str
    code: str
    imports: tuple[str, ...] = ()

    async def answer(self, question: Question) -> Answer:
        return (Candidate(self.code, self.name, question.stage, self.imports),)


def stand_in(name: str, task: SuiteTask) -> Model | None:
    """The model of this name for this task, or None where the name is one of a real model."""
    if name == REFERENCE:
        return Answering(name, task.reference_code, top_level_imports(task.reference_text))
    if name == UNCHANGED:
        return Answering(name, task.broken_code)
    return None
