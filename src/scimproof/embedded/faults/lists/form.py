"""Faults in the form of list answers, and refused lists."""

import time
from http import HTTPStatus

from scim2_server.responses import ScimResponse

from scimproof.embedded.fault import Behave, Fault, listed, ok, when
from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.responses import JSON, RawResponse, encode, error

GROUP = "list and pagination"
_SLOW = 0.8
_SHOWN = 10


def _needs_filter(kind: str) -> Behave:
    @when(kind, "list")
    def behave(call: InterceptedRequest) -> ScimResponse:
        return call.proceed() if "filter" in call.request.query else error(400, "A filter is required")

    return behave


def _bare_array(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    if call.action != "list" or not ok(response) or not response.body:
        return response
    return RawResponse(response.status, None, response.headers, encode(response.body["Resources"]))


@when("Users", "list")
def _empty_404(call: InterceptedRequest) -> ScimResponse:
    empty = call.store.size("User") == 0 and "filter" not in call.request.query
    return error(404, "No users") if empty else call.proceed()


def _lower_case(_: InterceptedRequest, body: JSON) -> None:
    body["resources"] = body.pop("Resources")


def _without(name: str) -> Behave:
    def edit(_: InterceptedRequest, body: JSON) -> None:
        body.pop(name, None)

    return listed(edit)


def _start_off_by_one(_: InterceptedRequest, body: JSON) -> None:
    body["startIndex"] -= 1


def _other_ids(call: InterceptedRequest, body: JSON) -> None:
    for user in body["Resources"] if call.kind == "Users" else []:
        user["id"] = user["id"].upper() if user["id"] != user["id"].upper() else f"{user['id']}0"


@when("Groups", "list")
def _slow_groups(call: InterceptedRequest) -> ScimResponse:
    time.sleep(_SLOW)
    return call.proceed()


def _status_206(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    if call.action == "list" and ok(response):
        response.status = HTTPStatus.PARTIAL_CONTENT
    return response


def _ten_members(call: InterceptedRequest, body: JSON) -> None:
    for group in body["Resources"] if call.kind == "Groups" else []:
        if "members" in group:
            group["members"] = group["members"][:_SHOWN]


FAULTS = (
    Fault(
        "list-group-members-cut",
        "D-214",
        GROUP,
        "Lists show ten members of a group, a read by id all of them.",
        listed(_ten_members),
    ),
    Fault(
        "list-users-needs-filter",
        "D-021",
        GROUP,
        "Users are not listed without a filter.",
        _needs_filter("Users"),
    ),
    Fault(
        "list-groups-needs-filter",
        "D-021",
        GROUP,
        "Groups are not listed without a filter.",
        _needs_filter("Groups"),
    ),
    Fault("list-groups-slow", "D-300", GROUP, "A list of groups takes 0.8 s.", _slow_groups),
    Fault("list-empty-404", "OKTA-03", GROUP, "The list of an empty target is 404.", _empty_404),
    Fault("list-bare-array", "D-081", GROUP, "A list is a bare array.", _bare_array),
    Fault("list-status-206", "OKTA-01", GROUP, "A list is answered 206.", _status_206),
    Fault("list-schemas-missing", "D-220", GROUP, "A list has no schemas.", _without("schemas")),
    Fault("list-total-missing", "D-036", GROUP, "A list has no totalResults.", _without("totalResults")),
    Fault(
        "list-items-per-page-missing", "D-036", GROUP, "A list has no itemsPerPage.", _without("itemsPerPage")
    ),
    Fault("list-start-index-missing", "D-036", GROUP, "A list has no startIndex.", _without("startIndex")),
    Fault(
        "list-start-index-off-by-one",
        "D-025",
        GROUP,
        "startIndex in the answer is one too low.",
        listed(_start_off_by_one),
    ),
    Fault(
        "list-resources-lower-case", "OKTA-03", GROUP, "Resources is spelt resources.", listed(_lower_case)
    ),
    Fault(
        "lookup-id-differs",
        "D-064",
        GROUP,
        "A lookup shows another id than a read.",
        listed(_other_ids, filtered=True),
    ),
)
