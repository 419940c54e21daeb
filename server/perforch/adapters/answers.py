"""What can be taken safely from a model's answer: the target's replacement and the imports it needs, nothing else."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from perforch.adapters.answer_blocks import Block, blocks
from perforch.adapters.answer_headers import attributes, counterpart, parameters
from perforch.adapters.answer_layout import NEVER, Given, Place, laid_out, without_tabs
from perforch.adapters.answer_patches import patched
from perforch.core.asking import Replacement, Unusable
from perforch.core.edits import Splice, splice
from perforch.core.ports import Question, Syntax
from perforch.core.task import Target
from perforch.languages import language_named
from perforch.languages.spec import Language

MOST_REPLACEMENTS = 2  # an answer that offers more is not sure of itself
_INDENT = re.compile(r"^[ \t]*")
_NAME = re.compile(r"[^\W\d]\w*")
_ELLIPSIS = re.compile(r"^[ \t]*(?:#|//|/\*|\{?/\*)?[ \t]*(?:\.\.\.|…)[ \t]*(?:\*/\}?)?$")
_REST = re.compile(r"^[ \t]*(?:#|//|/\*).*(?:\.\.\.|…)")
_REST_WORDS = re.compile(
    r"\b(?:rest|existing|remaining|unchanged|same|previous|original|omitted|other code)\b", re.IGNORECASE
)
_IMPORT = re.compile(r"\s*(?:import\b|from\b.*\bimport\b|use\b|#\s*include\b)")
_IMPORTED = re.compile(r"\s*(?:[\])}]|\"[\w./-]+\"|[\w.]+(?: as \w+)?,?$)")  # a further line of one


@dataclass(frozen=True, slots=True)
class Answers:
    """Reads the answers to questions about functions of any language that `syntax` knows."""

    syntax: Syntax

    def parse(self, question: Question, text: str) -> Sequence[Replacement] | Unusable:
        """The replacements that the answer offers, the last block's first; Unusable says why there is none."""
        if not text.strip():
            return Unusable("the answer is empty")
        offered = blocks(text)[::-1]
        found, refused = self._taken(question, offered)
        if not found:
            found = self._bodies(question, offered)
        changed = [each for each in found if each.code != question.start]
        if changed:
            return tuple(changed[:MOST_REPLACEMENTS])
        return Unusable("the answer repeats the code as it was") if found else refused[0]

    def _taken(self, question: Question, offered: Sequence[Block]) -> tuple[list[Replacement], list[Unusable]]:
        """What the blocks give that hold the function, and why the others give nothing, those that say most first."""
        beside = [block.text for block in offered if self._is_imports(question.task.target, block)]
        every = [(block, self._from_block(question, block, beside)) for block in offered]
        found = {each.code: each for _, each in reversed(every) if isinstance(each, Replacement)}
        refused = [(block, each) for block, each in every if isinstance(each, Unusable)]
        telling = sorted(refused, key=lambda pair: not self._has_function(question.task.target, pair[0]))
        return list(found.values())[::-1], [each for _, each in telling]

    def _bodies(self, question: Question, offered: Sequence[Block]) -> list[Replacement]:
        """The one block that is nothing but the function's body, where no block holds a function."""
        target = question.task.target
        language = language_named(target.language)
        if any(self._has_function(target, block) or block.is_diff for block in offered):
            return []
        bare = [block for block in offered if _is_code(block, language) and not self._is_imports(target, block)]
        if language.fragment is None or len(bare) != 1:
            return []
        known = self.syntax.words(target.language, question.task.text)
        if language.fragment(target, bare[0].text, known) is not None:
            return []
        taken = self._body_alone(question, bare[0].text)
        return [taken] if isinstance(taken, Replacement) else []

    def _has_function(self, target: Target, block: Block) -> bool:
        """Whether the block holds a function, or the beginning of the target."""
        begins = re.compile(rf"\b(?:def|fn|func)\s+(?:\([^)]*\)\s*)?{re.escape(_end(target.function))}\b")
        return bool(self.syntax.functions(target.file, block.text)) or begins.search(block.text) is not None

    def _is_imports(self, target: Target, block: Block) -> bool:
        lines = [line for line in block.text.splitlines() if line.strip()]
        is_code = block.is_fenced and _is_code(block, language_named(target.language))
        begins = bool(lines) and _IMPORT.match(lines[0]) is not None
        return is_code and begins and all(_IMPORT.match(line) or _IMPORTED.match(line) for line in lines)

    def _from_block(self, question: Question, block: Block, beside: Sequence[str]) -> Replacement | Unusable:
        is_diff, code = block.is_diff, block.text
        taken = self._from_diff(question, block) if is_diff else self._from_code(question, code, beside)
        if isinstance(taken, Unusable) or block.is_whole:
            return taken
        if self.syntax.faults(question.task.target, taken.code):
            return Unusable("the answer breaks off in the middle of its code; allow more tokens (max_tokens)")
        return taken

    def _from_diff(self, question: Question, block: Block) -> Replacement | Unusable:
        """The function as it stands in the file once the diff is applied; changes elsewhere are dropped."""
        target = question.task.target
        change = Splice(target.span.start, target.span.end, question.start)
        before = splice(question.task.text, [change]).replace("\r\n", "\n")
        first = target.span.first_line - 1
        after = patched(before, block.text, range(first, first + question.start.count("\n") + 1))
        if after is None:
            return Unusable("the answer is a diff that does not fit the function")
        return self._from_code(question, after)

    def _from_code(self, question: Question, code: str, beside: Sequence[str] = ()) -> Replacement | Unusable:
        """`beside` are the answer's blocks of imports."""
        target, text = question.task.target, question.task.text
        place = self._place(target, text)
        if "\t" in code and not place.has_tabs:
            code = without_tabs(code, self.syntax.literals(target.language, code))
        code, functions = self._read(target, code)
        own = self.syntax.functions(target.file, text)
        named = counterpart(target, own, functions)
        if named is None:
            return _no_function(target, functions)
        if (left_out := _left_out(target, named)) is not None:
            return Unusable(f"the answer leaves parts of the function out: {left_out!r}")
        dropped = self._needed_but_dropped(target, named, own, functions)
        if dropped:
            return Unusable(f"the answer needs {dropped}, which it defines outside the function; it belongs inside")
        if parameters(named) != parameters(target):
            return Unusable(f"the answer changes the signature, from `{target.signature}` to `{named.signature}`")
        needed = self._imports(target, named, own, beside)
        if isinstance(needed, Unusable):
            return needed
        return self._checked(target, Replacement(_attributes(target, named) + self._laid(named, code, place), needed))

    def _read(self, target: Target, code: str) -> tuple[str, Sequence[Target]]:
        """The code and its functions; a member that cannot stand alone is put into its type."""
        found = self.syntax.functions(target.file, code)
        before, after = language_named(target.language).enclosure
        if found or target.enclosing is None or "_" not in before:
            return code, found
        code = f"{before.replace('_', _end(target.enclosing))}\n{code}\n{after}\n"
        return code, self.syntax.functions(target.file, code)

    def _laid(self, named: Target, code: str, place: Place) -> str:
        first = named.span.first_line - 1
        within = [range(each.start - first, each.stop - first) for each in self._literals(named, code)]
        return laid_out(Given(named.source, within, named.indent, named.def_line - named.span.first_line), place)

    def _literals(self, named: Target, code: str) -> list[range]:
        """Those of the code that begin within the function."""
        every = self.syntax.literals(named.language, code)
        return [each for each in every if named.span.first_line <= each.start <= each.stop <= named.span.last_line]

    def _place(self, target: Target, text: str) -> Place:
        return Place.of(target, text, self.syntax.literals(target.language, target.source.replace("\r\n", "\n")))

    def _body_alone(self, question: Question, code: str) -> Replacement | Unusable:
        """Statements without a header are the new body, if they read as one."""
        target = question.task.target
        place = self._place(target, question.task.text)
        header = target.source[: target.body.start - target.span.start]
        margin = _INDENT.match(code.lstrip("\n"))
        column = margin[0] if margin else ""
        text = code.strip("\n").removeprefix(column).rstrip()
        given = Given(text, self.syntax.literals(target.language, text), column)
        body = laid_out(given, replace(place, indent=_body_indent(target), margin=NEVER))
        return self._checked(target, Replacement(header + body, (), "a body without its header"))

    def _needed_but_dropped(
        self, target: Target, named: Target, own: Sequence[Target], functions: Sequence[Target]
    ) -> str | None:
        """A helper of the answer, beside the function, that the function uses and that the file does not have."""
        words = self.syntax.words(target.language, named.source) - self.syntax.words(target.language, target.source)
        inside, there = range(named.span.start, named.span.end), {_end(each.function) for each in own}
        helpers = [_end(each.function) for each in functions if each.span.start not in inside]
        return next((name for name in helpers if name in words and name not in there), None)

    def _imports(
        self, target: Target, named: Target, own: Sequence[Target], beside: Sequence[str]
    ) -> tuple[str, ...] | Unusable:
        """Those that the function uses and the file lacks; Unusable where one would change what a name means there."""
        lines = dict.fromkeys([*named.imports, *self._imports_of(target, beside)])
        known = {_compact(line) for line in target.imports}
        used = self.syntax.words(target.language, named.source)
        needed = [line for line in lines if _compact(line) not in known and _is_used(line, used)]
        taken = {_NAME.findall(line)[-1]: line for line in target.imports if _NAME.search(line)}
        taken |= {each.function: f"its own {each.function}" for each in own if "." not in each.function}
        for line in needed:
            name = (_NAME.findall(line) or [""])[-1]
            if name in taken and "*" not in line and not line.startswith("#"):
                return Unusable(f"the answer needs `{line}`, but in this file {name} is {taken[name]}")
        return tuple(needed)

    def _imports_of(self, target: Target, beside: Sequence[str]) -> list[str]:
        """The imports of blocks that hold nothing else: read above the target, as only files with functions are."""
        texts = (f"{text}\n\n{target.indent}{target.source}\n" for text in beside)
        return [
            line for text in texts for each in self.syntax.functions(target.file, text)[:1] for line in each.imports
        ]

    def _checked(self, target: Target, taken: Replacement) -> Replacement | Unusable:
        fault = self.syntax.faults(target, taken.code)
        return Unusable(f"the answer cannot stand in the function's place: {fault}") if fault else taken


def _is_code(block: Block, language: Language) -> bool:
    """A fenced block in the target's language, as far as its tag says."""
    tag = block.tag.lower()
    names = {"", *(suffix.lstrip(".") for suffix in language.suffixes)}
    return block.is_fenced and (tag in names or re.fullmatch(rf"{language.name}(?:lang|[\d.]*)", tag) is not None)


def _left_out(target: Target, named: Target) -> str | None:
    """A line that stands for code which the answer does not repeat, and which the target does not have."""
    own = {line.strip() for line in target.source.splitlines()}
    lines = [line.strip() for line in named.source.splitlines()]
    new = [line for line in lines if line and line not in own]
    stands_alone = {line for line in new if _ELLIPSIS.match(line)}
    told = {line for line in new if _REST.search(line) and _REST_WORDS.search(line)}
    return next((line for line in new if line in stands_alone | told), None)


def _no_function(target: Target, functions: Sequence[Target]) -> Unusable:
    names = sorted({each.function for each in functions})
    if target.function in names:
        return Unusable(f"the answer holds another {target.function} than the one at line {target.def_line}")
    return Unusable(f"the answer holds {', '.join(names[:3]) or 'no code'}, but no function {target.function}")


def _attributes(target: Target, named: Target) -> str:
    """The target's decorators, where the answer left them out."""
    own = attributes(target)
    begins = re.match(r"\S[^\s(<]*", own)
    if begins is None or attributes(named) or named.source.startswith(begins[0]):
        return ""
    return own + target.indent


def _is_used(line: str, used: frozenset[str]) -> bool:
    """Whether the function uses any name of an import; what names nothing, or everything, is kept."""
    return "*" in line or line.startswith("#") or any(name in used for name in _NAME.findall(line))


def _compact(line: str) -> str:
    return "".join(line.split())


def _end(name: str) -> str:
    return name.rpartition(".")[2]


def _body_indent(target: Target) -> str:
    before = target.source[: target.body.start - target.span.start].rpartition("\n")[2]
    return before if not before.strip() else target.indent + "    "
