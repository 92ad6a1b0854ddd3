"""Settings from environment variables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from scimproof.core.errors import UsageError
from scimproof.core.toml_source import Keys
from scimproof.settings.definition import Kind, Setting
from scimproof.settings.every_setting import SETTINGS
from scimproof.settings.file import Stated, amiss

YES, NO = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


def read(environment: Mapping[str, str]) -> Iterator[tuple[Keys, Stated]]:
    """The settings in the environment, by section and key; an empty variable counts as not set."""
    for setting in SETTINGS:
        text = environment.get(setting.variable, "").strip() if setting.variable else ""
        if text:
            yield setting.keys, Stated(_value(setting, text), setting.variable)


def _value(setting: Setting, text: str) -> Any:  # noqa: PLR0911 - one a kind
    match setting.kind:
        case Kind.FLAG | Kind.SWITCH:
            if text.lower() not in (*YES, *NO):
                raise UsageError(f"{setting.variable} should be 1 or 0, not {text!r}")
            return text.lower() in YES
        case Kind.NUMBER:
            return _number(setting, text)
        case Kind.TEXTS | Kind.WEIGHTS:
            return tuple(text.split())
        case Kind.HEADERS:
            return tuple(line.strip() for line in text.splitlines() if line.strip())
        case Kind.FILE:
            if not Path(text).is_file():
                raise UsageError(f"{setting.variable}: no file {text}")
            return Path(text)
        case Kind.FOLDER:
            return Path(text)
        case _:
            if setting.choices and text not in setting.choices:
                raise UsageError(f"{setting.variable} {amiss(setting, text)}")
            return text


def _number(setting: Setting, text: str) -> float:
    try:
        value = int(text) if setting.bounds.whole else float(text)
    except ValueError:
        value = None
    if value is None or not setting.bounds.holds(value):
        raise UsageError(f"{setting.variable} should be {setting.bounds.words}, not {text!r}")
    return value
