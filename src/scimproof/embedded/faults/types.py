"""Faults of schemas, types and letter case."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from scim2_server.responses import ScimResponse

from scimproof.embedded.call import JSON, Call, encode, error, resources
from scimproof.embedded.fault import Behave, Fault, refused, sent, shown

GROUP = "schema, types and casing"
_ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
_CORE_PREFIX = "urn:ietf:params:scim:"
_WRITES = ("create", "replace")


def _dropped(*names: str) -> Behave:
    """Return a behaviour that accepts these attributes and forgets them."""

    def edit(body: JSON) -> None:
        for name in names:
            body.pop(name, None)
        if "schemas" in body:
            body["schemas"] = [urn for urn in body["schemas"] if urn not in names]

    return sent("Users", _WRITES, edit)


def _custom_urns(resource: JSON) -> list[str]:
    return [key for key in resource if key.startswith("urn:") and not key.startswith(_CORE_PREFIX)]


def _custom_dropped(body: JSON) -> None:
    for urn in _custom_urns(body):
        del body[urn]
        body["schemas"] = [name for name in body.get("schemas", []) if name != urn]


def _custom_shown(edit: Callable[[Any], Any]) -> Behave:
    """Return a behaviour in which the values of custom attributes are shown changed."""

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


def _numeric_id(call: Call) -> ScimResponse:
    """Show users' ids as numbers; as text they keep working in paths and as members."""
    numbers: dict[str, str] = call.memory.setdefault("numbers", {})
    prefix, _, last = call.request.path.rpartition("/")
    call.request.path = f"{prefix}/{numbers.get(last, last)}"
    text = call.request.body.decode("utf-8", "replace")
    for number, known in numbers.items():
        text = text.replace(f'"{number}"', f'"{known}"')
    if call.request.body:
        call.request.body = text.encode()
    response = call.proceed()
    if call.kind == "Users":
        numbers.update((str(_number(user["id"])), user["id"]) for user in resources(response))
    if response.body:
        response.body = json.loads(_with_numbers(encode(response.body).decode(), numbers))
        for user in _users(call, response):
            user["id"] = int(user["id"])
    return response


def _with_numbers(text: str, numbers: dict[str, str]) -> str:
    for number, known in numbers.items():
        text = text.replace(known, number)
    return text


def _users(call: Call, response: ScimResponse) -> Iterator[JSON]:
    return resources(response) if call.kind == "Users" else iter(())


def _number(resource_id: str) -> int:
    return 4_000_000 + int(resource_id[:8], 16)


def _enterprise_unknown(call: Call) -> bool:
    return bool({"costCenter", "division", "employeeNumber"} & set(call.body.get(_ENTERPRISE) or {}))


def _two_primaries(call: Call) -> ScimResponse:
    """Accept two primary addresses, where the honest target refuses them."""
    mails = call.body.get("emails") or []
    if not call.on("Users", "create") or sum(bool(mail.get("primary")) for mail in mails) < 2:
        return call.proceed()
    response = call.send({**call.body, "emails": [{**mail, "primary": False} for mail in mails]})
    for user in resources(response):
        user["emails"] = mails
    return response


def _schemas_refused(call: Call) -> ScimResponse:
    """Refuse any schema beyond the core one, as strict servers without extensions do."""
    extra = call.on("Users", *_WRITES) and len(call.body.get("schemas") or []) > 1
    return error(400, "Unknown schema", "invalidSyntax") if extra else call.proceed()


FAULTS = (
    Fault(
        "enterprise-unknown-400",
        "D-244",
        GROUP,
        "An enterprise attribute the target does not know fails the request.",
        refused(
            "Users", _WRITES, 400, "Unknown attribute", scim_type="invalidSyntax", where=_enterprise_unknown
        ),
    ),
    Fault("extension-schema-400", "D-244", GROUP, "Any extension in schemas is refused.", _schemas_refused),
    Fault(
        "enterprise-dropped", "D-245", GROUP, "The enterprise extension is not stored.", _dropped(_ENTERPRISE)
    ),
    Fault("title-dropped", "D-245", GROUP, "title is not stored.", _dropped("title")),
    Fault("display-name-dropped", "D-245", GROUP, "displayName is not stored.", _dropped("displayName")),
    Fault(
        "custom-dropped",
        "D-245",
        GROUP,
        "Custom extensions are not stored.",
        sent("Users", _WRITES, _custom_dropped),
    ),
    Fault("phone-numbers-dropped", "D-245", GROUP, "phoneNumbers are not stored.", _dropped("phoneNumbers")),
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
    Fault("two-primaries-accepted", "D-250", GROUP, "Two primary addresses are accepted.", _two_primaries),
    Fault(
        "emails-are-an-object",
        "D-255",
        GROUP,
        "One email is an object, not a list.",
        shown("Users", _email_object),
    ),
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
    Fault("meta-missing", "OKTA-08", GROUP, "Users have no meta.", shown("Users", _without("meta"))),
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
)
