"""Values for attributes, made from what a schema says of them."""

from __future__ import annotations

import base64

from scimproof.core.discovery import Attribute
from scimproof.core.http_message import Json

# Attributes whose values have a form of their own (RFC 7643 sections 4.1.1 and 4.1.2), two of each.
FORMS: dict[str, tuple[str, str]] = {
    "locale": ("en-US", "de-DE"),
    "preferredlanguage": ("en-US", "de-DE"),
    "timezone": ("America/New_York", "Europe/Berlin"),
    "country": ("US", "DE"),
    "phonenumbers.value": ("+1-415-555-0101", "+1-415-555-0102"),
    "photos.value": ("https://photos.example.com/one.png", "https://photos.example.com/two.png"),
    "profileurl": ("https://people.example.com/one", "https://people.example.com/two"),
}
USUAL = {"type": ("work", "home")}  # where a schema lists no canonical values


def value_for(attribute: Attribute, tag: str, number: int = 0) -> Json:
    """A value that the schema allows, another one for another `number`; None where none can be made up.

    `tag` is in every text, so that no two resources share a value; it begins with the run's prefix.
    """
    if attribute.type == "complex" or attribute.sub_attributes:
        return _complex(attribute, tag, number)
    value = _simple(attribute, tag, number)
    return [value] if attribute.multi_valued and value is not None else value


def _complex(attribute: Attribute, tag: str, number: int) -> Json:
    writable = [sub for sub in attribute.sub_attributes if sub.mutability != "readOnly"]
    made = {sub.name: value_for(sub, tag, number) for sub in writable if sub.name.lower() != "primary"}
    made = {name: value for name, value in made.items() if value is not None}
    if not made:
        return None
    return [made] if attribute.multi_valued else made


def _simple(attribute: Attribute, tag: str, number: int) -> Json:
    dotted, name = attribute.dotted.lower(), attribute.name.lower()
    listed = FORMS.get(dotted, FORMS.get(name)) or attribute.canonical
    listed = listed or (USUAL.get(name, ()) if attribute.parent else ())
    if listed:
        return listed[number % len(listed)]
    made: dict[str, Json] = {
        "boolean": number % 2 == 0,
        "integer": 1000 + number,
        "decimal": 10.25 + number,
        "dateTime": f"2026-03-0{1 + number % 9}T10:20:30Z",
        "binary": base64.b64encode(f"scimproof value {number}".encode()).decode(),
        "reference": _reference(attribute, tag, number),
    }
    if attribute.type in made:
        return made[attribute.type]
    mail = dotted in ("emails.value", "username")
    return f"{tag}.{name}{number}@example.com" if mail else f"{tag} {attribute.name} {number}"


def _reference(attribute: Attribute, tag: str, number: int) -> Json:
    """A URL; None for a reference to a resource, which has to be made first."""
    named = {one.lower() for one in attribute.reference_types}
    outside = not named or named & {"external", "uri"}
    return f"https://people.example.com/{tag}/{number}" if outside else None
