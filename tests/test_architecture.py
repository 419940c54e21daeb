"""The arrows of ARCHITECTURE.md: who may import whom, counting imports inside functions too."""

import ast
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "server" / "perforch"
CORE = {"core"}
LAYERS: dict[str, set[str]] = {
    "core": set(),
    "probe": set(),
    "languages": CORE,
    "toolchains": CORE,
    "builtin": CORE,
    "prompts": CORE,
    "adapters": {"core", "languages", "toolchains"},
    "judging": {"core", "languages", "toolchains"},
    "pipeline": {"core", "prompts"},
    "config": CORE,
    "evaluation": {
        "core",
        "languages",
        "toolchains",
        "builtin",
        "prompts",
        "adapters",
        "judging",
        "pipeline",
        "config",
    },
    "app": {
        "core",
        "languages",
        "toolchains",
        "builtin",
        "prompts",
        "adapters",
        "judging",
        "pipeline",
        "config",
        "evaluation",
    },
    "cli": {"app", "evaluation", "core", "config", "__version__", "lsp"},  # only in order to start it
    "resident": {"core", "adapters", "config"},
    "lsp": {"app", "resident", "evaluation", "core", "config"},
    "__main__": {"cli"},
    "__init__": set(),
}


def unit(path: Path, package: Path) -> str:
    """The layer that a file belongs to: its folder, or its own name at the top."""
    return path.relative_to(package).with_suffix("").parts[0]


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    return tuple(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def imported_units(path: Path) -> set[str]:
    names: set[str] = set()
    for node in nodes(path):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {name.split(".")[1] for name in names if name.startswith("perforch.") and name != "perforch.__version__"}


def violations(package: Path) -> list[str]:
    return [
        f"{path.relative_to(package)} imports {used}"
        for path in sorted(package.rglob("*.py"))
        for used in sorted(imported_units(path))
        if used != unit(path, package) and used not in LAYERS[unit(path, package)]
    ]


def test_imports_follow_the_arrows() -> None:
    assert violations(PACKAGE) == []


@pytest.mark.parametrize("line", ["import perforch.adapters.sandbox", "def f():\n    from perforch import cli"])
def test_a_planted_import_against_the_arrows_is_found(tmp_path: Path, line: str) -> None:
    (tmp_path / "core").mkdir()
    (tmp_path / "core" / "planted.py").write_text(line + "\n", encoding="utf-8")
    assert len(violations(tmp_path)) == 1


def test_the_core_and_the_probe_use_the_standard_library_alone() -> None:
    import sys

    allowed = sys.stdlib_module_names | {"perforch"}
    probe_and_core = [*(PACKAGE / "core").rglob("*.py"), *(PACKAGE / "probe").rglob("*.py")]
    local = {path.stem for path in probe_and_core} | {
        "_pytest",
        "pytest",
        "pluggy",
    }  # the probe meets pytest as a guest
    for path in probe_and_core:
        for node in nodes(path):
            names = (
                [alias.name for alias in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            for name in names:
                assert name.split(".")[0] in allowed | local, f"{path}: {name}"


def test_no_module_asks_which_language_it_is() -> None:
    asked = [
        str(path)
        for path in PACKAGE.rglob("*.py")
        for node in nodes(path)
        if isinstance(node, ast.Compare) and isinstance(node.left, ast.Attribute) and node.left.attr == "language"
        if isinstance(node.comparators[0], ast.Constant)
    ]
    assert asked == []
