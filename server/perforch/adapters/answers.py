"""What can be taken safely from a model's answer: the target's replacement and the imports it needs, nothing else."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from perforch.adapters.answer_blocks import Block, blocks
from perforch.adapters.answer_patches import patched
from perforch.core.asking import Replacement, Unusable
from perforch.core.edits import Splice, splice
from perforch.core.ports import Question, Syntax
from perforch.core.task import Target

MOST_REPLACEMENTS = 2  # an answer that offers more is not sure of itself
_INDENT = re.compile(r"^[ \t]*")
_TAB_WIDTH = 4


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
        """What the blocks give that hold the function, and why the others give nothing."""
        every = [self._from_block(question, block) for block in offered]
        found = {each.code: each for each in reversed(every) if isinstance(each, Replacement)}
        return list(found.values())[::-1], [each for each in every if isinstance(each, Unusable)]

    def _bodies(self, question: Question, offered: Sequence[Block]) -> list[Replacement]:
        """Blocks that hold no function at all, read as its body."""
        target = question.task.target
        bare = [block for block in offered if not block.is_diff and not self.syntax.functions(target.file, block.text)]
        every = [self._body_alone(target, block.text) for block in bare]
        return [each for each in every if isinstance(each, Replacement)]

    def _from_block(self, question: Question, block: Block) -> Replacement | Unusable:
        taken = self._from_diff(question, block) if block.is_diff else self._from_code(question, block.text)
        if isinstance(taken, Unusable) or block.is_whole:
            return taken
        if self.syntax.faults(question.task.target, taken.code):
            return Unusable("the answer breaks off in the middle of its code; allow more tokens (max_tokens)")
        return taken

    def _from_diff(self, question: Question, block: Block) -> Replacement | Unusable:
        """The function as it stands in the file once the diff is applied; changes elsewhere are dropped."""
        target = question.task.target
        start = splice(question.task.text, [Splice(target.span.start, target.span.end, question.start)])
        after = patched(start, block.text)
        if after is None:
            return Unusable("the answer is a diff that does not fit the function")
        return self._from_code(question, after)

    def _from_code(self, question: Question, code: str) -> Replacement | Unusable:
        target = question.task.target
        code = code.expandtabs(_TAB_WIDTH) if "\t" in code and not _uses_tabs(target) else code
        functions = self.syntax.functions(target.file, code)
        named = _counterpart(target, functions)
        if named is None:
            return _no_function(target, functions)
        dropped = self._needed_but_dropped(target, named, functions)
        if dropped:
            return Unusable(f"the answer needs {dropped}, which it defines outside the function; it belongs inside")
        if _parameters(named.signature) != _parameters(target.signature):
            return Unusable(f"the answer changes the signature, from `{target.signature}` to `{named.signature}`")
        text = _attributes(target, named) + _in_place(target, named, _column(code, named))
        return self._checked(target, Replacement(text, _new_imports(target, named)))

    def _body_alone(self, target: Target, code: str) -> Replacement | Unusable:
        """Statements without a header are the new body, if they read as one."""
        header = target.source[: target.body.start - target.span.start]
        margin = _INDENT.match(code.lstrip("\n"))
        body = _shifted(code.strip("\n"), margin[0] if margin else "", _body_indent(target))
        return self._checked(target, Replacement(header + body.strip(), (), "a body without its header"))

    def _needed_but_dropped(self, target: Target, named: Target, functions: Sequence[Target]) -> str | None:
        """A top-level helper of the answer that the function uses and that the file does not have."""
        words = self.syntax.words(target.language, named.source) - self.syntax.words(target.language, target.source)
        inside = range(named.span.start, named.span.end)
        helpers = [each.function for each in functions if each.span.start not in inside and each.enclosing is None]
        return next((name for name in helpers if name in words and name != target.function), None)

    def _checked(self, target: Target, taken: Replacement) -> Replacement | Unusable:
        fault = self.syntax.faults(target, taken.code)
        return Unusable(f"the answer cannot stand in the function's place: {fault}") if fault else taken


def _counterpart(target: Target, functions: Sequence[Target]) -> Target | None:
    """The answer's version of the target: by its whole name, else by its last part; the last such one."""
    exact = [each for each in functions if each.function == target.function]
    last = target.function.rpartition(".")[2]
    near = [each for each in functions if each.function.rpartition(".")[2] == last]
    found = exact or near
    return found[-1] if found else None


def _parameters(signature: str) -> list[str]:
    """The parameters' names (what stands before a colon or a default), white space aside."""
    inner = signature[signature.find("(") + 1 :]
    names, depth, name = [], 0, ""
    for character in inner:
        if depth == 0 and character in ",)":
            names.append(re.split(r"[:=]", name)[0].strip())
            name = ""
            if character == ")":
                break
            continue
        depth += (character in "([{<") - (character in ")]}>")
        name += character
    return [" ".join(each.split()) for each in names if each]


def _no_function(target: Target, functions: Sequence[Target]) -> Unusable:
    names = ", ".join(sorted({each.function for each in functions})[:3])
    return Unusable(f"the answer holds {names or 'no code'}, but no function {target.function}")


def _attributes(target: Target, named: Target) -> str:
    """The target's decorators, where the answer left them out."""
    if named.def_line > named.span.first_line:
        return ""
    lines = target.source.splitlines(keepends=True)[: target.def_line - target.span.first_line]
    return "".join(lines) + (target.indent if lines else "")


def _in_place(target: Target, named: Target, column: str) -> str:
    """The function's text with the indentation and the line ends of the place where it goes."""
    at_home = not column and _margin(named) == _margin(target)
    text = named.source if at_home else _shifted(named.source, column, target.indent)
    if _uses_tabs(target):
        text = re.sub(r"^(?: {4})+", lambda spaces: "\t" * (len(spaces[0]) // _TAB_WIDTH), text, flags=re.MULTILINE)
    text = "\n".join(line.rstrip() if not line.strip() else line for line in text.split("\n"))
    return text.replace("\n", "\r\n") if "\r\n" in target.source else text


def _shifted(text: str, margin: str, indent: str) -> str:
    """Every line but the first moved from one margin to another."""
    first, *rest = text.replace("\r\n", "\n").split("\n")
    moved = [indent + line.removeprefix(margin) if line.strip() else line for line in rest]
    return "\n".join([first, *moved])


def _margin(function: Target) -> int:
    """The least indentation of the lines below the header."""
    below = function.source.split("\n")[function.def_line - function.span.first_line + 1 :]
    rest = [line for line in below if line.strip()]
    return min((len(line) - len(line.lstrip()) for line in rest), default=0)


def _column(code: str, named: Target) -> str:
    line_start = code.rfind("\n", 0, named.span.start) + 1
    return code[line_start : named.span.start]


def _body_indent(target: Target) -> str:
    before = target.source[: target.body.start - target.span.start].rpartition("\n")[2]
    return before if not before.strip() else target.indent + " " * _TAB_WIDTH


def _uses_tabs(target: Target) -> bool:
    return "\n\t" in target.source or target.indent.startswith("\t")


def _new_imports(target: Target, named: Target) -> tuple[str, ...]:
    return tuple(line for line in named.imports if line not in target.imports)
