"""What is in force: the command line before the environment before the file before the default."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from scimproof.catalog.loader import load_catalog
from scimproof.catalog.senders import default_sender, read_senders
from scimproof.core.errors import UsageError
from scimproof.core.paths import knowledge_root, working_folder
from scimproof.core.toml_source import Keys, TomlFile
from scimproof.settings import environment as variables
from scimproof.settings import file
from scimproof.settings.consent import Consent, consent
from scimproof.settings.definition import Kind, Setting
from scimproof.settings.file import HeaderFromEnv, Stated
from scimproof.settings.table import of
from scimproof.target.target import parse_header, parse_url

EMBEDDED, DEFAULT = "embedded", "default"
TYPED = "the command line"  # where something is from that has no option
PROFILE = ("run", "profile")
URL = ("target", "url")


@dataclass(frozen=True)
class EffectiveSettings:
    """The value of every setting of a command and where it comes from, both by the name in the code.

    `where` is the option, the variable, file and line, or "default". `path` is the file, if there is one.
    `note` says what of the file is left out because it is about another server. `consent` is what has to be
    agreed to before anything is done with the values, None where the file does nothing of that kind.
    """

    values: Mapping[str, Any]
    where: Mapping[str, str]
    path: Path | None = None
    note: str = ""
    consent: Consent | None = None

    @property
    def target(self) -> str | None:
        """The URL of the server under test; None for the embedded one."""
        url = self.values["target"]
        return None if url in ("", None, EMBEDDED) else str(url)


def in_force(
    command: str,
    flags: Mapping[str, Any],
    environment: Mapping[str, str],
    *,
    config: Path | None = None,
    folder: Path | None = None,
) -> EffectiveSettings:
    """What is in force for a command that was given these flags; UsageError for what cannot be meant."""
    path = file.find(folder or working_folder(), environment, config)
    opened = TomlFile(path) if path else None
    whole = file.said_in(opened) if opened else {}
    told = dict(variables.read(environment))
    settings = of(command)
    filed, note = _about(whole, _url(settings, flags, told))
    said = {**filed, **told}
    values, where = {}, {}
    for each in settings:
        found = said.get(each.keys)
        if each.name in flags:
            values[each.name], where[each.name] = flags[each.name], each.option or TYPED
        elif found:
            values[each.name], where[each.name] = found.value, found.where
            _check(each, found)
        else:
            values[each.name], where[each.name] = default_of(each), DEFAULT
    if "token_file" in values and values["token_file"] and where["token_file"] != DEFAULT:
        _one_secret(values, where)
    acting = {
        each.keys for each in settings if each.keys in filed and where[each.name] == filed[each.keys].where
    }
    asked = consent(opened, whole, acting) if opened else None
    return EffectiveSettings(values, where, path, note, asked)


def headers(said: Iterable[str | HeaderFromEnv], environment: Mapping[str, str]) -> tuple[str, ...]:
    """The headers with what environment variables hold; UsageError when one of these is not set."""
    return tuple(one if isinstance(one, str) else one.line(environment) for one in said)


def _one_secret(values: dict[str, Any], where: dict[str, str]) -> None:
    """A token file that somebody names for this run stands above the variable that scimproof.toml names."""
    values["token_env"], where["token_env"] = "", DEFAULT


def default_of(setting: Setting) -> Any:
    """What holds where nobody says anything; the profile is that of the default sender."""
    if setting.keys == PROFILE:
        return default_sender(read_senders(knowledge_root() / "suites")).profile
    if setting.kind is Kind.FOLDER:
        return Path(setting.default)
    if setting.kind is Kind.FLAG:
        return False
    return setting.default


def _url(settings: tuple[Setting, ...], flags: Mapping[str, Any], told: Mapping[Keys, Stated]) -> str | None:
    """The target that the command line or the environment names."""
    if any(each.name == "target" for each in settings) and "target" in flags:
        return str(flags["target"])
    return str(told[URL].value) if URL in told else None


def _about(filed: dict[Keys, Stated], url: str | None) -> tuple[dict[Keys, Stated], str]:
    """The file without what is about another server: its secrets are not for this one."""
    mine = filed.get(URL)
    if url is None or mine is None or _origin(url) == _origin(mine.value):
        return filed, ""
    rest = {keys: said for keys, said in filed.items() if keys[0] not in ("target", "observer")}
    if len(filed) - len(rest) == 1 or url in ("", EMBEDDED):
        return rest, ""
    said = "[target] and [observer]" if any(keys[0] == "observer" for keys in filed) else "[target]"
    return rest, f"{mine.where}: {said} is about {mine.value}, and not used for another server"


def _origin(url: str) -> tuple[str, str | None, int | None]:
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname, parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    except ValueError:
        return url, None, None


def _check(setting: Setting, said: Stated) -> None:
    """Refuse, where it was said, what only the rest of the engine knows to be wrong."""
    try:
        if setting.kind is Kind.URL and said.value != EMBEDDED:
            parse_url(said.value, query=True)
        elif setting.kind is Kind.HEADERS:
            for header in said.value:
                parse_header(header if isinstance(header, str) else f"{header.name}: set")
        elif setting.keys == PROFILE:
            load_catalog().profile(said.value)
        elif setting.keys in (("run", "sequences"), ("load", "mix")):
            load_catalog().select([word.partition("=")[0] for word in said.value])
    except UsageError as problem:
        raise UsageError(f"{said.where}: {problem}") from None
