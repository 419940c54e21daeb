"""What the editor says about how it wants things: the settings that concern the server, out of whatever it sends."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from perforch.lsp import typed

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ModelsSection:
    use: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TestsSection:
    runOnSave: bool = False  # noqa: N815 - the setting's own name


@dataclass(frozen=True, slots=True)
class Preferences:
    """The section `perforch` of an editor's settings; `models.use` empty: as perforch.toml says."""

    models: ModelsSection = ModelsSection()
    tests: TestsSection = TestsSection()


@dataclass(frozen=True, slots=True)
class Introduction:
    """The options of initialize. `trusted` false: nothing runs until a setTrust notification or setting grants it.

    `status`: the editor shows what perforch/status tells; others would complain of what they do not know.
    """

    client: str | None = None
    trusted: bool = True
    status: bool = False
    settings: object = None


def introduction(options: object) -> Introduction:
    """Options that do not fit are as good as none, but for trust: in doubt nothing runs."""
    try:
        return typed.read(Introduction, _without_nulls(options), "initializationOptions")
    except typed.Misfit as error:
        log.warning("the initializationOptions are passed over: %s", error)
        return Introduction(trusted=trust(options) is not False)


def preferences(section: object) -> Preferences:
    """Raises Misfit where a setting has the wrong type; null and what we do not know are passed over."""
    return typed.read(Preferences, _without_nulls(section), "perforch")


def trust(section: object) -> bool | None:
    """What a section says about trust, if it says anything."""
    granted = section.get("trusted") if isinstance(section, Mapping) else None
    return granted if isinstance(granted, bool) else None


def of_section(settings: object) -> object:
    """The section perforch of what a didChangeConfiguration brings."""
    return settings.get("perforch") if isinstance(settings, Mapping) else None


def _without_nulls(section: object) -> object:
    if not isinstance(section, Mapping):
        return {}
    return {
        name: _without_nulls(value) if isinstance(value, Mapping) else value
        for name, value in section.items()
        if value is not None
    }
