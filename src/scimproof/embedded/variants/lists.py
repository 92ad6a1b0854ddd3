"""Variants of lists, pages and cursors."""

from scim2_server.responses import ScimResponse

from scimproof.embedded.discovery import Documents
from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.responses import error
from scimproof.embedded.service import Service
from scimproof.embedded.store import Store
from scimproof.embedded.variants.definition import Variant

_MOST = 3
_INDEX_SECONDS = 0.3


def _three_at_most(documents: Documents) -> None:
    documents.config["filter"]["maxResults"] = _MOST
    documents.config["pagination"] |= {"defaultPageSize": _MOST, "maxPageSize": _MOST}


def _by_cursor(documents: Documents) -> None:
    documents.config["pagination"] |= {"index": False, "defaultPaginationMethod": "cursor"}


def _no_index(call: InterceptedRequest) -> ScimResponse:
    """A first page is the same by both methods; the total is not counted."""
    by_post = call.request.path.endswith("/.search")
    if not by_post and call.request.method.upper() != "GET":
        return call.proceed()
    start = call.body.get("startIndex") if by_post else call.request.query.get("startIndex")
    if start is None:
        return _uncounted(call.proceed())
    if str(start) not in {"0", "1"}:
        return error(501, "Pages by startIndex are not supported.")
    if by_post:
        return _uncounted(call.send({key: value for key, value in call.body.items() if key != "startIndex"}))
    return _uncounted(call.query(startIndex=None))


def _uncounted(response: ScimResponse) -> ScimResponse:
    body = response.body or {}
    discovered = any("attributes" in each or "endpoint" in each for each in body.get("Resources") or [])
    if "Resources" in body and not discovered:
        body.pop("totalResults", None)
    return response


def _empty_pages(_: Service, store: Store) -> None:
    store.empty_pages = True


def _slow_index(_: Service, store: Store) -> None:
    store.index_seconds = _INDEX_SECONDS


VARIANTS = (
    Variant("own-maximum", "No page has more than three resources.", describe=_three_at_most),
    Variant("both-methods", "Pages by index and by cursor, as the target does anyway."),
    Variant(
        "cursor-only",
        "Pages by cursor only, and without totalResults.",
        describe=_by_cursor,
        behave=_no_index,
    ),
    Variant(
        "cursor-with-empty-pages",
        "There are empty pages between those of a cursor, without totalResults.",
        arrange=_empty_pages,
    ),
    Variant("slow-index", "A new resource is found by a list or a search after 300 ms.", arrange=_slow_index),
)
