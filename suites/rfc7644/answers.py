"""What RFC 7644 asks of every answer of a run."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from scimproof.checks.attributes import show
from scimproof.checks.every_answer import (
    anything,
    asks_one,
    collection,
    count,
    has_body,
    is_create,
    is_error,
    is_query,
    is_scim_error,
    start_index,
    when,
    written,
)
from scimproof.checks.lists import is_integer
from scimproof.checks.types import typed
from scimproof.core.definitions import GlobalCheck
from scimproof.core.http_message import Exchange, short
from scimproof.core.scim import ERROR, LIST_RESPONSE, has, resources, value_at
from scimproof.target.target import FRAMING, WRONG_VALUE

# Headers of any HTTP client, which let nobody in.
ORDINARY_HEADERS = FRAMING | {"accept", "accept-charset", "accept-encoding", "content-type", "user-agent"}

SCIM_TYPES = (
    "invalidFilter",
    "tooMany",
    "uniqueness",
    "mutability",
    "invalidSyntax",
    "invalidPath",
    "noTarget",
    "invalidValue",
    "invalidVers",
    "sensitive",
    "invalidCursor",
    "expiredCursor",
    "invalidCount",
)


def nothing_after(exchange: Exchange) -> tuple[bool, str, str]:
    observed = f"{exchange.surplus} bytes behind {exchange.status} {exchange.reason}".strip()
    return not exchange.surplus, "nothing behind the answer", observed


def json_body(exchange: Exchange) -> tuple[bool, str, str]:
    return isinstance(exchange.json, dict), "a JSON object in UTF-8", exchange.summary()


def media_type(exchange: Exchange) -> tuple[bool, str, str]:
    found = (exchange.header("Content-Type") or "absent").partition(";")[0].strip().lower()
    return found == "application/scim+json", "Content-Type application/scim+json", found


def is_new(exchange: Exchange) -> bool:
    """A create that was answered with success, and not with somebody who was there before."""
    return written("POST")(exchange) and not exchange.known


def location(exchange: Exchange) -> tuple[bool, str, str]:
    found = exchange.header("Location")
    return bool(found), "a Location header with the 201", show(found)


def location_is_meta(exchange: Exchange) -> tuple[bool, str, str]:
    header, meta = exchange.header("Location"), value_at(exchange.json, "meta.location")
    return header == meta, f"Location and meta.location the same: {show(meta)}", show(header)


def is_located(exchange: Exchange) -> bool:
    """A create that was answered 201 with an id and a Location."""
    return is_create(exchange) and bool(exchange.header("Location")) and bool(value_at(exchange.json, "id"))


def location_names_id(exchange: Exchange) -> tuple[bool, str, str]:
    id, found = value_at(exchange.json, "id"), exchange.header("Location")
    last = unquote(urlsplit(found or "").path.rstrip("/").rpartition("/")[2])
    return last == str(id), f"a Location that ends in the id {show(id)}", show(found)


def representation(exchange: Exchange) -> tuple[bool, str, str]:
    name = "displayName" if collection(exchange) == "Groups" else "userName"
    missing = [path for path in ("schemas", "id", name) if not has(exchange.json, path)]
    return (
        not missing,
        "the new resource in the answer",
        f"without {', '.join(missing)}" if missing else "it is",
    )


def uniqueness(exchange: Exchange) -> tuple[bool, str, str]:
    found = value_at(exchange.json, "scimType")
    return found == "uniqueness", "scimType uniqueness", show(found)


def itself(exchange: Exchange) -> tuple[bool, str, str]:
    wanted = unquote(urlsplit(exchange.request.target).path.rpartition("/")[2])
    found = value_at(exchange.json, "id")
    right = str(found) == wanted and value_at(exchange.json, "Resources") is None
    return right, f"the resource itself, id {wanted}", show(found)


def list_schema(exchange: Exchange) -> tuple[bool, str, str]:
    found = value_at(exchange.json, "schemas")
    return isinstance(found, list) and LIST_RESPONSE in found, f"schemas has {LIST_RESPONSE}", show(found)


def total_results(exchange: Exchange) -> tuple[bool, str, str]:
    found = value_at(exchange.json, "totalResults")
    return is_integer(found) and found >= 0, "totalResults, an integer", show(found)


def capital_resources(exchange: Exchange) -> tuple[bool, str, str]:
    body = exchange.json
    none = value_at(body, "totalResults") in (0, "0", None) and "Resources" not in body
    right = isinstance(body.get("Resources"), list) or none
    wrong = [key for key in body if key.lower() == "resources" and key != "Resources"]
    total = value_at(body, "totalResults")
    beyond = is_integer(total) and start_index(exchange) > total and body.get("Resources", []) is not None
    return (right or beyond) and not wrong, "a Resources list", f"keys {', '.join(sorted(body))}"


def items_per_page(exchange: Exchange) -> tuple[bool, str, str]:
    number, found = len(resources(exchange.json)), value_at(exchange.json, "itemsPerPage")
    return str(found) == str(number), f"itemsPerPage {number}, the number of resources here", show(found)


def right_start(exchange: Exchange) -> tuple[bool, str, str]:
    wanted, found = start_index(exchange), value_at(exchange.json, "startIndex")
    return str(found) == str(wanted), f"startIndex {wanted}", show(found)


def within_count(exchange: Exchange) -> tuple[bool, str, str]:
    limit, number = count(exchange) or 0, len(resources(exchange.json))
    return number <= limit, f"at most {limit} resources", str(number)


def put_200(exchange: Exchange) -> tuple[bool, str, str]:
    right = exchange.status == 200 and has(exchange.json, "id")
    return right, "200 with the whole resource", short(exchange.summary(), 80)


def patch_status(exchange: Exchange) -> tuple[bool, str, str]:
    whole = exchange.status == 200 and has(exchange.json, "id")
    right = whole or (exchange.status == 204 and not exchange.body)
    return right, "200 with the whole resource, or 204 without a body", short(exchange.summary(), 80)


def patch_shows_new_state(exchange: Exchange) -> tuple[bool, str, str]:
    operations = value_at(exchange.request.json, "Operations") or []
    for operation in operations:
        value = value_at(operation, "value")
        if (
            value_at(operation, "op") == "replace"
            and not value_at(operation, "path")
            and isinstance(value, dict)
        ):
            for key in ("active", "displayName"):
                if key in value and value_at(exchange.json, key) != value[key]:
                    return (
                        False,
                        f"{key} = {show(value[key])} in the answer",
                        show(value_at(exchange.json, key)),
                    )
    return True, "the new state in the answer", "it is"


def delete_204(exchange: Exchange) -> tuple[bool, str, str]:
    return exchange.status == 204, "204", str(exchange.status)


def error_schema(exchange: Exchange) -> tuple[bool, str, str]:
    found = value_at(exchange.json, "schemas")
    return isinstance(found, list) and ERROR in found, f"schemas has {ERROR}", exchange.summary()


def status_string(exchange: Exchange) -> tuple[bool, str, str]:
    found = value_at(exchange.json, "status")
    return isinstance(found, str), f'status "{exchange.status}", as text', show(found)


def status_same(exchange: Exchange) -> tuple[bool, str, str]:
    found = value_at(exchange.json, "status")
    return str(found) == str(exchange.status), f"status {exchange.status}, as in HTTP", show(found)


def scim_type(exchange: Exchange) -> tuple[bool, str, str]:
    found = value_at(exchange.json, "scimType")
    return found in SCIM_TYPES, "a scimType of RFC 7644 table 9", show(found)


def challenge(exchange: Exchange) -> tuple[bool, str, str]:
    found = exchange.header("WWW-Authenticate")
    return bool(found), "a WWW-Authenticate header with the 401", show(found)


def no_match(exchange: Exchange) -> tuple[bool, str, str]:
    return exchange.status == 200, "200 with totalResults 0", exchange.summary()


def is_search(exchange: Exchange) -> bool:
    """A search by filter that was answered at all with 200 or 404."""
    return "filter=" in exchange.request.target and exchange.status in (200, 404)


def wrong_token(exchange: Exchange) -> bool:
    """A request that carried a wrong token, or none, on purpose, and nothing else that may have let it in."""
    headers = exchange.request.headers
    value = next((v for k, v in headers if k == "Authorization"), "")
    others = [v for k, v in headers if k.lower() not in ORDINARY_HEADERS and not v.endswith(WRONG_VALUE)]
    return value in ("", "non-token", "Bearer scimproof-wrong-token") and not (exchange.ok and others)


def unauthorized(exchange: Exchange) -> tuple[bool, str, str]:
    return exchange.status == 401, "401", str(exchange.status)


WATCHES: dict[str, tuple[GlobalCheck, ...]] = {
    "rfc7644.answers": (
        GlobalCheck("rfc9112-6.3-nothing-after", when(anything, nothing_after)),
        GlobalCheck("rfc7644-3.2-body-is-json", when(lambda e: has_body(e) and e.ok, json_body)),
        GlobalCheck(
            "rfc7644-3.8-media-type", when(lambda e: has_body(e) and isinstance(e.json, dict), media_type)
        ),
        GlobalCheck(
            "rfc7644-3.3-create-201",
            when(is_new, lambda e: (e.status == 201, "201", str(e.status))),
        ),
        GlobalCheck("rfc7644-3.3-location", when(is_create, location)),
        GlobalCheck(
            "rfc7644-3.3-location-is-meta",
            when(
                lambda e: is_create(e) and bool(e.header("Location")) and has(e.json, "meta.location"),
                location_is_meta,
            ),
        ),
        GlobalCheck("rfc7644-3.3-location-names-id", when(is_located, location_names_id)),
        GlobalCheck("rfc7644-3.3-representation", when(is_create, representation)),
        GlobalCheck(
            "rfc7644-3.3-conflict-uniqueness",
            when(lambda e: e.status == 409 and e.request.method == "POST", uniqueness),
        ),
        GlobalCheck(
            "rfc7644-3.4.1-resource-itself",
            when(
                lambda e: e.request.method == "GET" and asks_one(e) and e.ok and isinstance(e.json, dict),
                itself,
            ),
        ),
        GlobalCheck("rfc7644-3.4.2-list-schema", when(is_query, list_schema)),
        GlobalCheck("rfc7644-3.4.2-total-results", when(is_query, total_results)),
        GlobalCheck("rfc7644-3.4.2-resources", when(is_query, capital_resources)),
        GlobalCheck(
            "rfc7644-3.4.2-list-types",
            typed("rfc7644-3.4.2-list-types", is_query, "a list's attributes of their types"),
        ),
        GlobalCheck("rfc7644-3.4.2-no-match-200", when(is_search, no_match)),
        GlobalCheck(
            "rfc7644-3.4.2.4-items-per-page",
            when(lambda e: is_query(e) and has(e.json, "itemsPerPage"), items_per_page),
        ),
        GlobalCheck(
            "rfc7644-3.4.2.4-start-index",
            when(lambda e: is_query(e) and has(e.json, "startIndex"), right_start),
        ),
        GlobalCheck(
            "rfc7644-3.4.2.4-count", when(lambda e: is_query(e) and count(e) is not None, within_count)
        ),
        GlobalCheck("rfc7644-3.5.1-put-200", when(written("PUT"), put_200)),
        GlobalCheck("rfc7644-3.5.2-patch-status", when(written("PATCH"), patch_status)),
        GlobalCheck(
            "rfc7644-3.5.2-patch-shows-new-state",
            when(lambda e: written("PATCH")(e) and isinstance(e.json, dict), patch_shows_new_state),
        ),
        GlobalCheck("rfc7644-3.6-delete-204", when(written("DELETE"), delete_204)),
        GlobalCheck("rfc7644-3.12-error-schema", when(is_error, error_schema)),
        GlobalCheck(
            "rfc7644-3.12-error-status-string",
            when(lambda e: is_scim_error(e) and has(e.json, "status"), status_string),
        ),
        GlobalCheck("rfc7644-3.12-error-status-same", when(is_scim_error, status_same)),
        GlobalCheck(
            "rfc7644-3.12-scim-type", when(lambda e: is_scim_error(e) and has(e.json, "scimType"), scim_type)
        ),
        GlobalCheck(
            "rfc7644-3.12-error-types",
            typed("rfc7644-3.12-error-types", is_scim_error, "an error's attributes of their types"),
        ),
        GlobalCheck("rfc7644-3.12-unauthorized", when(wrong_token, unauthorized)),
        GlobalCheck("rfc7644-2-challenge", when(lambda e: e.status == 401, challenge)),
    ),
}
