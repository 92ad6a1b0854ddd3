"""Finds and reads scimproof.toml; errors have file and line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from scimproof.core.bounds import Range
from scimproof.core.errors import UsageError, did_you_mean
from scimproof.core.toml_source import Keys, TomlFile
from scimproof.settings.definition import Kind, Setting
from scimproof.settings.every_setting import SETTINGS
from scimproof.settings.table import SECTIONS
from scimproof.target.target import SECRET_HEADER

NAME = "scimproof.toml"
NAMED_BY = "SCIMPROOF_CONFIG"
SECRET = re.compile(r"(?i)(^|[_-])(token|passw(or)?d|secret|credentials?|authorization|bearer|api[-_]?key)$")
WEIGHT = Range(0.000001, 1e6)
CONSENT = ("yes", "consent")
SCHEMA = "scimproof.config-1"  # made of the table of settings; which keys, types and ranges there are


@dataclass(frozen=True)
class Stated:
    """A value of a setting, and where it was given: `scimproof.toml:3`, `SCIMPROOF_PROFILE`."""

    value: Any
    where: str


class HeaderFromEnv(NamedTuple):
    """A header whose value is in an environment variable, and where that is stated."""

    name: str
    variable: str
    where: str

    def line(self, environment: Mapping[str, str]) -> str:
        """The header; UsageError when the variable is not set."""
        if not environment.get(self.variable):
            raise UsageError(
                f"{self.where}: {self.name}: the environment variable {self.variable} is not set"
            )
        return f"{self.name}: {environment[self.variable]}"


class Mapped(NamedTuple):
    """One mapped attribute: its SCIM path, what it gets, and where that is stated."""

    path: str
    source: Any
    where: str


def find(start: Path | None, environment: Mapping[str, str], named: Path | None = None) -> Path | None:
    """The file that applies: the one named, else the nearest up to the folder with .git, else none.

    Where nothing above is a repository only `start` is looked at: a file in somebody else's folder must
    not say where a token is sent. Without a `start` there is only the one that is named.
    """
    if named or environment.get(NAMED_BY):
        path = named or Path(environment[NAMED_BY])
        if not path.exists():
            raise UsageError(f"no file {path}, which {'--config' if named else NAMED_BY} names")
        return path
    folders = [start, *start.parents] if start else []
    top = next((place for place, folder in enumerate(folders) if (folder / ".git").exists()), 0)
    return next((folder / NAME for folder in folders[: top + 1] if (folder / NAME).is_file()), None)


def read(path: Path) -> dict[Keys, Stated]:
    """The settings in the file, by section and key; UsageError with file and line for what is wrong."""
    return said_in(TomlFile(path))


def said_in(file: TomlFile) -> dict[Keys, Stated]:
    """As `read`, of a file that is already open."""
    return dict(_SettingsReader(file).said())


@dataclass
class _SettingsReader:
    file: TomlFile

    def said(self) -> Iterator[tuple[Keys, Stated]]:
        data, known = self.file.data, {each.keys: each for each in SETTINGS}
        self._no_secrets(data, "")
        for section in SECTIONS:
            self._no_secrets(data.get(section), section)
        self._homes(data)
        self.file.hold_to(SCHEMA)
        for section, table in data.items():
            for key, value in table.items():
                keys = (section, key)
                yield keys, Stated(self._value(known[keys], value), self.file.where(keys))
        if {"token_env", "token_file"} <= set(data.get("target", {})):
            self.file.refuse(("target", "token_file"), "token_env says where the secret is: leave one out")

    def _homes(self, data: Mapping[str, Any]) -> None:
        """Refuse a setting outside the sections, with the section where it belongs."""
        for key in data:
            homes = [f"[{each.section}]" for each in SETTINGS if each.key == key]
            if key not in SECTIONS and homes:
                self.file.refuse((key,), f"{key} belongs below {' or '.join(homes)}")

    def _no_secrets(self, table: object, section: str) -> None:
        for key in table if isinstance(table, dict) else ():
            keys = (section, key) if section else (key,)
            if SECRET.search(key):
                self.file.refuse(
                    keys,
                    f"{key}: a secret does not stand in this file; put it into an environment variable, and "
                    'name that below [target], as token_env = "MY_TOKEN"',
                )
            if key in CONSENT:
                self.file.refuse(
                    keys, f"{key} does not stand in this file: whoever starts the run agrees, with --yes"
                )

    def _value(self, setting: Setting, value: Any) -> Any:  # noqa: PLR0911 - one a kind
        match setting.kind:
            case Kind.FLAG | Kind.SWITCH | Kind.NUMBER:
                return value
            case Kind.TEXTS:
                return tuple(value)
            case Kind.WORDS:
                first, *rest = value or ("",)
                beside = self.file.path.parent.absolute()
                return (str(beside / first) if first.startswith(".") else first, *rest)
            case Kind.HEADERS:
                return tuple(self._headers(value, setting.keys))
            case Kind.WEIGHTS:
                return tuple(f"{id}={weight}" for id, weight in value.items())
            case Kind.LIMITS:
                return self.file
            case Kind.MAPPINGS:
                places = {path: self.file.where((*setting.keys, path)) for path in value}
                return tuple(Mapped(path, source, places[path]) for path, source in value.items())
            case _:
                return self._text(setting, value)

    def _text(self, setting: Setting, text: str) -> Any:
        keys, beside = setting.keys, self.file.path.parent
        if setting.kind is Kind.URL and urlsplit(text).password is not None:
            self.file.refuse(keys, f"credentials do not belong into {setting.key}; see auth and token_env")
        if setting.kind is Kind.FILE and not (beside / text).is_file():
            self.file.refuse(keys, f"{setting.key}: no file {beside / text}")
        if setting.kind in (Kind.FILE, Kind.FOLDER):
            return beside / text
        if setting.kind is Kind.PLAN and (text.endswith(".toml") or "/" in text):
            return str(beside / text)
        return text

    def _headers(self, headers: Mapping[str, Any], keys: Keys) -> Iterator[str | HeaderFromEnv]:
        for name, value in headers.items():
            at = (*keys, name)
            if isinstance(value, dict):
                yield HeaderFromEnv(name, value["env"], self.file.where(at))
            elif SECRET_HEADER.search(name):
                hint = f'{name} = {{ env = "NAME" }}'
                self.file.refuse(at, f"{name} looks like a secret, which does not stand in this file: {hint}")
            else:
                yield f"{name}: {value}"


def amiss(setting: Setting, text: str) -> str:
    """The error for a text that is none of the choices."""
    return f"should be {', '.join(setting.choices)}, not {text!r}{near(setting, text)}"


def near(setting: Setting, text: str) -> str:
    """The hint `; did you mean ...?` where one of the choices is similar."""
    said = did_you_mean(text, setting.choices)
    return said if "mean" in said else ""
