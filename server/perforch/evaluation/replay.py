"""Answers that models once gave, with what came of them: experiments on models without asking any.

A recording may lack outcomes, and then, as always when there is a judge, the judge decides what an answer is worth.
"""

import ast
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from perforch.core.categories import classify
from perforch.core.errors import UsageError
from perforch.core.observation import Place
from perforch.core.task import Stage
from perforch.evaluation.routing import Outcomes
from perforch.evaluation.suites_task import Row, read_rows

_PASS = "pass"  # noqa: S105 - the outcome's name in the data sets


@dataclass(frozen=True, slots=True)
class RecordedAnswer:
    """What a model answered, once. `passed` None: the recording does not say."""

    model: str
    task_id: str
    code: str
    passed: bool | None


@dataclass(frozen=True, slots=True)
class Recording:
    """A data set of answers, `places` being what is known of a task before anybody is asked."""

    suite: str
    language: str
    places: Mapping[str, Place]
    answers: tuple[RecordedAnswer, ...]

    @property
    def models(self) -> tuple[str, ...]:
        return tuple(sorted({answer.model for answer in self.answers}))


Verdicts = Callable[[Iterable[RecordedAnswer]], Awaitable[Mapping[RecordedAnswer, bool]]]


def load_recording(suite: str, data: Path) -> Recording:
    """`data` is the folder that holds the data sets. Raises UsageError."""
    describe = _DESCRIPTIONS.get(suite)
    if describe is None:
        raise UsageError(f"there is no recording {suite!r}; --suite takes one of {', '.join(_DESCRIPTIONS)}")
    answers = tuple(_answer(row) for row in read_rows(data, suite, "completions.jsonl.gz"))
    described = describe(data)
    missing = next((answer.task_id for answer in answers if answer.task_id not in described), None)
    if missing is not None:
        raise UsageError(f"--data: {data / suite} answers task {missing}, which is not described there")
    places = {task: described[task] for task in dict.fromkeys(answer.task_id for answer in answers)}
    return Recording(suite, "python", places, answers)


def load_pool(pool: str, suite: str, data: Path) -> tuple[str, ...]:
    """The models of a pool: its name in the suite's pools.json, or a file with one name per line or a JSON list."""
    named = _json(data / suite / "pools.json") if (data / suite / "pools.json").is_file() else {}
    if isinstance(named, dict) and pool in named:
        return _names(named[pool], data / suite / "pools.json")
    if not Path(pool).is_file():
        known = ", ".join(named) if isinstance(named, dict) and named else "no named ones"
        raise UsageError(f"--pool: {pool!r} is neither a file nor a pool of {suite} (there are: {known})")
    return _names(_json(Path(pool)) if Path(pool).suffix == ".json" else _lines(Path(pool)), pool)


def recorded_outcomes(recording: Recording) -> Outcomes:
    """As the recording has them; raises UsageError where it lacks one, because then somebody has to judge."""
    for answer in recording.answers:
        if answer.passed is None:
            raise UsageError(f"{recording.suite} does not say whether {answer.model} solved {answer.task_id}; judge it")
    return _outcomes(recording, {answer: bool(answer.passed) for answer in recording.answers})


async def judged_outcomes(recording: Recording, models: Iterable[str], verdicts: Verdicts) -> Outcomes:
    """As the judge finds them, whatever the recording says; only the answers of these models are judged."""
    wanted = set(models)
    return _outcomes(recording, await verdicts(answer for answer in recording.answers if answer.model in wanted))


def _outcomes(recording: Recording, verdicts: Mapping[RecordedAnswer, bool]) -> Outcomes:
    solved: dict[str, dict[str, bool]] = {}
    for answer, passed in verdicts.items():
        solved.setdefault(answer.model, {})[answer.task_id] = passed
    return Outcomes(solved, recording.places)


def _answer(row: Row) -> RecordedAnswer:
    passed = row.text("outcome") == _PASS if row.has("outcome") else None
    return RecordedAnswer(row.text("model"), row.text("task_id"), row.text("code"), passed)


def _leetcode(data: Path) -> dict[str, Place]:
    """The difficulty that the data set knows is left alone: no user's function comes with one."""
    rows = read_rows(data, "completions-leetcode-python", "tasks.jsonl.gz")
    return {row.text("task_id"): _place(row.text("prompt")) for row in rows}


def _humaneval(data: Path) -> dict[str, Place]:
    rows = read_rows(data, "humaneval-x", "humaneval_python.jsonl.gz")
    return {row.text("task_id"): _place(row.text("prompt")) for row in rows}


_DESCRIPTIONS: Mapping[str, Callable[[Path], Mapping[str, Place]]] = {
    "completions-leetcode-python": _leetcode,
    "completions-humaneval-python": _humaneval,
}


def _place(prompt: str) -> Place:
    """Of a module that ends in a function without a body; its docstring is the function's or the module's."""
    module = ast.parse(prompt.rstrip() + "\n" + " " * _indent_of_body(prompt) + "pass\n")
    function = [node for node in ast.walk(module) if isinstance(node, ast.FunctionDef)][-1]
    documentation = ast.get_docstring(function) or ast.get_docstring(module) or ""
    signature = f"def {function.name}({ast.unparse(function.args)})"
    return Place(Stage.GENERATE, "python", classify(function.name, documentation, signature, ""))


def _indent_of_body(prompt: str) -> int:
    """One level deeper than the last `def`."""
    header = next(line for line in reversed(prompt.splitlines()) if line.lstrip().startswith("def "))
    return len(header) - len(header.lstrip()) + 4


def _json(path: Path) -> object:
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} is not readable JSON: {error}") from error


def _lines(path: Path) -> list[str]:
    try:
        return [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"--pool: {path} is no list of model names: {error}") from error


def _names(value: object, place: Path | str) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not all(isinstance(name, str) for name in value):
        raise UsageError(f"--pool: {place} is no list of model names")
    return tuple(dict.fromkeys(value))
