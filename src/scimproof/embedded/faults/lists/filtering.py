"""Faults of filtered lookups."""

import re
import unicodedata
from urllib.parse import unquote

from scim2_server.responses import ScimResponse

from scimproof.embedded.fault import Behave, Fault, listed, unlisted
from scimproof.embedded.intercepted_request import InterceptedRequest, listing
from scimproof.embedded.responses import JSON, error

GROUP = "filtering"
_OPERATOR = re.compile(r"\s(eq|ne|co|sw|ew|gt|ge|lt|le|pr|and|or)\b", re.IGNORECASE)


def _filtered(behave: Behave) -> Behave:
    """Apply a behaviour to lists with a filter."""

    def guarded(call: InterceptedRequest) -> ScimResponse:
        return behave(call) if call.action == "list" and "filter" in call.request.query else call.proceed()

    return guarded


def _ignored(kind: str) -> Behave:
    @_filtered
    def behave(call: InterceptedRequest) -> ScimResponse:
        return call.query(filter=None) if call.kind == kind else call.proceed()

    return behave


@_filtered
def _unreadable_is_all(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    unreadable = (response.body or {}).get("scimType") == "invalidFilter"
    return call.query(filter=None) if unreadable else response


@_filtered
def _unknown_500(call: InterceptedRequest) -> ScimResponse:
    known = call.equality is not None and call.equality[0].lower() in {"username", "displayname"}
    return call.proceed() if known else error(500, "Internal server error")


@_filtered
def _operator_case(call: InterceptedRequest) -> ScimResponse:
    found = _OPERATOR.search(call.request.query["filter"])
    odd = found is not None and not found[1].islower()
    return error(400, "Unknown operator", "invalidFilter") if odd else call.proceed()


@_filtered
def _apostrophe_cut(call: InterceptedRequest) -> ScimResponse:
    if call.equality is None:
        return call.proceed()
    attribute, value = call.equality
    return (
        call.query(filter=f'{attribute} eq "{value.partition(chr(39))[0]}"')
        if "'" in value
        else call.proceed()
    )


def _name_wanted(call: InterceptedRequest) -> str:
    """The userName or displayName in a lookup's filter, or an empty string."""
    attribute, value = call.equality or ("", "")
    return value if attribute.lower() in {"username", "displayname"} else ""


def _matching(marks: dict[str, str]) -> Behave:
    """A behaviour in which some characters of the filter value match others."""

    @_filtered
    def behave(call: InterceptedRequest) -> ScimResponse:
        value = _name_wanted(call)
        if not any(mark in value for mark in marks):
            return call.proceed()
        text = "".join(marks.get(char, re.escape(char)) for char in value)
        pattern = re.compile(text, re.IGNORECASE)
        return listing(call, call.named(lambda name: bool(pattern.fullmatch(name))))

    return behave


def _text(resource: JSON, attribute: str) -> str:
    lowered = {key.lower(): value for key, value in resource.items()}
    return str(lowered.get(attribute.lower(), ""))


def _other_case(call: InterceptedRequest, resource: JSON) -> bool:
    return call.equality is not None and _text(resource, call.equality[0]) != call.equality[1]


@_filtered
def _plus_literal(call: InterceptedRequest) -> ScimResponse:
    raw = next((part for part in call.raw_query.split("&") if part.startswith("filter=")), "")
    return call.query(filter=unquote(raw.removeprefix("filter="))) if "+" in raw else call.proceed()


@_filtered
def _at_sign_escaped(call: InterceptedRequest) -> ScimResponse:
    escaped = "%40" in call.raw_query
    return call.query(filter=call.request.query["filter"].replace("@", "%40")) if escaped else call.proceed()


def _fold(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).lower()


@_filtered
def _accents_ignored(call: InterceptedRequest) -> ScimResponse:
    wanted = _fold(_name_wanted(call))
    return listing(call, call.named(lambda name: _fold(name) == wanted)) if wanted else call.proceed()


@_filtered
def _sensitive(call: InterceptedRequest) -> ScimResponse:
    return error(403, "Use POST .search", "sensitive") if call.kind == "Users" else call.proceed()


@_filtered
def _miss_404(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    missed = (response.body or {}).get("totalResults") == 0
    return error(404, "No match") if missed else response


def _miss_null(_: InterceptedRequest, body: JSON) -> None:
    body["Resources"] = body["Resources"] or None


FAULTS = (
    Fault(
        "filter-users-ignored",
        "D-046",
        GROUP,
        "A filter on users is dropped: everyone is returned.",
        _ignored("Users"),
    ),
    Fault(
        "filter-groups-ignored",
        "D-046",
        GROUP,
        "A filter on groups is dropped: all are returned.",
        _ignored("Groups"),
    ),
    Fault(
        "filter-unreadable-returns-all",
        "D-046",
        GROUP,
        "A filter that cannot be read returns everyone.",
        _unreadable_is_all,
    ),
    Fault(
        "filter-unknown-500",
        "D-045",
        GROUP,
        "Any filter but userName eq and displayName eq gets 500.",
        _unknown_500,
    ),
    Fault("filter-operator-case", "D-050", GROUP, "Operators are refused unless lower-case.", _operator_case),
    Fault("filter-apostrophe-cut", "D-052", GROUP, "The value ends at an apostrophe.", _apostrophe_cut),
    Fault(
        "filter-underscore-wildcard",
        "D-053",
        GROUP,
        "`_` and `%` in a value are wildcards.",
        _matching({"_": ".", "%": ".*"}),
    ),
    Fault(
        "filter-case-sensitive",
        "OKTA-05",
        GROUP,
        "Values are compared with regard to case.",
        unlisted(_other_case, filtered=True),
    ),
    Fault("filter-plus-literal", "D-262", GROUP, "`+` in a query string is not a space.", _plus_literal),
    Fault(
        "filter-at-sign-escaped", "D-262", GROUP, "`%40` in a query string stays as it is.", _at_sign_escaped
    ),
    Fault(
        "filter-accents-ignored",
        "D-053",
        GROUP,
        "Accents make no difference: José finds Jose.",
        _accents_ignored,
    ),
    Fault(
        "filter-sensitive-403", "D-059", GROUP, "A lookup by userName is refused as sensitive.", _sensitive
    ),
    Fault("filter-miss-404", "OKTA-05", GROUP, "A lookup without a match gets 404.", _miss_404),
    Fault(
        "filter-miss-null",
        "OKTA-05",
        GROUP,
        "A lookup without a match has Resources null.",
        listed(_miss_null, filtered=True),
    ),
    Fault("filter-star-wildcard", "D-266", GROUP, "`*` in a value is a wildcard.", _matching({"*": ".*"})),
)
