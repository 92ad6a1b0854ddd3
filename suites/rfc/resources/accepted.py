"""Creates that a server has to take as they are: readOnly values, null and [], members in any order."""

from __future__ import annotations

from collections.abc import Mapping

from scimproof.checks.attributes import show
from scimproof.checks.schema_equality import nothing
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Ask, Check, Sequence, Step
from scimproof.core.discovery import Attribute, Discovery
from scimproof.core.http_message import Exchange, Json
from scimproof.core.results import CheckResult, broken, declined, does_not_apply, grave, held
from scimproof.core.scim import CORE_USER, id_of, value_at

from ..asks import at, type_at
from ..people import USER, user_body
from .answers import of_shown
from .bodies import extension_values

OWN = '"id":"{{prefix}}-mine",'
FOREIGN = (
    '"meta":{"created":"1999-01-01T00:00:00Z","resourceType":"Group","location":"http://example.com/x"},'
    '"groups":[{"value":"{{prefix}}-nowhere"}],'
)
# Attributes that servers seldom give a value by themselves, the first of which the schema has are left out.
SELDOM = ("nickName", "title", "profileUrl", "timezone", "preferredLanguage")
LISTS = ("phoneNumbers", "ims", "photos", "addresses", "x509Certificates", "entitlements", "roles")
DEFAULTED = ("active", "displayname", "locale", "usertype", "password")


def taken(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    """The create is accepted."""
    return held("201", "201") if exchange.status == 201 else broken("201", exchange.summary())


def id_by_server(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    """The id is another one than the client sent."""
    sent, found = value_at(exchange.request.json, "id"), id_of(exchange.json)
    expected = f"an id that is not {sent}"
    return broken(expected, found) if found == sent or not found else held(expected, found)


def meta_by_server(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    """Created and location are not those that the client sent."""
    sent = exchange.request.json["meta"]
    kept = [
        name
        for name in ("created", "location")
        if name in sent and value_at(exchange.json, f"meta.{name}") == sent[name]
    ]
    expected = "meta.created and meta.location of the server's own"
    return broken(expected, ", ".join(f"{name} = {sent[name]}" for name in kept)) if kept else held(expected)


def type_of_endpoint(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """meta.resourceType is the name of the type at the endpoint."""
    type, found = type_at(scene, exchange), value_at(exchange.json, "meta.resourceType")
    wanted = type.name if type else "User"
    expected = f"meta.resourceType {wanted}"
    return held(expected) if found == wanted else broken(expected, show(found))


def groups_by_server(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """The group that the client put the user in is not shown."""
    groups = value_at(exchange.json, "groups")
    values = [value_at(one, "value") for one in groups] if isinstance(groups, list) else []
    expected = "no group that the client named"
    if not exchange.ok:
        return broken(expected, exchange.summary())
    return broken(expected, show(groups)) if f"{scene.blanks['prefix']}-nowhere" in values else held(expected)


def empty_ones(discovery: Discovery) -> dict[str, Json]:
    """Two single-valued attributes with null and one list with [], as far as users have such."""
    free = {
        one.name.lower(): one
        for one in discovery.schema(discovery.user.schema)
        if one.mutability == "readWrite" and not one.required and one.returned in ("default", "always")
    }

    def first(names: tuple[str, ...], *, many: bool) -> list[Attribute]:
        known = [free[name.lower()] for name in names if name.lower() in free]
        others = [one for key, one in free.items() if key not in DEFAULTED and one not in known]
        return [one for one in (*known, *others) if one.multi_valued == many and one.type != "boolean"]

    single = {one.name: None for one in first(SELDOM, many=False)[:2]}
    lists: dict[str, Json] = {one.name: [] for one in first(LISTS, many=True)[:1]}
    return {**single, **lists}


def unassigned_body(scene: ExecutionContext) -> Json:
    """A user's body with null and []."""
    return {**user_body(scene), **(empty_ones(scene.discovery) if scene.discovery else {})}


def null_accepted(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    """A create with null and [] is accepted."""
    names = _sent_empty(exchange.request.json)
    if not names:
        return does_not_apply("users have no attribute that could be left without a value")
    expected = f"201, with no value for {', '.join(names)}"
    if exchange.error or exchange.status >= 500:
        return grave(expected, exchange.summary())
    return held(expected) if exchange.status == 201 else broken(expected, exchange.summary())


def unassigned(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """What was sent null or [] has no value."""
    names = _sent_empty(scene.sent("create"))
    expected = f"no value for {', '.join(names)}"
    if not exchange.ok:
        return broken(expected, exchange.summary())
    shown = {name: value_at(exchange.json, name) for name in names}
    wrong = {name: found for name, found in shown.items() if not nothing(found)}
    told = "; ".join(f"{name} = {show(found)}" for name, found in wrong.items())
    if wrong and all(_empty(found) for found in wrong.values()):
        return declined(expected, told)
    return broken(expected, told) if wrong else held(expected)


def _empty(value: Json) -> bool:
    """Whether there is nothing in it but empty texts."""
    if isinstance(value, Mapping | list):
        return all(_empty(one) for one in (value.values() if isinstance(value, Mapping) else value))
    return value in (None, "")


def _sent_empty(body: Json) -> list[str]:
    return [name for name, value in body.items() if nothing(value)] if isinstance(body, Mapping) else []


def schemas_last_body(scene: ExecutionContext) -> Json:
    """A user's body with id and meta at the beginning and schemas at the end."""
    body = dict(user_body(scene))
    schemas = body.pop("schemas")
    return {
        "id": f"{scene.blanks['prefix']}-first",
        "meta": {"resourceType": "User"},
        **body,
        "schemas": schemas,
    }


def extension_first_body(scene: ExecutionContext) -> Json:
    """A user's body with an extension, which schemas names first."""
    body = dict(user_body(scene))
    found = scene.discovery and next(extension_values(scene.discovery.user, scene.discovery, "order01"), None)
    if not found:
        raise LookupError("no extension has an attribute that could be set")
    urn, values = found
    values = {key: _filled(value, scene) for key, value in values.items()}
    others = [one for one in body.pop("schemas") if one != urn]
    return {"schemas": [urn, *others], **body, urn: {**body.get(urn, {}), **values}}


def _filled(value: Json, scene: ExecutionContext) -> Json:
    return value.replace("{{prefix}}", scene.blanks["prefix"]) if isinstance(value, str) else value


def twice_body(scene: ExecutionContext) -> Json:
    """A user's body whose schemas names the schema of users twice."""
    body = dict(user_body(scene))
    schemas = body.pop("schemas")
    return {"schemas": [schemas[0], *schemas], **body}


def as_sent() -> Ask:
    """The create is accepted, as a user with what was sent."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        if (refused := taken(scene, exchange)).held is False:
            return refused
        if (other := type_of_endpoint(scene, exchange)).held is False:
            return other
        body = exchange.request.json
        paths = [
            "userName",
            *(f"{key}:{name}" for key in body if key.startswith("urn:") for name in body[key]),
        ]
        wrong = [path for path in paths if nothing(at(exchange.json, path))]
        expected = f"a user with {', '.join(paths)}"
        return broken(expected, f"without {', '.join(wrong)}") if wrong else held(expected)

    return ask


def once_or_refused(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    """A schema that was sent twice is answered once, or refused with 400."""
    expected = "schemas with each schema once, or 400"
    if exchange.status == 400 and not exchange.error:
        return held(expected, "400")
    if not exchange.ok:
        return broken(expected, exchange.summary())
    found = value_at(exchange.json, "schemas")
    schemas = [str(one).lower() for one in found] if isinstance(found, list) else []
    right = len(schemas) == len(set(schemas)) and CORE_USER.lower() in schemas
    return held(expected) if right else broken(expected, show(found))


SEQUENCES = (
    Sequence(
        id="rfc.create.read-only",
        title="Create with readOnly attributes in the body",
        source="RFC 7644 section 3.3",
        needs=("type:User",),
        people={"user": "plain"},
        steps=(
            Step(
                id="create",
                request="rfc/user-create.http",
                creates="user",
                blanks={"body": USER.replace("{", "{" + OWN + FOREIGN, 1)},
                checks=(
                    Check("rfc7644-3.3-read-only-ignored", taken, gate=True),
                    Check("rfc7643-3.1-id-by-server", of_shown(id_by_server)),
                    Check("rfc7643-3.1-meta-by-server", of_shown(meta_by_server)),
                    Check("rfc7644-3.3.1-resource-type", of_shown(type_of_endpoint)),
                ),
            ),
            Step(
                id="read",
                request="rfc/user-get.http",
                needs=("attr:groups",),
                checks=(Check("rfc7643-4.1.2-groups-by-server", groups_by_server),),
            ),
        ),
    ),
    Sequence(
        id="rfc.create.unassigned",
        title="Create with null and empty lists",
        source="RFC 7643 section 2.5",
        needs=("type:User",),
        people={"user": "plain"},
        steps=(
            Step(
                id="create",
                request="rfc/user-create-unassigned.http",
                creates="user",
                blanks={"body": USER},
                checks=(Check("rfc7644-3.3-null-accepted", null_accepted),),
            ),
            Step(
                id="read",
                request="rfc/user-get.http",
                checks=(Check("rfc7643-2.5-unassigned", unassigned),),
            ),
        ),
    ),
    Sequence(
        id="rfc.create.order",
        title="Create with members and schemas in another order",
        source="RFC 7643 sections 2.3.8 and 3",
        needs=("type:User",),
        people={"last": "plain", "extended": "plain", "twice": "plain"},
        steps=(
            Step(
                id="last",
                request="rfc/user-create-schemas-last.http",
                creates="last",
                cast={"user": "last"},
                blanks={"body": USER},
                independent=True,
                checks=(Check("rfc7643-2.3.8-order", of_shown(as_sent())),),
            ),
            Step(
                id="extension-first",
                request="rfc/user-create-extension-first.http",
                creates="extended",
                cast={"user": "extended"},
                blanks={"body": USER},
                needs=("extension:any",),
                independent=True,
                checks=(Check("rfc7643-3-schemas-order", of_shown(as_sent())),),
            ),
            Step(
                id="twice",
                request="rfc/user-create-schemas-twice.http",
                creates="twice",
                cast={"user": "twice"},
                blanks={"body": USER},
                independent=True,
                checks=(Check("rfc7643-3-schemas-once", of_shown(once_or_refused)),),
            ),
        ),
    ),
)

RULES = {
    "rfc-user-unassigned": unassigned_body,
    "rfc-user-schemas-last": schemas_last_body,
    "rfc-user-extension-first": extension_first_body,
    "rfc-user-schemas-twice": twice_body,
}
