"""What every answer of a run is held to, counted once for the whole run."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, unquote, urlsplit

from scimproof.checks.attributes import show
from scimproof.checks.lists import LIST, is_integer
from scimproof.model import Exchange, Json, Judgement, Watch, broken, held, parse_json
from scimproof.people import PREFIX
from scimproof.scene import has, look, resources

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
SCIM_TYPES = (
    "invalidFilter tooMany uniqueness mutability invalidSyntax invalidPath noTarget invalidValue invalidVers "
    "sensitive invalidCursor expiredCursor invalidCount"
).split()
MULTI_VALUED = (
    "emails",
    "phoneNumbers",
    "addresses",
    "groups",
    "members",
    "roles",
    "entitlements",
    "schemas",
)

Ask = Callable[[Exchange], Judgement | None]


def collection(exchange: Exchange) -> str:
    """`Users` or `Groups`, whichever the request went to; empty for anything else."""
    path = urlsplit(exchange.request.target).path
    return next(
        (name for name in ("Users", "Groups") if f"/{name}/" in path or path.endswith(f"/{name}")), ""
    )


def asks_one(exchange: Exchange) -> bool:
    """Whether the request addressed one resource by id."""
    return f"/{collection(exchange)}/" in urlsplit(exchange.request.target).path


def is_query(exchange: Exchange) -> bool:
    """A GET of a collection that was answered with success."""
    return (
        exchange.request.method == "GET"
        and not asks_one(exchange)
        and exchange.ok
        and isinstance(exchange.json, dict)
    )


def shown(exchange: Exchange) -> list[Json]:
    """The resources in a successful answer: the one, or those of a list."""
    body = exchange.json
    if not exchange.ok or not isinstance(body, dict):
        return []
    if LIST in (look(body, "schemas") or []) or look(body, "Resources") is not None:
        return [
            resource for resource in resources(body) if isinstance(resource, dict) and may_be_ours(resource)
        ]
    partial = exchange.request.method != "GET" and not has(body, "schemas") and not has(body, "meta")
    if exchange.request.method == "DELETE" or partial or ERROR in (look(body, "schemas") or []):
        return []  # what is no representation of a resource has rules of its own
    return [body] if collection(exchange) and may_be_ours(body) else []


def may_be_ours(resource: Json) -> bool:
    """Whether a run created it; what was there before is nobody's finding."""
    name = look(resource, "userName") or look(resource, "displayName")
    return not isinstance(name, str) or PREFIX.search(name.casefold()) is not None


def each(ask: Callable[[Exchange, Json], Judgement]) -> Ask:
    """Ask about each resource of an answer; the first that breaks the rule speaks for it."""

    def watch(exchange: Exchange) -> Judgement | None:
        judgements = [ask(exchange, resource) for resource in shown(exchange)]
        return next((j for j in judgements if j.held is False), judgements[0] if judgements else None)

    return watch


def when(concerns: Callable[[Exchange], bool], ask: Callable[[Exchange], tuple[bool, str, str]]) -> Ask:
    """Ask those answers that the rule concerns: (holds, expected, observed)."""

    def watch(exchange: Exchange) -> Judgement | None:
        if not concerns(exchange):
            return None
        right, expected, observed = ask(exchange)
        return held(expected, observed) if right else broken(expected, observed)

    return watch


def has_body(exchange: Exchange) -> bool:
    """Any answer with a body."""
    return bool(exchange.body)


def is_error(exchange: Exchange) -> bool:
    """Any answer with a 4xx or 5xx status."""
    return exchange.status >= 400


def is_scim_error(exchange: Exchange) -> bool:
    """An error whose body is a JSON object."""
    return is_error(exchange) and isinstance(exchange.json, dict)


def written(method: str) -> Callable[[Exchange], bool]:
    """Answers of success to that method on a resource or a collection."""
    return lambda exchange: exchange.request.method == method and exchange.ok and bool(collection(exchange))


def is_create(exchange: Exchange) -> bool:
    """A create that was answered 201."""
    return exchange.request.method == "POST" and exchange.status == 201


def start_index(exchange: Exchange) -> int:
    """The startIndex that was asked for."""
    return int(parse_qs(urlsplit(exchange.request.target).query).get("startIndex", ["1"])[0])


def count(exchange: Exchange) -> int | None:
    """The count that was asked for, None when none was."""
    found = parse_qs(urlsplit(exchange.request.target).query).get("count")
    return int(found[0]) if found else None


def json_body(exchange: Exchange) -> tuple[bool, str, str]:
    return isinstance(exchange.json, dict), "a JSON object in UTF-8", exchange.summary()


def media_type(exchange: Exchange) -> tuple[bool, str, str]:
    found = (exchange.header("Content-Type") or "absent").partition(";")[0].strip().lower()
    return found == "application/scim+json", "Content-Type application/scim+json", found


def location(exchange: Exchange) -> tuple[bool, str, str]:
    found = exchange.header("Location")
    return bool(found), "a Location header with the 201", show(found)


def location_is_meta(exchange: Exchange) -> tuple[bool, str, str]:
    header, meta = exchange.header("Location"), look(exchange.json, "meta.location")
    return header == meta, f"Location and meta.location the same: {show(meta)}", show(header)


def representation(exchange: Exchange) -> tuple[bool, str, str]:
    name = "displayName" if collection(exchange) == "Groups" else "userName"
    missing = [path for path in ("schemas", "id", name) if not has(exchange.json, path)]
    return (
        not missing,
        "the new resource in the answer",
        f"without {', '.join(missing)}" if missing else "it is",
    )


def uniqueness(exchange: Exchange) -> tuple[bool, str, str]:
    found = look(exchange.json, "scimType")
    return found == "uniqueness", "scimType uniqueness", show(found)


def itself(exchange: Exchange) -> tuple[bool, str, str]:
    wanted = unquote(urlsplit(exchange.request.target).path.rpartition("/")[2])
    found = look(exchange.json, "id")
    right = str(found) == wanted and look(exchange.json, "Resources") is None
    return right, f"the resource itself, id {wanted}", show(found)


def list_schema(exchange: Exchange) -> tuple[bool, str, str]:
    found = look(exchange.json, "schemas")
    return isinstance(found, list) and LIST in found, f"schemas has {LIST}", show(found)


def total_results(exchange: Exchange) -> tuple[bool, str, str]:
    found = look(exchange.json, "totalResults")
    return is_integer(found) and found >= 0, "totalResults, an integer", show(found)


def capital_resources(exchange: Exchange) -> tuple[bool, str, str]:
    body = exchange.json
    none = look(body, "totalResults") in (0, "0", None) and "Resources" not in body
    right = isinstance(body.get("Resources"), list) or none
    wrong = [key for key in body if key.lower() == "resources" and key != "Resources"]
    total = look(body, "totalResults")
    beyond = is_integer(total) and start_index(exchange) > total and body.get("Resources", []) is not None
    return (right or beyond) and not wrong, "a Resources list", f"keys {', '.join(sorted(body))}"


def items_per_page(exchange: Exchange) -> tuple[bool, str, str]:
    number, found = len(resources(exchange.json)), look(exchange.json, "itemsPerPage")
    return str(found) == str(number), f"itemsPerPage {number}, the number of resources here", show(found)


def right_start(exchange: Exchange) -> tuple[bool, str, str]:
    wanted, found = start_index(exchange), look(exchange.json, "startIndex")
    return str(found) == str(wanted), f"startIndex {wanted}", show(found)


def within_count(exchange: Exchange) -> tuple[bool, str, str]:
    limit, number = count(exchange) or 0, len(resources(exchange.json))
    return number <= limit, f"at most {limit} resources", str(number)


def put_200(exchange: Exchange) -> tuple[bool, str, str]:
    right = exchange.status == 200 and has(exchange.json, "id")
    return right, "200 with the whole resource", exchange.summary()[:80]


def patch_status(exchange: Exchange) -> tuple[bool, str, str]:
    whole = exchange.status == 200 and has(exchange.json, "id")
    right = whole or (exchange.status == 204 and not exchange.body)
    return right, "200 with the whole resource, or 204 without a body", exchange.summary()[:80]


def patch_shows_new_state(exchange: Exchange) -> tuple[bool, str, str]:
    operations = look(exchange.request.json, "Operations") or []
    for operation in operations:
        value = look(operation, "value")
        if look(operation, "op") == "replace" and not look(operation, "path") and isinstance(value, dict):
            for key in ("active", "displayName"):
                if key in value and look(exchange.json, key) != value[key]:
                    return False, f"{key} = {show(value[key])} in the answer", show(look(exchange.json, key))
    return True, "the new state in the answer", "it is"


def delete_204(exchange: Exchange) -> tuple[bool, str, str]:
    return exchange.status == 204, "204", str(exchange.status)


def error_schema(exchange: Exchange) -> tuple[bool, str, str]:
    found = look(exchange.json, "schemas")
    return isinstance(found, list) and ERROR in found, f"schemas has {ERROR}", exchange.summary()


def status_string(exchange: Exchange) -> tuple[bool, str, str]:
    found = look(exchange.json, "status")
    return isinstance(found, str), f'status "{exchange.status}", as text', show(found)


def status_same(exchange: Exchange) -> tuple[bool, str, str]:
    found = look(exchange.json, "status")
    return str(found) == str(exchange.status), f"status {exchange.status}, as in HTTP", show(found)


def scim_type(exchange: Exchange) -> tuple[bool, str, str]:
    found = look(exchange.json, "scimType")
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
    """A request that carried a wrong token on purpose."""
    value = next((v for k, v in exchange.request.headers if k == "Authorization"), "")
    return value in ("non-token", "Bearer scimproof-wrong-token")


def unauthorized(exchange: Exchange) -> tuple[bool, str, str]:
    return exchange.status == 401, "401", str(exchange.status)


def schemas(exchange: Exchange, resource: Json) -> Judgement:
    wanted = USER if collection(exchange) == "Users" else GROUP
    found = look(resource, "schemas")
    right = isinstance(found, list) and wanted in found
    return held(f"schemas has {wanted}") if right else broken(f"schemas has {wanted}", show(found))


def schemas_complete(_: Exchange, resource: Json) -> Judgement:
    used = [
        key
        for key, value in resource.items()
        if key.lower().startswith("urn:") and value not in (None, {}, [])
    ]
    listed = [str(urn).lower() for urn in look(resource, "schemas") or []]
    missing = [urn for urn in used if urn.lower() not in listed]
    expected = "schemas names each extension in the resource"
    return broken(expected, f"without {', '.join(missing)}") if missing else held(expected)


def id_text(_: Exchange, resource: Json) -> Judgement:
    found = look(resource, "id")
    right = isinstance(found, str) and bool(found)
    return held("id, a non-empty string") if right else broken("id, a non-empty string", show(found))


def meta(_: Exchange, resource: Json) -> Judgement:
    paths = ("resourceType", "created", "lastModified", "location")
    missing = [path for path in paths if not has(resource, f"meta.{path}")]
    expected = "meta with resourceType, created, lastModified, location"
    return broken(expected, f"without {', '.join(missing)}") if missing else held(expected)


def resource_type(exchange: Exchange, resource: Json) -> Judgement:
    wanted = collection(exchange).removesuffix("s")
    found = look(resource, "meta.resourceType")
    right = found in (wanted, None)  # an absent one is meta's finding
    return (
        held(f"meta.resourceType {wanted}") if right else broken(f"meta.resourceType {wanted}", show(found))
    )


def location_absolute(_: Exchange, resource: Json) -> Judgement:
    found, id = look(resource, "meta.location"), look(resource, "id")
    expected = f"meta.location, a full URI that ends in {id}"
    if found is None:
        return held(expected, "no meta.location")
    parts = urlsplit(found) if isinstance(found, str) else None
    right = (
        parts is not None and bool(parts.scheme and parts.netloc) and unquote(parts.path).endswith(f"/{id}")
    )
    return held(expected) if right else broken(expected, show(found))


def location_host(exchange: Exchange, resource: Json) -> Judgement:
    found = look(resource, "meta.location")
    wanted = next((value for name, value in exchange.request.headers if name == "Host"), "")
    expected = f"meta.location at {wanted}, where the request went"
    netloc = urlsplit(found).netloc if isinstance(found, str) else ""
    return held(expected) if netloc in ("", wanted) else broken(expected, show(found))


def user_name(_: Exchange, resource: Json) -> Judgement:
    found = look(resource, "userName")
    right = isinstance(found, str) and bool(found)
    return held("a userName") if right else broken("a userName", show(found))


def active_boolean(_: Exchange, resource: Json) -> Judgement:
    found = look(resource, "active")
    right = found is None or isinstance(found, bool)
    return held("active true or false") if right else broken("active true or false", show(found))


def no_password(_: Exchange, resource: Json) -> Judgement:
    return broken("no password", "a password") if has(resource, "password") else held("no password")


def display_name(_: Exchange, resource: Json) -> Judgement:
    found = look(resource, "displayName")
    right = isinstance(found, str) and bool(found)
    return held("a displayName") if right else broken("a displayName", show(found))


def lists(_: Exchange, resource: Json) -> Judgement:
    wrong = [name for name in MULTI_VALUED if not isinstance(look(resource, name), list | None)]
    expected = "multi-valued attributes are lists"
    return broken(expected, f"no list: {', '.join(wrong)}") if wrong else held(expected)


def one_primary(_: Exchange, resource: Json) -> Judgement:
    for name in ("emails", "phoneNumbers", "addresses", "roles"):
        values = look(resource, name)
        entries = values if isinstance(values, list) else []
        if sum(1 for entry in entries if look(entry, "primary") is True) > 1:
            return broken("at most one primary value", f"several in {name}")
    return held("at most one primary value")


def objects(_: Exchange, resource: Json) -> Judgement:
    manager = look((resource.get("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User")), "manager")
    found = {"name": look(resource, "name"), "meta": look(resource, "meta"), "manager": manager}
    wrong = [name for name, value in found.items() if not isinstance(value, dict | None)]
    return (
        broken("complex attributes are objects", f"{', '.join(wrong)}") if wrong else held("they are objects")
    )


def external_id(exchange: Exchange) -> tuple[bool, str, str]:
    sent, found = look(exchange.request.json, "externalId"), look(exchange.json, "externalId")
    return found in (sent, None), f"externalId {show(sent)}, or none", show(found)


def sends_external_id(exchange: Exchange) -> bool:
    """A successful write whose body has an externalId and whose answer is JSON."""
    return (
        exchange.request.method in ("POST", "PUT")
        and exchange.ok
        and has(exchange.request.json, "externalId")
    )


def no_server_error(exchange: Exchange) -> tuple[bool, str, str]:
    return exchange.status < 500 or exchange.status == 501, "no 5xx", exchange.summary()


def retry_after(exchange: Exchange) -> tuple[bool, str, str]:
    found = exchange.header("Retry-After")
    right = found is not None and found.strip().isascii() and found.strip().isdigit()
    return right, "Retry-After in whole seconds", show(found)


def token_not_echoed(exchange: Exchange) -> tuple[bool, str, str]:
    value = next((v for k, v in exchange.request.headers if k == "Authorization"), "")
    token = value.partition(" ")[2] or value
    head = "\n".join(v for _, v in exchange.headers)
    echoed = len(token) >= 6 and (token.encode() in exchange.body or token in head)
    return not echoed, "no Authorization value in the answer", "it is there" if echoed else "it is not"


def password_not_echoed(exchange: Exchange) -> tuple[bool, str, str]:
    password = look(exchange.request.json, "password")
    echoed = isinstance(password, str) and bool(password) and password.encode() in exchange.body
    return not echoed, "no password in the answer", "it is there" if echoed else "it is not"


def anything(_: Exchange) -> bool:
    """Every complete answer."""
    return True


def error_json(exchange: Exchange) -> tuple[bool, str, str]:
    return parse_json(exchange.body) is not None, "JSON in the error's body", exchange.summary()


def users(ask: Callable[[Exchange, Json], Judgement]) -> Ask:
    """Ask about each user only."""
    asked = each(ask)
    return lambda exchange: asked(exchange) if collection(exchange) == "Users" else None


def groups(ask: Callable[[Exchange, Json], Judgement]) -> Ask:
    """Ask about each group only."""
    asked = each(ask)
    return lambda exchange: asked(exchange) if collection(exchange) == "Groups" else None


WATCHES: dict[str, tuple[Watch, ...]] = {
    "okta.answers": (
        Watch("okta-no-server-error", when(anything, no_server_error)),
        Watch("okta-error-is-json", when(lambda e: is_error(e) and has_body(e), error_json)),
        Watch("okta-retry-after", when(lambda e: e.status == 429, retry_after)),
        Watch("okta-no-token-echo", when(anything, token_not_echoed)),
        Watch("okta-email-is-list", users(lists)),
        Watch("okta-password-never-returned", when(anything, password_not_echoed)),
    ),
    "rfc7644.answers": (
        Watch("rfc7644-3.2-body-is-json", when(lambda e: has_body(e) and e.ok, json_body)),
        Watch("rfc7644-3.8-media-type", when(lambda e: has_body(e) and isinstance(e.json, dict), media_type)),
        Watch(
            "rfc7644-3.3-create-201", when(written("POST"), lambda e: (e.status == 201, "201", str(e.status)))
        ),
        Watch("rfc7644-3.3-location", when(is_create, location)),
        Watch(
            "rfc7644-3.3-location-is-meta",
            when(
                lambda e: is_create(e) and bool(e.header("Location")) and has(e.json, "meta.location"),
                location_is_meta,
            ),
        ),
        Watch("rfc7644-3.3-representation", when(is_create, representation)),
        Watch(
            "rfc7644-3.3-conflict-uniqueness",
            when(lambda e: e.status == 409 and e.request.method == "POST", uniqueness),
        ),
        Watch(
            "rfc7644-3.4.1-resource-itself",
            when(
                lambda e: e.request.method == "GET" and asks_one(e) and e.ok and isinstance(e.json, dict),
                itself,
            ),
        ),
        Watch("rfc7644-3.4.2-list-schema", when(is_query, list_schema)),
        Watch("rfc7644-3.4.2-total-results", when(is_query, total_results)),
        Watch("rfc7644-3.4.2-resources", when(is_query, capital_resources)),
        Watch("rfc7644-3.4.2-no-match-200", when(is_search, no_match)),
        Watch(
            "rfc7644-3.4.2.4-items-per-page",
            when(lambda e: is_query(e) and has(e.json, "itemsPerPage"), items_per_page),
        ),
        Watch(
            "rfc7644-3.4.2.4-start-index",
            when(lambda e: is_query(e) and has(e.json, "startIndex"), right_start),
        ),
        Watch("rfc7644-3.4.2.4-count", when(lambda e: is_query(e) and count(e) is not None, within_count)),
        Watch("rfc7644-3.5.1-put-200", when(written("PUT"), put_200)),
        Watch("rfc7644-3.5.2-patch-status", when(written("PATCH"), patch_status)),
        Watch(
            "rfc7644-3.5.2-patch-shows-new-state",
            when(lambda e: written("PATCH")(e) and isinstance(e.json, dict), patch_shows_new_state),
        ),
        Watch("rfc7644-3.6-delete-204", when(written("DELETE"), delete_204)),
        Watch("rfc7644-3.12-error-schema", when(is_error, error_schema)),
        Watch(
            "rfc7644-3.12-error-status-string",
            when(lambda e: is_scim_error(e) and has(e.json, "status"), status_string),
        ),
        Watch("rfc7644-3.12-error-status-same", when(is_scim_error, status_same)),
        Watch(
            "rfc7644-3.12-scim-type", when(lambda e: is_scim_error(e) and has(e.json, "scimType"), scim_type)
        ),
        Watch("rfc7644-3.12-unauthorized", when(wrong_token, unauthorized)),
        Watch("rfc7644-2-challenge", when(lambda e: e.status == 401, challenge)),
    ),
    "rfc7643.answers": (
        Watch("rfc7643-3-schemas", each(schemas)),
        Watch("rfc7643-3-schemas-complete", each(schemas_complete)),
        Watch("rfc7643-3.1-id", each(id_text)),
        Watch("rfc7643-3.1-meta", each(meta)),
        Watch("rfc7643-3.1-resource-type", each(resource_type)),
        Watch("rfc7643-3.1-location-absolute", each(location_absolute)),
        Watch("rfc7643-3.1-location-host", each(location_host)),
        Watch("rfc7643-3.1-external-id-as-sent", when(sends_external_id, external_id)),
        Watch("rfc7643-4.1.1-username", users(user_name)),
        Watch("rfc7643-4.1.1-active-boolean", users(active_boolean)),
        Watch("rfc7643-4.1.1-password-never", users(no_password)),
        Watch("rfc7643-4.2-display-name", groups(display_name)),
        Watch("rfc7643-2.4-multi-valued", each(lists)),
        Watch("rfc7643-2.4-one-primary", each(one_primary)),
        Watch("rfc7643-2.3-complex", each(objects)),
    ),
}
