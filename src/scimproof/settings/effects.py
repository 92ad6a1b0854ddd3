"""What a scimproof.toml makes a command send, read, start and write.

Such a file comes with a repository, and whoever cloned one has not read it. It may choose among what
scimproof would do anyway; its user is to know of everything else before it happens. A server on this machine
is no exception: who listens there may be another user's, or a container that came with the same repository.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scimproof.catalog.submission import submissions
from scimproof.core.auth_modes import OAUTH, AuthMode, chosen
from scimproof.core.escaping import line
from scimproof.core.paths import knowledge_root, shown
from scimproof.core.toml_source import Keys
from scimproof.observer.factory import choice
from scimproof.settings.file import HeaderFromEnv, Stated

EMBEDDED = "embedded"
# Settings without such an effect, whatever their value; one in none of these tables needs consent.
HARMLESS: Mapping[str, frozenset[str]] = {
    "target": frozenset({"auth", "user", "client_id", "scope", "timeout", "groups"}),
    "run": frozenset(
        {"sequences", "profile", "parallel", "budget", "seed", "include_inferred", "strict", "explore"}
        | set(submissions())
    ),
    "explore": frozenset({"actions", "budget", "at_once", "shrink_requests"}),
    "load": frozenset(
        {"mix", "profile", "rate", "stages", "factor", "duration", "arrivals", "prefill", "closed", "users"}
        | {"processes", "thresholds", "abort_if", "strict", "csv", "step_duration", "max_rate"}
    ),
    "record": frozenset({"hide", "keep_host"}),
    "observer": frozenset({"seconds"}),
    "app": frozenset({"user_name", "actions", "push_batch", "mappings"}),
}
ALWAYS_TOLD = {
    "ca_bundle": "trust the CAs in",
    "client_cert": "show the client certificate in",
    "client_key": "use the private key in",
    "token_file": "read the credentials from",
}
TOLD_ELSEWHERE = {"out": "write reports into", "waivers": "read", "baseline": "read", "plan": "read"}
LONG = 2000  # characters of one effect that are shown


@dataclass(frozen=True)
class Effect:
    """One thing that a file makes a command do, as the end of a sentence that begins with "it would".

    With `asks` it needs consent. `path` is the real path of a path in the file.
    """

    keys: Keys
    text: str
    asks: bool = True
    path: str = ""


def effects(stated: Mapping[Keys, Stated], folder: Path) -> Iterator[Effect]:
    """All effects of a file in that folder, in the order of the file's sections."""
    ways = {"target": _target, "run": _files, "load": _load, "record": _record, "observer": _observer}
    for keys, one in stated.items():
        section, key = keys
        if key not in HARMLESS[section]:
            yield from ways[section](keys, one.value, stated, folder)


def _target(keys: Keys, value: Any, stated: Mapping[Keys, Stated], _: Path) -> Iterator[Effect]:
    match keys[1]:
        case "url" if value != EMBEDDED:
            yield Effect(keys, f"send {_credentials(stated)} to {_plain(value)}")
        case "url":
            return
        case "token_env":
            asks = value not in _auth(stated).variables
            yield Effect(keys, f"read the environment variable {value}, for the target", asks)
        case "other_token_env":
            yield Effect(keys, f"send what {value} holds to the target, as another tenant's token")
        case "token_url":
            yield Effect(keys, f"send the client's id and secret to {_plain(value)}")
        case "headers":
            yield from (Effect(keys, f"send {_header(header)}, with every request") for header in value)
        case "insecure" if value:
            yield Effect(keys, "check no certificate, so that the credentials go to whoever answers")
        case "insecure":
            return
        case _:
            yield _file(keys, value, ALWAYS_TOLD.get(keys[1], f"use, as {keys[1]},"))


def _files(keys: Keys, value: Any, _: Mapping[Keys, Stated], folder: Path) -> Iterator[Effect]:
    """Effects of paths: consent is asked for those outside the file's own folder."""
    if keys[1] == "plan" and not Path(value).is_absolute() and os.sep not in value:
        return  # the name of one that is shipped
    found = _file(keys, value, TOLD_ELSEWHERE.get(keys[1], f"use, as {keys[1]},"))
    inside = keys[1] in TOLD_ELSEWHERE and Path(found.path).is_relative_to(os.path.realpath(folder))
    if not (inside and keys[1] == "out"):
        yield Effect(keys, found.text, not inside, found.path)


def _load(keys: Keys, value: Any, stated: Mapping[Keys, Stated], folder: Path) -> Iterator[Effect]:
    match keys[1]:
        case "otlp" if value == "env":
            yield Effect(keys, "export metrics to where OTEL_EXPORTER_OTLP_ENDPOINT says")
        case "otlp":
            yield Effect(keys, f"export metrics, with OTEL_EXPORTER_OTLP_HEADERS, to {_plain(value)}")
        case "prometheus":
            yield Effect(keys, f"serve metrics on {_plain(value)}")
        case _:
            yield from _files(keys, value, stated, folder)


def _record(keys: Keys, value: Any, stated: Mapping[Keys, Stated], folder: Path) -> Iterator[Effect]:
    if keys[1] == "listen":
        yield Effect(keys, f"listen on {_plain(value)}, and pass on what comes there")
    else:
        yield from _files(keys, value, stated, folder)


def _observer(keys: Keys, value: Any, _: Mapping[Keys, Stated], __: Path) -> Iterator[Effect]:
    match keys[1]:
        case "command":
            yield _program(keys, value)
        case "name":
            chosen = choice(value, knowledge_root())
            if chosen.name:
                variables = "SCIMPROOF_OBSERVER_CLIENT_ID and SCIMPROOF_OBSERVER_CLIENT_SECRET"
                yield Effect(keys, f"send what {variables} hold to the observer {_plain(value)}")
            else:
                yield _program(keys, chosen.command)
        case "token_url":
            yield Effect(keys, f"send the observer's client id and secret to {_plain(value)}")
        case "url":
            yield Effect(keys, f"send the observer's access token to {_plain(value)}")
        case _:
            yield Effect(keys, f"use, as {keys[1]} of the observer, {_plain(value)}")


def _auth(stated: Mapping[Keys, Stated]) -> AuthMode:
    """The mode of authentication in the file."""
    named, endpoint = stated.get(("target", "auth")), stated.get(("target", "token_url"))
    return chosen(str(named.value) if named else None, str(endpoint.value) if endpoint else None)


def _credentials(stated: Mapping[Keys, Stated]) -> str:
    """The environment variables whose values the file sends to its server."""
    mode, named = _auth(stated), stated.get(("target", "token_env"))
    if mode is OAUTH:
        return "an access token"
    if ("target", "token_file") in stated:
        return "the credentials"
    variables = (*mode.variables[:-1], named.value if named else mode.secret)
    return f"what {' and '.join(variables)} {'hold' if len(variables) > 1 else 'holds'}"


def _header(header: str | HeaderFromEnv) -> str:
    if isinstance(header, HeaderFromEnv):
        return f"what the environment variable {header.variable} holds, as the header {header.name}"
    return f"the header {_plain(header)!r}"


def _file(keys: Keys, value: Any, use: str) -> Effect:
    leads = os.path.realpath(value)
    return Effect(keys, f"{use} {_plain(shown(Path(leads)))}", path=leads)


def _program(keys: Keys, words: tuple[str, ...]) -> Effect:
    """The start of a program, with its exact arguments."""
    leads = os.path.realpath(words[0]) if words and os.sep in words[0] else ""
    return Effect(keys, f"start the program {_plain(shlex.join(words))}", path=leads)


def _plain(text: str) -> str:
    """The text with control and invisible characters escaped."""
    return line(text, LONG)
