"""Effective settings: the command line before the environment before the file before the default.

Also what several settings describe together: how a target is reached, and which observer is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from scimproof.catalog.app import AppError, AppSettings
from scimproof.catalog.loader import Catalog, load_catalog
from scimproof.catalog.own_app import rules_for
from scimproof.catalog.senders import Sender, default_sender, read_senders
from scimproof.core.errors import UsageError
from scimproof.core.paths import knowledge_root, working_folder
from scimproof.core.toml_source import Keys, TomlFile
from scimproof.observer.factory import Choice, choice
from scimproof.settings import environment as variables
from scimproof.settings import file
from scimproof.settings.consent import Consent, consent
from scimproof.settings.definition import Kind, Setting
from scimproof.settings.every_setting import of
from scimproof.settings.file import HeaderFromEnv, Stated
from scimproof.target.options import TargetOptions
from scimproof.target.target import parse_header, parse_url

EMBEDDED, DEFAULT = "embedded", "default"
TYPED = "the command line"  # origin of a value on the command line that has no option
PROFILE = ("run", "profile")
HEADERS = ("target", "headers")
URL = ("target", "url")


@dataclass(frozen=True)
class EffectiveSettings:
    """The effective settings of a command: `values[name]` and `where[name]`, by the name in the code.

    `where` is the option, the variable, file and line, or "default". `path` is the file, if there is one.
    `note` says which settings of the file are not used because they are about another server. `consent` is
    the consent that the file needs, None for none.
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


def effective_settings(
    command: str,
    flags: Mapping[str, Any],
    environment: Mapping[str, str],
    *,
    config: Path | None = None,
    folder: Path | None = None,
) -> EffectiveSettings:
    """The effective settings of a command with these flags; UsageError for what cannot be used."""
    path = file.find(folder or working_folder(), environment, config)
    opened = TomlFile(path) if path else None
    whole = file.said_in(opened) if opened else {}
    in_environment = dict(variables.read(environment))
    settings = of(command)
    filed, note = _for_this_server(whole, _url(settings, flags, in_environment))
    stated = {**filed, **in_environment}
    values, where = {}, {}
    for each in settings:
        found = stated.get(each.keys)
        if each.name in flags:
            values[each.name], where[each.name] = flags[each.name], each.option or TYPED
        elif found:
            values[each.name], where[each.name] = found.value, found.where
            _validate(each, found)
        else:
            values[each.name], where[each.name] = default_of(each), DEFAULT
    if HEADERS in stated:
        _not_the_senders(stated[HEADERS], values.get("profile"))
    _check_app(values, where)
    if "token_file" in values and values["token_file"] and where["token_file"] != DEFAULT:
        _one_secret(values, where)
    acting = {
        each.keys for each in settings if each.keys in filed and where[each.name] == filed[each.keys].where
    }
    asked = consent(opened, whole, acting) if opened else None
    return EffectiveSettings(values, where, path, note, asked)


def target_options(
    target: str | None, given: dict[str, Any], environment: Mapping[str, str]
) -> TargetOptions | None:
    """How the target is reached, None without a target; takes the settings about that out of `given`.

    UsageError when a header's value is to come from an environment variable that is not set.
    """
    fields = {name: given.pop(name) for name in TargetOptions.__dataclass_fields__ if name in given}
    if not target:
        return None
    fields["headers"] = _headers(fields.get("headers", ()), environment)
    stated: dict[str, Any] = {name: value for name, value in fields.items() if value or value is False}
    return TargetOptions(url=target, **stated)


def observer_choice(given: dict[str, Any], root: Path) -> Choice | None:
    """The observer that is asked, None for none; takes the settings about it out of `given`.

    `root` is the folder of the knowledge (suites/observers). UsageError when two observers are named.
    """
    text, words, token_url, url, seconds = (
        given.pop(f"observer{part}") for part in ("", "_command", "_token_url", "_url", "_seconds")
    )
    if text and words:
        raise UsageError("[observer] has a name and a command, or --observer was given too: leave one out")
    if not text and not words:
        return None
    chosen = choice(text, root) if text else Choice(command=tuple(words))
    return replace(chosen, token_url=token_url, url=url, seconds=seconds)


def app_settings(given: dict[str, Any]) -> AppSettings:
    """How one's own app is set up; takes the settings about it out of `given`."""
    user_name, mappings, actions, batch = (
        given.pop(f"app_{part}") for part in ("user_name", "mappings", "actions", "push_batch")
    )
    return AppSettings(
        user_name=user_name,
        mappings=None if mappings is None else {one.path: one.source for one in mappings},
        actions=actions,
        push_batch=batch,
    )


def _check_app(values: Mapping[str, Any], where: Mapping[str, str]) -> None:
    """Refuse, where it was said, what an app of the sender cannot be."""
    stated = {name: value for name, value in values.items() if name.startswith("app_")}
    settings = app_settings(dict(stated)) if stated else AppSettings()
    if not settings:
        return
    catalog = load_catalog()
    senders = [one for one in _senders(catalog, values.get("profile")) if one.id in catalog.apps]
    try:
        for sender in senders or _senders(catalog, values.get("profile"))[:1]:
            rules_for(catalog, sender).app(settings)
    except AppError as problem:
        places = {one.path: one.where for one in stated["app_mappings"] or ()}
        at = places.get(problem.path, where[f"app_{problem.key}"])
        raise UsageError(f"{at}: {problem}") from None
    except UsageError as problem:
        first = next(where[name] for name, value in stated.items() if value is not None)
        raise UsageError(f"{first}: {problem}") from None


def _headers(stated: Iterable[str | HeaderFromEnv], environment: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(one if isinstance(one, str) else one.line(environment) for one in stated)


def _not_the_senders(said: Stated, profile: str | None) -> None:
    """Refuse, where it was said, a header that the sender's own requests carry."""
    for sender in _senders(load_catalog(), profile):
        for header in said.value:
            name = (header.partition(":")[0] if isinstance(header, str) else header.name).strip()
            if name.lower() in sender.headers:
                raise UsageError(f"{said.where}: {name}: {sender.name} sends that header itself")


def _senders(catalog: Catalog, profiles: str | None) -> list[Sender]:
    """The senders of these profiles, each once; the default one where none is named."""
    named = catalog.profiles_in(profiles) if profiles else [None]
    return list({(sender := catalog.sender(one)).id: sender for one in named}.values())


def _one_secret(values: dict[str, Any], where: dict[str, str]) -> None:
    """Let a token file named for this run take precedence over the variable named in scimproof.toml."""
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


def _url(
    settings: tuple[Setting, ...], flags: Mapping[str, Any], in_environment: Mapping[Keys, Stated]
) -> str | None:
    """The target on the command line or in the environment."""
    if any(each.name == "target" for each in settings) and "target" in flags:
        return str(flags["target"])
    return str(in_environment[URL].value) if URL in in_environment else None


def _for_this_server(filed: dict[Keys, Stated], url: str | None) -> tuple[dict[Keys, Stated], str]:
    """The file's settings without those about another server, whose secrets must not reach this one."""
    own = filed.get(URL)
    if url is None or own is None or _origin(url) == _origin(own.value):
        return filed, ""
    rest = {keys: stated for keys, stated in filed.items() if keys[0] not in ("target", "observer")}
    if len(filed) - len(rest) == 1 or url in ("", EMBEDDED):
        return rest, ""
    sections = "[target] and [observer]" if any(keys[0] == "observer" for keys in filed) else "[target]"
    return rest, f"{own.where}: {sections} is about {own.value}, and not used for another server"


def _origin(url: str) -> tuple[str, str | None, int | None]:
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname, parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    except ValueError:
        return url, None, None


def _validate(setting: Setting, stated: Stated) -> None:
    """Refuse, with its place, a value that only the catalog or the target package knows to be wrong."""
    try:
        if setting.kind is Kind.URL and stated.value != EMBEDDED:
            parse_url(stated.value, query=True)
        elif setting.kind is Kind.HEADERS:
            for header in stated.value:
                parse_header(header if isinstance(header, str) else f"{header.name}: set")
        elif setting.keys == PROFILE:
            load_catalog().profiles_in(stated.value)
        elif setting.keys in (("run", "sequences"), ("load", "mix")):
            load_catalog().select([word.partition("=")[0] for word in stated.value])
    except UsageError as problem:
        raise UsageError(f"{stated.where}: {problem}") from None
