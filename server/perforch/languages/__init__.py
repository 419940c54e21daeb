"""The languages that are understood, each as a file of facts; nothing here runs a program or reads a file."""

from collections.abc import Mapping
from pathlib import PurePosixPath

from perforch.languages import cpp, go, java, python, rust
from perforch.languages.spec import Language

LANGUAGES: tuple[Language, ...] = (python.LANGUAGE, java.LANGUAGE, cpp.LANGUAGE, go.LANGUAGE, rust.LANGUAGE)
_BY_NAME: Mapping[str, Language] = {language.name: language for language in LANGUAGES}


def language_of(file: PurePosixPath) -> Language | None:
    """The language of a file by its suffix, or None for files that hold no functions of ours."""
    return next((language for language in LANGUAGES if file.suffix.lower() in language.suffixes), None)


def language_named(name: str) -> Language:
    """The language of that name, as a Target carries it; raises KeyError for another one."""
    return _BY_NAME[name]
