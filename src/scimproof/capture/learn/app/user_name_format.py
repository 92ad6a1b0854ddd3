"""Format of the userName: of which attributes of the profile the userNames of a capture are made."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from scimproof.capture.learn.app.app_evidence import Row
from scimproof.catalog.app import PLACE, AppRules
from scimproof.core.scim import CREATED_NAME

ENOUGH = 3  # people of whom something is concluded
MOSTLY = 2 / 3  # of them: administrators override the format for some
SHORTEST = 2  # characters of a value that is looked for in a userName
PLAIN = re.compile(r"[\w.@+-]*", re.ASCII)


@dataclass(frozen=True)
class UserNameFormat:
    """What is concluded of userNames: `value` as it stands in [app], None for nothing, and `why` in words."""

    value: str | None
    why: str


def user_name_format(creates: Iterable[Row], rules: AppRules) -> UserNameFormat:
    """The format that most userNames of these creates have, if nearly all of them have it."""
    people = [(str(row["userName"]), visible_profile(row, rules)) for row in creates if row.get("userName")]
    if len(people) < ENOUGH:
        return UserNameFormat(None, f"too few creates to tell: {len(people)}, and {ENOUGH} are needed")
    every = len(people)
    named = {template: name for name, template in rules.user_names.items()}
    counted = Counter[str]()
    for template in {*named, *(_template(name, profile) for name, profile in people)} - {""}:
        counted[template] = sum(_matches(template, name, profile) for name, profile in people)
    best = max(counted, key=lambda one: (counted[one], one in named, -len(one)), default="")
    if best and counted[best] >= MOSTLY * every:
        return UserNameFormat(named.get(best, best), f"in {counted[best]} of {every} creates")
    local = sum(
        name.casefold() == profile.get("email", "").partition("@")[0].casefold() for name, profile in people
    )
    if local >= MOSTLY * every:
        return UserNameFormat(
            None, f"the e-mail address up to its @ in {local} of {every} creates, which cannot be said here"
        )
    if best and counted[best] > (1 - MOSTLY) * every:
        return UserNameFormat(
            None, f"no one format: {counted[best]} of {every} creates have {named.get(best, best)!r}"
        )
    shown = set().union(*(profile for _, profile in people))
    hidden = {
        name: form
        for name, form in rules.forms.items()
        if not shown & set(PLACE.findall(rules.user_names[name]))
    }
    return _by_exclusion([_without_prefix(name) for name, _ in people], hidden)


def visible_profile(row: Row, rules: AppRules) -> dict[str, str]:
    """The attributes of the profile that a body shows, where they are mapped as usual."""
    found: dict[str, str] = {}
    for path, name in rules.attributes.items():
        value = row.get(path)
        if isinstance(value, str) and value:
            found.setdefault(name, value)
    return found


def _by_exclusion(names: list[str], forms: Mapping[str, str]) -> UserNameFormat:
    """The format whose attribute no request shows and whose form the names have."""
    every = len(names)
    for name, form in forms.items():
        fitting = sum(re.fullmatch(form, one) is not None for one in names)
        if fitting >= MOSTLY * every:
            why = f"by exclusion: neither the e-mail address nor made of what is mapped, in {every} creates"
            return UserNameFormat(name, why)
    return UserNameFormat(None, f"made of nothing that the {every} creates show")


def _matches(template: str, name: str, profile: Mapping[str, str]) -> bool:
    """Whether a userName is what the template makes of the profile, in any letter case."""
    places = PLACE.findall(template)
    if not places or any(one not in profile for one in places):
        return False
    made = PLACE.sub(lambda match: profile[match[1]], template).casefold()
    bare = PLACE.sub(lambda match: _folded(profile[match[1]]), template).casefold()
    return {name.casefold(), _without_prefix(name).casefold()} & {made, bare} != set()


def _template(name: str, profile: Mapping[str, str]) -> str:
    """A template that makes this userName of the profile; empty where nothing of the profile is in it."""
    parts: list[tuple[bool, str]] = [(False, _without_prefix(name))]
    for attribute, value in sorted(profile.items(), key=lambda one: -len(one[1])):
        for text in {value, _folded(value)}:
            if len(text) >= SHORTEST:
                parts = [piece for part in parts for piece in _split(part, text, attribute)]
    return "".join(text for _, text in parts) if any(place for place, _ in parts) else ""


def _split(part: tuple[bool, str], value: str, attribute: str) -> list[tuple[bool, str]]:
    """A part of a template with a value in it replaced by the place of its attribute."""
    placed, text = part
    before, found, after = (text, "", "") if placed else _partition(text, value)
    if not found:
        return [part]
    pieces = [(False, before), (True, f"{{{attribute}}}"), (False, after)]
    return [piece for piece in pieces if piece[1]]


def _partition(text: str, value: str) -> tuple[str, str, str]:
    at = text.casefold().find(value.casefold())
    return (text, "", "") if at < 0 else (text[:at], text[at : at + len(value)], text[at + len(value) :])


def _without_prefix(name: str) -> str:
    """The userName without what a run of scimproof puts before it."""
    found = CREATED_NAME.match(name)
    return name[found.end() :] if found else name


def _folded(value: str) -> str:
    """A value as directories write it into a userName: letters and digits of ASCII, where it has others."""
    if PLAIN.fullmatch(value):
        return value
    plain = unicodedata.normalize("NFKD", value).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]", "", plain.lower())
