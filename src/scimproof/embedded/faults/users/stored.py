"""Faults of stored attributes: accepted and not stored, or refused."""

import re
from collections.abc import Callable

from scim2_server.responses import ScimResponse

from scimproof.embedded.fault import Behave, Fault, refused, sent, when
from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.responses import JSON, error, resources

GROUP = "schema, types and casing"
_ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
_CORE_PREFIX = "urn:ietf:params:scim:"
_WRITES = ("create", "replace")
_LONG = 128


def _dropped(*names: str) -> Behave:
    """A behaviour that accepts these attributes and does not store them."""

    def edit(body: JSON) -> None:
        for name in names:
            body.pop(name, None)
        if "schemas" in body:
            body["schemas"] = [urn for urn in body["schemas"] if urn not in names]

    return sent("Users", _WRITES, edit)


def _custom_urns(resource: JSON) -> list[str]:
    return [key for key in resource if key.startswith("urn:") and not key.startswith(_CORE_PREFIX)]


def _custom_undeclared(call: InterceptedRequest) -> ScimResponse:
    if call.kind == "Users" and call.action in _WRITES:
        _custom_dropped(call.body)
        return call.send()
    response = call.proceed()
    if call.kind == "Schemas" and response.body:
        schemas = response.body.get("Resources", [])
        response.body["Resources"] = [one for one in schemas if one.get("id", "").startswith(_CORE_PREFIX)]
    return response


def _custom_dropped(body: JSON) -> None:
    for urn in _custom_urns(body):
        del body[urn]
        body["schemas"] = [name for name in body.get("schemas", []) if name != urn]


def _enterprise_unknown(call: InterceptedRequest) -> bool:
    return bool({"costCenter", "division", "employeeNumber"} & set(call.body.get(_ENTERPRISE) or {}))


def _two_primaries(call: InterceptedRequest) -> ScimResponse:
    """Accept two primary addresses, which the conforming target refuses."""
    mails = call.body.get("emails") or []
    if not call.on("Users", "create") or sum(bool(mail.get("primary")) for mail in mails) < 2:
        return call.proceed()
    response = call.send({**call.body, "emails": [{**mail, "primary": False} for mail in mails]})
    for user in resources(response):
        user["emails"] = mails
    return response


def _schemas_refused(call: InterceptedRequest) -> ScimResponse:
    """Refuse any schema beyond the core one, as strict servers without extensions do."""
    extra = call.on("Users", *_WRITES) and len(call.body.get("schemas") or []) > 1
    return error(400, "Unknown schema", "invalidSyntax") if extra else call.proceed()


def _texts(call: InterceptedRequest) -> list[str]:
    """The parts of a user's name, or the name of a group."""
    name = call.body.get("name") or {}
    parts = [*(name.values() if isinstance(name, dict) else ()), call.body.get("displayName")]
    return [part for part in parts if isinstance(part, str)]


def _named(wrong: Callable[[str], bool]) -> Behave:
    """A behaviour that refuses creates and updates with a name that matches."""

    def behave(call: InterceptedRequest) -> ScimResponse:
        found = call.action in _WRITES and any(map(wrong, _texts(call)))
        return error(400, "Invalid name", "invalidValue") if found else call.proceed()

    return behave


def _cut_long(call: InterceptedRequest) -> ScimResponse:
    if call.action not in _WRITES:
        return call.proceed()
    name = call.body.get("name")
    for holder in [call.body, *([name] if isinstance(name, dict) else [])]:
        for key in {"displayName", "givenName", "familyName"} & set(holder):
            holder[key] = holder[key][:_LONG] if isinstance(holder[key], str) else holder[key]
    return call.send()


def _without_given_name(body: JSON) -> None:
    if isinstance(body.get("name"), dict):
        body["name"].pop("givenName", None)


def _prefixed_external_id(body: JSON) -> None:
    if body.get("externalId") and not str(body["externalId"]).startswith("okta|"):
        body["externalId"] = f"okta|{body['externalId']}"


@when("Groups", "create", "replace", "patch")
def _slugged(call: InterceptedRequest) -> ScimResponse:
    values = [op["value"] for op in call.operations if isinstance(op.get("value"), dict)] or [call.body]
    for holder in values:
        if isinstance(holder.get("displayName"), str):
            holder["displayName"] = re.sub(r"[^a-z0-9]+", "-", holder["displayName"].lower())
    return call.send()


def _long_500(call: InterceptedRequest) -> ScimResponse:
    long = call.action in _WRITES and any(len(text) > _LONG for text in _texts(call))
    return error(500, "value too long for type character varying(128)") if long else call.proceed()


def _split_at_first_blank(body: JSON) -> None:
    """Store both names as one string, of which the first word is the given name."""
    name = body.get("name")
    if not isinstance(name, dict):
        return
    parts = [str(name[key]) for key in ("givenName", "familyName") if name.get(key)]
    given, _, family = " ".join(parts).partition(" ")
    body["name"] = {**name, "givenName": given, "familyName": family}


FAULTS = (
    Fault(
        "names-split-at-first-blank",
        "D-245",
        GROUP,
        "Given and family name are kept as one text and split at the first blank.",
        sent("Users", _WRITES, _split_at_first_blank),
    ),
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
    Fault("locale-dropped", "D-245", GROUP, "locale is not stored.", _dropped("locale")),
    Fault(
        "given-name-dropped",
        "D-245",
        GROUP,
        "name.givenName is not stored.",
        sent("Users", _WRITES, _without_given_name),
    ),
    Fault(
        "custom-dropped",
        "D-245",
        GROUP,
        "Custom extensions are not stored.",
        sent("Users", _WRITES, _custom_dropped),
    ),
    Fault(
        "custom-undeclared",
        "D-245",
        GROUP,
        "Custom extensions are not stored, and /Schemas does not list them.",
        _custom_undeclared,
    ),
    Fault("phone-numbers-dropped", "D-245", GROUP, "phoneNumbers are not stored.", _dropped("phoneNumbers")),
    Fault(
        "external-id-prefixed",
        "D-260",
        GROUP,
        "externalId is stored with a prefix.",
        sent("Users", _WRITES, _prefixed_external_id),
    ),
    Fault("two-primaries-accepted", "D-250", GROUP, "Two primary addresses are accepted.", _two_primaries),
    Fault(
        "one-letter-name-400",
        "D-226",
        GROUP,
        "A name of one letter is refused.",
        _named(lambda text: len(text) == 1),
    ),
    Fault(
        "long-name-400",
        "D-226",
        GROUP,
        "A name of more than 128 characters is refused.",
        _named(lambda text: len(text) > _LONG),
    ),
    Fault("long-name-cut", "D-226", GROUP, "A name is cut after 128 characters.", _cut_long),
    Fault(
        "non-ascii-name-400",
        "D-264",
        GROUP,
        "A name outside ASCII is refused.",
        _named(lambda text: not text.isascii()),
    ),
    Fault("group-name-slugged", "D-188", GROUP, "The name of a group is stored as a slug.", _slugged),
    Fault(
        "long-name-500",
        "D-226",
        GROUP,
        "A name of more than 128 characters gets 500.",
        _long_500,
    ),
)
