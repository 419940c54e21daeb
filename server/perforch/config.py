"""Settings of the user's file, the environment and the workspace become one frozen value."""

import math
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs

from perforch.core.errors import SettingsError
from perforch.core.measurement import Weights

LEVELS = ("process", "landlock", "namespaces")  # weakest first
PREFERENCES = ("quality", "cost", "latency", "paper")
FALLBACKS = ("static", "conditional")
Toml = str | int | float | bool | list["Toml"] | dict[str, "Toml"]


@dataclass(frozen=True, slots=True)
class ModelOptions:
    """How one model is reached and what it costs, in US dollars per million tokens."""

    model: str | None = None
    base_url: str | None = None
    api_key_env: str | None = None
    input_usd_per_million: float | None = None
    output_usd_per_million: float | None = None
    max_tokens: int = 4096  # of one answer
    timeout_s: float = 120.0  # of one answer


@dataclass(frozen=True, slots=True)
class Settings:
    """All that can be set. `minimum_sandbox` None: the default of DESIGN (process for builtin, landlock for models)."""

    use: tuple[str, ...] = ("builtin",)
    prefer: str = "quality"
    fallback: str = "static"
    local_only: bool = False
    generate_tries: int = 1
    fix_tries: int = 5
    refine_tries: int = 5
    refine_after: bool = False  # make faster what Generate or Fix has proven
    budget_usd_per_request: float = 0.20
    budget_usd_per_day: float = 5.00
    options: Mapping[str, ModelOptions] = field(default_factory=dict)
    test_command: str | None = None
    test_seconds: float = 120.0
    test_environment: Mapping[str, str] = field(default_factory=dict)
    minimum_sandbox: str | None = None
    interpreter: str | None = None
    weight_of_wall_time: float = 0.25
    weight_of_cpu_time: float = 0.25
    weight_of_mean_memory: float = 0.25
    weight_of_peak_memory: float = 0.25
    data_folder: Path = field(default_factory=lambda: Path(platformdirs.user_data_dir("perforch")))
    cache_folder: Path = field(default_factory=lambda: Path(platformdirs.user_cache_dir("perforch")))

    @property
    def weights(self) -> Weights:
        """Of the objective `balanced`."""
        return Weights(
            wall_time=self.weight_of_wall_time,
            cpu_time=self.weight_of_cpu_time,
            mean_memory=self.weight_of_mean_memory,
            peak_memory=self.weight_of_peak_memory,
        )


@dataclass(frozen=True, slots=True)
class _Key:
    """One setting: the field that it fills, how it is read, who may set it, and how two values become one."""

    name: str
    read: Callable[[Toml], object]
    is_personal: bool = False  # only on the user's side: a workspace must not choose where code and keys go
    merge: Callable[[object, object], object] = lambda _, new: new  # (user's or default, workspace's)


def _text(value: Toml) -> str:
    if not isinstance(value, str):
        raise ValueError("a text is expected")
    return value


def _flag(value: Toml) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false is expected")
    return value


def _amount(value: Toml) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0:
        raise ValueError("a number that is not negative is expected")
    return float(value)


def _tries(value: Toml) -> int:
    if (amount := _amount(value)) < 1 or not amount.is_integer():
        raise ValueError("a whole number from 1 on is expected")
    return int(amount)


def _weight(value: Toml) -> float:
    if value == math.inf:
        raise ValueError("a finite number is expected")
    return _amount(value)


def _names(value: Toml) -> tuple[str, ...]:
    if not isinstance(value, list) or not value:
        raise ValueError("a list of names is expected")
    return tuple(_text(each) for each in value)


def _texts(value: Toml) -> dict[str, str]:
    if not isinstance(value, dict):
        raise ValueError("a table of texts is expected")
    return {name: _text(each) for name, each in value.items()}


def _one_of(*allowed: str) -> Callable[[Toml], str]:
    def read(value: Toml) -> str:
        if value not in allowed:
            raise ValueError(f"one of {', '.join(allowed)} is expected")
        return _text(value)

    return read


def _count(value: Toml) -> int:
    return round(_amount(value))


_OPTION_READERS: Mapping[str, Callable[[Toml], str | float]] = {
    "input_usd_per_million": _amount,
    "output_usd_per_million": _amount,
    "max_tokens": _count,
    "timeout_s": _amount,
}


def _options(value: Toml) -> dict[str, ModelOptions]:
    if not isinstance(value, dict):
        raise ValueError("a table per model is expected")
    return {name: _model_options(name, each) for name, each in value.items()}


def _model_options(name: str, value: Toml) -> ModelOptions:
    if not isinstance(value, dict):
        raise ValueError(f"models.options.{name!r} must be a table")
    fields = ModelOptions.__dataclass_fields__
    unknown = sorted(set(value) - set(fields))
    if unknown:
        raise ValueError(f"models.options.{name!r} has no setting {unknown[0]!r}; there are {', '.join(fields)}")
    return ModelOptions(**{key: _OPTION_READERS.get(key, _text)(each) for key, each in value.items()})  # type: ignore[arg-type]  # each reader gives its field's type


def _lower(before: object, after: object) -> object:
    return min(before, after, key=lambda amount: float(str(amount)))


def _stricter(before: object, after: object) -> object:
    return max(before, after, key=lambda level: LEVELS.index(str(level)) if level else -1)


KEYS: Mapping[str, _Key] = {
    "models.use": _Key("use", _names),
    "models.prefer": _Key("prefer", _one_of(*PREFERENCES)),
    "models.fallback": _Key("fallback", _one_of(*FALLBACKS)),
    "models.generate_tries": _Key("generate_tries", _tries),
    "models.fix_tries": _Key("fix_tries", _tries),
    "models.refine_tries": _Key("refine_tries", _tries),
    "models.refine_after": _Key("refine_after", _flag),
    "models.local_only": _Key("local_only", _flag, merge=lambda before, after: before or after),
    "models.budget_usd_per_request": _Key("budget_usd_per_request", _amount, merge=_lower),
    "models.budget_usd_per_day": _Key("budget_usd_per_day", _amount, merge=_lower),
    "models.options": _Key("options", _options, is_personal=True),
    "test.command": _Key("test_command", _text),
    "test.timeout_s": _Key("test_seconds", _amount),
    "test.environment": _Key("test_environment", _texts),
    "sandbox.minimum": _Key("minimum_sandbox", _one_of(*LEVELS), merge=_stricter),
    "languages.python.interpreter": _Key("interpreter", _text),
    "optimize.weights.wall_time": _Key("weight_of_wall_time", _weight),
    "optimize.weights.cpu_time": _Key("weight_of_cpu_time", _weight),
    "optimize.weights.mean_memory": _Key("weight_of_mean_memory", _weight),
    "optimize.weights.peak_memory": _Key("weight_of_peak_memory", _weight),
}


def load(workspace: Path, environment: Mapping[str, str]) -> Settings:
    """The settings that hold in this workspace; raises SettingsError that names file and line."""
    user_file = Path(
        environment.get("PERFORCH_CONFIG") or Path(platformdirs.user_config_dir("perforch")) / "perforch.toml"
    )
    values: dict[str, object] = {}
    for setting, value in _flat(_table(user_file, ())).items():
        key = _known(user_file, setting)
        values[key.name] = _read(user_file, setting, key, value)
    values |= _from_environment(environment)
    for file, section in ((workspace / "pyproject.toml", ("tool", "perforch")), (workspace / "perforch.toml", ())):
        _merge_workspace(values, file, section)
    values |= _folders(environment)
    return _weighed(Settings(**values))  # type: ignore[arg-type]  # each reader of KEYS gives its field's type


def _weighed(settings: Settings) -> Settings:
    """The settings as they are; raises SettingsError where nothing is left that `balanced` could look at."""
    if settings.weights.total <= 0:
        raise SettingsError(
            "all of optimize.weights are 0, so that the objective `balanced` looks at nothing; "
            "give at least one of wall_time, cpu_time, mean_memory, peak_memory a weight above 0"
        )
    return settings


def _merge_workspace(values: dict[str, object], file: Path, section: tuple[str, ...]) -> None:
    """Lay the workspace's settings over the user's; where strictness matters the stricter wins."""
    for setting, value in _flat(_table(file, section)).items():
        key = _known(file, setting)
        if key.is_personal:
            raise SettingsError(
                f"{_place(file, setting)}: {setting} can only be set in your own perforch.toml, not in a workspace; "
                f"move it to {platformdirs.user_config_dir('perforch')}/perforch.toml"
            )
        read = _read(file, setting, key, value)
        before = values.get(key.name, Settings.__dataclass_fields__[key.name].default)
        values[key.name] = key.merge(before, read)


def _table(file: Path, section: tuple[str, ...]) -> dict[str, Toml]:
    """A section of a TOML file; empty where the file or the section is not there."""
    try:
        table: Toml = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file} cannot be read as TOML: {error}; repair the file") from None
    for name in section:
        table = table.get(name, {}) if isinstance(table, dict) else {}
    return table if isinstance(table, dict) else {}


def _flat(table: Mapping[str, Toml], prefix: str = "") -> dict[str, Toml]:
    """`{"test": {"timeout_s": 3}}` as `{"test.timeout_s": 3}`; tables that are themselves a setting stay whole."""
    flat: dict[str, Toml] = {}
    for name, value in table.items():
        path = f"{prefix}{name}"
        if isinstance(value, dict) and path not in KEYS:
            flat |= _flat(value, f"{path}.")
        else:
            flat[path] = value
    return flat


def _known(file: Path, setting: str) -> _Key:
    if setting not in KEYS:
        raise SettingsError(f"{_place(file, setting)}: there is no setting {setting!r}; there are {', '.join(KEYS)}")
    return KEYS[setting]


def _read(file: Path, setting: str, key: _Key, value: Toml) -> object:
    try:
        return key.read(value)
    except ValueError as error:
        raise SettingsError(f"{_place(file, setting)}: {setting} is {value!r}, but {error}") from None


def _place(file: Path, setting: str) -> str:
    """The file and the line on which the setting's last word first stands at the start of a line or header."""
    word = re.escape(setting.rpartition(".")[2])
    pattern = re.compile(rf'^\s*(?:\[+[\w."/-]*)?"?{word}"?\b')
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if pattern.match(line):
            return f"{file}:{number}"
    return str(file)


def _from_environment(environment: Mapping[str, str]) -> dict[str, object]:
    """PERFORCH_TEST_TIMEOUT_S=30 and the like, for every setting that is one value; lists are separated by commas."""
    found: dict[str, object] = {}
    for setting, key in KEYS.items():
        variable = "PERFORCH_" + setting.upper().replace(".", "_")
        if variable not in environment or key.read in {_texts, _options}:
            continue
        text = environment[variable]
        try:
            found[key.name] = key.read(_parsed(text, key))
        except ValueError as error:
            raise SettingsError(f"the environment variable {variable} is {text!r}, but {error}") from None
    return found


def _parsed(text: str, key: _Key) -> Toml:
    if key.read is _names:
        return [name.strip() for name in text.split(",")]
    if key.read in {_amount, _weight, _tries}:
        return float(text) if re.fullmatch(r"\d+(\.\d+)?", text) else text
    return {"true": True, "false": False}.get(text, text) if key.read is _flag else text


def _folders(environment: Mapping[str, str]) -> dict[str, object]:
    """Where Memory, history and caches live, for tests and portable installations."""
    names = {"data_folder": "PERFORCH_DATA_DIR", "cache_folder": "PERFORCH_CACHE_DIR"}
    return {name: Path(environment[variable]) for name, variable in names.items() if environment.get(variable)}
