"""SCIM paths of mapped attributes, and resources made of such paths in a sender's key order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from scimproof.core.http_message import Json
from scimproof.core.scim import CORE_USER

NAME = r"[A-Za-z][A-Za-z0-9_-]*"
PATH = re.compile(
    rf'(?:(?P<urn>urn:[^\s"]+):)?(?P<attribute>{NAME})'
    rf'(?:\[(?P<by>type|primary) eq (?:"(?P<type>[^"\\]+)"|(?P<primary>true))\])?(?:\.(?P<part>{NAME}))?'
)
URN = "urn"  # stands for the extensions in an order of keys


@dataclass(frozen=True, slots=True)
class AppPath:
    """A path: `attribute`, `attribute.part`, `attribute[type eq "type"].part`, each below a `urn` or none.

    Of a `listed` attribute the `type` is empty where the path says only that the entry is the primary one.
    """

    urn: str
    attribute: str
    part: str = ""
    listed: bool = False
    type: str = ""


def parsed(text: str) -> AppPath | None:
    """The path that this text is, None for none; the URN of the core schema is left out."""
    found = PATH.fullmatch(text)
    by = found and found["by"]
    if not found or (by == "type") != bool(found["type"]) or (by and not found["part"]):
        return None
    urn = "" if found["urn"] == CORE_USER else found["urn"] or ""
    return AppPath(urn, found["attribute"], found["part"] or "", bool(by), found["type"] or "")


def paths_in(body: Mapping[str, Json], lists: Mapping[str, Iterable[str]]) -> dict[str, Json]:
    """The values of a user's body by path, in the body's order; parts of `lists` by the type of their entry.

    What follows from a path (whether an entry is the primary one, its type) is no value of its own.
    """
    found: dict[str, Json] = {}
    for key, value in body.items():
        if key in lists and isinstance(value, list):
            for entry in value:
                found |= _entry(key, entry)
        elif isinstance(value, dict):
            mark = ":" if key.startswith("urn:") else "."
            for part, inner in value.items():
                deeper = inner.items() if isinstance(inner, dict) else ((None, inner),)
                found |= {f"{key}{mark}{part}" + (f".{name}" if name else ""): one for name, one in deeper}
        else:
            found[key] = value
    return found


def _entry(key: str, entry: Json) -> dict[str, Json]:
    if not isinstance(entry, dict):
        return {}
    by = f'type eq "{entry["type"]}"' if entry.get("type") else "primary eq true"
    return {f"{key}[{by}].{part}": one for part, one in entry.items() if part not in ("primary", "type")}


def resource_of(values: Mapping[str, Json], lists: Mapping[str, Iterable[str]]) -> dict[str, Json]:
    """The attributes of a user with these values by path: complex ones, lists and extensions put together."""
    body: dict[str, Json] = {}
    entries: dict[tuple[str, str], dict[str, Json]] = {}
    for text, value in values.items():
        path = parsed(text)
        assert path is not None, text
        home = body.setdefault(path.urn, {}) if path.urn else body
        if path.listed:
            entry = entries.get((path.attribute, path.type))
            if entry is None:
                entry = entries[path.attribute, path.type] = {}
                home.setdefault(path.attribute, []).append(entry)
                entry |= {"primary": len(home[path.attribute]) == 1}
                entry |= {"type": path.type} if path.type else {}
            entry[path.part] = value
        elif path.part:
            home.setdefault(path.attribute, {})[path.part] = value
        else:
            home[path.attribute] = value
    for key, order in lists.items():
        if key in body:
            body[key] = [ordered(entry, order) for entry in body[key]]
    return body


def ordered(entry: Mapping[str, Json], order: Iterable[str]) -> dict[str, Json]:
    """The keys of that order, in it: others are none of an entry's."""
    return {key: entry[key] for key in order if key in entry}


def in_order(body: Mapping[str, Json], order: Iterable[str]) -> dict[str, Json]:
    """The body with its keys in that order, in which `urn` stands for all extensions; others come last."""
    found: dict[str, Json] = {}
    for key in order:
        if key == URN:
            found |= {name: body[name] for name in body if name.startswith("urn:")}
        elif key in body:
            found[key] = body[key]
    return found | {key: value for key, value in body.items() if key not in found}
