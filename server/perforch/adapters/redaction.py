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
from detect_secrets.plugins.base import BasePlugin

PLACEHOLDER = "PERFORCH_SECRET"
SHORTEST = 5  # below, what stands after "password =" is an example
SHORTEST_RANDOM = 16  # below, random-looking strings are mostly test data
HAS_DIGIT = re.compile(r"\d")  # of random strings one in a thousand has none, of alphabets and sentences nearly all
LONGEST_LINE = 20_000  # a longer one is data, and is read in pieces
TOKENS: tuple[BasePlugin, ...] = (
    artifactory.ArtifactoryDetector(),
    aws.AWSKeyDetector(),
    azure_storage_key.AzureStorageKeyDetector(),
    basic_auth.BasicAuthDetector(),
    cloudant.CloudantDetector(),
    discord.DiscordBotTokenDetector(),
    gitlab_token.GitLabTokenDetector(),
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
# What the detector does not know, or finds only a part of.
OURS = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
    r"|\bsk-[A-Za-z0-9_-]{20,}"  # OpenAI, Anthropic, OpenRouter, DeepSeek
    r"|\bgh[pousr]_[A-Za-z0-9]{30,}|\bgithub_pat_\w{40,}"
    r"|\beyJ[\w-]{8,}\.eyJ[\w-]{8,}(?:\.[\w-]+)?"  # a JSON web token, its signature included
    r"|\bAIza[A-Za-z0-9_-]{35}"  # Google
    r"|\b(?:hf|gsk|r8|pplx|xai|npm)[_-][A-Za-z0-9]{30,}"  # Hugging Face, Groq, Replicate, Perplexity, xAI, npm
    r"|(?<=Bearer )[A-Za-z0-9._~+/-]{16,}",
    re.DOTALL,
)


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
    for found in OURS.finditer(text):
        yield found.group(), True
    for line in text.splitlines():
        for start in range(0, len(line), LONGEST_LINE):
            yield from _secrets_of_line(line[start : start + LONGEST_LINE])


def _secrets_of_line(line: str) -> Iterator[tuple[str, bool]]:
    for detector in TOKENS:
        for secret in detector.analyze_string(line):
            if len(secret) >= SHORTEST:
                yield secret, True
    for detector in RANDOM:
        for found in detector.analyze_line(filename="", line=line):
            secret = found.secret_value or ""
            if len(secret) >= SHORTEST_RANDOM and HAS_DIGIT.search(secret) and not _is_example(secret, line):
                yield secret, True
    for secret in _named(line):
        yield secret, not re.fullmatch(r"[A-Za-z_ ]+", secret)


def _named(line: str) -> Iterator[str]:
    """What is given to variables with telling names; one per pattern is found at a time, so we look again."""
    rest = line if TELLING.search(line) else ""
    while found := {secret for secret in NAMED.analyze_string(rest) if secret}:
        for secret in found:
            rest = rest.replace(secret, "")
            if len(secret) >= SHORTEST and not _is_example(secret, line):
                yield secret


def _is_example(secret: str, line: str) -> bool:
    return (
        heuristic.is_sequential_string(secret)
        or heuristic.is_potential_uuid(secret)
        or heuristic.is_likely_id_string(secret, line)
        or heuristic.is_templated_secret(secret)
        or heuristic.is_not_alphanumeric_string(secret)
    )
