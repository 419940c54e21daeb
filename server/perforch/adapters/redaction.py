"""What must not leave the machine: secrets in code and test output become placeholders, and come back in the answer."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from detect_secrets.filters import heuristic
from detect_secrets.plugins import (
    artifactory,
    aws,
    azure_storage_key,
    basic_auth,
    cloudant,
    discord,
    gitlab_token,
    high_entropy_strings,
    ibm_cloud_iam,
    ibm_cos_hmac,
    keyword,
    mailchimp,
    openai,
    pypi_token,
    sendgrid,
    slack,
    square_oauth,
    stripe,
    telegram_token,
    twilio,
)
from detect_secrets.plugins.base import BasePlugin, RegexBasedDetector

PLACEHOLDER = "PERFORCH_SECRET"
SHORTEST = 5  # below, what stands after "password =" is an example
SHORTEST_BARE = 8  # what stands without quotes after "password=" and is shorter is mostly a word or a number
SHORTEST_RANDOM = 16  # below, random-looking strings are mostly test data
HAS_DIGIT = re.compile(r"\d")  # of random strings one in a thousand has none, of alphabets and sentences nearly all
LONGEST_LINE = 20_000  # a longer one is data, and is read in pieces
GITLAB = gitlab_token.GitLabTokenDetector()
TOKENS: tuple[RegexBasedDetector, ...] = (
    GITLAB,
    artifactory.ArtifactoryDetector(),
    aws.AWSKeyDetector(),
    azure_storage_key.AzureStorageKeyDetector(),
    basic_auth.BasicAuthDetector(),
    cloudant.CloudantDetector(),
    discord.DiscordBotTokenDetector(),
    ibm_cloud_iam.IbmCloudIamDetector(),
    ibm_cos_hmac.IbmCosHmacDetector(),
    mailchimp.MailchimpDetector(),
    openai.OpenAIDetector(),
    pypi_token.PypiTokenDetector(),
    sendgrid.SendGridDetector(),
    slack.SlackDetector(),
    square_oauth.SquareOAuthDetector(),
    stripe.StripeDetector(),
    telegram_token.TelegramBotTokenDetector(),
    twilio.TwilioKeyDetector(),
)
RANDOM: tuple[BasePlugin, ...] = (
    high_entropy_strings.Base64HighEntropyString(),
    high_entropy_strings.HexHighEntropyString(),
)
NAMED = keyword.KeywordDetector()
# All that NAMED finds has one of these words before it, and few lines have: looking for them first halves the time.
TELLING = re.compile("|".join(keyword.DENYLIST), re.IGNORECASE)
# The surroundings that a few detectors give with the secret; without them it is also found elsewhere.
SURROUNDINGS = re.compile(r"^(?:AccountKey=|[\s=:\"]+)|[\s\"]+$")
# Several detectors know the length that keys once had: today's are longer, and all of them is secret.
REST_OF_TOKEN = re.compile(r"[A-Za-z0-9_-]*")
_START = r"(?:\b|(?<=\\[nrt]))"  # of a word, also after a line break that is written out
# What the detector does not know, or finds only a part of; where there is a group, it is the secret.
OURS = re.compile(
    rf"{_START}(?:"
    r"sk-[A-Za-z0-9_-]{20,}"  # OpenAI, Anthropic, OpenRouter, DeepSeek
    r"|gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{40,}"
    r"|gl(?:pat|dt|ft|soat|rtr?|cbt|imt|ptt|agent|oas|ffct|wt)-[A-Za-z0-9_-]{20,}(?:\.[a-z0-9]{2}\.[a-z0-9]{7,})?"
    r"|eyJ[\w-]{8,}\.eyJ[\w-]{8,}(?:\.[\w-]+)?"  # a JSON web token, its signature included
    r"|AIza[A-Za-z0-9_-]{35}"  # Google
    r"|(?:hf|gsk|r8|pplx|xai|npm)[_-][A-Za-z0-9]{30,}"  # Hugging Face, Groq, Replicate, Perplexity, xAI, npm
    r"|pypi-AgE[A-Za-z0-9_-]{40,}"
    r"|AKC[A-Za-z0-9]{60,}"  # Artifactory, in whatever quotes
    r"|xapp-\d-[A-Za-z0-9-]{20,}|xox[a-z](?:\.xox[a-z])?-[A-Za-z0-9-]{20,}"  # Slack
    r")|(?<=Bearer )[A-Za-z0-9._~+/-]{16,}=*"
    r"|(?i:\bAuthorization\W{1,8}Basic\s+)([A-Za-z0-9+/_-]{6,}={0,2})"
)

# A private key as texts and tools show it: pieces of base64, and between them line breaks, quotes and marks.
_BEGIN = r"-{4,6} ?BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)? ?-{0,5}"
_END = r"-{4,6} ?END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)? ?-{0,5}"
_HEADER = r"(?:Proc-Type|DEK-Info|Version|Comment|Hash|Charset|MessageID|Subject):[^\n\\]*+"
_GAP = r"(?:[\s'\"`,;+|<>?!^~#*()\[\]{}]|\\+[nrt]?|-(?!-)|E(?=[ \t])|\d{1,5}(?= \|)|\.{3}|…)*+"
_PIECE = (
    r"(?:=[A-Za-z0-9+/]{4}(?![\w=])"  # the checksum of PGP
    r"|(?=[A-Za-z+/]*[0-9+/=])[A-Za-z0-9+/]++={0,2}+(?!\w|\.(?!\.)|[(\[])"
    rf"|[A-Za-z0-9+/]++(?=\Z|{_GAP}{_END}))"  # the last piece may be so short that it could be a word
)
# Every run of pieces is taken at once, so that a long one is not gone through again from each of its pieces.
KEY = re.compile(
    rf"(?:(?P<begin>{_BEGIN}(?:{_GAP}{_HEADER})*+){_GAP}|(?<![A-Za-z0-9+/])){_PIECE}(?:{_GAP}{_PIECE})*+(?P<end>{_GAP}{_END})?"
)
KEY_LINE = re.compile(r"(?<![A-Za-z0-9+/])(?=[A-Za-z+/]*\d)(?=[a-z0-9+/]*[A-Z])[A-Za-z0-9+/]{16,}")

# What is given to a telling name as output and configuration show it: mostly without quotes.
_NAMES = "|".join((*keyword.DENYLIST, "api-key", "access[_-]?key", "token", "passphrase", "credentials?", "(?<=_)pass"))
BARE = re.compile(
    rf"(?P<name>{_NAMES})(?:[_-]?(?:access|secret|key|base|value|prod|production|dev|test|live|\d+))*"
    r"\\*[\"']?(?P<given> {0,8}:?=(?![=~>]) {0,8}| {0,8}:(?![:=]) {0,8})\\*[\"'`]?"
    r"(?P<value>(?:(?!\\+[nrt\"']|&\w+=)[^\s\"'`<>(){}\[\],;])+)(?P<next>.?)",
    re.IGNORECASE,
)
# Names, paths, addresses and variables of a shell: where the secret is, not what it is.
PLACE = re.compile(
    r"[&*!~@$]{0,2}[A-Za-z_]\w*(?:(?:\??\.|->|::)[A-Za-z_]\w*)+[!?]{0,2}"
    r"|(?:[A-Za-z]:)?[\\/].*|[.~]+/.*|\w+://.*|\$\w+|%\w+%|0x[0-9a-fA-F]+"
)
_OPERATOR = r"(?:->|::|\?\.|\|\||&&|[=!]=|[-+*/%|&^.?:])"
EXPRESSION = re.compile(rf"[&*!~@-]{{0,2}}\$?\w+(?:{_OPERATOR}\$?\w+)*[!?]{{0,2}}")
NAMESAKE = re.compile(rf"[A-Za-z_]*(?:{_NAMES})(?:_?[a-z]?\d+)?", re.IGNORECASE)  # password=password2
CONFIGURED = re.compile(r"(?:E +|[-+] ?|(?:export|set|SET|ENV) +)?[\w.-]*")  # before the name: not indented as code is
LONE_DIGIT = re.compile(r"(?<=[A-Za-z])\d(?=[A-Za-z])")
INNER_NUMBER = re.compile(r"(?<=[A-Za-z])\d{2,}(?=[A-Za-z])")
NUMBER = re.compile(r"(?<=[A-Za-z])\d{2,}")
CALLED = frozenset("([{<>")  # after a function, a sequence, a generic type or a pointer
SHOWN_BEFORE = frozenset(("", " ", "\t", "\\", '"', "'", "`", "]"))
# Numbers in the names of types and functions: int32, base64, sha256.
TECHNICAL = {"16", "32", "36", "58", "62", "64", "85", "128", "160", "192", "224", "256", "384", "512", "1024"}


@dataclass(frozen=True, slots=True)
class Redaction:
    """The texts as they may be sent, and what each placeholder stands for."""

    texts: tuple[str, ...]
    secrets: Mapping[str, str]

    def restore(self, answer: str) -> str:
        """The answer with the secrets where it repeats their placeholders."""
        names = re.compile(rf"{PLACEHOLDER}_\d+")
        return names.sub(lambda found: self.secrets.get(found.group(), found.group()), answer)


def redact(texts: Sequence[str], known: Iterable[str] = ()) -> Redaction:
    """Replace every secret that any of the texts shows, in all of them, also where it is harder to see.

    `known` are secrets that we hold ourselves: the keys of models. A secret has the same placeholder everywhere.
    """
    everything = "\n".join(texts)
    secrets = {secret: everywhere for text in texts for secret, everywhere in _secrets(text)}
    secrets |= {secret: True for secret in known if len(secret) >= SHORTEST and secret in everything}
    numbers = (f"{PLACEHOLDER}_{number}" for number in count(1))
    free = (name for name in numbers if name not in everything)
    names = {secret: next(free) for secret in secrets}
    redacted = list(texts)
    for secret in sorted(secrets, key=len, reverse=True):
        redacted = [_without(text, secret, names[secret], secrets[secret]) for text in redacted]
    return Redaction(tuple(redacted), {name: secret for secret, name in names.items()})


def _without(text: str, secret: str, name: str, everywhere: bool) -> str:  # noqa: FBT001 - data of the secret, no branch of the caller's
    if everywhere:
        return text.replace(secret, name)
    return re.sub(rf"(['\"`]){re.escape(secret)}\1", lambda found: f"{found[1]}{name}{found[1]}", text)


def _secrets(text: str) -> Iterator[tuple[str, bool]]:
    """Each secret, and whether it is to be replaced everywhere: a plain word only where it stands in quotes."""
    for key in _private_keys(text):
        yield key, True
    for found in OURS.finditer(text):
        yield found[found.lastindex or 0], True
    for line in text.splitlines():
        for start in range(0, len(line), LONGEST_LINE):
            yield from _secrets_of_line(line[start : start + LONGEST_LINE])


def _private_keys(text: str) -> Iterator[str]:
    """Keys that begin, end, or do both; the rest of one may have been cut off."""
    if "PRIVATE KEY" in text:
        for found in KEY.finditer(text):
            if (found["begin"] or found["end"]) and KEY_LINE.search(found.group()):
                yield found.group()


def _secrets_of_line(line: str) -> Iterator[tuple[str, bool]]:
    for secret in (*_tokens(line), *_bare(line)):
        yield secret, True
    for detector in RANDOM:
        for found in detector.analyze_line(filename="", line=line):
            secret = found.secret_value or ""
            if len(secret) >= SHORTEST_RANDOM and HAS_DIGIT.search(secret) and not _is_example(secret, line):
                yield secret, True
    for secret in _named(line):
        yield secret, not re.fullmatch(r"[A-Za-z_ ]+", secret)


def _tokens(line: str) -> Iterator[str]:
    """What the detectors know by its form, whole."""
    for detector in TOKENS:
        for pattern in detector.denylist:
            for found in pattern.finditer(line):
                # A group is the secret, but for GitLab's: they are a part of its prefix.
                group = 0 if detector is GITLAB else found.lastindex or 0
                secret = SURROUNDINGS.sub("", found[group])
                rest = REST_OF_TOKEN.match(line, found.end(group)) if found[group].endswith(secret) else None
                if len(secret) >= SHORTEST and not heuristic.is_templated_secret(secret):
                    yield secret + (rest.group() if rest else "")


def _bare(line: str) -> Iterator[str]:
    """What output and configuration give to telling names, unless it may be code."""
    for found in BARE.finditer(line):
        secret = found["value"].rstrip(".:")
        if len(secret) < SHORTEST_BARE or found["next"] in CALLED or _is_placeholder(secret):
            continue
        if _is_random(secret) or not _may_be_code(secret, found):
            yield secret


def _is_random(secret: str) -> bool:
    return any(detector.analyze_line(filename="", line=f"'{secret}'") for detector in RANDOM)


def _may_be_code(secret: str, given: re.Match[str]) -> bool:
    if PLACE.fullmatch(secret):
        return True
    if not EXPRESSION.fullmatch(secret):
        return False
    if _is_configured(given):
        return secret.replace("_", "").isalpha()
    number = NUMBER if _is_shown(given) else INNER_NUMBER
    return not any(_is_made_up(word, number) for word in re.findall(r"\w+", secret))


def _is_configured(given: re.Match[str]) -> bool:
    """NAME=value or name: value alone on a line that is not indented; a type after a colon begins with a capital."""
    before, after = given.string[: given.start()], given.string[given.end("value") :]
    tight = given["given"] == "=" or (given["given"].strip() == ":" and not given["value"][0].isupper())
    return tight and not after.strip() and CONFIGURED.fullmatch(before) is not None


def _is_shown(given: re.Match[str]) -> bool:
    """As in a log: after a statement's = are spaces, and after an argument is a comma or a bracket."""
    return (given["given"] == "=" or given["given"].strip() == ":") and given["next"] in SHOWN_BEFORE


def _is_made_up(word: str, number: re.Pattern[str]) -> bool:
    """Digits where names of variables have none."""
    if NAMESAKE.fullmatch(word):
        return False
    lone = max(len(LONE_DIGIT.findall(part)) for part in word.split("_"))
    return lone > 1 or not TECHNICAL.issuperset(number.findall(word))


def _named(line: str) -> Iterator[str]:
    """What is given to variables with telling names; one per pattern is found at a time, so we look again."""
    rest = line if TELLING.search(line) else ""
    while found := {secret for secret in NAMED.analyze_string(rest) if secret}:
        for secret in found:
            rest = rest.replace(secret, "")
            if len(secret) >= SHORTEST and not _is_example(secret, line):
                yield secret


def _is_example(secret: str, line: str) -> bool:
    return _is_placeholder(secret) or heuristic.is_likely_id_string(secret, line)


def _is_placeholder(secret: str) -> bool:
    return (
        heuristic.is_sequential_string(secret)
        or heuristic.is_potential_uuid(secret)
        or heuristic.is_templated_secret(secret)
        or heuristic.is_not_alphanumeric_string(secret)
    )
