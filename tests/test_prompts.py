"""What models are told: everything that is needed, the best context first, and nothing beyond the budget."""

import re
from dataclasses import replace

import pytest

from fakes import failed, failed_test, task
from perforch.core.asking import Context, Snippet
from perforch.core.candidate import Candidate
from perforch.core.hot_lines import HotLine
from perforch.core.ports import Question
from perforch.core.proposal import Attempt
from perforch.core.task import Stage
from perforch.prompts import messages

CONTEXT = Context(
    "Python",
    ("Keep it short.",),
    (Snippet("other.py", "def helper(x): ..."),),
    (Snippet("t.py", "def test_t1(): ..."),),
)


def prompt(stage: Stage, context: Context = CONTEXT, budget: int = 10_000, tried: str | None = None) -> str:
    earlier = ()
    if tried:
        earlier = (Attempt("m", stage, Candidate(tried, "m", stage), failed("t1"), 0.0, 1.0),)
    question = Question(task(stage), stage, task().target.source, (failed_test("t1"),), earlier)
    return "\n".join(message.content for message in messages(question, context, budget))


@pytest.mark.parametrize("stage", list(Stage))
def test_every_stage_names_the_function_its_code_and_its_surroundings(stage: Stage) -> None:
    text = prompt(stage)
    for needed in ("`double`", "return x + 1", "mod.py", "Keep it short.", "def helper(x)", "def test_t1()"):
        assert needed in text


def test_a_fixer_is_told_what_fails_and_what_was_tried_as_a_change() -> None:
    text = prompt(Stage.FIX, tried="def double(x):\n    return x + 3")
    for needed in ("### t1", "assert 3 == 4", "-    return x + 1", "+    return x + 3", "do not repeat"):
        assert needed in text


def test_context_that_does_not_fit_is_left_out_whole() -> None:
    many = Context("Python", (), tuple(Snippet(f"f{n}.py", f"def f{n}(): " + "x" * 200) for n in range(50)))
    text = prompt(Stage.FIX, many, budget=1_000)
    assert "f0.py" in text
    assert "f49.py" not in text


def test_dollars_in_code_are_left_alone() -> None:
    assert "$price" in prompt(Stage.FIX, Context("Python", related=(Snippet("a.py", "cost = '$price'"),)))


def test_whoever_shall_make_it_faster_is_told_where_the_time_goes() -> None:
    hot = (HotLine(2, 0.87, 1200, "return x + 1"),)
    question = Question(task(Stage.REFINE), Stage.REFINE, task().target.source, hot_lines=hot)
    text = messages(question, CONTEXT)[1].content
    assert "- 87% of the time, 1200 times: `return x + 1`" in text
    assert "Where its time goes" not in prompt(Stage.REFINE)


TICKS = {
    "source": 'def double(x):\n    """As in\n```\ndouble(2)\n```\n    """\n    return x + 1',
    "imports": "import a  # ```",
    "failures": "E  ```python",
    "earlier": 'def double(x):\n    return """\n```\n"""',
    "related": "def helper(x):\n```\nhelper(1)\n```",
    "tests": "def test_t1():\n```",
}


def with_ticks(place: str, text: str) -> tuple[Question, Context]:
    """A question, and what is told beside it, with one text in one place."""
    start = text if place == "source" else task().target.source
    asked = task()
    if place == "imports":
        asked = replace(asked, target=replace(asked.target, imports=(text,)))
    failures = (replace(failed_test("t1"), text=text if place == "failures" else "plain"),)
    code = text if place == "earlier" else "def double(x): ..."
    earlier = (Attempt("m", Stage.FIX, Candidate(code, "m", Stage.FIX), failed("t1"), 0.0, 1.0),)
    context = replace(CONTEXT, **{place: (Snippet("a.py", text),)}) if place in {"related", "tests"} else CONTEXT
    return Question(asked, Stage.FIX, start, failures, earlier), context


@pytest.mark.parametrize("place", list(TICKS))
@pytest.mark.parametrize("mark", ["```", "`````"])
def test_a_fence_is_longer_than_the_backticks_in_any_fenced_text(place: str, mark: str) -> None:
    text = messages(*with_ticks(place, TICKS[place].replace("```", mark)))[1].content
    fences = re.findall(rf"^({mark}`+)(\w*)$", text, re.MULTILINE)
    assert {marks for marks, _ in fences} == {mark + "`"}
    assert [bool(tag) for _, tag in fences].count(False) == len(fences) // 2 + 1  # a report has no tag
    for line in TICKS[place].replace("```", mark).splitlines():
        assert line in text


def test_a_fence_is_three_backticks_where_the_texts_hold_fewer() -> None:
    text = messages(*with_ticks("related", "def helper(x): `x` ``y``"))[1].content
    assert "```python\ndef helper(x): `x` ``y``\n```" in text
    assert "````" not in text


LINES = [f"{number:04} password = battery + swordfish!" for number in range(400)]


def test_a_long_report_is_cut_between_lines() -> None:
    text = messages(*with_ticks("failures", "\n".join(LINES)))[1].content
    shown = [line for line in text.splitlines() if line.endswith("h!")]
    assert shown == LINES[-len(shown) :]
    assert 60 < len(shown) < 120


@pytest.mark.parametrize("last", [100, 1_000])
def test_a_report_of_one_long_line_is_cut_between_words(last: int) -> None:
    text = messages(*with_ticks("failures", "first\n" + "key-9f8e7d6c5b4a " * 400 + "\n" + "x" * last))[1].content
    assert set(text[text.index("### t1\n```\n") + len("### t1\n```\n") : text.rindex("x" * last)].split()) == {
        "key-9f8e7d6c5b4a"
    }
    assert "x" * last in text


def test_a_long_reason_is_cut_between_lines() -> None:
    question, context = with_ticks("failures", "plain")
    earlier = tuple(
        replace(attempt, verdict=replace(failed("t1"), evidence="\n".join(LINES))) for attempt in question.earlier
    )
    text = messages(replace(question, earlier=earlier), context)[1].content
    why = text[text.index("It failed (") + len("It failed (") : text.index("!).") + 1]
    assert why.splitlines() == LINES[: len(why.splitlines())]
    assert 10 < len(why.splitlines()) < 30
