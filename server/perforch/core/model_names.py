"""The same model under many names: what sources, providers and users write, brought to one family key.

"anthropic/claude-3-5-sonnet-20241022", "Claude Sonnet 3.5 (June 2024)" and "Claude-3.5-Sonnet (high)" are one family,
"3.5 claude sonnet": provider, date, reasoning effort and packaging are dropped, the words are sorted. Published figures
say too little about dates and efforts to keep them apart; local observations are kept under the exact model id.
"""

import re
from functools import cache

# What a name says about packaging, date or effort and not about the model; unqualified means instruction-tuned.
_NOISE = frozenset({
    *("instruct", "ins", "it", "chat", "hf", "latest", "api", "preview", "exp", "experimental", "temp", "default"),
    *("think", "thinking", "reasoner", "high", "medium", "med", "low", "no", "tokens"),
})  # fmt: skip
_ALIASES = (  # short forms that no rule can see through
    (re.compile(r"\bdscoder\b"), "deepseek-coder"),
    (re.compile(r"\bdeepseek[- ]chat[- ]v"), "deepseek-v"),
    (re.compile(r"\bdeepseek-reasoner\b"), "deepseek-r1"),
    (re.compile(r"\bmeta-llama-"), "llama-"),
    (re.compile(r"\bgpt-4-(1106|0125)-preview\b"), "gpt-4-turbo"),
    (re.compile(r"\bopenai (?=o\d)"), ""),
)
_MONTHS = "jan|feb|mar|apr|may|june|jun|july|jul|aug|sept|sep|oct|nov|dec"
_DATE = re.compile(
    rf"\b(?:20\d\d-\d\d-\d\d|20\d{{6}}|(?:{_MONTHS})[a-z]* 20\d\d|20\d\d-\d\d|\d\d-20\d\d|(?:0[1-9]|1[0-2])-[0-3]\d"
    r"|[01]\d[0-3]\d|2[3-9](?:0[1-9]|1[0-2])|25[01]\d{3}|\d+k)\b"  # 32k: a thinking budget
)


@cache
def family(written: str) -> str:
    """The key of a name as anybody writes it; never fails, at worst it is the name itself."""
    text = re.split(r"/|--", written.strip().lower())[-1].replace(":", "-").replace("_", "-")
    for pattern, replacement in _ALIASES:
        text = pattern.sub(replacement, text)
    words = {word for word in _words(_DATE.sub(" ", text)) if word not in _NOISE}
    return " ".join(sorted(words)) or text


def _words(text: str) -> list[str]:
    """Words, versions and sizes: `llama3.3-70b` and `Llama-3_3-70B` give the same."""
    text = re.sub(r"\b(\d)-(\d)\b(?![.\d])", r"\1.\2", text)  # claude-3-5
    text = re.sub(r"\b([a-z]{3,})(\d)", r"\1 \2", text)  # qwen2.5, llama3.3
    return re.findall(r"[a-z]+\d*(?:\.\d+)?[a-z]*|\d+(?:\.\d+)*[a-z]*", text)
