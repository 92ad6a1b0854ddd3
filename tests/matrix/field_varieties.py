"""Legal variety that servers in the field showed: none of it may be flagged."""

from __future__ import annotations

import base64
import json
from http import HTTPStatus
from typing import Any

from scim2_server.responses import ScimResponse

from scimproof.embedded.fault import ok, when
from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.responses import RawResponse, error, resources
from tests.matrix.varieties import renamed_ids, variety

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
VENDOR = "urn:example:vendor:2.0:Error"


@when("Users", "create", "replace")
def _external_id_unique(call: InterceptedRequest) -> ScimResponse:
    """Refuse an externalId that another user has, as several products do."""
    sent = call.body.get("externalId")
    query = {"filter": f"externalId eq {json.dumps(sent)}"}
    found = (call.ask("GET", "/Users", query=query).body or {}).get("Resources", []) if sent else []
    taken = any(user["id"] != call.id for user in found)
    return error(409, "externalId is taken", "uniqueness") if taken else call.proceed()


@when("Users", "create", "replace")
def _filled_in(call: InterceptedRequest) -> ScimResponse:
    """Give an account what nobody sent: a formatted name, a display name, a type, a language."""
    name = call.body.get("name") or {}
    full = " ".join(filter(None, (name.get("givenName"), name.get("familyName"))))
    call.body["name"] = {**name, "formatted": full}
    for key, value in (("displayName", full), ("userType", "Member"), ("preferredLanguage", "en")):
        call.body.setdefault(key, value)
    for mail in call.body.get("emails") or []:
        mail.setdefault("type", "other")
    return call.send()


@when("Users", "create", "replace")
def _manager_resolved(call: InterceptedRequest) -> ScimResponse:
    """Keep of a manager what is not readOnly, with a reference; of one without value nothing."""
    extension = call.body.get(ENTERPRISE)
    manager = extension.pop("manager", None) if isinstance(extension, dict) else None
    if isinstance(extension, dict) and isinstance(manager, dict) and manager.get("value"):
        extension["manager"] = {"value": manager["value"], "$ref": f"../Users/{manager['value']}"}
    elif isinstance(extension, dict) and isinstance(manager, str):
        extension["manager"] = manager
    return call.send()


def _fuller_errors(call: InterceptedRequest) -> ScimResponse:
    """Say in an error what the vendor knows of it, under a schema of its own."""
    response = call.proceed()
    if response.body and response.status >= HTTPStatus.BAD_REQUEST:
        response.body["schemas"] = [*response.body["schemas"], VENDOR]
        response.body[VENDOR] = {"correlationId": "4f1c", "hints": ["see the manual"]}
    return response


def _other_meta(call: InterceptedRequest) -> ScimResponse:
    """Write times with seven decimals and an offset; know no versions."""
    response = call.proceed()
    response.headers.pop("ETag", None)
    for resource in resources(response):
        meta = resource.get("meta", {})
        meta.pop("version", None)
        for key in {"created", "lastModified"} & meta.keys():
            meta[key] = f"{meta[key][:19]}.1234567+00:00"
    return response


EMPTIES: dict[str, Any] = {
    "title": None,
    "userType": None,
    "phoneNumbers": [],
    "addresses": [],
    "roles": None,
    "entitlements": [],
    ENTERPRISE: {},
}


@when("Users")
def _empties_shown(call: InterceptedRequest) -> ScimResponse:
    """Show what has no value as null, an empty list or an empty extension, and take it back like that."""
    if call.action == "replace":
        for key, value in EMPTIES.items():
            if call.body.get(key) == value:
                call.body.pop(key, None)
        sent = call.send()
        if not ok(sent):
            return sent
    response = call.ask("GET", call.request.path) if call.action == "replace" else call.proceed()
    for user in resources(response):
        for key, value in EMPTIES.items():
            user.setdefault(key, value)
    return response


@when("Users", "create")
def _everybody_joins(call: InterceptedRequest) -> ScimResponse:
    """Put every new user into a group at once."""
    response = call.proceed()
    for user in resources(response):
        with call.kept("everyone", list[str]) as everyone:
            if not everyone:
                made = call.ask("POST", "/Groups", {"schemas": [GROUP], "displayName": "Everyone"})
                everyone.append((made.body or {})["id"])
            join = {"op": "add", "path": "members", "value": [{"value": user["id"]}]}
            body = {"schemas": [PATCH], "Operations": [join]}
            call.ask("PATCH", f"/Groups/{everyone[0]}", body)
    return response


def _leavers_leave(call: InterceptedRequest) -> ScimResponse:
    """Take a deactivated user out of all groups for good, and put no inactive user into one."""
    if call.kind == "Groups" and call.members:
        holders = [op for op in call.operations if isinstance(op.get("value"), list)] or [call.body]
        for holder in holders:
            key = "value" if "value" in holder else "members"
            holder[key] = [m for m in holder[key] if (call.fetch("Users", m["value"]) or {}).get("active")]
        return call.send()
    response = call.proceed()
    user = call.current() if call.on("Users", "patch", "replace") else None
    if ok(response) and user and user.get("active") is False:
        for membership in user.get("groups", []):
            group = call.fetch("Groups", membership["value"]) or {}
            members = [member for member in group.get("members", []) if member["value"] != call.id]
            call.ask("PUT", f"/Groups/{membership['value']}", {**group, "members": members})
        response.body = call.current() if response.body else None
    return response


def _blanks_folded(call: InterceptedRequest) -> ScimResponse:
    """Keep names without runs of blanks, and without blanks around them."""
    if call.action not in ("create", "replace"):
        return call.proceed()
    name = call.body.get("name")
    for holder in [call.body, *([name] if isinstance(name, dict) else [])]:
        for key in {"displayName", "givenName", "familyName", "formatted"} & set(holder):
            if isinstance(holder[key], str):
                holder[key] = " ".join(holder[key].split())
    return call.send()


def _spelt_otherwise(call: InterceptedRequest) -> ScimResponse:
    """Print JSON over several lines, its keys sorted, everything beyond ASCII escaped."""
    response = call.proceed()
    if response.body is None or isinstance(response, RawResponse):
        return response
    raw = json.dumps(response.body, indent=2, sort_keys=True).encode() + b"\n"
    headers = {**response.headers, "Content-Type": "application/scim+json"}
    return RawResponse(response.status, None, headers, raw)


def _crowded(call: InterceptedRequest) -> ScimResponse:
    """Have 130 accounts without address or name and twelve groups from before."""
    with call.kept("crowd", list[int]) as crowd:
        first = not crowd
        crowd.append(1)
    if first:
        for number in range(130):
            old = {"schemas": [USER], "userName": f"old-{number:03}", "active": number % 3 > 0}
            call.ask("POST", "/Users", old)
        for number in range(12):
            call.ask("POST", "/Groups", {"schemas": [GROUP], "displayName": f"Old {number}"})
    return call.proceed()


@when("Users", "replace")
def _taken_is_400(call: InterceptedRequest) -> ScimResponse:
    """Refuse a userName that is taken as RFC 7643 section 7 says it, not as RFC 7644 does of creates."""
    response = call.proceed()
    taken = response.status == HTTPStatus.CONFLICT
    return error(400, "userName is taken", "uniqueness") if taken else response


def _malformed_is_400(call: InterceptedRequest) -> ScimResponse:
    """Call another scheme, or a scheme without a token, a malformed request (RFC 6750 section 3.1)."""
    header = call.request.header("Authorization") or ""
    response = call.proceed()
    malformed = header == "Bearer" or header.startswith("Basic ")
    refused = response.status == HTTPStatus.UNAUTHORIZED
    return error(400, "malformed Authorization") if malformed and refused else response


def _any_case_of_the_scheme(call: InterceptedRequest) -> ScimResponse:
    """Say `bearer` in small letters in the challenge."""
    response = call.proceed()
    if "WWW-Authenticate" in response.headers:
        response.headers["WWW-Authenticate"] = 'bearer realm="scim"'
    return response


def _base64(real: str) -> str:
    return base64.b64encode(real[:10].encode()).decode()


FIELD = (
    variety("external-id-unique", "An externalId belongs to one user.", _external_id_unique),
    variety("filled-in", "An account gets names, type and language from the server.", _filled_in),
    variety("manager-resolved", "A manager has value and $ref, and no displayName.", _manager_resolved),
    variety("fuller-errors", "Errors have a schema of the vendor's too.", _fuller_errors, edge=True),
    variety("other-meta", "Times have seven decimals, and there are no versions.", _other_meta),
    variety("empties-shown", "What has no value is shown as null, [] or {}.", _empties_shown),
    variety("everybody-joins", "Every new user is in a group Everyone.", _everybody_joins),
    variety("leavers-leave", "A deactivated user leaves the groups for good.", _leavers_leave),
    variety(
        "blanks-folded",
        "Runs of blanks in names are folded and trimmed.",
        _blanks_folded,
    ),
    variety("ids-in-base64", "Ids are base64 with an equals sign at the end.", renamed_ids(_base64)),
    variety("spelt-otherwise", "JSON is pretty-printed, sorted and escaped.", _spelt_otherwise, edge=True),
    variety("crowded", "There are 130 bare accounts and twelve groups from before.", _crowded),
    variety("put-taken-400", "A PUT with a taken userName is refused with 400.", _taken_is_400),
    variety("malformed-400", "An Authorization of another form gets 400.", _malformed_is_400, edge=True),
    variety("small-scheme", "The challenge says bearer.", _any_case_of_the_scheme, edge=True),
)

# What is right only where it is documented: the recommendation that a report names, until a waiver has it.
NOTED = {"leavers-leave": "okta-deactivated-stay-members"}

# Played on one server, where they do not get into each other's way: a run takes ten seconds.
TOGETHER = (
    ("external-id-unique", "fuller-errors", "other-meta"),
    ("filled-in", "manager-resolved", "spelt-otherwise"),
    ("empties-shown", "put-taken-400", "ids-in-base64"),
    ("everybody-joins", "leavers-leave", "small-scheme"),
    ("blanks-folded", "crowded", "malformed-400"),
)
