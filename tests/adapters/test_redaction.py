"""Secrets become placeholders before anything is sent, and come back in the answer."""

from time import monotonic

import pytest

from perforch.adapters.redaction import TOKENS, redact

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


ALNUM = "q7Kx2mVt9LwZr4NpBc8HdYs3FgJe6uA1QoTiXb5Rk0Wz"
HEX = "3f9a1c7e5b2d8046"
LOWER = "qxkvzjwpmrtbhgdfnlcsyaeu"
# One well-formed, invented sample per pattern of a detector, in the order of its patterns, with what stands around it.
SAMPLES = {
    "Artifactory": ['"AKC' + "p5" + ALNUM + '"', "x=AP" + "A5" + ALNUM[:20]],
    "AWS": ["AKIA" + "Q7MZP2LKX0WV9RTE", 'aws_key = "' + ALNUM[:36] + '/+aB"'],
    "Azure": ["AccountKey=" + (ALNUM * 2)[:86] + "==;"],
    "BasicAuth": ["postgres://app:" + "s3cr3tpw%21@db/x"],
    "Cloudant": [
        f"cl_key={HEX * 4}",
        f"cl_key={LOWER}",
        f"https://me:{HEX * 4}@me.cloudant.com",
        f"https://me:{LOWER}@me.cloudant.com",
    ],
    "Discord": ["M" + ALNUM[:25] + ".aB3xYz." + ALNUM[:38]],
    "GitLab": [
        *("glpat-" + token for token in ("AbCdEfGhIjKlMnOpQrSt", ALNUM + ".01.0z1abc2de")),
        "GR1348941" + ALNUM[:20],
        *("glcbt-" + token for token in (ALNUM[:20], "6f_" + ALNUM[:20])),
        "glimt-" + ALNUM[:25],
        "glptt-" + HEX * 2 + HEX[:8],
        "glagent-" + ALNUM + ALNUM[:10],
        "gloas-" + HEX * 4,
    ],
    "IbmCloudIam": ["ibm_api_key: " + ALNUM[:44]],
    "IbmCosHmac": ["secret_access_key=" + HEX * 3],
    "Mailchimp": [HEX * 2 + "-us12"],
    "OpenAI": ["sk-" + ALNUM[:20] + "T3BlbkFJ" + ALNUM[:20]],
    "Pypi": ["pypi-AgEIcHlwaS5vcmc" + ALNUM * 3, "pypi-AgENdGVzdC5weXBpLm9yZw" + ALNUM * 3],
    "SendGrid": ["SG." + ALNUM[:22] + "." + ALNUM[:43]],
    "Slack": [
        "xoxb-" + "123456789012-1234567890123-" + ALNUM[:24],
        "https://hooks.slack.com/services/" + "T0AB/B0CD/" + ALNUM[:24],
    ],
    "SquareOAuth": ["sq0csp-" + ALNUM[:43]],
    "Stripe": ["sk_live_" + token for token in (ALNUM[:24], ALNUM + ALNUM + ALNUM[:11])],
    "TelegramBot": ["123456789:" + ALNUM[:35]],
    "Twilio": ["AC" + HEX * 2, "SK" + HEX * 2],
}
AROUND = ['"', "x=", ";", "AccountKey=", "postgres://app:", "@db/x", "https://me:", "@me.cloudant.com", "cl_key="]
AROUND += ["aws_key = ", "ibm_api_key: ", "secret_access_key="]


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in SAMPLES.items() for text in texts])
def test_what_a_detector_finds_is_hidden_whole(name: str, text: str) -> None:
    assert any(type(detector).__name__.startswith(name) for detector in TOKENS)
    redaction = redact([f"E   got {text} here"])
    expected = text
    for around in AROUND:
        expected = expected.replace(around, "\0" * len(around))
    expected = expected.strip("\0")
    names = [name for name in redaction.secrets if name in redaction.texts[0]]
    assert [redaction.secrets[name] for name in names] == [expected]
    assert redaction.texts[0] == f"E   got {text.replace(expected, names[0])} here"


def test_every_detector_has_a_sample() -> None:
    assert sorted(SAMPLES) == sorted(
        next(name for name in SAMPLES if type(detector).__name__.startswith(name)) for detector in TOKENS
    )


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("E   AssertionError: login failed with password=Tr0ub4dor&3", "Tr0ub4dor&3"),
        ("password=Tr0ub4dor&3, user=bob", "Tr0ub4dor&3"),
        ("user_id=5 password=Tr0ub4dor&3", "Tr0ub4dor&3"),
        ("GET /login?password=Tr0ub4dor3&user=bob", "Tr0ub4dor3"),
        ("password: hunter22secret", "hunter22secret"),
        ("    password: hunter22secret", "hunter22secret"),
        ("DB_PASSWORD=hunter2secret", "hunter2secret"),
        ("export DB_PASSWORD=swordfish!", "swordfish!"),
        ("token=tok_live_9f8e7d6c5b4a", "tok_live_9f8e7d6c5b4a"),
        ("call(token=tok_live_9f8e7d6c5b4a)", "tok_live_9f8e7d6c5b4a"),
        ("E   {'token': 'tok_live_9f8e7d6c5b4a'}", "tok_live_9f8e7d6c5b4a"),
        (r"{\"token\": \"tok_live_9f8e7d6c5b4a\"}", "tok_live_9f8e7d6c5b4a"),
        (r"'a=1\ntoken=tok_live_9f8e7d6c5b4a\nb=2'", "tok_live_9f8e7d6c5b4a"),
        ("User[name=bob, password=hunter2024]", "hunter2024"),
        ("aws_secret_access_key = wJalrXUtnFEMI" + "/K7MDENG/bPxRfiCYEXAMPLEKEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCY"),
        ("  aws_secret_access_key = wJalrXUtnFEMI" + "/K7MDENG/bPxRfiCYEXAMPLEKEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCY"),
        ("x-api-key: 9f8e7d6c5b4a3921", "9f8e7d6c5b4a3921"),
        ("Authorization: Basic dXNlcjpwYXNzd29yZA==", "dXNlcjpwYXNzd29yZA"),
        ("{'Authorization': 'Basic dXNlcjpwYXNz'}", "dXNlcjpwYXNz"),
        ('headers["Authorization"] = "Basic dXNlcjpwYXNz"', "dXNlcjpwYXNz"),
        ("E   got pypi-AgEIcHlwaS5vcmc" + ALNUM, ALNUM),
        (r"'first\nghp_" + ALNUM[:36] + r"\nlast'", ALNUM[:36]),
    ],
)
def test_what_output_and_configuration_show_is_not_sent(text: str, hidden: str) -> None:
    redaction = redact([text])
    assert hidden not in redaction.texts[0]
    assert "PERFORCH_SECRET_" in redaction.texts[0]
    assert redaction.restore(redaction.texts[0]) == text


BEGIN, END = f"-----BEGIN {PEM}-----", f"-----END {PEM}-----"
PGP_BEGIN, PGP_END = (f"-----{mark} PGP " + "PRIVATE KEY BLOCK-----" for mark in ("BEGIN", "END"))
BODY = [(ALNUM + "/" + ALNUM[::-1])[start : start + 64] for start in range(4)]
KEYS = {
    "whole": [BEGIN, *BODY, "mr7S", END],
    "encrypted": [BEGIN, "Proc-Type: 4,ENCRYPTED", "DEK-Info: AES-128-CBC,00FF", "", *BODY, END],
    "PGP": [PGP_BEGIN, "Version: GnuPG v2", "", *BODY, "=njUN", PGP_END],
    "its beginning": [BEGIN, *BODY],
    "its beginning, cut in a line": [BEGIN, *BODY, "MII4bc"],
    "its end": [*BODY, "mr7S", END],
    "its end, after a short piece": [BODY[0][40:], BODY[1], "abcd", END],
    "PGP's end": [*BODY, "=njUN", PGP_END],
}
SHOWN = {
    "as it is": "{}\n",
    "pytest": "E     {}\n",
    "pytest's source": ">   {}\n",
    "pytest's difference": "E     - {}\n",
    "difference": "+{}\n",
    "margin": " 12 | {}\n",
    "escaped": r"{}\n",
    "escaped twice": r"{}\\n",
    "Windows": r"{}\r\n",
    "quoted": '    "{}\\n"\n',
    "added": '    "{}\\n" +\n',
    "listed": '["{}",\n',
}


@pytest.mark.parametrize("lines", KEYS.values(), ids=KEYS)
@pytest.mark.parametrize("shown", SHOWN.values(), ids=SHOWN)
def test_a_private_key_is_hidden_however_it_is_shown_and_cut_and_what_surrounds_it_is_sent(
    lines: list[str], shown: str
) -> None:
    before, after = (
        "def load(path):\n    first = second\n",
        "\nassert load(first) == second.third\n" + "and more. " * 50,
    )
    text = before + "".join(map(shown.format, lines)) + after
    redaction = redact([text])
    assert not any(line in redaction.texts[0] for line in lines if line)
    assert redaction.texts[0].startswith(before)
    assert redaction.texts[0].endswith(after)
    assert redaction.restore(redaction.texts[0]) == text


def test_long_data_is_looked_through_in_a_moment() -> None:
    texts = [f"{END}\n" + "1, 2x, " * 10_000, "a" * 100_000 + END, "-" * 50_000 + "PRIVATE KEY", "token=" * 10_000]
    started = monotonic()
    redact(texts)
    assert monotonic() - started < 5


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
        f'HEADER = "{BEGIN}"\nrest = "of the message"',
        f'BEGIN = "{BEGIN}"\nEND = "{END}"\nreturn text.split(BEGIN)[1].split(END)[0]',
        f'if "{BEGIN}" in text and "{END}" in text:',
        f'body = text.removeprefix("{BEGIN}").removesuffix("{END}")',
        f"A certificate, then 12 lines, and then {END}",
        "def login(user: str, password: str, token: Optional[str] = None) -> Session1:",
        "    password: SecretStr\n    token: Sha256Hash\n    secret: complex128\n    key: Uint8Array",
        "token: Uint8Array",
        "password: string | undefined;",
        "    let token: Vec<u8> = secret.into();",
        "password = get_password1()",
        "token = tokens[0]",
        "token = tokens12345[0]",
        "login(user, password=password, token=token)",
        "login(user, password=password2, token=user1_token, secret=sha256_digest)",
        "token = sha256sum",
        "token := base64encoded",
        "    token = column12",
        "    token = row1 + column12",
        "secret = self.secret2024",
        "password = config.database.password22",
        "token=request->tokens.token22x",
        "password=settings::Password22x",
        "if token == expected_token22x:",
        "token=${TOKEN_22X} password=$PASSWORD22X secret={{ secret22x }}",
        "password=%(password22)s token=%TOKEN22X%",
        "PWD=/home/user/project22/src",
        "secret: /run/secrets/database22",
        "token_url=https://example.org/token/v22",
        "token=https://example.org/token/v22",
        "max_tokens=100000000, tokens=12345678, password=********",
        "--- PASS: TestFoo123 (0.00s)",
        "tokenizer=Tokenizer22x password_file=secrets22.txt",
        "SyntaxError: unexpected token: identifier2",
        "secret=0x7f3a9b0c1d2e",
        "token = a if b else c12345678  # see token: row2col3",
        'f"postgres://{user}:{password}@{host}/db"',
        "Basic Authentication1 and Basic dXNlcjpwYXNz are examples",
        "glance-at-this-identifier-which-is-long",
        'm = re.search(r"token=([a-z0-9]{8})", text)',
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
