"""Equality of values by what their schema says of the attribute (RFC 7643 sections 2.2 to 2.5)."""

from __future__ import annotations

import base64
import binascii
import math
import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from scimproof.core.discovery import COMMON, Attribute, Discovery, ResourceType
from scimproof.core.http_message import Json

VERSION = re.compile(r"^v\d+$")
# What follows from another attribute, or what a server may add to an element by itself.
FOLLOWS = ("display", "$ref", "formatted")


def nothing(value: Json) -> bool:
    """Whether an attribute has no value: absent, null, [] and {} are one (RFC 7643 section 2.5).

    A complex attribute has none where none of its sub-attributes has.
    """
    if isinstance(value, Mapping):
        return all(nothing(one) for one in value.values())
    return value is None or value == []


def equal(sent: Json, shown: Json, attribute: Attribute | None = None) -> bool:
    """Whether what is shown is what was sent, by the characteristics of the attribute.

    Of a complex value only the sub-attributes that were sent count, of those its schema has. The elements
    of a list have no order. Without an `attribute`, letter case counts.
    """
    if nothing(sent) or nothing(shown):
        return nothing(sent) and nothing(shown)
    if isinstance(sent, list) or isinstance(shown, list):
        return _equal_lists(sent, shown, attribute)
    if isinstance(sent, Mapping) or isinstance(shown, Mapping):
        return _equal_complex(sent, shown, attribute)
    return _equal_values(sent, shown, attribute)


def _equal_lists(sent: Json, shown: Json, attribute: Attribute | None) -> bool:
    """Whether two lists have the same elements; those that say most of themselves choose first."""
    if not isinstance(sent, list) or not isinstance(shown, list) or len(sent) != len(shown):
        return False
    left = list(shown)
    for one in sorted(sent, key=lambda one: -len(one) if isinstance(one, Mapping) else 0):
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
        if not (attribute and attribute.sub_attributes and attribute.sub(key) is None)
    )


def _equal_values(sent: Json, shown: Json, attribute: Attribute | None) -> bool:
    if isinstance(sent, bool) or isinstance(shown, bool):
        return sent is shown
    kind = attribute.type if attribute else "string"
    if isinstance(sent, int | float) and isinstance(shown, int | float):
        return _same_number(sent, shown, whole=kind == "integer")
    if not isinstance(sent, str) or not isinstance(shown, str):
        return False
    if kind == "dateTime":
        return same_instant(sent, shown)
    if kind == "reference" and attribute and not attribute.leads_outside:
        return same_place(sent, shown)
    one, other = ((_bytes(text) if kind == "binary" else _text(text, attribute)) for text in (sent, shown))
    return one == other


def _same_number(one: float, other: float, *, whole: bool) -> bool:
    """Whether two numbers are one; of integers also the way in which they are written counts."""
    if isinstance(one, int) and isinstance(other, int):
        return one == other
    return not whole and math.isclose(one, other, rel_tol=1e-12)


def _text(value: str, attribute: Attribute | None) -> str:
    """The text as it is compared: letter case counts as the schema says, and never in a mail domain."""
    text = unicodedata.normalize("NFC", value)
    dotted = attribute.dotted.lower() if attribute else ""
    if dotted == "phonenumbers.value":
        return re.sub(r"[^0-9+;=a-z]", "", text.casefold().removeprefix("tel:"))
    if attribute is None or attribute.case_exact:
        name, at, domain = text.rpartition("@") if dotted == "emails.value" else (text, "", "")
        return name + at + domain.casefold()
    return text.casefold()


def _bytes(value: str) -> bytes | str:
    text = "".join(value.split()).replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return value


def same_place(one: str, other: str) -> bool:
    """Whether two references lead to one resource: absolute or relative, with a version segment or without.

    Scheme and host do not count: a proxy may have others in front of it. The shorter path is what a relative
    reference says, so that it is the end of the longer one.
    """
    short, long = sorted((_segments(one), _segments(other)), key=len)
    return short == long or (len(short) > 1 and long[-len(short) :] == short)


def _segments(reference: str) -> list[str]:
    """The path of a reference, without dots, empty segments and that of a version."""
    return [one for one in urlsplit(reference).path.split("/") if one.strip(".") and not VERSION.match(one)]


def instant(value: Json) -> datetime | None:
    """A dateTime as an instant; without a zone it is UTC. None for what is no date with a time."""
    if not isinstance(value, str) or not re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d", value):
        return None
    try:
        found = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", value))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def zoned(value: Json) -> bool:
    """Whether a dateTime says in which time zone it is."""
    return isinstance(value, str) and re.search(r"(?:[Zz]|[+-]\d\d:?\d\d)$", value) is not None


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
        if not _unchanged(one, other, attribute):
            yield path


def _unchanged(before: Json, after: Json, attribute: Attribute | None) -> bool:
    """Whether two answers show one value: an element of a list may have got a type, and nothing else."""
    if not equal(_plain(before), _plain(after), attribute):
        return False
    return not isinstance(after, list) or equal(_plain(after, "type"), _plain(before), attribute)


def _leaves(body: Json, before: str = "") -> Iterator[tuple[str, Json]]:
    """The attributes by path in lower case (`name.givenname`, `urn:…:user:department`)."""
    for key, value in body.items() if isinstance(body, Mapping) else ():
        path = f"{before}{key.lower()}"
        if isinstance(value, Mapping):
            yield from _leaves(value, path + (":" if path.startswith("urn:") and ":" not in before else "."))
        else:
            yield path, value


def _plain(value: Json, *beside: str) -> Json:
    """A list without what follows other values in its elements, and without what is named `beside`."""
    if not isinstance(value, list):
        return value
    return [
        {key: one for key, one in entry.items() if key.lower() not in (*FOLLOWS, *beside)}
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
