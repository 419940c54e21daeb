"""The pieces of a chat answer that may be code: fenced blocks, or the whole text where there is no fence."""

import re
from dataclasses import dataclass

_FENCE = re.compile(r"^[ \t]*(?P<mark>`{3,}|~{3,})[ \t]*(?P<tag>[\w+#.-]*)[^\n]*\n", re.MULTILINE)
_SPECIAL_TOKEN = re.compile(r"<\|[^|>\n]{1,40}\|>")
_THOUGHT = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL)
_ROLE = re.compile(r"\A\s*(?:assistant|user)\s*\n")
_DIFF_TAGS = {"diff", "patch", "udiff"}
_HUNK = re.compile(r"^@@ ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Block:
    """One piece; `is_whole` is False where its fence was never closed."""

    text: str
    tag: str = ""
    is_whole: bool = True

    @property
    def is_diff(self) -> bool:
        return self.tag.lower() in _DIFF_TAGS or (_HUNK.search(self.text) is not None and "\n+" in self.text)


def blocks(answer: str) -> list[Block]:
    """Every fenced block in order; the whole answer, cleared of chat markers, where there is none."""
    text = _ROLE.sub("", _THOUGHT.sub("", _SPECIAL_TOKEN.sub("", answer.replace("\r\n", "\n"))))
    found: list[Block] = []
    place = 0
    while opening := _FENCE.search(text, place):
        closing = re.compile(rf"^[ \t]*{re.escape(opening['mark'])}[ \t]*$", re.MULTILINE).search(text, opening.end())
        end = closing.start() if closing else len(text)
        found.append(Block(text[opening.end() : end], opening["tag"], is_whole=closing is not None))
        place = closing.end() if closing else len(text)
    return found or [Block(text.strip("\n"))]
