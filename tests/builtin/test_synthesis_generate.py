"""The embedded engine generates a body where the examples are enough, and says why where they are not."""

import ast
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePosixPath

import pytest
from exec_bench import Events, ExecWorkbench, question

from perforch.adapters.syntax import TreeSitterSyntax
from perforch.builtin.engine import Builtin
from perforch.core import edits
from perforch.core.candidate import Answer, Candidate, NoAnswer
from perforch.core.ports import Question
from perforch.core.survey import TestId
from perforch.core.task import Concerned, Limits, Stage, Task
from perforch.core.verdict import Fault

FILE = PurePosixPath("m.py")
LARGEST = '"""The largest number.\n\n    >>> f([3, 9, 4])\n    9\n    """'
DOUBTFUL = '"""Something else.\n\n    >>> f([3, 9, 4])\n    3\n    """'


def asked(text: str, function: str = "f", tests: Concerned | None = None) -> Question:
    target = TreeSitterSyntax().find(FILE, text, function, None)
    start = question(text, Stage.GENERATE)
    task = replace(start.task, target=target, text=text, tests=tests or Concerned(), limits=Limits(seconds=1))
    return Question(task, Stage.GENERATE, target.source)


async def answered(
    text: str, function: str = "f", tests: Concerned | None = None, sources: Sequence[str] = ()
) -> Answer:
    engine = Builtin(ExecWorkbench(None), Events(), tests_of=lambda _task: sources)
    return await engine.answer(asked(text, function, tests))


async def applied(text: str, function: str = "f", sources: Sequence[str] = ()) -> str:
    """The whole file with the best answer in it, which must be one that can be read."""
    answer = await answered(text, function, sources=sources)
    assert isinstance(answer, tuple), answer
    after = edits.apply(text, asked(text, function).task.target, answer[0])
    ast.parse(after)
    return after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"def f(numbers):\n    {LARGEST}\n    raise NotImplementedError\n", f"def f(numbers):\n    {LARGEST}\n    return max(numbers)\n"),
        (f"def f(numbers):\n    {LARGEST}\n\nx = 1\n", f"def f(numbers):\n    {LARGEST}\n    return max(numbers)\n\nx = 1\n"),
        (f"def f(numbers):\n  {LARGEST}\n  pass", f"def f(numbers):\n  {LARGEST}\n  return max(numbers)"),
        (
            f"class K:\n\tdef f(self, numbers):\n\t\t{LARGEST}\n\t\t...\n",
            f"class K:\n\tdef f(self, numbers):\n\t\t{LARGEST}\n\t\treturn max(numbers)\n",
        ),
    ],
)  # fmt: skip
async def test_the_body_is_replaced_and_nothing_else(before: str, after: str) -> None:
    assert await applied(before) == after


async def test_line_ends_are_kept() -> None:
    before = f"def f(numbers):\n    {LARGEST}\n    pass\n".replace("\n", "\r\n")
    assert await applied(before) == before.replace("pass", "return max(numbers)")


async def test_helpers_stand_in_the_body_and_imports_at_the_top() -> None:
    text = 'def f(word):\n    """Whether the length is prime.\n\n    >>> f("ab")\n    True\n    >>> f("abcd")\n    False\n    """\n    pass\n'
    after = await applied(text)
    assert after.startswith("import math\n\n\ndef f(word):\n")
    assert "    def is_prime(number):\n        return number > 1" in after
    assert after.endswith("\n    return is_prime(len(word))\n")


async def test_examples_come_from_tests_too() -> None:
    text = 'def f(numbers):\n    """The largest number."""\n    pass\n'
    source = "from m import f\n\ndef test_it():\n    assert f([3, 9, 4]) == 9\n    assert f([1]) == 1\n"
    assert (await applied(text, sources=[source])).endswith("return max(numbers)\n")


async def test_an_answer_says_that_it_fits_the_examples() -> None:
    answer = await answered(f"def f(numbers):\n    {LARGEST}\n")
    assert isinstance(answer, tuple)
    assert all(isinstance(candidate, Candidate) and candidate.note == "fits the examples" for candidate in answer)
    assert (answer[0].model, answer[0].stage, answer[0].cost_usd) == ("builtin", Stage.GENERATE, 0.0)


async def test_what_little_speaks_for_is_offered_only_where_tests_can_judge_it() -> None:
    text = f"def f(numbers):\n    {DOUBTFUL}\n"
    alone = await answered(text)
    assert isinstance(alone, NoAnswer)
    assert "too little speaks for it" in alone.text
    judged = await answered(text, tests=Concerned(entering=(TestId("test_m.py::test_it"),)))
    assert isinstance(judged, tuple)
    assert {candidate.note for candidate in judged} == {"fits the examples, but little else speaks for it"}


@pytest.mark.slow
async def test_a_choice_between_two_expressions_is_never_believed_alone() -> None:
    text = (
        'def f(n, k):\n    """f(1, 5) == "low1"\n    f(2, 7) == "low2"\n    f(9, 4) == 4\n    f(8, 3) == 3\n    """\n'
    )
    judged = await answered(text, tests=Concerned(entering=(TestId("test_m.py::test_it"),)))
    assert isinstance(judged, NoAnswer)
    text = text.replace('"low1"', "-1").replace('"low2"', "-2")
    judged = await answered(text, tests=Concerned(entering=(TestId("test_m.py::test_it"),)))
    assert isinstance(judged, tuple)
    assert isinstance(await answered(text), NoAnswer)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('def f(a):\n    """Does something."""\n    pass\n', "examples that can be read"),
        ('def f():\n    """f() == 3"""\n    pass\n', "examples that can be read"),
        ('def f(*a):\n    """f(1) == 3"""\n    pass\n', "examples that can be read"),
        ('def f(a):\n    """f(b"x") == 3"""\n    pass\n', "bytes"),
        pytest.param(
            "def f(a):\n    '''f(\"qwertz\") == \"uiopasdf\"'''\n    pass\n",
            "no expression fits",
            marks=pytest.mark.slow,
        ),
    ],
)
async def test_what_cannot_be_found_is_told(text: str, words: str) -> None:
    answer = await answered(text)
    assert isinstance(answer, NoAnswer)
    assert answer.fault is Fault.TEST
    assert words in answer.text


async def test_another_body_is_found_by_what_the_present_one_does() -> None:
    """Where documentation and tests show nothing that can be read, or something else than what the code does."""
    text = (
        'def f(numbers):\n    """Of the numbers.\n\n    f([3, 9]) == 10\n    """\n'
        "    return sorted(numbers, key=lambda n: (n, str(n)))[-1]\n"
    )
    lists = [[3, 9, 4], [1], [-2, -5], [1, 7, 7], [5, 0], [2, 8, 2, 6], [0], [-1, 1], [6, 6, 3, 1], [4, 5, 2]]
    told = [f"assert f({each}) == {max(each)}" for each in lists]
    asked_of: list[str] = []

    async def oracle(_task: Task, code: str) -> Sequence[str]:
        asked_of.append(code)
        return told

    request = asked(text)
    answer = await Builtin(ExecWorkbench(None), Events(), oracle=oracle).answer(replace(request, stage=Stage.REFINE))
    assert isinstance(answer, tuple)
    assert any(candidate.code.endswith("return max(numbers)") for candidate in answer)
    assert asked_of == [request.start]
    silent = await Builtin(ExecWorkbench(None), Events()).answer(replace(request, stage=Stage.REFINE))
    assert not isinstance(silent, tuple) or not any("max(numbers)" in candidate.code for candidate in silent)
