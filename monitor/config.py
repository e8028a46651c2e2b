"""One TOML file to one frozen Config; an unknown key is an error that names the nearest known one.

The file is looked for at ``LUMBAR_CONFIG``, else in the user's configuration folder; it may be
missing. Every value has a default.
"""

from __future__ import annotations

import dataclasses
import os
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar, get_args, get_type_hints

import platformdirs

from monitor.alerts.settings import AlertSettings, MqttSettings, SoundSettings
from monitor.model.errors import ConfigError
from monitor.pipeline.settings import PipelineSettings

_T = TypeVar("_T")

PATH_VARIABLE = "LUMBAR_CONFIG"


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that can be set, section by section."""

    pipeline: PipelineSettings = field(default_factory=PipelineSettings)
    alerts: AlertSettings = field(default_factory=AlertSettings)
    sound: SoundSettings = field(default_factory=SoundSettings)
    broker: MqttSettings = field(default_factory=MqttSettings)


def config_path() -> Path:
    """Return where the configuration is looked for."""
    named = os.environ.get(PATH_VARIABLE)
    return Path(named) if named else platformdirs.user_config_path("lumbar-monitor") / "config.toml"


def load_config(path: Path | None = None) -> Config:
    """Return the configuration in the file `path` (None: the usual place, where it may be missing).

    Raises
    ------
    ConfigError
        The file cannot be read, is not TOML, or holds an unknown key or a value of a wrong kind.
    """
    where = path or config_path()
    if path is None and not where.exists() and PATH_VARIABLE not in os.environ:
        return Config()
    try:
        made = tomllib.loads(where.read_text(encoding="utf-8"))
    except OSError as failure:
        raise ConfigError(f"configuration {where}: {failure.strerror}") from failure
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as failure:
        raise ConfigError(f"configuration {where} is not TOML: {failure}") from failure
    return config_from(made, str(where))


def with_settings(config: Config, changes: Iterable[str]) -> Config:
    """Return `config` with single settings changed, each written ``pipeline.rest_s=20``.

    Raises
    ------
    ConfigError
        A change that is not written so, an unknown key, or a value of a wrong kind.
    """
    made = dataclasses.asdict(config)
    for change in changes:
        name, equals, text = change.partition("=")
        section, dot, key = name.strip().partition(".")
        if not (equals and dot and key):
            raise ConfigError(
                f"{change!r} is no setting: write SECTION.KEY=VALUE, such as pipeline.rest_s=20"
            )
        try:
            value = tomllib.loads(f"value = {text}")["value"]
        except tomllib.TOMLDecodeError:
            value = text.strip()  # a word needs no quotes on a command line
        made.setdefault(section, {})[key] = value
    return config_from(made, "settings")


def config_from(made: Mapping[str, Any], where: str) -> Config:
    """Return a configuration from its sections as plain values; ConfigError as in `load_config`."""
    return _section(Config, dict(made), where, "")


def recorded_with(config: Config, kept: Mapping[str, Any], where: str) -> Config:
    """Return `config` with the thresholds and alerts a recording was made with, where it holds them.

    Parameters
    ----------
    config
        What is in force now.
    kept
        The settings in the recording's header; a key of another version is left out.
    where
        Names the recording.

    Raises
    ------
    ConfigError
        A value of a wrong kind.
    """
    then = {
        name: {key: value for key, value in kept[name].items() if key in known}
        for name, known in (("pipeline", PipelineSettings.__slots__), ("alerts", AlertSettings.__slots__))
        if isinstance(kept.get(name), dict)
    }
    made = config_from(then, where)
    return dataclasses.replace(config, **{name: getattr(made, name) for name in then})


def _section(kind: type[_T], made: Any, where: str, name: str) -> _T:
    if not isinstance(made, dict):
        raise ConfigError(f"{where}: {name} is a section, write [{name}]")
    hints = get_type_hints(kind)
    known = [f.name for f in dataclasses.fields(kind)]  # type: ignore[arg-type]
    values: dict[str, Any] = {}
    for key, value in made.items():
        full = f"{name}.{key}" if name else key
        if key not in known:
            near = get_close_matches(key, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known here: {', '.join(known)}"
            raise ConfigError(f"{where}: unknown key {full}: {hint}")
        values[key] = _value(hints[key], value, where, full)
    try:
        return kind(**values)
    except (ValueError, ConfigError) as wrong:
        raise ConfigError(f"{where}: {name or 'configuration'}: {wrong}") from wrong


def _value(hint: Any, value: Any, where: str, name: str) -> Any:
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return _section(hint, value, where, name)
    for kind in get_args(hint) or (hint,):
        if kind is float and isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
        if kind is Path and isinstance(value, str):
            return Path(value).expanduser()
        if isinstance(kind, type) and issubclass(kind, StrEnum) and isinstance(value, str):
            if value in list(kind):
                return kind(value)
            raise ConfigError(f"{where}: {name} is one of {', '.join(kind)}, not {value!r}")
        if isinstance(kind, type) and type(value) is kind:
            return value
    wanted = " or ".join(_WORDS[kind] for kind in get_args(hint) or (hint,) if kind in _WORDS)
    raise ConfigError(f"{where}: {name} should be {wanted or 'something else'}, not {value!r}")


_WORDS = {float: "a number", int: "a whole number", bool: "true or false", str: "a text", Path: "a path"}
"""What a kind of value is to a person."""
