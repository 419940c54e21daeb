"""Small projects with one broken function each, for the language server's tests."""

from pathlib import Path

BROKEN = '''"""Some arithmetic."""


def first(items):
    return items[0]


def clamp(value, low, high):
    """The value, or the nearer end of the range."""
    if value < low:
        return low
    if value > high:
        return low
    return value


def total(items):
    ...
'''
FIXED_LINE = "        return high"
TESTS = """from ranges import clamp, first


def test_inside():
    assert clamp(2, 1, 3) == 2


def test_above():
    assert clamp(9, 1, 3) == 3


def test_below():
    assert clamp(0, 1, 3) == 1


def test_first():
    assert first([4, 5]) == 4
"""
CLAMP_LINE = BROKEN[: BROKEN.index("def clamp")].count("\n")


def broken(folder: Path, text: str = BROKEN) -> Path:
    """A project whose `clamp` fails one test; returns the module."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pyproject.toml").write_text("[project]\nname = 'ranges'\n", encoding="utf-8")
    (folder / "test_ranges.py").write_text(TESTS, encoding="utf-8")
    module = folder / "ranges.py"
    module.write_bytes(text.encode())
    return module
