"""Secrets become placeholders before anything is sent, and come back in the answer."""

import pytest

from perforch.adapters.redaction import redact

# Put together here, so that no scanner takes this file for a leak.
PEM = "RSA PRIVATE KEY"
SECRETS = {
    "OpenAI": "sk-" + "proj-4xTq8LmZpR2vWc7NhKdB9sYf3JgE6uA1",
    "Anthropic": "sk-" + "ant-api03-qT7vLxWm2ZrKp9NcBd4HsYf8JgE6uA1Q",
    "GitHub": "ghp_" + "x7Kq2mVt9LwZr4NpBc8HdYs3FgJe6uA1QoTi",
    "Google": "AIza" + "SyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY",
    "AWS key": "AKIA" + "Q7MZP2LKX0WV9RTE",
    "Slack": "xoxb-" + "123456789012-1234567890123-aBcDeFgHiJkLmNoPqRsTuVwX",
    "Hugging Face": "hf_" + "QwErTyUiOpAsDfGhJkLzXcVbNmQwErTyUi",
    "Stripe": "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc",
    "web token": "eyJ" + "hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P",
    "random base64": "wJalrXUtnFEMIK7MDENGbPxRfiCYzzz9KEYQQ",
    "private key": f"-----BEGIN {PEM}-----\nMIIEpAIBAAKCAQEA3Tz2\nmr7S\n-----END {PEM}-----",
}


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
def test_a_secret_in_code_is_not_sent(secret: str) -> None:
    code = f'def connect():\n    """Connect."""\n    return dial("{secret}")\n'
    redaction = redact([code])
    assert all(line not in redaction.texts[0] for line in secret.splitlines())
    assert 'return dial("PERFORCH_SECRET_1")' in redaction.texts[0]
    assert redaction.restore(redaction.texts[0]) == code


@pytest.mark.parametrize(
    ("code", "hidden"),
    [
        ('password = "hunter2"', "hunter2"),
        ("db_pass = 'correct horse'", "correct horse"),
        ('config = {"api_key": "q7FhT2kL"}', "q7FhT2kL"),
        ('url = "postgres://app:s3cr3tpw@db/x"', "s3cr3tpw"),
        ('headers = {"Authorization": "Bearer abcdef0123456789abcdef"}', "abcdef0123456789abcdef"),
        ('if secret == "swordfish" or password == "letmein9":', "letmein9"),
    ],
)
def test_what_is_given_to_a_telling_name_is_not_sent(code: str, hidden: str) -> None:
    redaction = redact([code])
    assert hidden not in redaction.texts[0]
    assert redaction.restore(redaction.texts[0]) == code


def test_a_secret_found_in_the_code_is_also_hidden_in_the_output_of_the_tests() -> None:
    redaction = redact(['password = "tr0ub4dor&3"', "AssertionError: got tr0ub4dor&3, and tr0ub4dor&3 again"])
    assert redaction.texts[1] == "AssertionError: got PERFORCH_SECRET_1, and PERFORCH_SECRET_1 again"


def test_a_plain_word_is_hidden_only_where_it_stands_in_quotes() -> None:
    redaction = redact(['password = "password"\ndef check(password): ...'])
    assert redaction.texts[0] == 'password = "PERFORCH_SECRET_1"\ndef check(password): ...'


def test_the_keys_of_the_models_are_hidden_whatever_they_look_like() -> None:
    assert redact(["the key is plain-words"], known=["plain-words"]).texts == ("the key is PERFORCH_SECRET_1",)


@pytest.mark.parametrize(
    "code",
    [
        'alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"',
        'assert hexadecimal("0123456789ABCDEF") == 16',
        'pangram = "thequickbrownfoxjumpsoverthelazydog"',
        "password = os.environ['PASSWORD']",
        "token = make_token(password, secret)",
        "assert rotate([1, 2, 3], 1) == [3, 1, 2]  # see test_rotate",
        'assert binary("0101010101010101010101") == 1398101',
        'id = "123e4567-e89b-12d3-a456-426614174000"',
        'password = "{password}"',
        'task_id = "3fZk9QmWx7LpR2vTc8NhKdB4"',
    ],
)
def test_ordinary_code_is_sent_as_it_is(code: str) -> None:
    assert redact([code]).texts == (code,)


def test_a_placeholder_that_the_code_already_uses_is_not_used_again() -> None:
    code = 'name = "PERFORCH_SECRET_1"\npassword = "hunter2x"'
    redaction = redact([code])
    assert 'password = "PERFORCH_SECRET_2"' in redaction.texts[0]
    assert redaction.restore(redaction.texts[0]) == code


def test_more_than_ten_secrets_come_back_each_in_its_place() -> None:
    code = "\n".join(f'password = "pa55word-{number}"' for number in range(12))
    redaction = redact([code])
    assert len(redaction.secrets) == 12
    assert redaction.restore(redaction.texts[0]) == code
