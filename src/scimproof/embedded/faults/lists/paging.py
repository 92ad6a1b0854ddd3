"""Faults of paging."""

from scim2_server.responses import ScimResponse

from scimproof.embedded.fault import Behave, Fault, listed
from scimproof.embedded.intercepted_request import InterceptedRequest, listing
from scimproof.embedded.responses import JSON, error

GROUP = "list and pagination"
_COUNTERS = ("totalResults", "startIndex", "itemsPerPage")


def _unfiltered(behave: Behave) -> Behave:
    """Apply a behaviour to lists without a filter: imports, not lookups."""

    def guarded(call: InterceptedRequest) -> ScimResponse:
        plain = call.action == "list" and "filter" not in call.request.query
        return behave(call) if plain and call.kind in {"Users", "Groups"} else call.proceed()

    return guarded


def _number(call: InterceptedRequest, name: str, default: int) -> int:
    text = call.request.query.get(name, "")
    return int(text) if text.lstrip("-").isdigit() else default


def _moved(call: InterceptedRequest, start: int) -> ScimResponse:
    """Answer from another startIndex, but claim the one asked for."""
    asked = _number(call, "startIndex", 1)
    response = call.query(startIndex=str(start))
    if response.body and "startIndex" in response.body:
        response.body["startIndex"] = asked
    return response


def _echo_count(call: InterceptedRequest, body: JSON) -> None:
    body["itemsPerPage"] = _number(call, "count", body["itemsPerPage"])


@_unfiltered
def _zero_based(call: InterceptedRequest) -> ScimResponse:
    return _moved(call, _number(call, "startIndex", 1) + 1)


@_unfiltered
def _index_is_page(call: InterceptedRequest) -> ScimResponse:
    return _moved(call, (_number(call, "startIndex", 1) - 1) * _number(call, "count", 100) + 1)


@_unfiltered
def _ignored(call: InterceptedRequest) -> ScimResponse:
    return call.query(startIndex=None, count=None)


@_unfiltered
def _last_again(call: InterceptedRequest) -> ScimResponse:
    total, count = len(call.all(call.kind)), _number(call, "count", 100)
    past = _number(call, "startIndex", 1) > total > 0
    return _moved(call, max(total - count + 1, 1)) if past else call.proceed()


@_unfiltered
def _unstable(call: InterceptedRequest) -> ScimResponse:
    found = call.all(call.kind)
    return listing(call, found if call.tick() % 2 else found[::-1])


@_unfiltered
def _second_page_empty(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    if response.body and response.body.get("startIndex", 1) > 1:
        response.body.update(Resources=[], itemsPerPage=0)
    return response


def _total_is_page(_: InterceptedRequest, body: JSON) -> None:
    body["totalResults"] = len(body["Resources"])


def _counters_as_text(_: InterceptedRequest, body: JSON) -> None:
    body.update({name: str(body[name]) for name in _COUNTERS})


def _doubled(_: InterceptedRequest, body: JSON) -> None:
    body["Resources"] = [resource for resource in body["Resources"] for _ in range(2)]
    body["totalResults"] *= 2
    body["itemsPerPage"] *= 2


def _lookup_doubled(call: InterceptedRequest, body: JSON) -> None:
    if call.kind == "Users":
        _doubled(call, body)


@_unfiltered
def _odd_record_500(call: InterceptedRequest) -> ScimResponse:
    users = call.all("Users") if call.kind == "Users" else []
    names = [part for user in users for part in user.get("name", {}).values()]
    odd = any("'" in name or not name.isascii() for name in names)
    return error(500, "Internal server error") if odd else call.proceed()


def _no_family_name(call: InterceptedRequest, body: JSON) -> None:
    for user in body["Resources"] if call.kind == "Users" else []:
        user.get("name", {}).pop("familyName", None)


def _no_members(call: InterceptedRequest, body: JSON) -> None:
    for group in body["Resources"] if call.kind == "Groups" else []:
        group.pop("members", None)


@_unfiltered
def _needs_parameters(call: InterceptedRequest) -> ScimResponse:
    asked = {"startIndex", "count"} & set(call.request.query)
    return call.proceed() if asked else listing(call, [])


@_unfiltered
def _count_zero_is_all(call: InterceptedRequest) -> ScimResponse:
    return call.query(count=None) if call.request.query.get("count") == "0" else call.proceed()


@_unfiltered
def _negative_count_500(call: InterceptedRequest) -> ScimResponse:
    negative = _number(call, "count", 0) < 0
    return error(500, "Internal server error") if negative else call.proceed()


@_unfiltered
def _start_zero_400(call: InterceptedRequest) -> ScimResponse:
    zero = _number(call, "startIndex", 1) < 1
    return error(400, "startIndex must be at least 1", "invalidValue") if zero else call.proceed()


FAULTS = (
    Fault(
        "list-needs-parameters",
        "D-021",
        GROUP,
        "A list without startIndex and count is empty.",
        _needs_parameters,
    ),
    Fault(
        "list-items-per-page-echoes-count",
        "D-024",
        GROUP,
        "itemsPerPage is the count asked for, not the number of resources returned.",
        listed(_echo_count),
    ),
    Fault(
        "list-zero-based", "D-025", GROUP, "startIndex counts from 0: the first is never seen.", _zero_based
    ),
    Fault(
        "list-start-index-is-page",
        "D-026",
        GROUP,
        "startIndex is taken for the number of a page.",
        _index_is_page,
    ),
    Fault("list-paging-ignored", "D-026", GROUP, "startIndex and count are ignored: all comes.", _ignored),
    Fault("list-past-end-repeats", "D-028", GROUP, "Past the end the last ones come again.", _last_again),
    Fault("list-unstable-order", "D-029", GROUP, "The order differs from request to request.", _unstable),
    Fault(
        "list-second-page-empty",
        "D-026",
        GROUP,
        "Only the first page has resources; the total is right.",
        _second_page_empty,
    ),
    Fault(
        "list-total-is-page", "D-032", GROUP, "totalResults counts this page only.", listed(_total_is_page)
    ),
    Fault("list-count-zero-returns-all", "D-033", GROUP, "count=0 returns resources.", _count_zero_is_all),
    Fault("list-negative-count-500", "D-034", GROUP, "A negative count gets 500.", _negative_count_500),
    Fault("list-start-zero-400", "D-035", GROUP, "startIndex=0 is refused.", _start_zero_400),
    Fault(
        "list-counters-are-text", "D-036", GROUP, "The three counters are strings.", listed(_counters_as_text)
    ),
    Fault(
        "list-everything-twice",
        "D-037",
        GROUP,
        "Every resource is listed twice.",
        listed(_doubled, filtered=False),
    ),
    Fault(
        "lookup-everyone-twice",
        "D-038",
        GROUP,
        "A lookup by name returns the same user twice.",
        listed(_lookup_doubled, filtered=True),
    ),
    Fault(
        "list-odd-record-500",
        "D-039",
        GROUP,
        "One user with an apostrophe or a non-ASCII letter in the name turns the whole list into 500.",
        _odd_record_500,
    ),
    Fault(
        "list-family-name-missing",
        "D-042",
        GROUP,
        "Listed users have no family name.",
        listed(_no_family_name, filtered=False),
    ),
    Fault(
        "list-group-members-missing",
        "OKTA-04",
        GROUP,
        "Listed groups have no members.",
        listed(_no_members, filtered=False),
    ),
)
