"""Section E of the field reports: what right servers do in their own way, quiet under every profile."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import pytest
from scim2_server.responses import ScimResponse

from scimproof.embedded.answer import RawResponse, error, resources
from scimproof.embedded.app import Application
from scimproof.embedded.call import Call
from scimproof.embedded.fault import Behave, Fault, ok, when
from tests.matrix.inprocess import TOKEN
from tests.matrix.varieties import VARIETIES, _renamed_ids
from tests.right.kit import played

JSON = dict[str, Any]
MOST = 30
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


@when("Users", "create", "replace")
def external_id_unique(call: Call) -> ScimResponse:
    """409 where the externalId is somebody else's."""
    wanted = call.body.get("externalId")
    if wanted and call.memory.get(wanted, call.id) != call.id:
        return error(409, "externalId is taken", "uniqueness")
    response = call.proceed()
    if wanted and ok(response) and response.body:
        call.memory[wanted] = response.body["id"]
    return response


@when("Users", "create", "replace")
def fills_in(call: Call) -> ScimResponse:
    """What is not sent is filled in."""
    name = call.body.get("name") or {}
    full = f"{name.get('givenName', '')} {name.get('familyName', '')}".strip()
    call.body["name"] = {**name, "formatted": full}
    call.body.setdefault("displayName", full)
    call.body.setdefault("userType", "Employee")
    call.body.setdefault("preferredLanguage", "en")
    for mail in call.body.get("emails") or []:
        mail.setdefault("type", "other")
    return call.send()


def manager_by_reference(call: Call) -> ScimResponse:
    """manager.displayName, which is readOnly, is not kept, and $ref is shown."""
    response = call.proceed()
    for user in resources(response):
        manager = (user.get(ENTERPRISE) or {}).get("manager")
        if manager:
            manager.pop("displayName", None)
            manager["$ref"] = f"https://x.example/Users/{manager.get('value')}"
    return response


def own_errors(call: Call) -> ScimResponse:
    """Errors have a second schema and an object of the vendor's."""
    response = call.proceed()
    if response.body and response.status >= HTTPStatus.BAD_REQUEST:
        urn = "urn:vendor:scim:api:messages:2.0:Error"
        response.body = {**response.body, "schemas": [*response.body["schemas"], urn], urn: {"trace": "a1"}}
    return response


def other_times(call: Call) -> ScimResponse:
    """Times with seven decimals and an offset, no version, no ETag."""
    response = call.proceed()
    response.headers.pop("ETag", None)
    for resource in resources(response):
        meta = resource.get("meta") or {}
        meta.pop("version", None)
        for name in ("created", "lastModified"):
            if name in meta:
                meta[name] = re.sub(r"(\.\d+)?Z$", ".1234567+00:00", str(meta[name]))
    return response


def shows_nothings(call: Call) -> ScimResponse:
    """What has no value is shown as null, [] or an empty extension."""
    response = call.proceed()
    for resource in resources(response):
        for name, nothing in (("title", None), ("nickName", None), ("phoneNumbers", []), ("roles", None)):
            if call.kind == "Users":
                resource.setdefault(name, nothing)
        if call.kind == "Users":
            resource.setdefault(ENTERPRISE, {})
    return response


def everyone(call: Call) -> ScimResponse:
    """Every new user is at once in a group Everyone; no more than fit into it in a test's time."""
    if "group" not in call.memory:
        made = call.ask(
            "POST",
            "/Groups",
            {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Everyone"},
        )
        assert made.body is not None
        call.memory["group"] = made.body["id"]
    response = call.proceed()
    if call.on("Users", "create") and ok(response) and response.body and call.tick() <= MOST:
        call.ask("PATCH", f"/Groups/{call.memory['group']}", _adds(response.body["id"]))
        if shown := call.fetch("Users", response.body["id"]):
            response.body = shown
    return response


def _adds(id: str) -> JSON:
    schema = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
    return {"schemas": [schema], "Operations": [{"op": "add", "path": "members", "value": [{"value": id}]}]}


def leaves_groups(call: Call) -> ScimResponse:
    """Somebody who is deactivated leaves all groups for good."""
    response = call.proceed()
    if call.active is False and ok(response):
        for group in call.all("Groups"):
            rest = [member for member in group.get("members") or [] if member.get("value") != call.id]
            if len(rest) != len(group.get("members") or []):
                call.ask("PUT", f"/Groups/{group['id']}", {**group, "members": rest})
    return response


@when("Users", "create", "replace")
def folds_blanks(call: Call) -> ScimResponse:
    """Runs of blanks in names become one, and none is left at the ends."""
    name = call.body.get("name")
    if isinstance(name, dict):
        call.body["name"] = {k: " ".join(v.split()) if isinstance(v, str) else v for k, v in name.items()}
    return call.send()


def pretty(call: Call) -> ScimResponse:
    """Pretty-printed, keys sorted, non-ASCII escaped, no charset."""
    response = call.proceed()
    if not response.body:
        return response
    text = json.dumps(response.body, indent=4, sort_keys=True, ensure_ascii=True)
    headers = {**response.headers, "Content-Type": "application/scim+json"}
    return RawResponse(response.status, None, headers, raw=text.encode())


def people_before(call: Call) -> ScimResponse:
    """There were 130 accounts without e-mail or family name, and 12 groups."""
    if "made" not in call.memory:
        call.memory["made"] = True
        user, group = (f"urn:ietf:params:scim:schemas:core:2.0:{kind}" for kind in ("User", "Group"))
        for number in range(130):
            call.ask(
                "POST", "/Users", {"schemas": [user], "userName": f"old{number}", "name": {"givenName": "O"}}
            )
        for number in range(12):
            call.ask("POST", "/Groups", {"schemas": [group], "displayName": f"Old {number}"})
    return call.proceed()


def one_at_a_time(behave: Behave) -> Behave:
    """What keeps a memory is asked by one thread at a time."""

    def guarded(call: Call) -> ScimResponse:
        with call.store.lock:
            return behave(call)

    return guarded


def _base64(real: str) -> str:
    found = base64.urlsafe_b64encode(real[:13].encode()).decode()
    assert found.endswith("=")
    return found


KNOWN = {variety.name: variety.behave for variety in VARIETIES}
E: dict[str, Behave] = {
    "PATCH answered 204 everywhere": KNOWN["user-patch-204"],
    "members left out of the answers to writes": KNOWN["members-unsaid"],
    "externalId unique": external_id_unique,
    "the server fills in": fills_in,
    "manager by reference": manager_by_reference,
    "errors of its own": own_errors,
    "other times, no version": other_times,
    "nothing is shown as null": shows_nothings,
    "everyone is in a group": everyone,
    "the deactivated leave their groups": leaves_groups,
    "runs of blanks are folded": folds_blanks,
    "ids in base64": one_at_a_time(_renamed_ids(_base64)),
    "pretty-printed": pretty,
    "people and groups before": people_before,
}
# One target that does all that can be done at once; the first sees a request first.
ALL = [name for name in E if name not in ("ids in base64", "PATCH answered 204 everywhere")]


def target(*some: str) -> Application:
    order: Callable[[str], int] = ["pretty-printed", *E].index
    return Application(
        TOKEN, [Fault(name, "E", "legal", "", E[name]) for name in sorted(some, key=order)], 0.0
    )


@pytest.mark.parametrize("name", E)
def test_e_each_of_them_is_quiet(name: str) -> None:
    assert played(target(name)).loud == []


@pytest.mark.parametrize("profile", ["okta", "okta-oin", "okta-aiw"])
def test_e_all_of_them_together_are_quiet_under_every_profile(profile: str) -> None:
    found = played(target(*ALL), profile=profile)
    assert found.loud == []
    assert found.result == "conformant"
