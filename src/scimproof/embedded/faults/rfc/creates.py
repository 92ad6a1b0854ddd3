"""Faults of creates, and of requests for what nobody knows."""

import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from scim2_server.responses import ScimResponse

from scimproof.embedded.fault import Behave, Fault, ok, shown, when
from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.responses import JSON, error, resources

GROUP = "rfc"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
_create = when("Users", "create")


def _fault(
    name: str, section: str, summary: str, behave: Behave, *trips: str, also: tuple[str, ...] = ()
) -> Fault:
    return Fault(f"rfc-create-{name}", section, GROUP, summary, behave, trips, also)


def _without_base(call: InterceptedRequest) -> ScimResponse:
    answer = call.proceed()
    if call.action == "create" and "Location" in answer.headers:
        path = urlsplit(answer.headers["Location"]).path
        answer.headers["Location"] = "/" + "/".join(path.split("/")[-2:])
    return answer


def _hour_before(resource: JSON) -> None:
    created = resource.get("meta", {}).get("created")
    if created:
        year, rest = created[:4], created[4:]
        resource["meta"]["created"] = f"{int(year) - 1}{rest}"


def _made_up_external_id(resource: JSON) -> None:
    resource.setdefault("externalId", resource["id"])


@_create
def _client_meta(call: InterceptedRequest) -> ScimResponse:
    meta = call.body.get("meta")
    answer = call.proceed()
    if ok(answer) and isinstance(meta, dict):
        for resource in resources(answer):
            resource["meta"] |= {key: meta[key] for key in ("created",) if key in meta}
    return answer


@_create
def _id_refused(call: InterceptedRequest) -> ScimResponse:
    return error(400, "id is readOnly", "mutability") if "id" in call.body else call.proceed()


@_create
def _null_as_text(call: InterceptedRequest) -> ScimResponse:
    return call.send({key: "null" if value is None else value for key, value in call.body.items()})


@_create
def _type_of_first_schema(call: InterceptedRequest) -> ScimResponse:
    schemas = call.body.get("schemas") or [USER]
    if isinstance(schemas, list) and schemas[0] != USER:
        return error(400, f"{schemas[0]} is no schema of a type", "invalidSyntax")
    return call.proceed()


def _conflict_without_word(call: InterceptedRequest) -> ScimResponse:
    answer = call.proceed()
    if answer.status == HTTPStatus.CONFLICT and answer.body:
        answer.body.pop("scimType", None)
    return answer


@_create
def _conflict_overwrites(call: InterceptedRequest) -> ScimResponse:
    sent, answer = dict(call.body), call.proceed()
    if answer.status == HTTPStatus.CONFLICT:
        wanted = str(sent.get("userName")).lower()
        for owner in call.named(lambda name: name.lower() == wanted):
            call.ask("PUT", f"/Users/{owner['id']}", {**owner, "title": "taken over"})
    return answer


def _filled_in(kind: str, name: str, value: Callable[[InterceptedRequest], Any]) -> Behave:
    """A behaviour in which a create without that name, or with an empty one, gets one."""

    @when(kind, "create")
    def behave(call: InterceptedRequest) -> ScimResponse:
        given = call.body.get(name)
        return call.proceed() if given else call.send({**call.body, name: value(call)})

    return behave


@_create
def _list_as_user(call: InterceptedRequest) -> ScimResponse:
    if call.request.body.strip() != b"[]":
        return call.proceed()
    return call.send({"schemas": [USER], "userName": f"unnamed.{call.tick()}"})


@_create
def _malformed_500(call: InterceptedRequest) -> ScimResponse:
    try:
        json.loads(call.request.body or b"{}")
    except ValueError:
        return error(500, "Expecting property name enclosed in double quotes")
    return call.proceed()


@_create
def _name_from_text(call: InterceptedRequest) -> ScimResponse:
    name = call.body.get("name")
    return call.send({**call.body, "name": {"formatted": name}}) if isinstance(name, str) else call.proceed()


@_create
def _no_astral(call: InterceptedRequest) -> ScimResponse:
    text = call.request.body.decode("utf-8", "replace")
    if text and isinstance(call.body, dict) and call.body:
        plain = json.dumps(call.body, ensure_ascii=False)
        return call.send(json.loads("".join(one if ord(one) < 0x10000 else "\ufffd\ufffd" for one in plain)))
    return call.proceed()


def _no_charset(call: InterceptedRequest) -> ScimResponse:
    label = call.request.header("Content-Type") or ""
    return error(415, "Unsupported media type") if "charset" in label else call.proceed()


def _odd_id_500(call: InterceptedRequest) -> ScimResponse:
    odd = call.action == "read" and len(call.id) > 64
    return error(500, "value too long for type character varying(64)") if odd else call.proceed()


@when("Users", "patch")
def _nobody_patched(call: InterceptedRequest) -> ScimResponse:
    return call.proceed() if call.current() else ScimResponse(HTTPStatus.NO_CONTENT)


FAULTS = (
    _fault(
        "location-lacks-base",
        "3.3",
        "the Location of a create lacks the base path",
        _without_base,
        "rfc7644-3.3-location-leads",
        "rfc7644-3.3-location-is-meta",
    ),
    _fault(
        "modified-before",
        "7643-3.1",
        "created of what is new is a year before lastModified",
        shown("Users", _hour_before),
        "rfc7643-3.1-never-modified",
    ),
    _fault(
        "external-id-invented",
        "7643-3.1",
        "an externalId is made of the id",
        shown("Users", _made_up_external_id),
        "rfc7643-3.1-external-id-not-invented",
    ),
    _fault(
        "meta-of-client",
        "7643-3.1",
        "meta.created is the client's",
        _client_meta,
        "rfc7643-3.1-meta-by-server",
    ),
    _fault(
        "id-refused",
        "3.3",
        "a create with an id is refused",
        _id_refused,
        "rfc7644-3.3-read-only-ignored",
        also=("rfc7643-2.3.8-order",),
    ),
    _fault(
        "null-is-text",
        "7643-2.5",
        "null is stored as the text null",
        _null_as_text,
        "rfc7643-2.5-unassigned",
        also=("rfc7643-4.1.1-required",),
    ),
    _fault(
        "first-schema-decides",
        "7643-3",
        "the type is that of the first URI in schemas",
        _type_of_first_schema,
        "rfc7643-3-schemas-order",
    ),
    _fault(
        "conflict-without-word",
        "3.3",
        "a 409 has no scimType",
        _conflict_without_word,
        "rfc7644-3.3-conflict-uniqueness",
    ),
    _fault(
        "conflict-overwrites",
        "3.3",
        "a 409 to a create, and the one who is there is changed",
        _conflict_overwrites,
        "rfc7644-3.3-conflict-changes-nothing",
    ),
    _fault(
        "nameless-user",
        "7643-4.1.1",
        "a user without userName gets one",
        _filled_in("Users", "userName", lambda call: f"unnamed.{call.tick()}"),
        "rfc7643-4.1.1-required",
    ),
    _fault(
        "nameless-group",
        "7643-4.2",
        "a group without displayName gets one",
        _filled_in("Groups", "displayName", lambda call: f"Group {call.tick()}"),
        "rfc7643-4.1.1-required",
    ),
    _fault(
        "list-is-user",
        "3.12",
        "a JSON list is taken for a user",
        _list_as_user,
        "rfc7644-3.12-bad-request",
    ),
    _fault(
        "malformed-500",
        "3.12",
        "a body that is no JSON is answered 500",
        _malformed_500,
        "rfc7644-3.12-bad-request",
    ),
    _fault(
        "name-from-text",
        "3.12",
        "a text for name is stored as name.formatted",
        _name_from_text,
        "rfc7644-3.12-wrong-type",
    ),
    _fault(
        "no-astral",
        "3.8",
        "characters beyond 16 bits come back as two others",
        _no_astral,
        "rfc7644-3.8-utf-8",
    ),
    _fault(
        "no-charset",
        "3.8",
        "a body with a charset is refused",
        _no_charset,
        "rfc7644-3.8-accepted",
    ),
    _fault(
        "odd-id-500",
        "3.4.1",
        "a read of a long id is answered 500",
        _odd_id_500,
        "rfc7644-3.4.1-unknown",
    ),
    _fault(
        "nobody-patched",
        "3.5.2",
        "a PATCH of nobody is answered 204",
        _nobody_patched,
        "rfc7644-3.5.2-patch-unknown",
        also=("rfc7644-3.6-gone-for-writes",),
    ),
)
