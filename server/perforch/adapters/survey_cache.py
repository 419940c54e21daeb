"""Remembers what a baseline said, as long as nothing that bears on it has changed."""

import json
import logging
import os
from pathlib import Path
from typing import Any

from perforch.core.survey import Ending, FailedTest, Frame, Outcome, RanTest, Survey, TestId

log = logging.getLogger(__name__)

FORMAT = 1
MOST_ENTRIES = 40
LARGEST_BYTES = 32 << 20  # of one entry; a larger one costs more to read than it saves
Fields = dict[str, Any]  # an entry's JSON, before it is parsed


class SurveyCache:
    """Surveys by key, one file each in `folder`; the oldest are dropped, damaged ones count as absent."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, key: str) -> Survey | None:
        path = self._path(key)
        try:
            survey = _decoded(json.loads(path.read_bytes()))
            os.utime(path)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
            log.warning("the cached survey %s is damaged and is ignored: %s", path, error)
            return None
        return survey

    def put(self, key: str, survey: Survey) -> None:
        """Keep a survey; a full disk or a read-only folder only means that the next baseline is run again."""
        content = json.dumps(_encoded(survey)).encode("ascii")
        if len(content) > LARGEST_BYTES:
            return
        path = self._path(key)
        beside = path.with_suffix(f".{os.getpid()}")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            beside.write_bytes(content)
            beside.replace(path)
            self._drop_oldest()
        except OSError as error:
            log.warning("the survey was not cached: %s", error)

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}.json"

    def _drop_oldest(self) -> None:
        entries = sorted(self._folder.glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
        for path in entries[:-MOST_ENTRIES]:
            path.unlink(missing_ok=True)


def _encoded(survey: Survey) -> Fields:
    functions = sorted({key for run in survey.runs for key in run.entered})
    numbers = {key: number for number, key in enumerate(functions)}
    return {
        "format": FORMAT,
        "ending": survey.ending,
        "functions": functions,
        "runs": [_encoded_run(run, numbers) for run in survey.runs],
        "collection": [_encoded_failure(failure) for failure in survey.collection],
        "seconds": survey.seconds,
        "sandbox": survey.sandbox,
        "output": survey.output,
        "tampered": survey.tampered,
    }


def _encoded_run(run: RanTest, numbers: dict[str, int]) -> Fields:
    return {
        "test": run.test,
        "outcome": run.outcome,
        "seconds": run.seconds,
        "entered": sorted(numbers[key] for key in run.entered),
        "lines": sorted(run.lines),
        "failure": None if run.failure is None else _encoded_failure(run.failure),
    }


def _encoded_failure(failure: FailedTest) -> Fields:
    return {
        "test": failure.test,
        "exception": failure.exception,
        "message": failure.message,
        "text": failure.text,
        "frames": [[frame.file, frame.line, frame.function] for frame in failure.frames],
    }


def _decoded(fields: Fields) -> Survey:
    if fields["format"] != FORMAT:
        raise ValueError(f"format {fields['format']}")
    functions: list[str] = fields["functions"]
    return Survey(
        ending=Ending(fields["ending"]),
        runs=tuple(_decoded_run(run, functions) for run in fields["runs"]),
        collection=tuple(_decoded_failure(failure) for failure in fields["collection"]),
        seconds=float(fields["seconds"]),
        sandbox=str(fields["sandbox"]),
        output=str(fields["output"]),
        tampered=tuple(fields["tampered"]),
    )


def _decoded_run(fields: Fields, functions: list[str]) -> RanTest:
    failure = fields["failure"]
    return RanTest(
        test=TestId(fields["test"]),
        outcome=Outcome(fields["outcome"]),
        seconds=float(fields["seconds"]),
        entered=frozenset(functions[number] for number in fields["entered"]),
        lines=frozenset(fields["lines"]),
        failure=None if failure is None else _decoded_failure(failure),
    )


def _decoded_failure(fields: Fields) -> FailedTest:
    frames = tuple(Frame(file, line, function) for file, line, function in fields["frames"])
    return FailedTest(TestId(fields["test"]), fields["exception"], fields["message"], fields["text"], frames)
