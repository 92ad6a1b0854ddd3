"""Faults of schemas, types and letter case."""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from scim2_server.responses import ScimResponse

from scimproof.embedded.fault import Behave, Fault, listed, shown
from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.responses import JSON, encode, resources

GROUP = "schema, types and casing"
_ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
_CORE_PREFIX = "urn:ietf:params:scim:"


def _custom_urns(resource: JSON) -> list[str]:
    return [key for key in resource if key.startswith("urn:") and not key.startswith(_CORE_PREFIX)]


def _custom_shown(edit: Callable[[Any], Any]) -> Behave:
    """A behaviour in which the values of custom attributes are shown changed."""

    def change(user: JSON) -> None:
        for urn in _custom_urns(user):
            user[urn] = {key: edit(value) for key, value in user[urn].items()}

    return shown("Users", change)


def _as_text(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool | int) else value


def _joined(value: Any) -> Any:
    return ",".join(value) if isinstance(value, list) else value


def _without(*names: str) -> Callable[[JSON], None]:
    def edit(resource: JSON) -> None:
        for name in names:
            resource.pop(name, None)

    return edit


def _manager_text(user: JSON) -> None:
    extension = user.get(_ENTERPRISE, {})
    if "manager" in extension:
        extension["manager"] = extension["manager"].get("value", "")


def _core_schema_only(user: JSON) -> None:
    user["schemas"] = user["schemas"][:1]


def _email_object(user: JSON) -> None:
    if user.get("emails"):
        user["emails"] = user["emails"][0]


def _emails_without(name: str) -> Callable[[JSON], None]:
    def edit(user: JSON) -> None:
        for mail in user.get("emails", []):
            mail.pop(name, None)

    return edit


def _set(**fields: Any) -> Callable[[JSON], None]:
    return lambda resource: resource.update(fields)


def _active(change: Callable[[bool], Any]) -> Callable[[JSON], None]:
    return lambda user: user.update(active=change(user.get("active", True)))


def _lower_keys(user: JSON) -> None:
    for key in [key for key in user if not key.startswith("urn:") and not key.islower()]:
        user[key.lower()] = user.pop(key)


def _kind_lower(resource: JSON) -> None:
    if "meta" in resource:
        resource["meta"]["resourceType"] = resource["meta"]["resourceType"].lower()


def _numeric_id(call: InterceptedRequest) -> ScimResponse:
    """Show users' ids as numbers; as strings they still work in paths and as members."""
    numbers = _numbers(call, ())
    prefix, _, last = call.request.path.rpartition("/")
    call.request.path = f"{prefix}/{numbers.get(last, last)}"
    text = call.request.body.decode("utf-8", "replace")
    for number, known in numbers.items():
        text = text.replace(f'"{number}"', f'"{known}"')
    if call.request.body:
        call.request.body = text.encode()
    response = call.proceed()
    numbers = _numbers(call, _users(call, response))
    if response.body:
        response.body = json.loads(_with_numbers(encode(response.body).decode(), numbers))
        for user in _users(call, response):
            user["id"] = int(user["id"])
    return response


def _numbers(call: InterceptedRequest, users: Iterable[JSON]) -> dict[str, str]:
    """The ids by the number that stands for each, those of these users included."""
    with call.kept("numbers", dict[str, str]) as numbers:
        numbers.update((str(_number(user["id"])), user["id"]) for user in users)
        return dict(numbers)


def _with_numbers(text: str, numbers: dict[str, str]) -> str:
    for number, known in numbers.items():
        text = text.replace(known, number)
    return text


def _users(call: InterceptedRequest, response: ScimResponse) -> Iterator[JSON]:
    return resources(response) if call.kind == "Users" else iter(())


def _number(resource_id: str) -> int:
    return 4_000_000 + int(resource_id[:8], 16)


def _second_primary(user: JSON) -> None:
    if user.get("emails"):
        user["emails"].append({"value": f"alias.{user['emails'][0].get('value')}", "primary": True})


def _name_text(user: JSON) -> None:
    if isinstance(user.get("name"), dict):
        user["name"] = " ".join(user["name"].values())


def _each(kind: str, name: str, sub: str, value: Any) -> Behave:
    """Return a behaviour in which every value of a list is shown with this in that sub-attribute."""

    def edit(resource: JSON) -> None:
        for entry in resource.get(name, []):
            entry[sub] = value

    return shown(kind, edit)


def _created(call: InterceptedRequest) -> ScimResponse:
    """Show when a resource was made as seconds since 1970."""
    response = call.proceed()
    for resource in resources(response):
        if "meta" in resource:
            resource["meta"]["created"] = 1_785_542_400
    return response


def _cost_center_number(user: JSON) -> None:
    if _ENTERPRISE in user:
        user[_ENTERPRISE]["costCenter"] = 4130


def _types_wrong(call: InterceptedRequest) -> ScimResponse:
    """Three wrong types in one: a moment that is a number, a label and a reference likewise."""
    response = _created(call)
    for resource in resources(response):
        for mail in resource.get("emails", []):
            mail["type"] = 5
        for member in resource.get("members", []):
            member["$ref"] = 9
    return response


def _start_text(_: InterceptedRequest, body: JSON) -> None:
    if "startIndex" in body:
        body["startIndex"] = str(body["startIndex"])


def _null_text(user: JSON) -> None:
    for name in ("title", "nickName", "userType"):
        user.setdefault(name, "null")
    if isinstance(user.get("name"), dict):
        user["name"].setdefault("middleName", "null")


FAULTS = (
    Fault(
        "custom-values-are-text",
        "D-253",
        GROUP,
        "Custom integers and booleans are text.",
        _custom_shown(_as_text),
    ),
    Fault(
        "custom-array-joined",
        "D-253",
        GROUP,
        "A custom array is one text with commas.",
        _custom_shown(_joined),
    ),
    Fault("manager-is-text", "D-247", GROUP, "manager is a string.", shown("Users", _manager_text)),
    Fault("name-is-text", "D-247", GROUP, "name is a string.", shown("Users", _name_text)),
    Fault(
        "extension-not-in-schemas",
        "D-251",
        GROUP,
        "schemas does not name the extensions in the body.",
        shown("Users", _core_schema_only),
    ),
    Fault(
        "roles-are-texts", "D-253", GROUP, "roles is a list of strings.", shown("Users", _set(roles=["user"]))
    ),
    Fault(
        "emails-are-an-object",
        "D-255",
        GROUP,
        "One email is an object, not a list.",
        shown("Users", _email_object),
    ),
    Fault("emails-two-primaries", "D-250", GROUP, "Two emails are primary.", shown("Users", _second_primary)),
    Fault(
        "email-primary-lost",
        "D-078",
        GROUP,
        "Emails lose `primary`.",
        shown("Users", _emails_without("primary")),
    ),
    Fault("email-type-lost", "D-245", GROUP, "Emails lose `type`.", shown("Users", _emails_without("type"))),
    Fault("id-is-number", "D-256", GROUP, "id of a user is a number.", _numeric_id),
    Fault("active-missing", "D-257", GROUP, "Answers have no active.", shown("Users", _without("active"))),
    Fault(
        "active-is-text",
        "D-257",
        GROUP,
        "active is text.",
        shown("Users", _active(lambda on: str(on).lower())),
    ),
    Fault("active-is-number", "D-257", GROUP, "active is 1 or 0.", shown("Users", _active(int))),
    Fault(
        "active-always-true",
        "D-132",
        GROUP,
        "active is shown true, whatever it is.",
        shown("Users", _set(active=True)),
    ),
    Fault("schemas-missing", "D-251", GROUP, "Users have no schemas.", shown("Users", _without("schemas"))),
    Fault(
        "group-schemas-missing",
        "D-251",
        GROUP,
        "Groups have no schemas.",
        shown("Groups", _without("schemas")),
    ),
    Fault("meta-missing", "OKTA-08", GROUP, "Users have no meta.", shown("Users", _without("meta"))),
    Fault(
        "username-not-shown",
        "OKTA-08",
        GROUP,
        "userName is never shown.",
        shown("Users", _without("userName")),
    ),
    Fault(
        "group-name-not-shown",
        "OKTA-23",
        GROUP,
        "displayName of a group is never shown.",
        shown("Groups", _without("displayName")),
    ),
    Fault(
        "external-id-not-shown",
        "D-260",
        GROUP,
        "externalId is never shown.",
        shown("Users", _without("externalId")),
    ),
    Fault(
        "attribute-names-lower-case",
        "OKTA-08",
        GROUP,
        "Attribute names are lower-case.",
        shown("Users", _lower_keys),
    ),
    Fault(
        "resource-type-lower-case",
        "OKTA-08",
        GROUP,
        "meta.resourceType is lower-case.",
        shown("Users", _kind_lower),
    ),
    Fault("meta-created-is-number", "OKTA-08", GROUP, "meta.created is a number.", _created),
    Fault(
        "email-type-is-number",
        "OKTA-08",
        GROUP,
        "The type of each email is a number.",
        _each("Users", "emails", "type", 5),
    ),
    Fault(
        "member-ref-is-number",
        "OKTA-23",
        GROUP,
        "$ref of each member of a group is a number.",
        _each("Groups", "members", "$ref", 9),
    ),
    Fault(
        "cost-center-is-number",
        "D-245",
        GROUP,
        "costCenter is a number.",
        shown("Users", _cost_center_number),
    ),
    Fault(
        "three-types-wrong",
        "OKTA-08",
        GROUP,
        "meta.created, the type of emails and $ref of members are numbers.",
        _types_wrong,
    ),
    Fault(
        "absent-is-null-text",
        "D-223",
        GROUP,
        "Where a user has no value, the text `null` is shown.",
        shown("Users", _null_text),
    ),
    Fault("list-start-is-text", "OKTA-02", GROUP, "startIndex of lists is text.", listed(_start_text)),
)
