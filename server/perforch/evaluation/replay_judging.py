"""Recorded answers before the product's own judge: what counts as solved is what a user would have been shown.

An answer is read as a model's answer is, so one that needs more than the function it was asked for is not solved.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from perforch.core.asking import Parse
from perforch.core.candidate import NoAnswer
from perforch.core.errors import UsageError
from perforch.core.ports import Judge, Question
from perforch.core.proposal import Declined
from perforch.core.task import Limits, Request, Stage, Task, Workspace
from perforch.core.verdict import Passed
from perforch.evaluation.repair import laid_out
from perforch.evaluation.replay import RecordedAnswer
from perforch.evaluation.replay_models import Recorded
from perforch.evaluation.suites_humaneval import load_humaneval_x
from perforch.evaluation.suites_leetcode import load_leetcode
from perforch.evaluation.suites_task import SuiteTask

TEST_SECONDS = 10.0  # one answer's tests; those that end, end within two

_WORKSPACES: Mapping[str, Callable[[Path], Sequence[SuiteTask]]] = {
    "completions-leetcode-python": load_leetcode,
    "completions-humaneval-python": load_humaneval_x,
}


def load_workspaces(suite: str, data: Path) -> Mapping[str, SuiteTask]:
    """By task id, the workspaces in which a recording's answers can be judged."""
    if suite not in _WORKSPACES:
        raise UsageError(f"answers of {suite!r} cannot be judged; --suite takes one of {', '.join(_WORKSPACES)}")
    return {task.task_id: task for task in _WORKSPACES[suite](data)}


async def judge_answers(
    work: SuiteTask, answers: Iterable[RecordedAnswer], judge: Judge, parse: Parse
) -> Mapping[RecordedAnswer, bool]:
    """Judges all answers to one task against one baseline. Raises UsageError where there is none."""
    with laid_out(work) as root:
        limits = Limits(test_seconds=TEST_SECONDS)
        examined = await judge.examine(
            Request(Workspace(root), Stage.GENERATE, file=work.file, function=work.function, limits=limits)
        )
        if isinstance(examined, Declined):
            raise UsageError(f"{work.task_id} cannot be judged: {examined.reason.text}")
        return {answer: await _holds(examined[0], answer, judge, parse) for answer in answers}


async def _holds(task: Task, answer: RecordedAnswer, judge: Judge, parse: Parse) -> bool:
    """Whether what can be taken from the answer is proven; its first reading counts, as one answer is one try."""
    model = Recorded(answer.model, answer.code, parse)
    said = await model.answer(Question(task, Stage.GENERATE, task.target.source))
    return not isinstance(said, NoAnswer) and isinstance(await judge.judge(task, said[0]), Passed)
