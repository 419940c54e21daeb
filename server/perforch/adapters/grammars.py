"""Where grammars come from: the official wheels first, then whatever older collection is installed."""

import ctypes
import importlib
import importlib.util
from collections.abc import Callable
from pathlib import Path

import tree_sitter

from perforch.core.errors import ToolMissing

_SHARED = frozenset({".so", ".dylib", ".dll"})

Source = Callable[[str], tree_sitter.Language | None]


def official(name: str) -> tree_sitter.Language | None:
    """The wheel tree-sitter-<name> of the grammar's own project."""
    try:
        return tree_sitter.Language(importlib.import_module(f"tree_sitter_{name}").language())
    except (ImportError, ValueError):  # ValueError: the grammar's ABI is not one that this tree-sitter reads
        return None


def language_pack(name: str) -> tree_sitter.Language | None:
    """tree-sitter-language-pack below 1.0, which carries its parsers; later ones would fetch them from the network."""
    try:
        pack = importlib.import_module("tree_sitter_language_pack")
        return tree_sitter.Language(pack.get_binding(name))
    except (ImportError, AttributeError, LookupError, ValueError):
        return None


def tree_sitter_languages(name: str) -> tree_sitter.Language | None:
    """tree-sitter-languages: its Python part fails with any tree-sitter from 0.22 on, its shared library does not."""
    spec = importlib.util.find_spec("tree_sitter_languages")
    folders = (spec.submodule_search_locations if spec else None) or ()
    files = (path for folder in folders for path in Path(folder).iterdir())
    library = next((path for path in files if path.stem == "languages" and path.suffix in _SHARED), None)
    return from_library(library, name) if library else None


def from_library(library: Path, name: str) -> tree_sitter.Language | None:
    """The grammar that a shared library exports as tree_sitter_<name>."""
    try:
        grammar = getattr(ctypes.CDLL(str(library)), f"tree_sitter_{name}")
    except (OSError, AttributeError):
        return None
    grammar.restype = ctypes.c_void_p
    capsule = ctypes.pythonapi.PyCapsule_New
    capsule.restype = ctypes.py_object
    capsule.argtypes = (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)
    try:
        # The capsule keeps no copy of its name: the literal outlives it.
        return tree_sitter.Language(capsule(grammar(), b"tree_sitter.Language", None))
    except ValueError:
        return None


SOURCES: tuple[Source, ...] = (official, language_pack, tree_sitter_languages)


def load(name: str, sources: tuple[Source, ...] = SOURCES) -> tree_sitter.Language:
    """The first grammar of that name that can be had; raises ToolMissing."""
    for source in sources:
        if (grammar := source(name)) is not None:
            return grammar
    raise ToolMissing(f"no tree-sitter grammar for {name} is installed; run: pip install tree-sitter-{name}")
