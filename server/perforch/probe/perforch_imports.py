"""Which modules a file imports, read from its text."""

import ast
import warnings


def imported_names(tree, package):
    """The dotted names that a module imports when it is itself imported, and, in a test file, when it runs."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, package)
            names = [base, *(f"{base}.{alias.name}" for alias in node.names)]
        else:
            continue
        for name in names:
            parts = name.split(".")
            found.update(".".join(parts[:size]) for size in range(1, len(parts) + 1))
    return found


def _absolute(node, package):
    if not node.level:
        return node.module or ""
    base = package.split(".")
    base = base[: len(base) - node.level + 1]
    return ".".join([*base, node.module] if node.module else base)


def names_imported_by(path):
    """The dotted names that a file imports anywhere, functions included; nothing where it cannot be read."""
    try:
        with open(path, "rb") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return imported_names(ast.parse(file.read(), path), "")
    except (OSError, SyntaxError, ValueError):
        return set()
