"""Equality of two values of one attribute, legal variety aside."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from scimproof.catalog.legal_variety import Form, LegalVariety
from scimproof.core.http_message import Json
from scimproof.state.register import ShownValue, Value
from scimproof.state.request_effects import plain

NOTHING: tuple[Json, ...] = (None, "", [], {})


def canonical(value: Json, form: Form) -> Value:
    """A value in the one form in which two of them are compared."""
    if not isinstance(value, str) or form == "exact":
        return value
    if form == "phone":
        return re.sub(r"[^0-9+a-z;=]", "", value.casefold().removeprefix("tel:"))
    if form == "url":
        parts = urlsplit(value.strip())
        return parts._replace(scheme=parts.scheme.lower(), netloc=parts.netloc.lower()).geturl().rstrip("/")
    text = plain(value)
    return text.replace("_", "-") if form == "language" and isinstance(text, str) else text


def equal(path: str, expected: Value, found: Json, variety: LegalVariety) -> bool:
    """Whether what is shown at that path is what is expected: absent, null and empty are one state."""
    shown = isinstance(expected, ShownValue)
    return _equal(path, expected.value if shown else expected, found, variety, _free(variety, shown=shown))


def unmatched(
    path: str, expected: Value, found: Json, variety: LegalVariety
) -> tuple[list[Json], list[Json]]:
    """The entries of a list that are missing, and those that are too many or different."""
    shown = isinstance(expected, ShownValue)
    wanted = expected.value if shown else expected
    if not isinstance(wanted, list) or not isinstance(found, list):
        return [wanted], [found]
    return _unmatched(path, wanted, found, variety, _free(variety, shown=shown))


def _free(variety: LegalVariety, *, shown: bool) -> frozenset[str]:
    """The parts of an entry that may differ: of what was sent, or of what was shown before."""
    return variety.free if shown else variety.free | variety.chooses


def _equal(path: str, expected: Json, found: Json, variety: LegalVariety, free: frozenset[str]) -> bool:
    if expected in NOTHING or found in NOTHING:
        return expected in NOTHING and found in NOTHING
    if isinstance(expected, list) or isinstance(found, list):
        return _equal_lists(path, expected, found, variety, free)
    if isinstance(expected, bool) or isinstance(found, bool):
        return expected is found
    form = variety.form(path)
    return bool(canonical(expected, form) == canonical(found, form))


def _equal_lists(path: str, expected: Json, found: Json, variety: LegalVariety, free: frozenset[str]) -> bool:
    """Whether each expected entry is there once, and no other."""
    if not isinstance(expected, list) or not isinstance(found, list) or len(expected) != len(found):
        return False
    missing, surplus = _unmatched(path, expected, found, variety, free)
    return not missing and not surplus


def _unmatched(
    path: str, expected: list[Json], found: list[Json], variety: LegalVariety, free: frozenset[str]
) -> tuple[list[Json], list[Json]]:
    missing, left = [], list(found)
    for entry in expected:
        match = next((one for one in left if _equal_entries(path, entry, one, variety, free)), None)
        if match is None:
            missing.append(entry)
        else:
            left.remove(match)
    return missing, left


def _equal_entries(
    path: str, expected: Json, found: Json, variety: LegalVariety, free: frozenset[str]
) -> bool:
    if not isinstance(expected, Mapping) or not isinstance(found, Mapping):
        return _equal(path, expected, found, variety, free)
    shown = {key.lower(): value for key, value in found.items()}
    return all(
        _equal(f"{path}.{key.lower()}", value, shown.get(key.lower()), variety, free)
        for key, value in expected.items()
        if key.lower() not in free
    )
