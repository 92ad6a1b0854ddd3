"""Okta's default profile as attributes of a resource, and what profile updates have changed of it so far."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from scimproof.core.context import ExecutionContext
from scimproof.core.scim import ENTERPRISE_USER, value_at

CHANGE = "change-"  # how the steps begin that change one attribute each
NAME = ("givenName", "familyName", "middleName", "honorificPrefix", "honorificSuffix")
PLAIN = ("nickName", "profileUrl", "title", "userType", "preferredLanguage", "timezone", "displayName")
ORGANIZATION = ("employeeNumber", "costCenter", "organization", "division", "department")
ADDRESS = {
    "street": "streetAddress",
    "city": "locality",
    "state": "region",
    "zipCode": "postalCode",
    "country": "country",
}
# What every user of the default mappings has.
ORDINARY = ("givenName", "familyName", "email", "displayName", "locale")
# One change of a person in Okta each, by the name of its step: the attributes that it is about.
CHANGES: Mapping[str, tuple[str, ...]] = {
    "family-name": ("familyName", "displayName"),
    "given-name": ("givenName",),
    "middle-name": ("middleName",),
    "honorifics": ("honorificPrefix", "honorificSuffix"),
    "nick-name": ("nickName",),
    "title": ("title",),
    "email": ("email",),
    "second-email": ("secondEmail",),
    "phone": ("phone",),
    "mobile": ("mobile",),
    "address": ("street", "city", "state", "zipCode", "country"),
    "language": ("preferredLanguage",),
    "locale": ("locale",),
    "timezone": ("timezone",),
    "user-type": ("userType",),
    "profile-url": ("profileUrl",),
    "department": ("department",),
    "division": ("division",),
    "organization": ("organization",),
    "cost-center": ("costCenter",),
    "employee-number": ("employeeNumber",),
    "manager": ("managerId", "managerName"),
}
EVERY = tuple(dict.fromkeys(name for names in CHANGES.values() for name in names))
SEVERAL = (*CHANGES["family-name"], *CHANGES["title"], *CHANGES["phone"], *CHANGES["address"])
SEVERAL += (*CHANGES["department"], *CHANGES["manager"])


def pushed_so_far(scene: ExecutionContext) -> tuple[str, ...]:
    """The attributes that the create brought: all of the default profile, or the ordinary ones."""
    return EVERY if value_at(scene.sent("create-user"), "nickName") else ORDINARY


def changed_so_far(scene: ExecutionContext) -> tuple[str, ...]:
    """The attributes of the changes that were accepted, and those of the one that is next.

    What the target refused is not sent again, so that the later changes are judged by themselves.
    """
    made = {step.removeprefix(CHANGE): step for step in scene.exchanges if step.startswith(CHANGE)}
    following = next((change for change in CHANGES if change not in made), "")
    taken = [change for change, step in made.items() if (found := scene.exchange(step)) and found.ok]
    return tuple(name for change in (*taken, following) for name in CHANGES.get(change, ()))


def resource(cast: Mapping[str, str], pushed: Iterable[str], changed: Iterable[str]) -> dict[str, Any]:
    """These attributes as a resource has them, in Okta's order; the changed ones with their new values."""
    new = frozenset(changed)
    every = frozenset(pushed) | new

    def value(name: str) -> str:
        return cast[f"new{name[0].upper()}{name[1:]}" if name in new and name != "country" else name]

    def some(names: Iterable[str]) -> dict[str, Any]:
        return {name: value(name) for name in names if name in every}

    found: dict[str, Any] = {"name": some(NAME)}
    found["emails"] = _listed(every, value, ("email", "work"), ("secondEmail", "home"))
    found |= some(PLAIN)
    found["phoneNumbers"] = _listed(every, value, ("phone", "work"), ("mobile", "mobile"))
    if "street" in every:
        found["addresses"] = [{key: value(name) for name, key in ADDRESS.items()} | {"type": "work"}]
    found |= some(["locale"])
    extension = some(ORGANIZATION)
    if "managerId" in every:
        extension["manager"] = {"value": value("managerId"), "displayName": value("managerName")}
    return {key: part for key, part in (found | {ENTERPRISE_USER: extension}).items() if part}


def _listed(every: frozenset[str], value: Any, *kinds: tuple[str, str]) -> list[dict[str, Any]]:
    """The entries of a list by their types, the first of which is the primary one."""
    return [
        {"primary": not place, "value": value(name), "type": kind}
        for place, (name, kind) in enumerate(kinds)
        if name in every
    ]
