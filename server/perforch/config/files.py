"""Files of settings: their text, our section of it, and the line on which a setting stands."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from perforch.config.values import TOO_LARGE, Toml
from perforch.core.errors import SettingsError


@dataclass(frozen=True, slots=True)
class Source:
    """A file of settings as it was read, or the section of it that is ours."""

    file: Path
    text: str
    section: tuple[str, ...] = ()

    def place(self, *path: str) -> str:
        """The file and the line on which the statement begins that gives this setting."""
        wanted = ".".join((*self.section, *path))
        found = (number for setting, number in _statements(self.text) if setting == wanted)
        return f"{self.file}:{number}" if (number := next(found, None)) else str(self.file)


def read_source(file: Path, section: tuple[str, ...] = ()) -> Source:
    """The file's settings, none where there is no file."""
    try:
        return Source(file, _decoded(file), section)
    except FileNotFoundError:
        return Source(file, "", section)
    except OSError as error:
        raise SettingsError(f"{file} cannot be read: {error.strerror}; make it a readable file or remove it") from None


def _decoded(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise SettingsError(f"{file}:{line} cannot be read as TOML: it is not UTF-8; repair the file") from None


def section_of(source: Source) -> dict[str, Toml]:
    """Our section of a TOML file; empty where it is not there."""
    table = _parsed_toml(source)
    for depth, name in enumerate(source.section, 1):
        inner = table.get(name, {})
        if not isinstance(inner, dict):
            path = source.section[:depth]
            place = Source(source.file, source.text).place(*path)
            raise SettingsError(f"{place}: {'.'.join(path)} must be a table; write [{'.'.join(source.section)}]")
        table = inner
    return table


def _parsed_toml(source: Source) -> dict[str, Toml]:
    try:
        return tomllib.loads(source.text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{source.file} cannot be read as TOML: {error}; repair the file") from None
    except ValueError:  # int() reads no more than some thousand digits
        longest = max(re.finditer(r"[\d_]+", source.text), key=lambda digits: len(digits[0]))
        line = source.text.count("\n", 0, longest.start()) + 1
        raise SettingsError(f"{source.file}:{line} holds a number of too many digits; {TOO_LARGE}") from None
    except RecursionError:
        raise SettingsError(f"{source.file} cannot be read as TOML: it nests too deeply; repair the file") from None


def _statements(text: str) -> Iterator[tuple[str, int]]:
    """Every setting and table of a TOML file that can be read, dotted, and the line on which its statement begins."""
    section, statement, first = "", "", 1
    for number, line in enumerate(text.split("\n"), 1):
        statement += f"{line}\n"
        try:
            table: dict[str, Toml] = tomllib.loads(statement)
        except ValueError:  # a value of several lines goes on
            continue
        is_header = statement.lstrip().startswith("[")
        paths = list(_paths(table, "" if is_header else section))
        yield from ((path, first) for path in paths)
        section = f"{paths[-1]}." if is_header else section
        statement, first = "", number + 1


def _paths(table: Mapping[str, Toml], prefix: str) -> Iterator[str]:
    for name, value in table.items():
        yield f"{prefix}{name}"
        if isinstance(value, dict):
            yield from _paths(value, f"{prefix}{name}.")
