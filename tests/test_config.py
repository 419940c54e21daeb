"""Settings: where they come from, which wins, and what is refused."""

from pathlib import Path

import pytest

from perforch.config import Settings, load
from perforch.core.errors import SettingsError
from perforch.core.measurement import Weights


def settings(folder: Path, *, user: str = "", workspace: str = "", pyproject: str = "", **environment: str) -> Settings:
    user_file = folder / "user.toml"
    user_file.write_text(user, encoding="utf-8")
    root = folder / "workspace"
    root.mkdir(exist_ok=True)
    (root / "perforch.toml").write_text(workspace, encoding="utf-8")
    (root / "pyproject.toml").write_text(pyproject, encoding="utf-8")
    return load(root, {"PERFORCH_CONFIG": str(user_file), **environment})


def test_without_any_file_the_embedded_engine_alone_is_used(tmp_path: Path) -> None:
    assert load(tmp_path, {"PERFORCH_CONFIG": str(tmp_path / "none.toml")}).use == ("builtin",)


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
