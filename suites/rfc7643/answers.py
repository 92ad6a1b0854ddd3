"""What RFC 7643 asks of every resource that a run shows."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from scimproof.checks.attributes import show
from scimproof.checks.every_answer import collection, each, groups, users, when
from scimproof.checks.types import shows, typed
from scimproof.core.definitions import GlobalCheck
from scimproof.core.http_message import Exchange, Json
from scimproof.core.results import CheckResult, broken, held
from scimproof.core.scim import has, value_at

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
BOTH = ("Users", "Groups")


def schemas(exchange: Exchange, resource: Json) -> CheckResult:
    wanted = USER if collection(exchange) == "Users" else GROUP
    found = value_at(resource, "schemas")
    right = isinstance(found, list) and wanted in found
    return held(f"schemas has {wanted}") if right else broken(f"schemas has {wanted}", show(found))


def schemas_complete(_: Exchange, resource: Json) -> CheckResult:
    used = [
        key
        for key, value in resource.items()
        if key.lower().startswith("urn:") and value not in (None, {}, [])
    ]
    found = value_at(resource, "schemas")
    listed = [str(urn).lower() for urn in found] if isinstance(found, list) else []
    missing = [urn for urn in used if urn.lower() not in listed]
    expected = "schemas names each extension in the resource"
    return broken(expected, f"without {', '.join(missing)}") if missing else held(expected)


def id_text(_: Exchange, resource: Json) -> CheckResult:
    found = value_at(resource, "id")
    right = isinstance(found, str) and bool(found)
    return held("id, a non-empty string") if right else broken("id, a non-empty string", show(found))


def meta(_: Exchange, resource: Json) -> CheckResult:
    paths = ("resourceType", "created", "lastModified", "location")
    missing = [path for path in paths if not has(resource, f"meta.{path}")]
    expected = "meta with resourceType, created, lastModified, location"
    return broken(expected, f"without {', '.join(missing)}") if missing else held(expected)


def resource_type(exchange: Exchange, resource: Json) -> CheckResult:
    wanted = collection(exchange).removesuffix("s")
    found = value_at(resource, "meta.resourceType")
    right = found in (wanted, None)  # an absent one is meta's finding
    return (
        held(f"meta.resourceType {wanted}") if right else broken(f"meta.resourceType {wanted}", show(found))
    )


def location_absolute(_: Exchange, resource: Json) -> CheckResult:
    found, id = value_at(resource, "meta.location"), value_at(resource, "id")
    expected = f"meta.location, a full URI that ends in {id}"
    if not isinstance(found, str):  # of another type: the schema's finding
        return held(expected, "no meta.location")
    parts = urlsplit(found)
    right = bool(parts.scheme and parts.netloc) and unquote(parts.path).endswith(f"/{id}")
    return held(expected) if right else broken(expected, show(found))


def location_host(exchange: Exchange, resource: Json) -> CheckResult:
    found = value_at(resource, "meta.location")
    wanted = next((value for name, value in exchange.request.headers if name == "Host"), "")
    expected = f"meta.location at {wanted}, where the request went"
    netloc = urlsplit(found).netloc if isinstance(found, str) else ""
    return held(expected) if netloc in ("", wanted) else broken(expected, show(found))


def user_name(_: Exchange, resource: Json) -> CheckResult:
    found = value_at(resource, "userName")
    right = isinstance(found, str) and bool(found)
    return held("a userName") if right else broken("a userName", show(found))


def no_password(_: Exchange, resource: Json) -> CheckResult:
    return broken("no password", "a password") if has(resource, "password") else held("no password")


def display_name(_: Exchange, resource: Json) -> CheckResult:
    found = value_at(resource, "displayName")
    right = isinstance(found, str) and bool(found)
    return held("a displayName") if right else broken("a displayName", show(found))


def one_primary(_: Exchange, resource: Json) -> CheckResult:
    for name in ("emails", "phoneNumbers", "addresses", "roles"):
        values = value_at(resource, name)
        entries = values if isinstance(values, list) else []
        if sum(1 for entry in entries if value_at(entry, "primary") is True) > 1:
            return broken("at most one primary value", f"several in {name}")
    return held("at most one primary value")


def external_id(exchange: Exchange) -> tuple[bool, str, str]:
    sent, found = value_at(exchange.request.json, "externalId"), value_at(exchange.json, "externalId")
    return found in (sent, None), f"externalId {show(sent)}, or none", show(found)


def sends_external_id(exchange: Exchange) -> bool:
    """A successful write whose body has an externalId and whose answer is JSON."""
    return (
        exchange.request.method in ("POST", "PUT")
        and exchange.ok
        and has(exchange.request.json, "externalId")
    )


WATCHES: dict[str, tuple[GlobalCheck, ...]] = {
    "rfc7643.answers": (
        GlobalCheck("rfc7643-3-schemas", each(schemas)),
        GlobalCheck("rfc7643-3-schemas-complete", each(schemas_complete)),
        GlobalCheck("rfc7643-3.1-id", each(id_text)),
        GlobalCheck("rfc7643-3.1-meta", each(meta)),
        GlobalCheck("rfc7643-3.1-resource-type", each(resource_type)),
        GlobalCheck("rfc7643-3.1-location-absolute", each(location_absolute)),
        GlobalCheck("rfc7643-3.1-location-host", each(location_host)),
        GlobalCheck("rfc7643-3.1-external-id-as-sent", when(sends_external_id, external_id)),
        GlobalCheck("rfc7643-4.1.1-username", users(user_name)),
        GlobalCheck(
            "rfc7643-4.1.1-active-boolean",
            typed("rfc7643-4.1.1-active-boolean", shows("Users"), "active true or false"),
        ),
        GlobalCheck("rfc7643-4.1.1-password-never", users(no_password)),
        GlobalCheck("rfc7643-4.2-display-name", groups(display_name)),
        GlobalCheck(
            "rfc7643-2.4-multi-valued",
            typed("rfc7643-2.4-multi-valued", shows(*BOTH), "multi-valued attributes are lists"),
        ),
        GlobalCheck("rfc7643-2.4-one-primary", each(one_primary)),
        GlobalCheck(
            "rfc7643-2.3-complex",
            typed("rfc7643-2.3-complex", shows(*BOTH), "complex attributes are objects"),
        ),
        GlobalCheck(
            "rfc7643-3.1-types",
            typed("rfc7643-3.1-types", shows(*BOTH), "schemas, externalId and meta of their types"),
        ),
        GlobalCheck(
            "rfc7643-4.1-types",
            typed("rfc7643-4.1-types", shows("Users"), "a user's attributes of their types"),
        ),
        GlobalCheck(
            "rfc7643-4.2-types",
            typed("rfc7643-4.2-types", shows("Groups"), "a group's attributes of their types"),
        ),
        GlobalCheck(
            "rfc7643-4.3-types",
            typed("rfc7643-4.3-types", shows("Users"), "enterprise attributes of their types"),
        ),
    ),
}
