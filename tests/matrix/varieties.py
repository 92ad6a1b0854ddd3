"""Ways in which a right server may differ from the embedded one: none of them may be flagged."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, unquote

from scim2_server.responses import ScimResponse

from scimproof.embedded.fault import Behave, Fault, listed, ok, refused, shown, when
from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.responses import resources


def _drop_empty(resource: dict[str, Any]) -> None:
    for name in ("members", "groups"):
        if not resource.get(name):
            resource.pop(name, None)


def _null_empty(resource: dict[str, Any]) -> None:
    for name in ("title", "nickName", "groups"):
        resource.setdefault(name, None)


@when("Users", "patch")
def _patch_204(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    return ScimResponse(HTTPStatus.NO_CONTENT) if ok(response) else response


@when("Users", "patch")
def _patch_200(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    shown_now = call.current()
    return ScimResponse(HTTPStatus.OK, shown_now) if ok(response) and shown_now else response


@when("Groups", "patch")
def _group_patch_200(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    group = call.current()
    return ScimResponse(HTTPStatus.OK, group) if ok(response) and group else response


@when("Groups", "patch", "replace", "create")
def _members_unsaid(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    if response.body:
        response.body.pop("members", None)
    return response


def _no_empty_resources(_: InterceptedRequest, body: dict[str, Any]) -> None:
    if not body["totalResults"]:
        del body["Resources"]


@when("Users", "create", "read", "replace", "patch", "list")
def _more_attributes(call: InterceptedRequest) -> ScimResponse:
    """Show an attribute of the server's own, and take it back without a word as Okta returns it."""
    if call.action == "replace":
        call.body.pop("favouriteColour", None)
        response = call.send()
    else:
        response = call.proceed()
    for user in resources(response):
        user["favouriteColour"] = "blue"
    return response


def renamed_ids(make: Callable[[str], str]) -> Behave:
    """Show other ids than the store has, and understand them in every place where a request holds one."""

    def behave(call: InterceptedRequest) -> ScimResponse:
        with call.kept("ids", dict[str, str]) as known:
            shown_ids = dict(known)
        path = unquote(call.request.path)
        tail = path.rpartition("/")[2]
        if tail in shown_ids:
            call.request.path = path.removesuffix(tail) + shown_ids[tail]
        text = call.request.body.decode()
        for fake, real in shown_ids.items():
            if fake in text:
                text = text.replace(json.dumps(fake)[1:-1], real)
        call.request.body = text.encode()
        call._body = None
        response = call.proceed()
        return _translated(response, _known(call, response, make))

    return behave


def _known(call: InterceptedRequest, response: ScimResponse, make: Callable[[str], str]) -> dict[str, str]:
    """The store's ids by those that are shown, with the ones in this answer."""
    shown_here = resources(response) if call.kind in {"Users", "Groups"} else ()  # a schema's id is its URN
    real = [found["id"] for found in shown_here if isinstance(found.get("id"), str)]
    with call.kept("ids", dict[str, str]) as known:
        known.update((make(id), id) for id in real)
        return dict(known)


def _translated(response: ScimResponse, known: dict[str, str]) -> ScimResponse:
    if response.body is None:
        return response
    text = json.dumps(response.body)
    for shown_id, real in known.items():
        if real in text:
            text = text.replace(f"s/{real}", f"s/{quote(shown_id, safe='')}").replace(real, shown_id)
    response.body = json.loads(text)
    location = response.headers.get("Location")
    for shown_id, real in known.items():
        if location and real in location:
            response.headers["Location"] = location.replace(real, quote(shown_id, safe=""))
    return response


def _number(real: str) -> str:
    """Ten digits, always: where one id is longer than another, the shorter can be a part of the longer."""
    return str(10**9 + zlib.crc32(real.encode()))


def variety(name: str, summary: str, behave: Behave, *, edge: bool = False) -> Fault:
    return Fault(name, "legal", "legal variety", summary, behave, edge=edge)


VARIETIES = (
    variety("user-patch-204", "A user's PATCH is answered 204.", _patch_204),
    variety("user-patch-200", "A user's PATCH is answered with the user.", _patch_200),
    variety("group-patch-200", "A group's PATCH is answered with the group.", _group_patch_200),
    variety("members-unsaid", "Writes of groups are answered without members.", _members_unsaid),
    variety("empty-left-out", "Empty members and groups are absent.", shown("Groups", _drop_empty)),
    variety(
        "no-groups-attribute", "Users never show groups.", shown("Users", lambda u: u.pop("groups", None))
    ),
    variety("nulls", "Attributes without a value are shown as null.", shown("Users", _null_empty)),
    variety("no-empty-resources", "A list without results has no Resources.", listed(_no_empty_resources)),
    variety("more-attributes", "Users show attributes of their own.", _more_attributes),
    variety("ids-are-digits", "Ids are integers in text.", renamed_ids(_number)),
    variety("ids-with-at-and-blank", "Ids hold an @ and a blank.", renamed_ids(lambda i: f"{i[:12]} @x")),
    variety(
        "custom-declined",
        "An unknown extension is declined with 400.",
        refused(
            "Users",
            ("create",),
            400,
            "unknown schema",
            scim_type="invalidSyntax",
            where=lambda call: "urn:scimproof:custom:2.0:User" in call.body,
        ),
    ),
    variety(
        "long-declined",
        "Names beyond a hundred letters are declined with 400.",
        refused(
            "Users",
            ("create",),
            400,
            "name.familyName is too long",
            scim_type="invalidValue",
            where=lambda call: len(str((call.body.get("name") or {}).get("familyName"))) > 100,
        ),
    ),
    variety(
        "group-names-repeat",
        "A second group of one name is made.",
        when("Groups", "create")(lambda call: call.without_uniqueness()),
    ),
    variety("charset-said", "Answers say their charset.", lambda call: _with_type(call.proceed())),
)


def _with_type(response: ScimResponse) -> ScimResponse:
    if response.body is not None:
        response.headers["Content-Type"] = "application/scim+json; charset=utf-8"
    return response
