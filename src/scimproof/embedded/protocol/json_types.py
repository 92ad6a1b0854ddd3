"""The JSON types of values in requests: a number is a number, and a date is a date with a time."""

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from typing import Any

from scim2_models import InvalidValueException

from scimproof.embedded.protocol.characteristics import Attribute, Container, TypeCharacteristics
from scimproof.embedded.responses import JSON

_DATE_TIME = re.compile(r"-?\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]*={0,2}")
_AS_TEXT = {"true": True, "false": False}  # several clients write booleans so: what they mean is clear
_FILTER = re.compile(r"\[.*\]", re.DOTALL)


def check_resource(kind: TypeCharacteristics, body: JSON) -> None:
    """Refuse values of the wrong type; "True" and base64url become true and base64, in place."""
    _check_named(kind.core.typed, body)
    for name, value in body.items():
        extension = kind.extensions.get(name.lower()) if ":" in name else None
        if extension is not None and isinstance(value, dict):
            _check_named(extension.typed, value)


def check_operation(kind: TypeCharacteristics, operation: JSON) -> None:
    """The same for one operation of a PATCH, whose value stands for what its path names."""
    path, value = operation.get("path"), operation.get("value")
    if value is None:
        return
    if path is None:
        if isinstance(value, dict):
            check_resource(kind, value)
        return
    target = kind.find(_FILTER.sub("", path)) if isinstance(path, str) else None
    if isinstance(target, Container):
        if isinstance(value, dict):
            _check_named(target.typed, value)
    elif target is not None and target.typed:
        _check(target, operation, "value")


def _check_named(attributes: Mapping[str, Attribute], held: JSON) -> None:
    for name in held:
        attribute = attributes.get(name.lower())
        if attribute is not None and attribute.typed:
            _check(attribute, held, name)


def _check(attribute: Attribute, holder: Any, key: Any) -> None:
    value = holder[key]
    if isinstance(value, list):
        if attribute.many:
            for index in range(len(value)):
                _check(attribute, value, index)
        return  # one value where many are, or many where one is: the model says so
    if value is None:
        return
    if attribute.kind == "complex":
        if isinstance(value, dict):
            _check_named(attribute.subs, value)
    elif attribute.kind == "boolean" and isinstance(value, str) and value.lower() in _AS_TEXT:
        holder[key] = _AS_TEXT[value.lower()]
    elif attribute.kind == "binary":
        holder[key] = _as_base64(attribute, value)
    elif not _IS[attribute.kind](value):
        detail = f"The value of {attribute.name} has to be {_CALLED[attribute.kind]}."
        raise InvalidValueException(detail=detail)


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_decimal(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_date_time(value: Any) -> bool:
    return isinstance(value, str) and _DATE_TIME.fullmatch(value) is not None


_IS: Mapping[str, Callable[[Any], bool]] = {
    "boolean": lambda value: isinstance(value, bool),
    "integer": _is_integer,
    "decimal": _is_decimal,
    "dateTime": _is_date_time,
    "string": lambda value: isinstance(value, str),
    "reference": lambda value: isinstance(value, str),
}
_CALLED = {
    "boolean": "true or false",
    "integer": "a whole number",
    "decimal": "a number",
    "dateTime": "a date with a time, such as 2026-01-31T08:00:00Z",
    "string": "text",
    "reference": "a URI",
}


def _as_base64(attribute: Attribute, value: Any) -> str:
    """RFC 7643 section 2.3.6 allows both alphabets, and padding may be left out."""
    if isinstance(value, str) and _BASE64.fullmatch(value):
        text = value.rstrip("=").replace("-", "+").replace("_", "/")
        text += "=" * (-len(text) % 4)
        try:
            base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            pass
        else:
            return text
    raise InvalidValueException(detail=f"The value of {attribute.name} has to be base64.")
