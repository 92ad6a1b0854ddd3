"""Values for attributes, made from what a schema says of them."""

from __future__ import annotations

import base64

from scimproof.core.discovery import Attribute
from scimproof.core.http_message import Json

# Attributes whose values have a form of their own (RFC 7643 sections 4.1.1 and 4.1.2), by their dotted name
# or their own; with a place for a number there are as many as are wanted.
FORMS: dict[str, tuple[str, ...]] = {
    "locale": ("en-GB", "de-DE", "fr-FR", "nl-NL", "sv-SE", "it-IT"),
    "preferredlanguage": ("en-GB", "de-DE", "fr-FR", "nl-NL", "sv-SE", "it-IT"),
    "timezone": ("America/New_York", "Europe/Berlin", "Asia/Tokyo", "Africa/Cairo", "Europe/Paris"),
    "country": ("US", "DE", "FR", "NL", "SE", "IT"),
    "postalcode": ("62701", "03801", "10115", "75001", "97201", "33101"),
    "honorificprefix": ("Dr.", "Prof.", "Mx.", "Rev."),
    "honorificsuffix": ("Jr.", "III", "Sr.", "IV"),
    "phonenumbers.value": ("+1-415-555-01{:02}",),
    "photos.value": ("https://photos.example.com/{}.png",),
    "profileurl": ("https://people.example.com/{}",),
}
USUAL = {"type": ("work", "home", "other")}  # where a schema lists no canonical values


def value_for(attribute: Attribute, tag: str, number: int = 0) -> Json:
    """A value that the schema allows, another one for another `number`; None where none can be made up.

    `tag` is in every text, so that no two resources share a value; it begins with the run's prefix.
    """
    value = one_value(attribute, tag, number)
    return [value] if attribute.multi_valued and value is not None else value


def one_value(attribute: Attribute, tag: str, number: int = 0) -> Json:
    """One value of the attribute, which may be multi-valued; None where none can be made up."""
    if attribute.type == "complex" or attribute.sub_attributes:
        return _complex(attribute, tag, number)
    return _simple(attribute, tag, number)


def choices(attribute: Attribute) -> tuple[str, ...]:
    """The few values that a simple attribute takes; empty where its values are made of a tag."""
    if attribute.type not in ("string", "reference"):
        return ()
    usual = USUAL.get(attribute.name.lower(), ()) if attribute.parent else ()
    return _forms(attribute) or attribute.canonical or usual


def _forms(attribute: Attribute) -> tuple[str, ...]:
    return FORMS.get(attribute.dotted.lower(), FORMS.get(attribute.name.lower(), ()))


def _complex(attribute: Attribute, tag: str, number: int) -> Json:
    """All that can be made up of it, but for primary, which only one value of a list may have."""
    writable = [sub for sub in attribute.sub_attributes if sub.mutability != "readOnly"]
    made = {sub.name: value_for(sub, tag, number) for sub in writable if sub.name.lower() != "primary"}
    return {name: value for name, value in made.items() if value is not None} or None


def _simple(attribute: Attribute, tag: str, number: int) -> Json:
    if listed := choices(attribute):
        chosen = listed[number % len(listed)]
        return chosen.format(number) if _forms(attribute) else chosen
    made: dict[str, Json] = {
        "boolean": number % 2 == 0,
        "integer": 1000 + number,
        "decimal": 10.25 + number,
        "dateTime": f"2026-03-{1 + number % 28:02}T10:20:30Z",
        "binary": base64.b64encode(f"scimproof value {number}".encode()).decode(),
        "reference": _reference(attribute, tag, number),
    }
    if attribute.type in made:
        return made[attribute.type]
    return _mail(attribute, tag, number) or f"{tag} {attribute.name} {number}"


def _mail(attribute: Attribute, tag: str, number: int) -> str:
    """An address where one is expected; empty for any other text."""
    dotted, name = attribute.dotted.lower(), attribute.name.lower()
    wanted = dotted in ("emails.value", "username") or name.endswith("mail")
    return f"{tag}.{name}{number}@example.com" if wanted else ""


def _reference(attribute: Attribute, tag: str, number: int) -> Json:
    """A URL; None for a reference to a resource, which has to be made first."""
    outside = attribute.leads_outside and attribute.name.lower() != "$ref"
    return f"https://people.example.com/{tag}/{number}" if outside else None
