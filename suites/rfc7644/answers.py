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
    projected,
    when,
    written,
)
from scimproof.checks.own_resources import of_answers
from scimproof.checks.types import typed
from scimproof.core.definitions import GlobalCheck, RunKnowledge
from scimproof.core.http_message import Exchange, short
from scimproof.core.results import CheckResult, broken, declined, grave, held
from scimproof.core.scim import ERROR, has, value_at
from scimproof.target.target import FRAMING, WRONG_VALUE

from . import list_answers as lists

# Headers of any HTTP client, which let nobody in.
ORDINARY_HEADERS = FRAMING | {"accept", "accept-charset", "accept-encoding", "content-type", "user-agent"}

# Credentials, conditions and sizes are looked at before SCIM is: by a gateway, or by the HTTP server.
BEFORE = (401, 412, 413, 414, 431)

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


def shows_scim(exchange: Exchange, run: RunKnowledge) -> bool:
    """Whether a body has to be SCIM; what is at the base itself may be a page for people."""
    at_base = urlsplit(exchange.request.target).path.rstrip("/") == run.base
    return has_body(exchange) and (not at_base or is_query(exchange))


def body_is_json(exchange: Exchange, run: RunKnowledge) -> CheckResult | None:
    return when(lambda e: shows_scim(e, run) and e.ok, json_body)(exchange)


def media_type(exchange: Exchange, run: RunKnowledge) -> CheckResult | None:
    """application/scim+json; application/json is much used, and right where the client asked for it."""
    if not shows_scim(exchange, run) or not isinstance(exchange.json, dict):
        return None
    found = (exchange.header("Content-Type") or "absent").partition(";")[0].strip().lower()
    accepts = next((v for k, v in exchange.request.headers if k.lower() == "accept"), "").lower()
    asked = found == "application/json" and "application/json" in accepts and "scim+json" not in accepts
    expected = "Content-Type application/scim+json"
    if found == "application/scim+json" or asked:
        return held(expected, found)
    return (broken if found == "application/json" else grave)(expected, found)


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
    name = {"Groups": "displayName", "Users": "userName"}.get(collection(exchange), "id")
    missing = [
        path
        for path in ("schemas", "id", name)
        if not has(exchange.json, path) and not projected(exchange, path)
    ]
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


def put_200(exchange: Exchange) -> tuple[bool, str, str]:
    right = exchange.status == 200 and has(exchange.json, "id")
    return right, "200 with the whole resource", short(exchange.summary(), 80)


def patch_status(exchange: Exchange) -> tuple[bool, str, str]:
    whole = exchange.status == 200 and has(exchange.json, "id")
    right = whole or (exchange.status == 204 and not exchange.body)
    return right, "200 with the whole resource, or 204 without a body", short(exchange.summary(), 80)


def patch_shows_new_state(exchange: Exchange) -> tuple[bool, str, str]:
    found = value_at(exchange.request.json, "Operations")
    operations = found if isinstance(found, list) else []
    for operation in operations if len(operations) == 1 else ():  # of several the last word counts
        value = value_at(operation, "value")
        if (
            value_at(operation, "op") == "replace"
            and not value_at(operation, "path")
            and isinstance(value, dict)
        ):
            for key in ("active", "displayName"):
                if projected(exchange, key):
                    continue
                if key in value and value_at(exchange.json, key) != value[key]:
                    return (
                        False,
                        f"{key} = {show(value[key])} in the answer",
                        show(value_at(exchange.json, key)),
                    )
    return True, "the new state in the answer", "it is"


def delete_204(exchange: Exchange) -> tuple[bool, str, str]:
    return exchange.status == 204, "204", str(exchange.status)


def error_schema(exchange: Exchange) -> CheckResult | None:
    """An Error; a refusal that often comes from what stands before a server is a warning without one."""
    if not is_error(exchange):
        return None
    found, expected = value_at(exchange.json, "schemas"), f"schemas has {ERROR}"
    if isinstance(found, list) and ERROR in found:
        return held(expected, exchange.summary())
    return (declined if exchange.status in BEFORE else broken)(expected, exchange.summary())


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


def is_conflict(exchange: Exchange) -> bool:
    """A create that was answered 409: no job, no search."""
    last = urlsplit(exchange.request.target).path.rpartition("/")[2]
    return exchange.status == 409 and exchange.request.method == "POST" and last not in ("Bulk", ".search")


def wrong_token(exchange: Exchange) -> bool:
    """A request that carried a wrong token, or none, on purpose, and nothing else that may have let it in."""
    headers = exchange.request.headers
    value = next((v for k, v in headers if k == "Authorization"), "")
    others = [v for k, v in headers if k.lower() not in ORDINARY_HEADERS and not v.endswith(WRONG_VALUE)]
    return value in ("", "non-token", "Bearer scimproof-wrong-token") and not (exchange.ok and others)


def unauthorized(exchange: Exchange, run: RunKnowledge) -> CheckResult | None:
    """401. A gateway may say 403: that breaks what a client needs, and not what a target declares."""
    right = (401, 403) if run.discovery() is not None else (401,)
    return when(wrong_token, lambda e: (e.status in right, "401", str(e.status)))(exchange)


WATCHES: dict[str, tuple[GlobalCheck, ...]] = {
    "rfc7644.answers": (
        GlobalCheck("rfc9112-6.3-nothing-after", when(anything, nothing_after)),
        GlobalCheck("rfc7644-3.2-body-is-json", watch=of_answers(body_is_json)),
        GlobalCheck("rfc7644-3.8-media-type", watch=of_answers(media_type)),
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
            when(is_conflict, uniqueness),
        ),
        GlobalCheck(
            "rfc7644-3.4.1-resource-itself",
            when(
                lambda e: e.request.method == "GET" and asks_one(e) and e.ok and isinstance(e.json, dict),
                itself,
            ),
        ),
        GlobalCheck("rfc7644-3.4.2-list-schema", when(is_query, lists.list_schema)),
        GlobalCheck("rfc7644-3.4.2-total-results", watch=of_answers(lists.total_results)),
        GlobalCheck("rfc7644-3.4.2-resources", when(is_query, lists.capital_resources)),
        GlobalCheck(
            "rfc7644-3.4.2-list-types",
            typed("rfc7644-3.4.2-list-types", is_query, "a list's attributes of their types"),
        ),
        GlobalCheck("rfc7644-3.4.2-no-match-200", watch=of_answers(lists.no_match_200)),
        GlobalCheck(
            "rfc7644-3.4.2.4-items-per-page",
            when(lambda e: is_query(e) and has(e.json, "itemsPerPage"), lists.items_per_page),
        ),
        GlobalCheck(
            "rfc7644-3.4.2.4-start-index",
            when(lists.is_indexed, lists.right_start),
        ),
        GlobalCheck(
            "rfc7644-3.4.2.4-count", when(lambda e: is_query(e) and count(e) is not None, lists.within_count)
        ),
        GlobalCheck("rfc7644-3.5.1-put-200", when(written("PUT"), put_200)),
        GlobalCheck("rfc7644-3.5.2-patch-status", when(written("PATCH"), patch_status)),
        GlobalCheck(
            "rfc7644-3.5.2-patch-shows-new-state",
            when(lambda e: written("PATCH")(e) and isinstance(e.json, dict), patch_shows_new_state),
        ),
        GlobalCheck("rfc7644-3.6-delete-204", when(written("DELETE"), delete_204)),
        GlobalCheck("rfc7644-3.12-error-schema", error_schema),
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
        GlobalCheck("rfc7644-3.12-unauthorized", watch=of_answers(unauthorized)),
        GlobalCheck("rfc7644-2-challenge", when(lambda e: e.status == 401, challenge)),
    ),
}
