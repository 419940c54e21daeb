"""Random typing while a function is fixed: no edit may land in a wrong place, and no character may be lost.

    python tests/e2e/soak.py [--sequences N] [--seed S]

Each sequence asks for a fix, types above, inside and below the target meanwhile (with undo, saving, and renaming of the
function or of the file), accepts while the typing goes on, and compares the outcome with what it must be.
"""

import argparse
import asyncio
import collections
import random
import shutil
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lsp"))

from editor import Editor, Refused, connected
from workspaces import TESTS

TARGET = '''def clamp(value, low, high):
    """The value, or the nearer end of the range."""
    if value < low:
        return low
    if value > high:
        return low
    return value'''
INDENTED = "\n".join(f"    {line}" for line in TARGET.split("\n"))
# The target's text stands here four times; only one of them is the function.
MODULE = f'''"""Some arithmetic: 😋."""

EXAMPLE = r\'\'\'
{TARGET}
\'\'\'


def first(items):
    return items[0]


class Other:
{INDENTED}


{TARGET}


def total(items):
    # {TARGET.splitlines()[0]}
    return sum(items)


def outer():
{INDENTED}
    return clamp
'''


AT_ONCE = 3  # in one server, each in a folder of its own


@dataclass
class Typist:
    """Types words that are not there yet, so that each can be looked for afterwards."""

    editor: Editor
    uri: str
    path: Path
    rng: random.Random
    words: set[str] = field(default_factory=set)
    undo: list[tuple[int, str, str]] = field(default_factory=list)  # where, what was put there, and what was there
    touched: bool = False  # the target itself was changed
    renamed: bool = False

    @property
    def text(self) -> str:
        return self.editor.texts[self.uri].text

    def act(self) -> None:
        chance = self.rng.random()
        if chance < 0.02:
            self.rng.choice([self.inside, self.rename_function, self.rename_file])()
        elif chance < 0.04:
            self.save()
        else:
            self.rng.choice([self.above, self.below, self.above, self.below, self.take_back])()

    def above(self) -> None:
        self._comment(self.rng.choice(["EXAMPLE =", "def first", "class Other", "\n\ndef clamp"]))

    def below(self) -> None:
        self._comment(self.rng.choice(["def total", "    return sum", "def outer", "    return clamp\n"]))

    def inside(self) -> None:
        start = self._target()
        if start is not None:
            self.touched = True
            self._put(start + TARGET.index("    if value > high"), "", f"    # {self._word()} é😋\n")

    def rename_function(self) -> None:
        start = self._target()
        if start is not None:
            self.touched = True
            self._put(start + len("def "), "clamp", f"clamp_{self._word()}")

    def rename_file(self) -> None:
        new = self.path.with_name(f"renamed_{self.rng.randrange(10**6)}.py")
        text = self.text
        self.editor.close(self.uri)
        self.path.rename(new)
        self.path, self.renamed = new, True
        self.uri = self.editor.open(new, text=text)
        self.undo.clear()

    def take_back(self) -> None:
        if not self.undo:
            return
        at, put, was = self.undo.pop()
        if self.text[at : at + len(put)] == put:
            self.words -= {word for word in self.words if word in put}
            self._edit(at, put, was)

    def save(self) -> None:
        self.editor.save(self.uri, self.path)

    def _comment(self, before: str) -> None:
        at = self.text.find(before)
        if at >= 0:
            at += len(before) - len(before.lstrip("\n"))
            indent = " " * (len(before) - len(before.lstrip(" ")))
            self._put(at, "", f"{indent}# {self._word()} 😋\n")

    def _put(self, at: int, was: str, text: str) -> None:
        self.undo.append((at, text, was))
        self._edit(at, was, text)

    def _edit(self, at: int, was: str, text: str) -> None:
        self.editor.edit(self.uri, at, at + len(was), text)
        # What stands behind has moved; an editor's undo knows that.
        moved = len(text) - len(was)
        self.undo = [(place + moved if place > at else place, put, old) for place, put, old in self.undo]

    def _target(self) -> int | None:
        at = self.text.find(f"\n\n{TARGET}\n")
        found = self.text.rfind(f"\n{TARGET}\n\n\ndef total") if at >= 0 else -1
        return found + 1 if found >= 0 else None

    def _word(self) -> str:
        word = f"word{self.rng.randrange(10**9)}"
        self.words.add(word)
        return word


async def sequence(editor: Editor, root: Path, seed: int) -> str:
    """One sequence from beginning to end; what became of it. Raises AssertionError where an edit went wrong."""
    folder = root / f"s{seed}"
    module = project(folder)
    editor.notify("workspace/didChangeWorkspaceFolders", folders(added=folder))
    rng = random.Random(seed)
    typist = Typist(editor, editor.open(module), module, rng)
    line = MODULE[: MODULE.rindex(f"\n\n{TARGET}\n")].count("\n") + 3
    number = editor.ask_solve(typist.uri, line)
    asked = asyncio.ensure_future(editor.answer(number, 300))
    while not asked.done():
        typist.act()
        await asyncio.sleep(rng.expovariate(1 / 0.25))
    try:
        outcome = await accepted(editor, typist, await asked)
    except Refused:
        assert typist.renamed, "the request itself was refused"
        outcome = "refused: renamed"
    assert all(word in typist.text for word in typist.words), "a character was lost"
    editor.close(typist.uri)
    editor.notify("workspace/didChangeWorkspaceFolders", folders(removed=folder))
    shutil.rmtree(folder)
    return outcome


async def accepted(editor: Editor, typist: Typist, result: dict[str, object]) -> str:
    if result["outcome"] != "proposal":
        reason = result["reason"]
        assert isinstance(reason, dict)
        return f"nothing ({reason['code']})"
    answering = asyncio.ensure_future(editor.request("perforch/accept", {"id": result["id"]}, 60))
    for _ in range(typist.rng.randrange(4)):
        typist.act()
        await asyncio.sleep(typist.rng.random() * 0.02)
    answer = await answering
    # The typist may have renamed the file after the change was made, so each of its names counts.
    changes = [
        (before, after) for uri, before, after in editor.changes if uri.startswith(f"{typist.path.parent.as_uri()}/")
    ]
    assert answer["applied"] == bool(changes), answer
    if not answer["applied"]:
        assert answer["message"], "nothing was said"
        return "refused: renamed" if typist.renamed else "refused: changed" if typist.touched else "refused: typing"
    candidate = result["candidate"]
    assert isinstance(candidate, dict)
    (change,) = changes
    check(*change, str(candidate["code"]))
    return "applied"


def check(before: str, after: str, code: str) -> None:
    """Exactly the function has its new text; the other places with the same words are as they were."""
    at = before.rindex(f"\n{TARGET}\n") + 1
    assert after == before[:at] + code + before[at + len(TARGET) :], "an edit went to a wrong place"


def project(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "pyproject.toml").write_text("[project]\nname = 'ranges'\n", encoding="utf-8")
    (folder / "test_ranges.py").write_text(TESTS, encoding="utf-8")
    module = folder / "ranges.py"
    module.write_text(MODULE, encoding="utf-8")
    return module


def folders(added: Path | None = None, removed: Path | None = None) -> dict[str, object]:
    def named(folder: Path | None) -> list[dict[str, str]]:
        return [{"uri": folder.as_uri(), "name": folder.name}] if folder else []

    return {"event": {"added": named(added), "removed": named(removed)}}


async def soak(sequences: int, seed: int) -> collections.Counter[str]:
    """How the sequences ended, by kind."""
    outcomes: collections.Counter[str] = collections.Counter()
    with tempfile.TemporaryDirectory(prefix="perforch-soak-") as name:
        root = Path(name).resolve()
        data = {"PERFORCH_DATA_DIR": str(root / "data"), "PERFORCH_CACHE_DIR": str(root / "cache")}
        async with connected(environment=data) as editor:
            turns = asyncio.Semaphore(AT_ONCE)

            async def one(number: int) -> None:
                async with turns:
                    outcomes[await sequence(editor, root, number)] += 1

            await asyncio.gather(*map(one, range(seed, seed + sequences)))
    return outcomes


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sequences", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    outcomes = asyncio.run(soak(arguments.sequences, arguments.seed))
    print(f"{arguments.sequences} sequences, no edit in a wrong place, no character lost:")
    for outcome, count in outcomes.most_common():
        print(f"{count:5} {outcome}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
