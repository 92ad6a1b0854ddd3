"""What RFC 7643 asks of every resource that a run shows."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from scimproof.checks.attributes import show
from scimproof.checks.every_answer import projected, when
from scimproof.checks.own_resources import of_resources, value_in
from scimproof.checks.types import shows, typed
from scimproof.core.definitions import GlobalCheck, RunKnowledge
from scimproof.core.discovery import ResourceType
from scimproof.core.http_message import Exchange, Json
from scimproof.core.results import CheckResult, broken, held
from scimproof.core.scim import CORE_GROUP, CORE_USER, has, value_at

BOTH = ("Users", "Groups")


def schemas(exchange: Exchange, type: ResourceType, resource: Json, _: RunKnowledge) -> CheckResult | None:
    found = value_at(resource, "schemas")
    if found is None and projected(exchange, "schemas"):
        return None
    right = isinstance(found, list) and type.schema in found
    return held(f"schemas has {type.schema}") if right else broken(f"schemas has {type.schema}", show(found))


def schemas_complete(
    exchange: Exchange, _: ResourceType, resource: Json, __: RunKnowledge
) -> CheckResult | None:
    used = [
        key
        for key, value in resource.items()
        if key.lower().startswith("urn:") and value not in (None, {}, [])
    ]
    found = value_at(resource, "schemas")
    if found is None and projected(exchange, "schemas"):
        return None
    listed = [str(urn).lower() for urn in found] if isinstance(found, list) else []
    missing = [urn for urn in used if urn.lower() not in listed]
    expected = "schemas names each extension in the resource"
    return broken(expected, f"without {', '.join(missing)}") if missing else held(expected)


def id_text(_: Exchange, __: ResourceType, resource: Json, ___: RunKnowledge) -> CheckResult:
    found = value_at(resource, "id")
    right = isinstance(found, str) and bool(found)
    return held("id, a non-empty string") if right else broken("id, a non-empty string", show(found))


def meta(exchange: Exchange, _: ResourceType, resource: Json, __: RunKnowledge) -> CheckResult | None:
    paths = ("resourceType", "created", "lastModified", "location")
    missing = [path for path in paths if not has(resource, f"meta.{path}")]
    if missing and projected(exchange, "meta"):
        return None
    expected = "meta with resourceType, created, lastModified, location"
    return broken(expected, f"without {', '.join(missing)}") if missing else held(expected)


def resource_type(_: Exchange, type: ResourceType, resource: Json, __: RunKnowledge) -> CheckResult:
    found = value_at(resource, "meta.resourceType")
    right = found in (type.name, None)  # an absent one is meta's finding
    expected = f"meta.resourceType {type.name}"
    return held(expected) if right else broken(expected, show(found))


def location_absolute(_: Exchange, __: ResourceType, resource: Json, run: RunKnowledge) -> CheckResult:
    """A full URI is what section 3.1 calls it; by section 2.3.7 a client takes a relative one as well.

    So a run that asks of a target what it declares, and not what one client needs, takes both.
    """
    found, id = value_at(resource, "meta.location"), value_at(resource, "id")
    expected = f"meta.location, a full URI that ends in {id}"
    if not isinstance(found, str):  # of another type: the schema's finding
        return held(expected, "no meta.location")
    parts = urlsplit(found)
    full = bool(parts.scheme and parts.netloc) or run.discovery() is not None
    right = full and unquote(parts.path).endswith(f"/{id}")
    return held(expected, found) if right else broken(expected, show(found))


def location_host(exchange: Exchange, _: ResourceType, resource: Json, __: RunKnowledge) -> CheckResult:
    found = value_at(resource, "meta.location")
    wanted = next((value for name, value in exchange.request.headers if name == "Host"), "")
    expected = f"meta.location at {wanted}, where the request went"
    netloc = urlsplit(found).netloc if isinstance(found, str) else ""
    return held(expected) if netloc in ("", wanted) else broken(expected, show(found))


def user_name(exchange: Exchange, type: ResourceType, resource: Json, _: RunKnowledge) -> CheckResult | None:
    if type.schema != CORE_USER or projected(exchange, "userName"):
        return None
    found = value_at(resource, "userName")
    right = isinstance(found, str) and bool(found)
    return held("a userName") if right else broken("a userName", show(found))


def no_password(_: Exchange, type: ResourceType, resource: Json, __: RunKnowledge) -> CheckResult | None:
    if type.schema != CORE_USER:
        return None
    return broken("no password", "a password") if has(resource, "password") else held("no password")


def display_name(
    exchange: Exchange, type: ResourceType, resource: Json, _: RunKnowledge
) -> CheckResult | None:
    if type.schema != CORE_GROUP or projected(exchange, "displayName"):
        return None
    found = value_at(resource, "displayName")
    right = isinstance(found, str) and bool(found)
    return held("a displayName") if right else broken("a displayName", show(found))


def one_primary(_: Exchange, type: ResourceType, resource: Json, run: RunKnowledge) -> CheckResult:
    """At most one value is primary, of each attribute that can have one."""
    found = run.discovery()
    paths = (
        [one.path for one in found.attributes(type) if one.multi_valued and one.sub("primary")]
        if found
        else ["emails", "phoneNumbers", "addresses", "roles"]
    )
    for path in paths:
        values = value_in(resource, path)
        entries = values if isinstance(values, list) else []
        if sum(1 for entry in entries if value_at(entry, "primary") is True) > 1:
            return broken("at most one primary value", f"several in {path}")
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
        GlobalCheck("rfc7643-3-schemas", watch=of_resources(schemas)),
        GlobalCheck("rfc7643-3-schemas-complete", watch=of_resources(schemas_complete)),
        GlobalCheck("rfc7643-3.1-id", watch=of_resources(id_text)),
        GlobalCheck("rfc7643-3.1-meta", watch=of_resources(meta)),
        GlobalCheck("rfc7643-3.1-resource-type", watch=of_resources(resource_type)),
        GlobalCheck("rfc7643-3.1-location-absolute", watch=of_resources(location_absolute)),
        GlobalCheck("rfc7643-3.1-location-host", watch=of_resources(location_host)),
        GlobalCheck("rfc7643-3.1-external-id-as-sent", when(sends_external_id, external_id)),
        GlobalCheck("rfc7643-4.1.1-username", watch=of_resources(user_name)),
        GlobalCheck(
            "rfc7643-4.1.1-active-boolean",
            typed("rfc7643-4.1.1-active-boolean", shows("Users"), "active true or false"),
        ),
        GlobalCheck("rfc7643-4.1.1-password-never", watch=of_resources(no_password)),
        GlobalCheck("rfc7643-4.2-display-name", watch=of_resources(display_name)),
        GlobalCheck(
            "rfc7643-2.4-multi-valued",
            typed("rfc7643-2.4-multi-valued", shows(*BOTH), "multi-valued attributes are lists"),
        ),
        GlobalCheck("rfc7643-2.4-one-primary", watch=of_resources(one_primary)),
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
