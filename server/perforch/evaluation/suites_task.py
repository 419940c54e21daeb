"""One task of a benchmark: a workspace's files, the broken function in them, and what it should have been."""

import ast
import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from perforch.core.errors import UsageError


@dataclass(frozen=True, slots=True)
class SuiteTask:
    """`files` are the workspace's texts by path; `reference_text` is the text of `file` with the right function in it.

    `broken_code` and `reference_code` are the function alone, as it stands in the file.
    """

    task_id: str
    language: str
    files: Mapping[PurePosixPath, str]
    file: PurePosixPath
    function: str
    broken_code: str
    reference_code: str
    reference_text: str

    def write(self, folder: Path) -> None:
        """Lay the workspace's files out in `folder`."""
        for path, text in self.files.items():
            place = folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a data set's file; `place` says which, for messages."""

    place: str
    fields: Mapping[str, object]

    def has(self, field: str) -> bool:
        return field in self.fields

    def text(self, field: str) -> str:
        """The field's text; raises UsageError where it is missing."""
        value = self.fields.get(field)
        if not isinstance(value, str):
            raise UsageError(f"{self.place} has no text {field!r}; is this the data set that --data should name?")
        return value


def read_rows(data: Path, folder: str, name: str) -> Iterator[Row]:
    """The rows of `data/folder/name`, a gzipped file of one JSON object a line."""
    path = data / folder / name
    if not path.is_file():
        raise UsageError(f"--data: {path} is not there; name the folder that holds {folder}/{name}")
    try:
        lines = gzip.decompress(path.read_bytes()).decode("utf-8").splitlines()
        objects = [json.loads(line) for line in lines if line.strip()]
    except (OSError, EOFError, ValueError) as error:
        raise UsageError(f"--data: {path} is not gzipped JSON, one object a line: {error}") from error
    for number, fields in enumerate(objects, 1):
        if not isinstance(fields, dict):
            raise UsageError(f"--data: {path}, line {number} is not a JSON object")
        yield Row(f"{path}, line {number}", fields)


def python_function(text: str, name: str) -> str:
    """The source of a top-level function, decorators included, as a target's span covers it; the last one wins."""
    found = [
        node
        for node in ast.parse(text).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name
    ]
    if not found:
        raise UsageError(f"the data set's program has no function {name!r}; is it of the expected version?")
    node = found[-1]
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    # Lines as Python counts them: str.splitlines would also split at form feeds.
    return "\n".join(text.replace("\r\n", "\n").split("\n")[first - 1 : node.end_lineno])


def top_level_imports(text: str) -> tuple[str, ...]:
    """The import statements of a program, one line each."""
    return tuple(ast.unparse(node) for node in ast.parse(text).body if isinstance(node, ast.Import | ast.ImportFrom))
