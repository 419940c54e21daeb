"""Settings of the user's file, the environment and the workspace become one frozen value."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs

from perforch.config import values as read
from perforch.config.files import Source, read_source, section_of
from perforch.config.values import ModelOptions
from perforch.core.errors import SettingsError
from perforch.core.measurement import Weights

__all__ = ["KEYS", "ModelOptions", "Settings", "load"]

LEVELS = ("process", "landlock", "namespaces")  # weakest first
PREFERENCES = ("quality", "cost", "latency", "paper")
FALLBACKS = ("static", "conditional")


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
    read: Callable[[read.Toml], object]
    is_personal: bool = False  # only on the user's side: a workspace must not choose where code and keys go
    merge: Callable[[object, object], object] = lambda _, new: new  # (user's or default, workspace's)


def _lower(before: object, after: object) -> object:
    return min(before, after, key=lambda amount: float(str(amount)))


def _stricter(before: object, after: object) -> object:
    return max(before, after, key=lambda level: LEVELS.index(str(level)) if level else -1)


KEYS: Mapping[str, _Key] = {
    "models.use": _Key("use", read.names),
    "models.prefer": _Key("prefer", read.one_of(*PREFERENCES)),
    "models.fallback": _Key("fallback", read.one_of(*FALLBACKS)),
    "models.generate_tries": _Key("generate_tries", read.whole),
    "models.fix_tries": _Key("fix_tries", read.whole),
    "models.refine_tries": _Key("refine_tries", read.whole),
    "models.refine_after": _Key("refine_after", read.flag),
    "models.local_only": _Key("local_only", read.flag, merge=lambda before, after: before or after),
    "models.budget_usd_per_request": _Key("budget_usd_per_request", read.amount, merge=_lower),
    "models.budget_usd_per_day": _Key("budget_usd_per_day", read.amount, merge=_lower),
    "models.options": _Key("options", read.options, is_personal=True),
    "test.command": _Key("test_command", read.text),
    "test.timeout_s": _Key("test_seconds", read.seconds),
    "test.environment": _Key("test_environment", read.texts),
    "sandbox.minimum": _Key("minimum_sandbox", read.one_of(*LEVELS), merge=_stricter),
    "languages.python.interpreter": _Key("interpreter", read.text),
    "optimize.weights.wall_time": _Key("weight_of_wall_time", read.finite),
    "optimize.weights.cpu_time": _Key("weight_of_cpu_time", read.finite),
    "optimize.weights.mean_memory": _Key("weight_of_mean_memory", read.finite),
    "optimize.weights.peak_memory": _Key("weight_of_peak_memory", read.finite),
}


def load(workspace: Path, environment: Mapping[str, str]) -> Settings:
    """The settings that hold in this workspace; raises SettingsError that names file and line."""
    values: dict[str, object] = {}
    user = _user_source(environment)
    for setting, value in _flat(section_of(user)).items():
        key = _known(user, setting)
        values[key.name] = _read(user, setting, key, value)
    values |= _from_environment(environment)
    for file, section in ((workspace / "pyproject.toml", ("tool", "perforch")), (workspace / "perforch.toml", ())):
        _merge_workspace(values, read_source(file, section))
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


def _merge_workspace(values: dict[str, object], source: Source) -> None:
    """Lay the workspace's settings over the user's; where strictness matters the stricter wins."""
    for setting, value in _flat(section_of(source)).items():
        key = _known(source, setting)
        if key.is_personal:
            raise SettingsError(
                f"{source.place(setting)}: {setting} can only be set in your own perforch.toml, not in a workspace; "
                f"move it to {platformdirs.user_config_dir('perforch')}/perforch.toml"
            )
        before = values.get(key.name, Settings.__dataclass_fields__[key.name].default)
        values[key.name] = key.merge(before, _read(source, setting, key, value))


def _user_source(environment: Mapping[str, str]) -> Source:
    """The user's own file, which may be absent."""
    named = environment.get("PERFORCH_CONFIG")
    return read_source(Path(named or Path(platformdirs.user_config_dir("perforch")) / "perforch.toml"))


def _flat(table: Mapping[str, read.Toml], prefix: str = "") -> dict[str, read.Toml]:
    """`{"test": {"timeout_s": 3}}` as `{"test.timeout_s": 3}`; tables that are themselves a setting stay whole."""
    flat: dict[str, read.Toml] = {}
    for name, value in table.items():
        path = f"{prefix}{name}"
        if isinstance(value, dict) and path not in KEYS:
            flat |= _flat(value, f"{path}.")
        else:
            flat[path] = value
    return flat


def _known(source: Source, setting: str) -> _Key:
    if setting not in KEYS:
        raise SettingsError(f"{source.place(setting)}: there is no setting {setting!r}; there are {', '.join(KEYS)}")
    return KEYS[setting]


def _read(source: Source, setting: str, key: _Key, value: read.Toml) -> object:
    try:
        return key.read(value)
    except read.WrongPart as wrong:
        raise SettingsError(f"{source.place(setting, *wrong.path)}: {wrong}") from None
    except ValueError as error:
        raise SettingsError(f"{source.place(setting)}: {setting} is {read.shown(value)}, but {error}") from None


def _from_environment(environment: Mapping[str, str]) -> dict[str, object]:
    """PERFORCH_TEST_TIMEOUT_S=30 and the like, for every setting that is one value; lists are separated by commas."""
    found: dict[str, object] = {}
    for setting, key in KEYS.items():
        variable = "PERFORCH_" + setting.upper().replace(".", "_")
        if variable not in environment or key.read in {read.texts, read.options}:
            continue
        text = environment[variable]
        try:
            found[key.name] = key.read(_parsed(text, key))
        except ValueError as error:
            raise SettingsError(f"the environment variable {variable} is {text!r}, but {error}") from None
    return found


def _parsed(text: str, key: _Key) -> read.Toml:
    if key.read is read.names:
        return [name.strip() for name in text.split(",")]
    if key.read in {read.amount, read.finite, read.seconds, read.whole} and re.fullmatch(r"\d+(\.\d+)?", text):
        if math.isinf(number := float(text)):
            raise ValueError(read.TOO_LARGE)
        return number
    return {"true": True, "false": False}.get(text, text) if key.read is read.flag else text


def _folders(environment: Mapping[str, str]) -> dict[str, object]:
    """Where Memory, history and caches live, for tests and portable installations."""
    names = {"data_folder": "PERFORCH_DATA_DIR", "cache_folder": "PERFORCH_CACHE_DIR"}
    return {name: Path(environment[variable]) for name, variable in names.items() if environment.get(variable)}
