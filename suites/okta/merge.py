"""How Okta builds a body from what the target returned (OKTA-09, OKTA-12, OKTA-20, OKTA-22)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from scimproof.core.context import ExecutionContext
from scimproof.core.scim import CORE_GROUP, ENTERPRISE_USER, value_at

from .mapped import EVERY, SEVERAL, changed_so_far, pushed_so_far, resource


def last_read(scene: ExecutionContext, collection: str = "/Users/") -> dict[str, Any]:
    """The resource that the target returned to the latest read by id, as a fresh dict."""
    reads = [
        exchange
        for exchanges in scene.exchanges.values()
        for exchange in exchanges
        if exchange.request.method == "GET" and collection in exchange.request.target and exchange.ok
    ]
    body = max(reads, key=lambda exchange: exchange.number).json if reads else None
    if not isinstance(body, dict):
        raise KeyError("resource to merge into")
    return dict(body)


def profile(scene: ExecutionContext, changes: dict[str, Any] | None = None) -> dict[str, Any]:
    """The resource with the mapped attributes overwritten (OKTA-09).

    What the target returned keeps its order and its values, unknown attributes and meta included; inside
    name the parts are merged; emails is replaced by Okta's element; missing attributes come at the end in
    Okta's order. `changes` are new values of mapped attributes.
    """
    cast = {
        key.removeprefix("user."): value for key, value in scene.blanks.items() if key.startswith("user.")
    }
    cast |= changes or {}
    body = last_read(scene)
    found_name = body.get("name")
    name = dict(found_name) if isinstance(found_name, dict) else {}
    mapped: dict[str, Any] = {
        "userName": cast["userName"],
        "name": name | {"givenName": cast["givenName"], "familyName": cast["familyName"]},
        "emails": [{"primary": True, "value": cast["email"], "type": "work"}],
        "displayName": cast["displayName"],
        "locale": cast["locale"],
        "externalId": cast["externalId"],
    }
    if "mappedTitle" in cast:
        mapped = _insert(mapped, "title", cast["mappedTitle"], before="displayName")
    return body | mapped | ({} if "groups" in body else {"groups": []})


Push = Callable[[ExecutionContext, dict[str, Any] | None], dict[str, Any]]


def _insert(mapped: dict[str, Any], key: str, value: Any, *, before: str) -> dict[str, Any]:
    """The dict with one more key, placed where Okta has it."""
    items = list(mapped.items())
    place = [name for name, _ in items].index(before)
    return dict([*items[:place], (key, value), *items[place:]])


def changed(scene: ExecutionContext) -> dict[str, Any]:
    """A profile update: new last name and displayName, and a title."""
    blanks = scene.blanks
    return profile(
        scene,
        {
            "familyName": blanks["user.newFamilyName"],
            "displayName": blanks["user.newDisplayName"],
            "mappedTitle": blanks["user.newTitle"],
        },
    )


def given_name(scene: ExecutionContext, push: Push = profile) -> dict[str, Any]:
    """A profile update with another first name (CRUD suite step 5)."""
    return push(scene, {"givenName": scene.blanks["user.newGivenName"]})


def renamed(scene: ExecutionContext, push: Push = profile) -> dict[str, Any]:
    """A change of userName, which arrives like any profile update.

    The e-mail address follows where it was the userName.
    """
    blanks = scene.blanks
    new, follows = blanks["user.newUserName"], blanks["user.email"] == blanks["user.userName"]
    return push(scene, {"userName": new} | ({"email": new} if follows else {}))


def taken(blank: str, push: Push = profile) -> Callable[[ExecutionContext], dict[str, Any]]:
    """A change of userName to the value of that blank, which is taken, and of the last name with it."""

    def body(scene: ExecutionContext) -> dict[str, Any]:
        return push(
            scene, {"userName": scene.blanks[blank], "familyName": scene.blanks["user.newFamilyName"]}
        )

    return body


def manager_by_name(scene: ExecutionContext) -> dict[str, Any]:
    """A profile update of a user whose manager is mapped by name only (OKTA-25)."""
    body = changed(scene)
    manager = {"displayName": scene.blanks["user.managerName"]}
    return _extended(body, {"department": scene.blanks["user.department"], "manager": manager})


def _extended(body: dict[str, Any], mapped: dict[str, Any]) -> dict[str, Any]:
    """The resource with these attributes of the enterprise extension; its URN is named in schemas."""
    extension = _part(body, ENTERPRISE_USER)
    if "manager" in mapped:
        mapped = mapped | {"manager": _part(extension, "manager") | mapped["manager"]}
    schemas = value_at(body, "schemas")
    named = schemas if isinstance(schemas, list) else []
    return body | {
        "schemas": named if ENTERPRISE_USER in named else [*named, ENTERPRISE_USER],
        ENTERPRISE_USER: extension | mapped,
    }


Chosen = Callable[[ExecutionContext], Iterable[str]]


def mapped(pushed: Chosen, changed: Chosen) -> Callable[[ExecutionContext], dict[str, Any]]:
    """A profile update of these attributes of the default profile, those that are changed with new values."""

    def body(scene: ExecutionContext) -> dict[str, Any]:
        cast = {
            key.removeprefix("user."): value for key, value in scene.blanks.items() if key.startswith("user.")
        }
        found = resource(cast, pushed(scene), changed(scene))
        extension = found.pop(ENTERPRISE_USER, {})
        merged = profile(scene)
        found["name"] = _part(merged, "name") | found["name"]
        merged |= found
        return _extended(merged, extension) if extension else merged

    return body


def roles(scene: ExecutionContext, push: Push = profile) -> dict[str, Any]:
    """A profile update after an administrator granted another entitlement and another role (OKTA-27)."""
    return push(scene, None) | {
        "entitlements": [{"value": "profile-456", "display": "Profile 456", "type": "Profile"}],
        "roles": [{"value": "role-2", "display": "Second Role"}],
    }


def with_work(scene: ExecutionContext) -> dict[str, Any]:
    """A profile update with telephone and department, of those who have them in Okta."""
    body, blanks = profile(scene), scene.blanks
    if phone := blanks.get("user.mappedPhone"):
        body["phoneNumbers"] = [{"primary": True, "value": phone, "type": "work"}]
    if department := blanks.get("user.mappedDepartment"):
        schemas = value_at(body, "schemas")
        named = schemas if isinstance(schemas, list) else []
        body["schemas"] = named if ENTERPRISE_USER in named else [*named, ENTERPRISE_USER]
        body[ENTERPRISE_USER] = _part(body, ENTERPRISE_USER) | {"department": department}
    return body


def _part(body: dict[str, Any], key: str) -> dict[str, Any]:
    """The object under that key, empty where there is none."""
    found = body.get(key)
    return dict(found) if isinstance(found, dict) else {}


def emptied(scene: ExecutionContext) -> dict[str, Any]:
    """A profile update after displayName was emptied, sent as an empty string (grade D)."""
    return profile(scene, {"displayName": ""})


def only(**values: Any) -> Callable[[ExecutionContext], dict[str, Any]]:
    """The resource as it was returned with just these attributes changed (OKTA-12: no profile push)."""
    return lambda scene: last_read(scene) | values


def password(scene: ExecutionContext) -> dict[str, Any]:
    """The resource with the new password (OKTA-10, grade D)."""
    return last_read(scene) | {"active": True, "password": scene.blanks["user.newPassword"]}


def everybody(scene: ExecutionContext) -> list[dict[str, str]]:
    """The whole population as members."""
    return [{"value": member.id, "display": member.user_name} for member in scene.population]


def batch(number: int, size: int) -> Callable[[ExecutionContext], list[dict[str, str]]]:
    """The population's members of one batch of that size, counted from 1 (OKTA-24)."""
    return lambda scene: everybody(scene)[(number - 1) * size : number * size]


def rules_of_batch(size: int) -> dict[str, Callable[[ExecutionContext], Any]]:
    """The body rules of a large group's batches of that size, in order."""
    return {f"batch-{number}": batch(number, size) for number in (1, 2, 3)}


def group_link(scene: ExecutionContext) -> dict[str, Any]:
    """The group found at the target with Okta's member added to those it has (OKTA-22, grade D)."""
    body = last_read(scene, "/Groups/")
    members = value_at(body, "members") or []
    new = {"value": scene.blanks["other.id"], "display": scene.blanks["other.userName"]}
    return {
        "schemas": [CORE_GROUP],
        "id": scene.blanks["group.id"],
        "displayName": scene.blanks["group.displayName"],
        "members": [*members, new],
    }


RULES: dict[str, Callable[[ExecutionContext], Any]] = {
    "profile": changed,
    "given-name": given_name,
    "link": profile,
    "mapped": with_work,
    "rename": renamed,
    "taken": taken("other.userName"),
    "taken-other-case": taken("other.userNameUpper"),
    "manager-by-name": manager_by_name,
    "each": mapped(pushed_so_far, changed_so_far),
    "added": mapped(lambda _: EVERY, lambda _: ()),
    "several": mapped(lambda _: EVERY, lambda _: SEVERAL),
    "roles": roles,
    "emptied": emptied,
    "deactivate": only(active=False),
    "reactivate": only(active=True),
    "password": password,
    "everybody": everybody,
    "group-link": group_link,
}
