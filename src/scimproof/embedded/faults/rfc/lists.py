"""Faults of lists: their elements and counters, order, pages, cursors, projections, searches by POST."""

from scim2_server.responses import ScimResponse

from scimproof.embedded.fault import Behave, Fault, listed, when
from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.responses import JSON, error

GROUP = "rfc"
_LIST = "rfc7644-3.4.2-"
_SORT = "rfc7644-3.4.2.3-"
_USER = "urn:ietf:params:scim:schemas:core:2.0:User"


def _stubs(_: InterceptedRequest, body: JSON) -> None:
    for one in body.get("Resources", ()):
        for key in one.keys() - {"id", "userName"}:
            del one[key]


def _total_of_page(_: InterceptedRequest, body: JSON) -> None:
    if "Resources" in body:
        body["totalResults"] = len(body["Resources"])


def _root_500(call: InterceptedRequest) -> ScimResponse:
    """Groups, which have no userName, make a query at the base fail."""
    about_type = "meta.resourceType" in call.request.query.get("filter", "meta.resourceType")
    at_base = call.request.method == "GET" and not call.kind
    return error(500, "Internal server error") if at_base and not about_type else call.proceed()


# Order


def _by_name(response: ScimResponse, *, folded: bool) -> ScimResponse:
    for_order = str.casefold if folded else str
    if response.body and "Resources" in response.body:
        response.body["Resources"].sort(key=lambda one: for_order(str(one.get("userName"))))
    return response


@when("Users", "list")
def _each_page_sorted(call: InterceptedRequest) -> ScimResponse:
    query = call.request.query
    if "count" not in query or query.get("sortBy") != "userName" or "sortOrder" in query:
        return call.proceed()
    return _by_name(call.query(sortBy=None), folded=True)


@when("Users", "list")
def _capitals_first(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    query = call.request.query
    plain = query.get("sortBy") == "userName" and "sortOrder" not in query and "count" not in query
    return _by_name(response, folded=False) if plain else response


def _descending_ignored(call: InterceptedRequest) -> ScimResponse:
    descending = call.request.query.get("sortOrder") == "descending"
    return call.query(sortOrder=None) if descending else call.proceed()


# Pages


def _count_0_is_all(call: InterceptedRequest) -> ScimResponse:
    none = call.request.query.get("count") == "0" and "cursor" not in call.request.query
    return call.query(count=None) if none else call.proceed()


@when("Users", "list")
def _from_0(call: InterceptedRequest) -> ScimResponse:
    asked = call.request.query.get("startIndex", "")
    if not asked.lstrip("-").isdigit():
        return call.proceed()
    response = call.query(startIndex=str(int(asked) + 1))
    if response.body:
        response.body["startIndex"] = int(asked)
    return response


@when("Users", "list")
def _beyond_404(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    beyond = "startIndex" in call.request.query and (response.body or {}).get("Resources") == []
    return error(404, "No such page") if beyond else response


# Cursors


def _null_at_end(call: InterceptedRequest, body: JSON) -> None:
    if "cursor" in call.request.query:
        body.setdefault("nextCursor", None)


@when("Users", "list")
def _signs(call: InterceptedRequest) -> ScimResponse:
    cursor = call.request.query.get("cursor", "")
    response = call.query(cursor=cursor.removesuffix("+/")) if cursor else call.proceed()
    for name in ("nextCursor", "previousCursor"):
        if response.body and response.body.get(name):
            response.body[name] += "+/"
    return response


@when("Users", "list")
def _filter_forgotten(call: InterceptedRequest) -> ScimResponse:
    """From the second page on everybody is listed; a cursor tells the place."""
    query = call.request.query
    cursor = query.get("cursor", "")
    if "filter" not in query or "cursor" not in query or "sortBy" in query or query.get("count") != "2":
        return call.proceed()
    if not cursor:
        response = call.proceed()
        if response.body and response.body.get("nextCursor"):
            response.body["nextCursor"] = "place-3"
        return response
    if not cursor.startswith("place-"):
        return call.proceed()
    start = int(cursor.removeprefix("place-"))
    asked = {"startIndex": str(start), "count": "2", "attributes": query.get("attributes", "")}
    response = call.ask("GET", "/Users", query={key: value for key, value in asked.items() if value})
    if response.body and start + 2 <= response.body["totalResults"]:
        response.body["nextCursor"] = f"place-{start + 2}"
    return response


# Projections


@when("Users", "read")
def _projection_ignored(call: InterceptedRequest) -> ScimResponse:
    return call.query(attributes=None)


@when("Users", "read")
def _whole_name(call: InterceptedRequest) -> ScimResponse:
    asked = call.request.query.get("attributes")
    return call.query(attributes="name") if asked == "name.familyName" else call.proceed()


@when("Groups", "list", "read")
def _members_all_the_same(call: InterceptedRequest) -> ScimResponse:
    return call.query(excludedAttributes=None)


# Searches by POST


def _of_search(behave: Behave) -> Behave:
    def guarded(call: InterceptedRequest) -> ScimResponse:
        search = call.request.method == "POST" and call.request.path.endswith("/.search")
        return behave(call) if search and call.kind == "Users" else call.proceed()

    return guarded


@_of_search
def _search_unfiltered(call: InterceptedRequest) -> ScimResponse:
    call.body.pop("filter", None)
    return call.send()


@_of_search
def _search_creates(call: InterceptedRequest) -> ScimResponse:
    return call.ask("POST", "/Users", {"schemas": [_USER], "userName": f"search-{call.tick()}"})


def _fault(name: str, summary: str, behave: Behave, *trips: str, also: tuple[str, ...] = ()) -> Fault:
    return Fault(name, "", GROUP, summary, behave, trips, also)


_PROJECTED = tuple(
    f"rfc7644-3.9-{name}" for name in ("overrides", "comma", "sub-attribute", "names", "unknown", "extension")
)

FAULTS = (
    _fault("rfc-list-stubs", "The elements of lists are stubs.", listed(_stubs), f"{_LIST}element"),
    _fault(
        "rfc-total-of-page",
        "totalResults is the number of resources on the page.",
        listed(_total_of_page),
        f"{_LIST}total-is-all",
        also=(f"{_LIST}element",),
    ),
    _fault(
        "rfc-root-500",
        "Groups make a query at the base fail.",
        _root_500,
        "rfc7644-3.4.2.1-unknown-attribute",
    ),
    _fault(
        "rfc-each-page-sorted",
        "Each page is sorted by itself.",
        _each_page_sorted,
        f"{_SORT}over-pages",
    ),
    _fault("rfc-capitals-first", "Capitals are sorted first.", _capitals_first, f"{_SORT}case-ignored"),
    _fault(
        "rfc-descending-ignored",
        "sortOrder is ignored.",
        _descending_ignored,
        f"{_SORT}descending",
        also=(f"{_SORT}missing", f"{_SORT}case-exact"),
    ),
    _fault("rfc-count-0-is-all", "count 0 returns everything.", _count_0_is_all, "rfc7644-3.4.2.4-count-0"),
    _fault(
        "rfc-start-from-0",
        "startIndex counts from 0.",
        _from_0,
        "rfc7644-3.4.2.4-walk",
        also=("rfc7644-3.4.2.4-start-below-1",),
    ),
    _fault("rfc-beyond-404", "A page behind the last is 404.", _beyond_404, "rfc7644-3.4.2.4-beyond"),
    _fault(
        "rfc-next-cursor-null", "nextCursor is null on the last page.", listed(_null_at_end), "rfc9865-2-last"
    ),
    _fault("rfc-cursor-signs", "Cursors have + and / in them.", _signs, "rfc9865-2-unreserved"),
    _fault(
        "rfc-cursor-forgets-filter",
        "From the second page on the filter is forgotten.",
        _filter_forgotten,
        "rfc9865-2-same-query",
        also=("rfc9865-5-same-error", "rfc9865-2-total"),
    ),
    _fault(
        "rfc-attributes-for-lists-only",
        "attributes is ignored at a single resource.",
        _projection_ignored,
        "rfc7644-3.9-minimum",
        also=_PROJECTED,
    ),
    _fault(
        "rfc-whole-name", "name.familyName shows the whole name.", _whole_name, "rfc7644-3.9-sub-attribute"
    ),
    _fault(
        "rfc-members-not-excluded",
        "excludedAttributes leaves members where they are.",
        _members_all_the_same,
        "rfc7644-3.9-excluded-list",
    ),
    _fault(
        "rfc-search-unfiltered",
        "A search by POST ignores its filter.",
        _search_unfiltered,
        "rfc7644-3.4.3-search",
        also=("rfc7644-3.4.3-filter",),
    ),
    _fault("rfc-search-creates", "A search by POST creates a user.", _search_creates, "rfc7644-3.4.3-search"),
)
