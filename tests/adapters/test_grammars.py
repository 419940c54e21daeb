"""Where grammars come from, and what is said when there is none."""

from pathlib import Path

import pytest
import tree_sitter

from perforch.adapters import grammars
from perforch.core.errors import ToolMissing
from perforch.languages import LANGUAGES
from perforch.languages.spec import Language


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.name)
def test_the_official_wheels_hold_every_grammar(language: Language) -> None:
    assert grammars.official(language.name) is not None
    known = grammars.load(language.name)
    for kinds in (language.nodes.functions, language.nodes.types, language.nodes.imports, language.nodes.comments):
        assert [kind for kind in kinds if not known.id_for_node_kind(kind, True)] == []


def test_the_next_source_is_asked_when_one_has_nothing() -> None:
    asked: list[str] = []

    def nothing(name: str) -> tree_sitter.Language | None:
        asked.append(name)
        return None

    assert grammars.load("go", (nothing, grammars.official)) is not None
    assert asked == ["go"]


def test_a_missing_grammar_says_what_to_install() -> None:
    with pytest.raises(ToolMissing, match="pip install tree-sitter-go"):
        grammars.load("go", ())


@pytest.mark.parametrize("source", grammars.SOURCES)
def test_a_source_without_the_grammar_has_nothing(source: grammars.Source) -> None:
    assert source("no_such_language") is None


def test_a_library_that_is_none_has_nothing(tmp_path: Path) -> None:
    (tmp_path / "languages.so").write_bytes(b"no library")
    assert grammars.from_library(tmp_path / "languages.so", "go") is None
    assert grammars.from_library(tmp_path / "absent.so", "go") is None


def test_the_old_collection_is_read_through_its_library() -> None:
    pytest.importorskip("tree_sitter_languages", reason="the optional extra `languages` is not installed")
    grammar = grammars.tree_sitter_languages("python")
    assert grammar is not None
    root = tree_sitter.Parser(grammar).parse(b"def f(): pass").root_node
    assert root.children[0].type == "function_definition"
