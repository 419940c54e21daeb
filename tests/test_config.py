"""Settings: where they come from, which wins, and what is refused."""

import os
from pathlib import Path

import pytest

import fakes
from perforch.adapters.gateway import Gateway
from perforch.adapters.gateway_process import Launch
from perforch.adapters.ledger import DayLedger, Purse
from perforch.adapters.llm import Wording
from perforch.app import fleet
from perforch.config import ModelOptions, Settings, load
from perforch.core.asking import Unusable
from perforch.core.candidate import NoAnswer
from perforch.core.errors import SettingsError
from perforch.core.measurement import Weights
from perforch.core.ports import Question
from perforch.core.task import Stage

SECRET = "sk-SECRET"
DIGITS = "9" * 400  # more than a float can hold


def settings(folder: Path, *, user: str = "", workspace: str = "", pyproject: str = "", **environment: str) -> Settings:
    user_file = folder / "user.toml"
    user_file.write_text(user, encoding="utf-8")
    root = folder / "workspace"
    root.mkdir(exist_ok=True)
    (root / "perforch.toml").write_text(workspace, encoding="utf-8")
    (root / "pyproject.toml").write_text(pyproject, encoding="utf-8")
    return load(root, {"PERFORCH_CONFIG": str(user_file), **environment})


def refusal(folder: Path, *, user: str = "", workspace: str = "", pyproject: str = "", **environment: str) -> str:
    with pytest.raises(SettingsError) as raised:
        settings(folder, user=user, workspace=workspace, pyproject=pyproject, **environment)
    return str(raised.value)


def model(line: str) -> str:
    """A user's file whose fifth line is this one, in the section of the second of two models."""
    return f'[models.options."m"]\nmodel = "a/b"\ntimeout_s = 3\n[models.options."other/m"]\n{line}\n'


def test_without_any_file_the_embedded_engine_alone_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    assert load(tmp_path, {}).use == ("builtin",)


def test_the_workspace_wins_over_the_user_where_taste_decides(tmp_path: Path) -> None:
    found = settings(
        tmp_path, user='[models]\nprefer = "cost"\n', pyproject='[tool.perforch.models]\nprefer = "latency"\n'
    )
    assert found.prefer == "latency"


@pytest.mark.parametrize(
    ("user", "workspace", "expected"), [("1.0", "3.0", 1.0), ("1.0", "0.5", 0.5), ("10.0", "7.0", 7.0)]
)
def test_the_stricter_budget_wins(tmp_path: Path, user: str, workspace: str, expected: float) -> None:
    found = settings(
        tmp_path,
        user=f"[models]\nbudget_usd_per_day = {user}\n",
        workspace=f"[models]\nbudget_usd_per_day = {workspace}\n",
    )
    assert found.budget_usd_per_day == expected


@pytest.mark.parametrize(
    ("user", "workspace", "expected"),
    [
        ("namespaces", "process", "namespaces"),
        ("process", "namespaces", "namespaces"),
        ("landlock", "process", "landlock"),
    ],
)
def test_the_stricter_sandbox_wins(tmp_path: Path, user: str, workspace: str, expected: str) -> None:
    found = settings(
        tmp_path, user=f'[sandbox]\nminimum = "{user}"\n', workspace=f'[sandbox]\nminimum = "{workspace}"\n'
    )
    assert found.minimum_sandbox == expected


def test_the_environment_wins_over_the_users_file(tmp_path: Path) -> None:
    found = settings(
        tmp_path, user="[test]\ntimeout_s = 10\n", PERFORCH_TEST_TIMEOUT_S="30", PERFORCH_MODELS_USE="a/b, c"
    )
    assert found.test_seconds == 30.0
    assert found.use == ("a/b", "c")


@pytest.mark.parametrize(
    ("file", "text", "says"),
    [
        ("workspace", '\n[models.options."local/q"]\nbase_url = "http://evil"\n', "perforch.toml:2"),
        ("workspace", "[test]\n\ntimeout_s = 'long'\n", "perforch.toml:3: test.timeout_s is 'long'"),
        ("workspace", "[test]\ntimeouts = 3\n", "perforch.toml:2: there is no setting 'test.timeouts'"),
        ("user", "[models]\nprefer = 'best'\n", "user.toml:2"),
        ("user", "[models]\nfallback = 'best'\n", "one of static, conditional is expected"),
        ("user", "[models]\nfix_tries = 0\n", "user.toml:2: models.fix_tries is 0, but a whole number from 1 on"),
        ("user", "[models]\nfix_tries = 2.5\n", "a whole number from 1 on is expected"),
        ("user", "[models\n", "cannot be read as TOML"),
        ("user", "[models.options.x]\nmodle = 'x'\n", "no setting 'modle'"),
    ],
)
def test_a_wrong_setting_names_the_file_and_the_line(tmp_path: Path, file: str, text: str, says: str) -> None:
    with pytest.raises(SettingsError) as raised:
        settings(tmp_path, **{file: text})
    assert says in str(raised.value)


def test_how_many_models_are_asked_and_in_which_order_can_be_set(tmp_path: Path) -> None:
    found = settings(
        tmp_path,
        user='[models]\nfallback = "conditional"\nfix_tries = 3\n',
        workspace="[models]\nrefine_after = true\n",
        PERFORCH_MODELS_GENERATE_TRIES="2",
    )
    assert (found.fallback, found.refine_after) == ("conditional", True)
    assert (found.generate_tries, found.fix_tries, found.refine_tries) == (2, 3, 5)


def test_a_wrong_variable_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="PERFORCH_SANDBOX_MINIMUM"):
        settings(tmp_path, PERFORCH_SANDBOX_MINIMUM="none")


def test_prices_and_addresses_are_read_on_the_users_side(tmp_path: Path) -> None:
    found = settings(
        tmp_path,
        user='[models.options."local/q"]\nmodel = "openai/q"\nbase_url = "http://127.0.0.1:1/v1"\n'
        "input_usd_per_million = 1\n",
    )
    options = found.options["local/q"]
    assert (options.model, options.base_url, options.input_usd_per_million) == (
        "openai/q",
        "http://127.0.0.1:1/v1",
        1.0,
    )


def test_the_weights_of_the_balanced_objective_can_be_set_one_by_one(tmp_path: Path) -> None:
    found = settings(
        tmp_path,
        user="[optimize.weights]\npeak_memory = 2\n",
        workspace="[optimize]\nweights = { wall_time = 0 }\n",
        PERFORCH_OPTIMIZE_WEIGHTS_CPU_TIME="0.5",
    )
    assert found.weights == Weights(wall_time=0.0, cpu_time=0.5, mean_memory=0.25, peak_memory=2.0)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "[optimize.weights]\ncpu_time = -1\n",
            "user.toml:2: optimize.weights.cpu_time is -1, but a number that is not",
        ),
        ("[optimize.weights]\ncpu_time = nan\n", "a number that is not negative"),
        ("[optimize.weights]\ncpu_time = inf\n", "a finite number is expected"),
        ("[optimize.weights]\ncpu = 1\n", "user.toml:2: there is no setting 'optimize.weights.cpu'"),
        ("[optimize.weights]\nwall_time = 0\ncpu_time = 0\nmean_memory = 0\npeak_memory = 0\n", "a weight above 0"),
    ],
    ids=["negative", "not a number", "infinite", "unknown", "all nothing"],
)
def test_weights_that_make_no_sense_are_refused(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(SettingsError) as raised:
        settings(tmp_path, user=text)
    assert says in str(raised.value)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (f'api_key = "{SECRET}"', "has no setting 'api_key'; put the key into an environment variable, and its name"),
        ("modle = 'x'", "has no setting 'modle'; there are model, base_url"),
        ("max_tokens = 0", ".max_tokens is 0, but a whole number from 1 on"),
        ("max_tokens = 0.4", ".max_tokens is 0.4, but a whole number from 1 on"),
        ("max_tokens = inf", ".max_tokens is inf, but a whole number from 1 on"),
        (f"max_tokens = {DIGITS}", ".max_tokens is a number of more than 20 digits, but a number below"),
        (f"input_usd_per_million = {DIGITS}", "but a number below 1e308"),
        ("output_usd_per_million = inf", "but a finite number is expected"),
        ("timeout_s = 0", ".timeout_s is 0, but a finite number above 0"),
        ("timeout_s = inf", ".timeout_s is inf, but a finite number above 0"),
        ("timeout_s = nan", ".timeout_s is nan, but"),
        (f'timeout_s = {{ key = "{SECRET}" }}', ".timeout_s is a table, but"),
        ("timeout_s = [\n  3,\n]", ".timeout_s is [3], but"),
        (f'api_key_env = "{SECRET}"', ".api_key_env cannot be used: the name of an environment variable"),
        ('base_url = "http://[::1"', ".base_url cannot be used: it is no address"),
        ('base_url = "http://localhost:65536/v1"', "or its port is not within 0-65535"),
        (f'base_url = "http://user:{SECRET}/x@localhost/v1"', "or its port is not within 0-65535"),
        (
            f'base_url = "http://user:{SECRET}@localhost/v1"',
            "put the key into an environment variable named by api_key_",
        ),
        (f'base_url = "{SECRET}"', "http:// or https:// and a host are expected"),
        ('base_url = "ftp://localhost"', "http:// or https:// and a host are expected"),
        ('base_url = "http:///v1"', "http:// or https:// and a host are expected"),
        ('base_url = "http://local host/v1"', "http:// or https:// and a host are expected"),
        ("base_url = 3", "a text is expected"),
    ],
)
def test_a_wrong_setting_of_a_model_names_its_own_line_and_no_key(tmp_path: Path, line: str, says: str) -> None:
    told = refusal(tmp_path, user=model(line))
    assert 'user.toml:5: models.options."other/m"' in told
    assert says in told
    assert "SECRET" not in told
    assert "a/b" not in told


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (f'[models]\nprefer = "cost"\noptions = {{ x = {{ api_key = "{SECRET}" }} }}\n', 3),
        (f'# of mine\nmodels.options = {{ x = {{ api_key = "{SECRET}" }} }}\n', 2),
        (f'[test]\ncommand = """\nmodels.options = 1\n"""\n[models]\noptions.x.api_key = "{SECRET}"\n', 6),
        (f'[models.options]\n"a" = {{}}\n"x".api_key = "{SECRET}"\n', 3),
        (f'[models.options]\nx = "{SECRET}"\n', 2),
        (f'[models]\noptions = "{SECRET}"\n', 2),
    ],
)
def test_a_models_settings_in_one_line_are_named_by_that_line(tmp_path: Path, text: str, line: int) -> None:
    told = refusal(tmp_path, user=text)
    assert f"user.toml:{line}: models.options" in told
    assert SECRET not in told


@pytest.mark.parametrize(
    ("file", "text", "place"),
    [
        ("workspace", "[models]\noptions = { x = { timeout_s = 3 } }\n", "perforch.toml:2"),
        ("workspace", "\nmodels.options.x.base_url = 'http://evil'\n", "perforch.toml:2"),
        ("workspace", "[models]\noptions.x.base_url = 'http://evil'\n", "perforch.toml:2"),
        ("workspace", "[models.options]\nx.base_url = 'http://evil'\n", "perforch.toml:1"),
        ("pyproject", "[models]\noptions = 1\n[tool.perforch.models.options.x]\n", "pyproject.toml:3"),
        ("pyproject", "[tool]\nperforch = { models = { options = {} } }\n", "pyproject.toml:2"),
    ],
)
def test_a_workspace_that_sets_models_is_refused_with_the_line(
    tmp_path: Path, file: str, text: str, place: str
) -> None:
    told = refusal(tmp_path, **{file: text})
    assert f"{place}: models.options can only be set in your own perforch.toml" in told


def test_the_line_is_that_of_the_section_and_not_of_the_first_like_name(tmp_path: Path) -> None:
    other = "[tool.other.test]\ntimeout_s = 3\n[[tool.list]]\ntimeout_s = 3\n"
    assert "pyproject.toml:6: test" in refusal(tmp_path, pyproject=f"{other}[tool.perforch.test]\ntimeout_s = 0\n")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[test]\ntimeout_s = 0\n", "user.toml:2: test.timeout_s is 0, but a finite number above 0"),
        ("[test]\ntimeout_s = inf\n", "test.timeout_s is inf, but"),
        ("[test]\ntimeout_s = nan\n", "test.timeout_s is nan, but"),
        (f"[test]\ntimeout_s = {DIGITS}\n", "user.toml:2: test.timeout_s is a number of more than 20 digits"),
        (f"[test]\ntimeout_s = 0x{DIGITS * 20}\n", "user.toml:2: test.timeout_s is a number of more than 20 digits"),
        (f"[test]\ntimeout_s = {DIGITS * 20}\n", "user.toml:2 holds a number of too many digits"),
        (f"[models]\nbudget_usd_per_day = {DIGITS}\n", "user.toml:2: models.budget_usd_per_day"),
        (f"[models]\nfix_tries = {DIGITS}\n", "user.toml:2: models.fix_tries"),
        (f"[optimize.weights]\ncpu_time = {DIGITS}\n", "user.toml:2: optimize.weights.cpu_time"),
        (
            "[models]\nuse = ['builtin', '']\n",
            "user.toml:2: models.use is ['builtin', ''], but a name must not be empty",
        ),
        (f"[test.environment]\nKEY = '{SECRET}'\nN = 3\n", "user.toml:3: test.environment.N must be a text"),
        (f"[models.prefer]\nkey = '{SECRET}'\n", "user.toml:1: models.prefer is a table, but"),
        ("x = " + "[" * 5000 + "]" * 5000, "nests too deeply"),
    ],
    ids=range(13),
)
def test_what_makes_no_sense_is_refused(tmp_path: Path, text: str, says: str) -> None:
    told = refusal(tmp_path, user=text)
    assert says in told
    assert SECRET not in told


@pytest.mark.parametrize("text", ["[tool]\nperforch = 'x'\n", "\n[[tool.perforch]]\n", "\ntool.perforch = 3\n"])
def test_a_section_of_ours_must_be_a_table(tmp_path: Path, text: str) -> None:
    assert "pyproject.toml:2: tool.perforch must be a table" in refusal(tmp_path, pyproject=text)


@pytest.mark.parametrize("name", ["", "user.toml/x", "n" * 300])
def test_a_named_file_of_settings_that_cannot_be_read_is_told(tmp_path: Path, name: str) -> None:
    told = refusal(tmp_path, PERFORCH_CONFIG=str(tmp_path / name))
    assert f"{tmp_path / name} cannot be read" in told


def test_a_workspace_whose_file_of_settings_is_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "perforch.toml").mkdir()
    with pytest.raises(SettingsError, match=r"perforch\.toml cannot be read: Is a directory"):
        load(tmp_path, {"PERFORCH_CONFIG": os.devnull})


def test_a_file_that_is_not_utf_8_names_the_line(tmp_path: Path) -> None:
    (tmp_path / "perforch.toml").write_bytes(b"[test]\ncommand = '\xe9'\n")
    with pytest.raises(SettingsError, match=r"perforch\.toml:2 cannot be read as TOML: it is not UTF-8"):
        load(tmp_path, {"PERFORCH_CONFIG": os.devnull})


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PERFORCH_TEST_TIMEOUT_S", "0"),
        ("PERFORCH_TEST_TIMEOUT_S", DIGITS),
        ("PERFORCH_MODELS_BUDGET_USD_PER_DAY", DIGITS),
        ("PERFORCH_MODELS_USE", "builtin,"),
    ],
)
def test_a_variable_that_makes_no_sense_is_named(tmp_path: Path, variable: str, value: str) -> None:
    assert f"the environment variable {variable} is" in refusal(tmp_path, **{variable: value})


@pytest.mark.parametrize("address", ["http://127.0.0.1:8080/v1", "https://models.example.com", "http://[::1]:1/v1"])
def test_an_address_is_kept_as_it_is_written(tmp_path: Path, address: str) -> None:
    assert settings(tmp_path, user=model(f'base_url = "{address}"')).options["other/m"].base_url == address


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("mine", ModelOptions(base_url="http://192.0.2.1/v1")),  # its price is unknown, too
        ("openai/gpt-4o", ModelOptions()),  # its key is missing, too
    ],
)
async def test_a_model_elsewhere_is_not_asked_because_of_local_only(
    tmp_path: Path, name: str, options: ModelOptions
) -> None:
    found = Settings(use=(name,), local_only=True, options={name: options})
    purse = Purse(1.0, DayLedger(tmp_path / "spending.json", 1.0))
    wording = Wording(lambda _: [], lambda _, __: Unusable("never read"))
    (elsewhere,) = fleet.llm_models(found, {}, Gateway(Launch({}, local_only=True)), purse, wording)
    question = Question(fakes.task(), Stage.FIX, fakes.TEXT, ())
    answer = await elsewhere.answer(question)
    assert isinstance(answer, NoAnswer)
    assert "local_only is set" in answer.text
    assert await elsewhere.messages(question) == answer.text
    (usable,) = fleet.usable_models(found, {})
    assert (usable.usable, "local_only" in usable.why) == (False, True)
