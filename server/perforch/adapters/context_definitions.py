"""Which texts may define one of some names: found without parsing them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from perforch.languages.spec import listed

LONGEST_HEADER = 2_000  # characters from a function's name to its body
LONGEST_BEFORE = 400  # characters on a line before a function's name
_KEYWORDS = r"\b(?:def|class|func|fn|struct|union|enum|trait|interface|record|impl)\s+"
_RECEIVER = r"\bfunc\s+\([^(){}]*+\)\s*"  # of a Go method
_PARAMETERS = r"\((?:[^()]++|\((?:[^()]++|\([^()]*+\))*+\))*+\)"
# What may stand between the parameters and the body: const, noexcept(...), -> type, throws A, B, : x(x), comments.
_AFTER = r"(?:\s|&|//[^\n]*\n|\b(?:const|volatile|noexcept|override|final|try)\b|\([^()]*\))*"
_TO_BODY = rf"{_AFTER}(?:(?:->|:[ \t]*(?=\w)|\bthrows\s)[^;{{}}]*)?\{{"
_HEADER_END = re.compile(_PARAMETERS + _TO_BODY)
_TYPE_END = re.compile(r"(?:[\w*&\]:]|(?<!-)>)\s*$")
_WORD = re.compile(r"\w+")
# Words that stand before calls, and behind some of which a call may be followed by a brace.
_BEFORE_CALLS = listed(
    """
    if else elif for while switch case match in range return new throw yield go defer with not and or await lambda
    """
)


@dataclass(frozen=True, slots=True)
class Definitions:
    """Recognizes texts that may define one of some names, without parsing them; one that calls them only is none."""

    keyword: re.Pattern[str]  # what says by a word that it defines
    header: re.Pattern[str]  # a name and an opening parenthesis, of functions that are known by their shape alone

    @classmethod
    def of(cls, names: Iterable[str]) -> "Definitions":
        """Of functions, of types, and of members of types that have one of these names."""
        any_name = rf"\b(?:{'|'.join(map(re.escape, sorted(names)))})\b"
        receiver = rf"\bfunc\s+\((?:\w+\s)?[\s*]*{any_name}[^(){{}}]*+\)\s*\w"
        keyword = rf"(?:{_KEYWORDS}|{_RECEIVER}){any_name}|{receiver}"
        return cls(re.compile(keyword), re.compile(rf"{any_name}(?:::~?\w+)?\s*(?=\()"))

    def in_text(self, text: str) -> bool:
        if self.keyword.search(text):
            return True
        return any(_is_header(text, found) for found in self.header.finditer(text))


def _is_header(text: str, name: re.Match[str]) -> bool:
    """Whether the name stands behind a type or begins its line, and a body follows its parameters."""
    line = text[max(0, name.start() - LONGEST_BEFORE) : name.start()].rpartition("\n")[2]
    before = re.split(r"[;{}]", line)[-1]
    fits = not line.strip() or (_TYPE_END.search(before) and _BEFORE_CALLS.isdisjoint(_WORD.findall(before)))
    return bool(fits and _HEADER_END.match(text, name.end(), name.end() + LONGEST_HEADER))
