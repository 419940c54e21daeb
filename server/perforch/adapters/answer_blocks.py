"""The pieces of a chat answer that may be code: fenced blocks, or the whole text where there is no fence."""

import re
from dataclasses import dataclass

from perforch.adapters.answer_patches import is_patch

_FENCE = re.compile(r"^[ \t]*(?P<mark>`{3,}|~{3,})[ \t]*(?P<tag>[\w+#.-]*)[^\n]*\n", re.MULTILINE)
_TOKEN = r"<\|[^|>\n]{1,40}\|>"  # noqa: S105 - a chat format's mark, no secret
_THOUGHT = re.compile(r"^[ \t]*<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL | re.MULTILINE)
# Chat marks stand at the ends of a line; within one they belong to the code.
_MARKS = re.compile(rf"^[ \t]*(?:{_TOKEN}(?:assistant|user)?)+|(?:{_TOKEN})+[ \t]*$", re.MULTILINE)
_ROLE = re.compile(r"\A\s*(?:assistant|user)\s*\n")
_CHANGED = re.compile(r"^[-+]", re.MULTILINE)
_DIFF_TAGS = {"diff", "patch", "udiff"}


@dataclass(frozen=True, slots=True)
class Block:
    """One piece; `is_whole` is False where its fence was never closed."""

    text: str
    tag: str = ""
    is_whole: bool = True
    is_fenced: bool = True

    @property
    def is_diff(self) -> bool:
        return is_patch(self.text) or (self.tag.lower() in _DIFF_TAGS and _CHANGED.search(self.text) is not None)


def blocks(answer: str) -> list[Block]:
    """Every fenced block in order, as it is; the whole answer, cleared of chat marks, where there is none."""
    text = _THOUGHT.sub("", answer.replace("\r\n", "\n"))
    found: list[Block] = []
    place = 0
    while opening := _FENCE.search(text, place):
        mark = re.escape(opening["mark"])
        end_mark = re.compile(rf"^[ \t]*{mark}{mark[-1]}*[ \t]*(?:{_TOKEN})*[ \t]*$", re.MULTILINE)
        closing = end_mark.search(text, opening.end())
        end = closing.start() if closing else len(text)
        found.append(Block(text[opening.end() : end], opening["tag"], is_whole=closing is not None))
        place = closing.end() if closing else len(text)
    return found or [Block(_ROLE.sub("", _MARKS.sub("", text)).strip("\n"), is_fenced=False)]
