"""What RFC 7643 asks of every resource that a run shows."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

from scimproof.checks.attributes import show
from scimproof.checks.types import shows, typed
from scimproof.checks.watching import (
    collection,
    each,
    groups,
    users,
    when,
)
from scimproof.model import Exchange, Json, Judgement, Watch, broken, held
from scimproof.scene import has, look

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
BOTH = ("Users", "Groups")


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
    found = look(resource, "schemas")
    listed = [str(urn).lower() for urn in found] if isinstance(found, list) else []
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
    if not isinstance(found, str):  # of another type: the schema's finding
        return held(expected, "no meta.location")
    parts = urlsplit(found)
    right = bool(parts.scheme and parts.netloc) and unquote(parts.path).endswith(f"/{id}")
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


def no_password(_: Exchange, resource: Json) -> Judgement:
    return broken("no password", "a password") if has(resource, "password") else held("no password")


def display_name(_: Exchange, resource: Json) -> Judgement:
    found = look(resource, "displayName")
    right = isinstance(found, str) and bool(found)
    return held("a displayName") if right else broken("a displayName", show(found))


def one_primary(_: Exchange, resource: Json) -> Judgement:
    for name in ("emails", "phoneNumbers", "addresses", "roles"):
        values = look(resource, name)
        entries = values if isinstance(values, list) else []
        if sum(1 for entry in entries if look(entry, "primary") is True) > 1:
            return broken("at most one primary value", f"several in {name}")
    return held("at most one primary value")


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


WATCHES: dict[str, tuple[Watch, ...]] = {
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
        Watch(
            "rfc7643-4.1.1-active-boolean",
            typed("rfc7643-4.1.1-active-boolean", shows("Users"), "active true or false"),
        ),
        Watch("rfc7643-4.1.1-password-never", users(no_password)),
        Watch("rfc7643-4.2-display-name", groups(display_name)),
        Watch(
            "rfc7643-2.4-multi-valued",
            typed("rfc7643-2.4-multi-valued", shows(*BOTH), "multi-valued attributes are lists"),
        ),
        Watch("rfc7643-2.4-one-primary", each(one_primary)),
        Watch(
            "rfc7643-2.3-complex",
            typed("rfc7643-2.3-complex", shows(*BOTH), "complex attributes are objects"),
        ),
        Watch(
            "rfc7643-3.1-types",
            typed("rfc7643-3.1-types", shows(*BOTH), "schemas, externalId and meta of their types"),
        ),
        Watch(
            "rfc7643-4.1-types",
            typed("rfc7643-4.1-types", shows("Users"), "a user's attributes of their types"),
        ),
        Watch(
            "rfc7643-4.2-types",
            typed("rfc7643-4.2-types", shows("Groups"), "a group's attributes of their types"),
        ),
        Watch(
            "rfc7643-4.3-types",
            typed("rfc7643-4.3-types", shows("Users"), "enterprise attributes of their types"),
        ),
    ),
}
