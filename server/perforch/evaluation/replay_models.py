"""Recorded answers as models: they go the way of any model's answers, only no prompt is sent."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from perforch.core.asking import Parse, Unusable
from perforch.core.candidate import Answer, Candidate, NoAnswer
from perforch.core.errors import UsageError
from perforch.core.ports import Question
from perforch.core.verdict import Fault
from perforch.evaluation.replay import Recording

PREFIX = "recorded:"  # of a model's name on the command line


@dataclass(frozen=True, slots=True)
class Recorded:
    """Says to one task what a model once said, however often it is asked."""

    name: str
    text: str
    parse: Parse

    async def answer(self, question: Question) -> Answer:
        found = self.parse(question, self.text)
        if isinstance(found, Unusable):
            return NoAnswer(self.name, Fault.PARSE, found.text)
        return tuple(Candidate(one.code, self.name, question.stage, one.imports, note=one.note) for one in found)


def recorded_models(recording: Recording, name: str, tasks: Iterable[str], parse: Parse) -> Mapping[str, Recorded]:
    """By task id, `recorded:MODEL` for each of the tasks; where the recording has no answer, it is empty.

    Raises UsageError for a model that the recording does not know.
    """
    model = name.removeprefix(PREFIX)
    answers = {answer.task_id: answer.code for answer in recording.answers if answer.model == model}
    if not answers:
        raise UsageError(f"--model: {recording.suite} has none by {model!r}; it has {', '.join(recording.models)}")
    return {task: Recorded(name, answers.get(task, ""), parse) for task in tasks}
