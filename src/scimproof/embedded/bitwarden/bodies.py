"""Strict binding of request bodies: one field of the wrong type, and the whole body is missing."""

from __future__ import annotations

import json
import re
from typing import Any, Final

from scimproof.embedded.bitwarden.http import JSON, Refused

TEXT: Final = "text"
FLAG: Final = "flag"
ANY: Final = "any"
MISSING: Final = object()  # what ANY is when it was not sent, for null is a value

_NAME: JSON = {"formatted": TEXT, "givenName": TEXT, "middleName": TEXT, "familyName": TEXT}
USER: JSON = {
    "schemas": [TEXT],
    "userName": TEXT,
    "externalId": TEXT,
    "displayName": TEXT,
    "active": FLAG,
    "name": _NAME,
    "emails": [{"primary": FLAG, "value": TEXT, "type": TEXT}],
    "groups": [TEXT],
}
GROUP: JSON = {"schemas": [TEXT], "displayName": TEXT, "externalId": TEXT, "members": [{"value": TEXT}]}
PATCH: JSON = {"schemas": [TEXT], "Operations": [{"op": TEXT, "path": TEXT, "value": ANY}]}

_GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class _Unfit(Exception):
    pass


def bind(raw: bytes, shape: JSON) -> JSON:
    """The body with the fields of its shape and no others; refused with 500 if it cannot be bound.

    Names are matched whatever their case. A text that was not sent is None, a flag False, any other value
    MISSING.
    """
    try:
        parsed = json.loads(raw.decode("utf-8-sig"), parse_constant=_unfit)
        bound = _fit(parsed, shape)
    except (ValueError, RecursionError, _Unfit):
        bound = None
    if bound is None:
        raise crash()
    return dict(bound)


def crash(detail: str = "Object reference not set to an instance of an object.") -> Refused:
    """The error 500 for a body that the service does not handle."""
    return Refused(500, detail)


def kind(value: object) -> str:
    """The service's name for the type of a JSON value."""
    if value is None:
        return "Null"
    if isinstance(value, bool):
        return str(value)
    names: tuple[tuple[type, str], ...] = ((str, "String"), (list, "Array"), (dict, "Object"))
    return next((name for each, name in names if isinstance(value, each)), "Number")


def expected(wanted: str, value: object) -> Refused:
    """The refusal of a value of the wrong type, or of a missing one."""
    if value is MISSING:
        return crash("Operation is not valid due to the current state of the object.")
    return crash(
        f"The requested operation requires an element of type '{wanted}', "
        f"but the target element has type '{kind(value)}'."
    )


def guid(text: object) -> str | None:
    """The GUID in its usual form, or None if the text is none."""
    if not isinstance(text, str):
        return None
    found = text.strip().lower()
    for opening, closing in ("{}", "()"):
        if found.startswith(opening) and found.endswith(closing):
            found = found[1:-1]
    if re.fullmatch(r"[0-9a-f]{32}", found):
        found = "-".join((found[:8], found[8:12], found[12:16], found[16:20], found[20:]))
    return found if _GUID.fullmatch(found) else None


def _unfit(_: str) -> Any:
    raise _Unfit


def _fit(value: Any, shape: Any) -> Any:
    if shape is ANY:
        return value
    if shape is FLAG:
        return value if isinstance(value, bool) else _unfit("flag")
    if value is None:
        return None
    if shape is TEXT:
        return value if isinstance(value, str) else _unfit("text")
    if isinstance(shape, list):
        return _fit_all(value, shape[0])
    return _fit_object(value, shape)


def _fit_all(values: Any, shape: Any) -> list[Any]:
    if not isinstance(values, list):
        raise _Unfit
    found = [_fit(value, shape) for value in values]
    return _unfit("null") if shape is not TEXT and None in found else found


def _fit_object(value: Any, shape: JSON) -> JSON:
    if not isinstance(value, dict):
        raise _Unfit
    defaults = {FLAG: False, ANY: MISSING}
    bound = {name: defaults.get(each) if isinstance(each, str) else None for name, each in shape.items()}
    names = {name.lower(): name for name in shape}
    for key, given in value.items():
        name = names.get(key.lower())
        if name is not None:
            bound[name] = _fit(given, shape[name])
    return bound
