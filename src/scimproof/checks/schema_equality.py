"""Equality of values by what their schema says of the attribute (RFC 7643 sections 2.2 to 2.5)."""

from __future__ import annotations

import base64
import binascii
import math
import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from scimproof.core.discovery import COMMON, Attribute, Discovery, ResourceType
from scimproof.core.http_message import Json

NOTHING: tuple[Json, ...] = (None, [], {})
VERSION = re.compile(r"/v\d+(?=/)")
# What follows from another attribute, or what a server may add to an element by itself.
FOLLOWS = ("display", "$ref", "formatted")


def nothing(value: Json) -> bool:
    """Whether an attribute has no value: absent, null, [] and {} are one (RFC 7643 section 2.5)."""
    return value in NOTHING and value is not False and value != 0


def equal(sent: Json, shown: Json, attribute: Attribute | None = None) -> bool:
    """Whether what is shown is what was sent, by the characteristics of the attribute.

    Of a complex value only the sub-attributes that were sent count; the elements of a list have no order.
    Without an `attribute`, letter case counts.
    """
    if nothing(sent) or nothing(shown):
        return nothing(sent) and nothing(shown)
    if isinstance(sent, list) or isinstance(shown, list):
        return _equal_lists(sent, shown, attribute)
    if isinstance(sent, Mapping) or isinstance(shown, Mapping):
        return _equal_complex(sent, shown, attribute)
    return _equal_values(sent, shown, attribute)


def _equal_lists(sent: Json, shown: Json, attribute: Attribute | None) -> bool:
    if not isinstance(sent, list) or not isinstance(shown, list) or len(sent) != len(shown):
        return False
    left = list(shown)
    for one in sent:
        found = next((place for place, other in enumerate(left) if equal(one, other, attribute)), None)
        if found is None:
            return False
        left.pop(found)
    return True


def _equal_complex(sent: Json, shown: Json, attribute: Attribute | None) -> bool:
    if not isinstance(sent, Mapping) or not isinstance(shown, Mapping):
        return False
    found = {key.lower(): value for key, value in shown.items()}
    return all(
        equal(value, found.get(key.lower()), attribute.sub(key) if attribute else None)
        for key, value in sent.items()
        if not nothing(value) and not (key.lower() == "primary" and value is False)
    )


def _equal_values(sent: Json, shown: Json, attribute: Attribute | None) -> bool:
    if isinstance(sent, bool) or isinstance(shown, bool):
        return sent is shown
    if isinstance(sent, int | float) and isinstance(shown, int | float):
        whole = attribute is not None and attribute.type == "integer"
        same_kind = isinstance(sent, int) == isinstance(shown, int)
        return math.isclose(sent, shown, rel_tol=1e-12) and (same_kind or not whole)
    if not isinstance(sent, str) or not isinstance(shown, str):
        return bool(sent == shown)
    kind = attribute.type if attribute else "string"
    if kind == "dateTime":
        return same_instant(sent, shown)
    plain: Callable[[str], Json] = {"binary": _bytes, "reference": _place}.get(
        kind, lambda text: _text(text, attribute)
    )
    return bool(plain(sent) == plain(shown))


def _text(value: str, attribute: Attribute | None) -> str:
    text = unicodedata.normalize("NFC", value)
    if attribute is None:
        return text
    if attribute.parent.lower() == "phonenumbers" and attribute.name.lower() == "value":
        return re.sub(r"[^0-9+;=a-z]", "", text.casefold().removeprefix("tel:"))
    return text if attribute.case_exact else text.casefold()


def _bytes(value: str) -> bytes | str:
    text = value.replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return value


def _place(value: str) -> str:
    """A reference without scheme, host and version segment."""
    return VERSION.sub("", urlsplit(value).path).rstrip("/") or value


def instant(value: Json) -> datetime | None:
    """A dateTime as an instant; without a zone it is UTC. None for what is no date with a time."""
    if not isinstance(value, str) or not re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d", value):
        return None
    try:
        found = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", value))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def precision(value: str) -> timedelta:
    """The unit in which a dateTime is written: a second, or a part of it."""
    fraction = re.search(r"\.(\d+)", value)
    return timedelta(seconds=10.0 ** -min(len(fraction[1]), 6)) if fraction else timedelta(seconds=1)


def same_instant(one: Json, other: Json) -> bool:
    """Whether two dateTimes are one instant, within the coarser precision of the two."""
    first, second = instant(one), instant(other)
    if first is None or second is None:
        return bool(one == other)
    return abs(first - second) < max(precision(one), precision(other)) or first == second


def changed(
    before: Json, after: Json, discovery: Discovery | None, type: ResourceType | None, *, whole: bool = False
) -> Iterator[str]:
    """The paths of attributes whose values differ between two answers that show one resource.

    meta counts with `whole` only; display, $ref and formatted follow other values and never count.
    """
    first, second = dict(_leaves(before)), dict(_leaves(after))
    for path in sorted({*first, *second}):
        one, other = first.get(path), second.get(path)
        head = path.partition(".")[0]
        if head in ("schemas", "meta") and not (whole and path in ("meta.lastmodified", "meta.version")):
            continue
        if path.rpartition(".")[2] in FOLLOWS:
            continue
        attribute = discovery.attribute(type, path) if discovery and type and head not in COMMON else None
        if path == "meta.lastmodified":  # an answer to a write may show it more precisely than what is stored
            attribute = Attribute("lastModified", parent="meta", type="dateTime")
        if not equal(_plain(one), _plain(other), attribute):
            yield path


def _leaves(body: Json, before: str = "") -> Iterator[tuple[str, Json]]:
    """The attributes by path in lower case (`name.givenname`, `urn:…:user:department`)."""
    for key, value in body.items() if isinstance(body, Mapping) else ():
        path = f"{before}{key.lower()}"
        if isinstance(value, Mapping):
            yield from _leaves(value, path + (":" if path.startswith("urn:") and ":" not in before else "."))
        else:
            yield path, value


def _plain(value: Json) -> Json:
    """A list without what follows other values in its elements."""
    if not isinstance(value, list):
        return value
    return [
        {key: one for key, one in entry.items() if key.lower() not in FOLLOWS}
        if isinstance(entry, Mapping)
        else entry
        for entry in value
    ]


def only(paths: Collection[str], named: Collection[str]) -> list[str]:
    """Those of the paths that are neither one of the named attributes, nor below or above one."""
    lower = [name.lower() for name in named]
    return [path for path in paths if not any(_concerns(path.lower(), name) for name in lower)]


def _concerns(path: str, name: str) -> bool:
    return (
        path == name or path.startswith((f"{name}.", f"{name}:")) or name.startswith((f"{path}.", f"{path}:"))
    )
