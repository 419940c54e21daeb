"""Answers that models once gave, with what came of them: experiments on models without asking any.

A recording may lack outcomes; then the judge decides what an answer is worth (replay_judging.py).
"""

import ast
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
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


def load_pool(pool: str, suite: str, *folders: Path) -> tuple[str, ...]:
    """The models of a pool: its name in the suite's pools.json, or a file with one name per line or a JSON list.

    Of the data folders the first that names pools counts.
    """
    file = next((path for folder in folders if (path := folder / suite / "pools.json").is_file()), None)
    named = _json(file) if file else {}
    if file and isinstance(named, dict) and pool in named:
        return _names(named[pool], file)
    if not Path(pool).is_file():
        known = ", ".join(named) if isinstance(named, dict) and named else "no named ones"
        raise UsageError(f"--pool: {pool!r} is neither a file nor a pool of {suite} (there are: {known})")
    return _names(_json(Path(pool)) if Path(pool).suffix == ".json" else _lines(Path(pool)), pool)


def limited_to(recording: Recording, models: Collection[str]) -> Recording:
    """The same tasks with the answers of these models alone; raises UsageError for one that it does not know."""
    unknown = [model for model in models if model not in recording.models]
    if unknown:
        raise UsageError(f"{recording.suite} has no answers of {unknown[0]!r}; it has {', '.join(recording.models)}")
    return replace(recording, answers=tuple(answer for answer in recording.answers if answer.model in models))


def unjudged(recording: Recording) -> Mapping[str, tuple[RecordedAnswer, ...]]:
    """By task, the answers of which the recording does not say whether they solved it."""
    found: dict[str, tuple[RecordedAnswer, ...]] = {}
    for answer in recording.answers:
        if answer.passed is None:
            found[answer.task_id] = (*found.get(answer.task_id, ()), answer)
    return found


def outcomes_of(recording: Recording, judged: Mapping[RecordedAnswer, bool]) -> Outcomes:
    """As the recording has them; what it lacks is in `judged`."""
    solved: dict[str, dict[str, bool]] = {}
    for answer in recording.answers:
        passed = judged[answer] if answer.passed is None else answer.passed
        solved.setdefault(answer.model, {})[answer.task_id] = passed
    return Outcomes(solved, recording.places)


def _answer(row: Row) -> RecordedAnswer:
    passed = row.text("outcome") == _PASS if row.fields.get("outcome") is not None else None
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


RECORDED_SUITES = tuple(_DESCRIPTIONS)


def _place(prompt: str) -> Place:
    """Of a module that ends in a function without a body; its docstring is the function's or the module's."""
    try:
        module = ast.parse(prompt.rstrip() + "\n" + " " * _indent_of_body(prompt) + "pass\n")
        function = [node for node in ast.walk(module) if isinstance(node, ast.FunctionDef)][-1]
    except (SyntaxError, ValueError, StopIteration, IndexError) as error:
        raise UsageError(f"--data: a task's prompt does not end in a function's header: {prompt[:60]!r}") from error
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
