"""What a model is shown of the workspace, and what is kept from it."""

from pathlib import Path, PurePosixPath

from fakes import failed_test
from perforch.adapters.context import Surroundings, Visible
from perforch.adapters.sources import WorkspaceSources
from perforch.adapters.syntax import TreeSitterSyntax
from perforch.core.asking import Context
from perforch.core.ports import Question
from perforch.core.task import Category, Concerned, Limits, Stage, Task, Workspace

FILES = {
    "shop/price.py": """\
from shop.tax import rate
RATES = {
    "a": 1,
}


def rounded(x):
    \"\"\"To cents.\"\"\"
    return round(x)


def unrelated():
    return 0


def total(cart: Cart):
    return rounded(cart.sum() * rate("a") * RATES["a"])
""",
    "shop/tax.py": "def rate(kind):\n    '''Per cent.'''\n    return 19\n",
    "shop/cart.py": "class Cart:\n    def sum(self):\n        return 1\n",
    "secret/keys.py": "def rate(kind):\n    return 'hush'\n",
    "tests/test_price.py": "def test_total():\n    assert total(None) == 1\n",
    ".gitignore": "secret/\n",
}


def workspace(folder: Path, **more: str) -> Workspace:
    for name, text in (FILES | more).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Workspace(folder)


def context(space: Workspace) -> Context:
    syntax, sources = TreeSitterSyntax(), WorkspaceSources()
    file = PurePosixPath("shop/price.py")
    text = sources.read(space, file)
    target = syntax.find(file, text, "total", None)
    tests = Concerned(failing=(failed_test("tests/test_price.py::test_total"),))
    task = Task(space, target, text, Stage.FIX, Category.MATHS, tests, Limits())
    return Surroundings(syntax, sources).of(Question(task, Stage.FIX, target.source))


def shown(found: Context) -> str:
    return "\n".join(f"{each.place} {each.text}" for each in (*found.related, *found.tests))


def test_what_the_function_names_is_shown_from_all_files(tmp_path: Path) -> None:
    text = shown(context(workspace(tmp_path)))
    for needed in (
        "def rounded(x)",
        "To cents.",
        "def rate(kind)",
        "Per cent.",
        "def sum(self)",
        '"a": 1',
        "def test_total",
    ):
        assert needed in text
    assert "unrelated" not in text


def test_ignored_files_never_leave_the_machine(tmp_path: Path) -> None:
    assert "hush" not in shown(context(workspace(tmp_path)))
    assert "secret" not in shown(context(workspace(tmp_path)))


def test_perforchignore_is_obeyed_too_for_tests_as_well(tmp_path: Path) -> None:
    space = workspace(tmp_path, **{".perforchignore": "tests/\ntax.py\n"})
    text = shown(context(space))
    assert "test_total" not in text
    assert "Per cent." not in text


def test_a_later_rule_may_let_a_file_in_again(tmp_path: Path) -> None:
    workspace(tmp_path, **{"shop/.gitignore": "*.py\n!tax.py\n"})
    visible = Visible(tmp_path)
    assert visible.shows(PurePosixPath("shop/tax.py"))
    assert not visible.shows(PurePosixPath("shop/cart.py"))
