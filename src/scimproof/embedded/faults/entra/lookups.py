"""Faults of lookups."""

from scim2_server.responses import ScimResponse

from scimproof.embedded.fault import Behave, Fault, unlisted
from scimproof.embedded.intercepted_request import InterceptedRequest, listing
from scimproof.embedded.responses import JSON, error

GROUP = "Entra: lookups"
_THOUSAND = 1000


def _asked(call: InterceptedRequest, attribute: str) -> bool:
    """Whether the filter compares an attribute."""
    return call.action == "list" and call.request.query.get("filter", "").lower().startswith(
        attribute.lower()
    )


def _where(kind: str, attribute: str, act: Behave) -> Behave:
    """Do this where a list of a kind is filtered by an attribute."""
    return lambda call: act(call) if call.kind == kind and _asked(call, attribute) else call.proceed()


def _refuse(status: int, detail: str, scim_type: str | None = None) -> Behave:
    return lambda _: error(status, detail, scim_type)


def _nobody(call: InterceptedRequest) -> ScimResponse:
    return listing(call, [])


def _everybody(call: InterceptedRequest) -> ScimResponse:
    return call.query(filter=None)


def _excluded_refused(call: InterceptedRequest) -> ScimResponse:
    asked = "excludedAttributes" in call.request.query
    return error(400, "Unsupported parameter", "invalidValue") if asked else call.proceed()


def _excluded_in_lists(call: InterceptedRequest) -> ScimResponse:
    """Members come along in lists; a read by id leaves them out."""
    return call.query(excludedAttributes=None) if call.on("Groups", "list") else call.proceed()


def _plus_finds_nobody(call: InterceptedRequest) -> ScimResponse:
    raw = next((part for part in call.raw_query.split("&") if part.startswith("filter=")), "")
    return listing(call, []) if call.action == "list" and "+" in raw else call.proceed()


def _first_thousand() -> Behave:
    """A behaviour in which a lookup by userName looks at the oldest users only."""

    def hidden(call: InterceptedRequest, user: JSON) -> bool:
        if call.kind != "Users" or not _asked(call, "userName"):
            return False
        return str(user["id"]) not in list(call.store.names("Users"))[:_THOUSAND]

    return unlisted(hidden, filtered=True)


def _placeholder(call: InterceptedRequest) -> ScimResponse:
    """Nobody is a resource without any attribute."""
    response = call.proceed()
    missed = call.action == "list" and (response.body or {}).get("totalResults") == 0
    if missed and response.body and "filter" in call.request.query:
        response.body |= {"totalResults": 1, "itemsPerPage": 1, "Resources": [{"schemas": [], "id": "0"}]}
    return response


FAULTS = (
    Fault(
        "entra-external-id-filter-refused",
        "EN-40",
        GROUP,
        "A filter by externalId is refused.",
        _where("Users", "externalId", _refuse(400, "Unsupported filter attribute", "invalidFilter")),
    ),
    Fault(
        "entra-external-id-filter-ignored",
        "EN-41",
        GROUP,
        "A filter by externalId is dropped: everyone is returned.",
        _where("Users", "externalId", _everybody),
    ),
    Fault(
        "entra-external-id-filter-blind",
        "EN-41",
        GROUP,
        "A filter by externalId finds nobody.",
        _where("Users", "externalId", _nobody),
    ),
    Fault(
        "entra-email-filter-refused",
        "EN-42",
        GROUP,
        'A filter by emails[type eq "work"].value is refused.',
        _where("Users", "emails[", _refuse(400, "The filter cannot be read", "invalidFilter")),
    ),
    Fault(
        "entra-email-filter-500",
        "EN-42",
        GROUP,
        'A filter by emails[type eq "work"].value gets 500.',
        _where("Users", "emails[", _refuse(500, "Internal server error")),
    ),
    Fault(
        "entra-email-filter-blind",
        "EN-42",
        GROUP,
        'A filter by emails[type eq "work"].value finds nobody.',
        _where("Users", "emails[", _nobody),
    ),
    Fault(
        "entra-group-filter-refused",
        "EN-43",
        GROUP,
        "A filter of groups by displayName is refused.",
        _where("Groups", "displayName", _refuse(400, "Unsupported filter attribute", "invalidFilter")),
    ),
    Fault(
        "entra-group-filter-blind",
        "EN-43",
        GROUP,
        "A filter of groups by displayName finds none.",
        _where("Groups", "displayName", _nobody),
    ),
    Fault(
        "entra-miss-placeholder",
        "ENTRA-01",
        GROUP,
        "A search that finds nobody is answered with an empty resource.",
        _placeholder,
    ),
    Fault(
        "entra-group-external-id-filter-refused",
        "EN-43",
        GROUP,
        "A filter of groups by externalId is refused.",
        _where("Groups", "externalId", _refuse(400, "Unsupported filter attribute", "invalidFilter")),
    ),
    Fault(
        "entra-excluded-members-refused",
        "EN-46",
        GROUP,
        "The parameter excludedAttributes is refused.",
        _excluded_refused,
    ),
    Fault(
        "entra-excluded-members-listed",
        "EN-46",
        GROUP,
        "A lookup of a group shows the members that it should leave out.",
        _excluded_in_lists,
    ),
    Fault(
        "entra-plus-finds-nobody",
        "EN-47",
        GROUP,
        "A filter with + for a blank is taken literally and finds nobody.",
        _plus_finds_nobody,
    ),
    Fault(
        "entra-lookup-first-thousand",
        "EN-94",
        GROUP,
        "A lookup by userName looks at the first thousand users.",
        _first_thousand(),
    ),
)
