"""What a model is shown of the workspace, and what is kept from it."""

from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path, PurePosixPath

import pytest

from fakes import ScriptedRefiner, failed, failed_test
from perforch.adapters.context import Surroundings
from perforch.adapters.context_visible import Visible
from perforch.adapters.gateway import Gateway
from perforch.adapters.gateway_process import Launch
from perforch.adapters.ledger import DayLedger, Purse
from perforch.adapters.llm import LlmModel, LlmSettings, Wording
from perforch.adapters.sources import WorkspaceSources
from perforch.adapters.syntax import TreeSitterSyntax
from perforch.app import _studied
from perforch.core.asking import Context, Unusable
from perforch.core.budget import FREE
from perforch.core.candidate import Candidate, NoAnswer
from perforch.core.ports import Question
from perforch.core.proposal import Attempt
from perforch.core.survey import FailedTest, Frame, TestId
from perforch.core.task import Category, Concerned, Limits, Stage, Target, Task, Workspace
from perforch.core.verdict import Failed, Fault
from perforch.prompts import messages

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


@dataclass
class CountedSyntax(TreeSitterSyntax):
    """Remembers which files were parsed."""

    parsed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def functions(self, file: PurePosixPath, text: str) -> tuple[Target, ...]:
        self.parsed.append(file.name)
        return super().functions(file, text)


def question(space: Workspace, file: str = "shop/price.py", function: str = "total") -> Question:
    path, text = PurePosixPath(file), WorkspaceSources().read(space, PurePosixPath(file))
    target = TreeSitterSyntax().find(path, text, function, None)
    tests = Concerned(failing=(failed_test("tests/test_price.py::test_total"),))
    task = Task(space, target, text, Stage.FIX, Category.MATHS, tests, Limits())
    return Question(task, Stage.FIX, target.source)


def context(space: Workspace) -> Context:
    return Surroundings(TreeSitterSyntax(), WorkspaceSources()).of(question(space))


def sendable(asked: Question) -> Question | str:
    return Surroundings(TreeSitterSyntax(), WorkspaceSources()).sendable(asked)


def failure(test: str, said: str, *files: str) -> FailedTest:
    frames = tuple(Frame(file, 3, "test") for file in files)
    return FailedTest(TestId(test), "AssertionError", f"assert {said}", f"    assert {said}", frames)


def attempt(*failures: FailedTest) -> Attempt:
    """A wrong answer, with the evidence that a run of the tests gives."""
    said = "\n".join(f"{each.test}: {each.exception}: {each.message}" for each in failures)
    names = frozenset(each.test for each in failures)
    verdict = Failed(Fault.TEST, f"{len(names)} of the concerned tests fail\n{said}", names, failures=failures)
    return Attempt("m", Stage.FIX, Candidate("def total(cart): ...", "m", Stage.FIX), verdict, 0.0, 1.0)


def told(space: Workspace, asked: Question) -> str:
    """What a model would be sent of a question about a file that may be sent."""
    sent = sendable(asked)
    assert not isinstance(sent, str)
    syntax, sources = TreeSitterSyntax(), WorkspaceSources()
    return "\n".join(each.content for each in messages(sent, Surroundings(syntax, sources).of(sent)))


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


@pytest.mark.parametrize("rules", [".gitignore", ".perforchignore", "shop/.gitignore"])
def test_a_target_in_an_ignored_file_is_not_asked_about(tmp_path: Path, rules: str) -> None:
    space = workspace(tmp_path, **{rules: "price.py\n"})
    refused = sendable(question(space))
    assert isinstance(refused, str)
    for needed in ("shop/price.py", ".gitignore", ".perforchignore", "never sent", "embedded engine"):
        assert needed in refused


def test_a_question_about_files_that_may_be_sent_stays_as_it_is(tmp_path: Path) -> None:
    shown = failure("tests/test_price.py::test_total", "1 == 2", "tests/test_price.py", "shop/price.py")
    asked = replace(question(workspace(tmp_path)), failures=(shown,), earlier=(attempt(shown),))
    assert sendable(asked) == asked


@pytest.mark.parametrize(
    ("test", "files"),
    [
        ("secret/test_keys.py::test_key[a::b]", ()),
        ("secret/test_keys.py", ()),  # it could not be collected
        ("secret.test_keys.Keys.test_key", ()),  # by unittest
        ("test_keys.Keys.test_key", ("secret/test_keys.py", "shop/price.py")),
        ("tests/test_price.py::test_total", ("tests/test_price.py", "secret/keys.py")),  # pytest quotes every frame
    ],
)
def test_of_a_failing_test_in_an_ignored_file_only_the_name_is_told(
    tmp_path: Path, test: str, files: tuple[str, ...]
) -> None:
    space = workspace(tmp_path, **{"secret/test_keys.py": "assert rate() == 'hush'"})
    asked = replace(question(space), failures=(failure(test, "'hush'", *files), failure("tests/test_price.py::t", "7")))
    sent = sendable(asked)
    assert not isinstance(sent, str)
    hidden, shown = sent.failures
    assert (hidden.test, hidden.message, hidden.frames) == (test, "", ())
    assert "in a file that is not sent" in hidden.text
    assert shown == asked.failures[1]
    text = told(space, asked)
    assert test in text
    assert "in a file that is not sent" in text
    assert "hush" not in text


def test_a_failing_test_of_unittest_in_a_file_that_may_be_sent_is_told(tmp_path: Path) -> None:
    space = workspace(tmp_path)
    for test in ("tests.test_price.Prices.test_total", "test_price.Prices.test_total", "test_price"):
        assert "assert 7" in told(space, replace(question(space), failures=(failure(test, "7"),)))


@pytest.mark.parametrize("test", ["secret/test_keys.py::test_key", "secret.test_keys.Keys.test_key"])
def test_what_earlier_attempts_say_of_tests_in_ignored_files_is_left_out(tmp_path: Path, test: str) -> None:
    space = workspace(tmp_path)
    earlier = attempt(failure(test, "'hush'"), failure("tests/test_price.py::test_total", "7 == 8"))
    text = told(space, replace(question(space), earlier=(earlier,)))
    assert "hush" not in text
    for needed in (test, "not sent", "tests/test_price.py::test_total: AssertionError: assert 7 == 8"):
        assert needed in text


def test_what_a_crash_printed_is_left_out_where_tests_in_ignored_files_took_part(tmp_path: Path) -> None:
    space = workspace(tmp_path)
    verdict = replace(failed("secret/test_keys.py::test_key", fault=Fault.CRASH), evidence="died\nhush", failures=())
    earlier = replace(attempt(), verdict=verdict)
    text = told(space, replace(question(space), earlier=(earlier,)))
    assert "hush" not in text
    assert "fault: crash; some of the tests are in files that are not sent" in text


async def test_a_model_is_not_asked_about_an_ignored_file_and_nothing_of_it_is_shown(tmp_path: Path) -> None:
    space = workspace(tmp_path, **{".perforchignore": "price.py\n"})
    surroundings = Surroundings(TreeSitterSyntax(), WorkspaceSources())
    async with Gateway(Launch({})) as gateway:
        wording = Wording(
            lambda asked: messages(asked, surroundings.of(asked)),
            lambda asked, answer: Unusable(answer),
            partial(_studied, surroundings, ScriptedRefiner()),
        )
        purse = Purse(1.0, DayLedger(tmp_path / "spending.json", 1.0))
        settings = LlmSettings("x/y", base_url="http://127.0.0.1:1/v1", price=FREE)
        model = LlmModel("mine", settings, gateway, purse, wording)
        answer, found = await model.answer(question(space)), await model.messages(question(space))
        assert gateway.pid is None
    assert isinstance(answer, NoAnswer)
    assert answer.text == found
    assert "shop/price.py" in answer.text


CPP_DEFINITIONS = {
    "free.hpp": "// Halves.\ninline int helper(int x) {\n    return x / 2;\n}\n",
    "below.cc": "std::vector<int>\nhelper(const std::vector<int>& v) noexcept(true)\n{\n    return v;\n}\n",
    "arrow.h": "template <typename T = int> auto helper(T x) -> std::vector<T>  // as many\n{\n    return {x};\n}\n",
    "member.cpp": "int Pile::size() const {\n    return 1;\n}\n",
    "made.cpp": "Pile::Pile(int n)\n    : n_(n), m_{n} {\n}\n",
}
GO_DEFINITIONS = {
    "free.go": "package a\nfunc helper(x int) int {\n\treturn x\n}\n",
    "method.go": "package a\nfunc (s *Other) helper(x int) {\n\ts.n = x\n}\n",
    "type.go": "package a\nfunc (s *Pile[T]) Size() int {\n\treturn 1\n}\n",
}
JAVA_DEFINITIONS = {
    "Free.java": "class Free {\n    public static int helper(int x) {\n        return x;\n    }\n}\n",
    "Wild.java": "class Wild { <T> List<T> helper(List<? extends T> x, int y)\n throws IOException, Foo { return x; } }\n",
}
CALLS = {
    "cpp": "int twice(int x) {\n    if (helper(x)) {\n        helper(x);\n    }\n    return helper(x) + Pile::made(x).n;\n}\n",
    "go": "package a\nfunc twice(x int) {\n\tif helper(x) && x {\n\t\thelper(x)\n\t\tif x {\n\t\t}\n\t}\n"
    "\tfor _, y := range helper(x) {\n\t}\n\tf := func(p Pile) int {\n\t\treturn 1\n\t}\n}\n",
    "java": "class Calls { int twice(int x) {\n    while (helper(x) && x) {\n    }\n    helper(x);\n"
    "    var y = new Pile(x) {\n    };\n    return run(() -> helper(x), () -> { });\n} }\n",
    "py": "def twice(x):\n    helper(x)\n    for y in helper(x):\n        y = {helper(x): {1}}\n",
}
TARGETS = {
    "cpp": "int asked(Pile pile) {\n    return helper(1);\n}\n",
    "go": "package a\nfunc asked(pile Pile) int {\n\treturn helper(1)\n}\n",
    "java": "class Asked {\n    int asked(Pile pile) {\n        return helper(1);\n    }\n}\n",
    "py": "def asked(pile: Pile):\n    return helper(1)\n",
}


@pytest.mark.parametrize(
    ("ending", "file", "text"),
    [
        *(("cpp", *each) for each in CPP_DEFINITIONS.items()),
        *(("go", *each) for each in GO_DEFINITIONS.items()),
        *(("java", *each) for each in JAVA_DEFINITIONS.items()),
    ],
)
def test_what_is_defined_in_another_file_is_shown_in_every_language(
    tmp_path: Path, ending: str, file: str, text: str
) -> None:
    space = workspace(tmp_path, **{f"src/asked.{ending}": TARGETS[ending], f"lib/{file}": text})
    asked = question(space, f"src/asked.{ending}", "asked")
    found = Surroundings(TreeSitterSyntax(), WorkspaceSources()).of(asked)
    assert [each.place.partition(",")[0] for each in found.related] == [f"lib/{file}"]


@pytest.mark.parametrize("ending", list(TARGETS))
def test_a_file_that_only_calls_a_function_is_not_parsed(tmp_path: Path, ending: str) -> None:
    space = workspace(tmp_path, **{f"src/asked.{ending}": TARGETS[ending], f"lib/calls.{ending}": CALLS[ending]})
    syntax = CountedSyntax()
    Surroundings(syntax, WorkspaceSources()).of(question(space, f"src/asked.{ending}", "asked"))
    assert f"calls.{ending}" not in syntax.parsed
    assert f"asked.{ending}" in syntax.parsed


@pytest.mark.parametrize("line", ["!", "\\", "[z-a].py", "keys\\"])
def test_a_line_that_is_no_rule_is_passed_over_and_the_others_hold(tmp_path: Path, line: str) -> None:
    space = workspace(tmp_path, **{".gitignore": f"secret/\n{line}\ntax.py\n"})
    visible = Visible(tmp_path)
    assert not visible.shows(PurePosixPath("secret/keys.py"))
    assert not visible.shows(PurePosixPath("shop/tax.py"))
    assert visible.shows(PurePosixPath("shop/cart.py"))
    assert "hush" not in shown(context(space))
