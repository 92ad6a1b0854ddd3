"""Faults of the discovery documents, and of what they promise."""

from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus

from scim2_server.responses import ScimResponse

from scimproof.embedded.fault import Behave, Fault, ok
from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.responses import JSON, error

GROUP = "rfc"
CONFIG, SCHEMAS, TYPES = "ServiceProviderConfig", "Schemas", "ResourceTypes"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"


def document(kind: str, edit: Callable[[JSON], None]) -> Behave:
    """A behaviour that edits a discovery document, all of them or one."""

    def behave(call: InterceptedRequest) -> ScimResponse:
        response = call.proceed()
        if call.kind == kind and ok(response) and response.body:
            edit(response.body)
        return response

    return behave


def each(kind: str, edit: Callable[[JSON], None]) -> Behave:
    """A behaviour that edits each schema or each resource type, in the list and alone."""

    def all_of(body: JSON) -> None:
        for one in body.get("Resources", [body]):
            edit(one)

    return document(kind, all_of)


def feature(name: str, **values: object) -> Behave:
    """A behaviour that changes what the configuration says of a feature."""
    return document(CONFIG, lambda body: body[name].update(values))


def both(first: Behave, second: Behave) -> Behave:
    """The first behaviour before the second."""
    return lambda call: first(replace(call, proceed=lambda: second(call)))


def _attributes(edit: Callable[[JSON], None]) -> Behave:
    def of_schema(schema: JSON) -> None:
        for attribute in schema["attributes"]:
            edit(attribute)
            for sub in attribute.get("subAttributes", ()):
                edit(sub)

    return each(SCHEMAS, of_schema)


def _mutability(attribute: JSON) -> None:
    if attribute.get("mutability") == "readOnly":
        attribute["mutability"] = "ReadOnly"


def _reference_types(attribute: JSON) -> None:
    if attribute["type"] == "reference":
        attribute.pop("referenceTypes", None)


def _wrapped(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    if call.kind == CONFIG and ok(response):
        response.body = {"schemas": [LIST], "totalResults": 1, "Resources": [response.body]}
    return response


def _replaced(call: InterceptedRequest) -> ScimResponse:
    if call.kind == CONFIG and call.request.method.upper() == "PUT":
        return ScimResponse(HTTPStatus.OK, call.body)
    return call.proceed()


def _first_page(body: JSON) -> None:
    if "Resources" in body:
        body["Resources"] = body["Resources"][:-2]
        body["itemsPerPage"] = len(body["Resources"])


def _paged(call: InterceptedRequest) -> ScimResponse:
    response = call.proceed()
    if call.kind == SCHEMAS and ok(response) and "startIndex" in call.request.query and response.body:
        response.body["Resources"] = response.body["Resources"][1:2]
    return response


def _filtered(call: InterceptedRequest) -> ScimResponse:
    if call.kind != TYPES or "filter" not in call.request.query:
        return call.proceed()
    response = call.query(filter=None)
    if response.body:
        response.body |= {"Resources": response.body["Resources"][:1], "totalResults": 1}
    return response


def _without_enterprise(body: JSON) -> None:
    if "Resources" in body:
        body["Resources"] = [one for one in body["Resources"] if one["id"] != ENTERPRISE]
        body["totalResults"] = len(body["Resources"])


def _unread(call: InterceptedRequest) -> ScimResponse:
    gone = call.kind == TYPES and call.id == "User"
    return error(404, "There is no such resource type.") if gone else call.proceed()


def _any_schema(call: InterceptedRequest) -> ScimResponse:
    if call.kind == SCHEMAS and "messages" in call.id:
        return ScimResponse(HTTPStatus.OK, {"id": call.id, "attributes": []})
    return call.proceed()


def _misspelt(type: JSON) -> None:
    for extension in type.get("schemaExtensions", ()):
        if extension["schema"] == ENTERPRISE:
            extension["schema"] = f"{ENTERPRISE}s"


def _nowhere(type: JSON) -> None:
    if type["name"] == "Room":
        type["endpoint"] = "https://rooms.example.com/Rooms"


def _gone(call: InterceptedRequest) -> ScimResponse:
    return error(404, "Nothing is there.") if call.on("Rooms", "list") else call.proceed()


def _no_bulk(call: InterceptedRequest) -> ScimResponse:
    return error(404, "Nothing is there.") if call.kind == "Bulk" else call.proceed()


def _unfiltered(call: InterceptedRequest) -> ScimResponse:
    return call.query(filter=None) if call.kind == "Users" else call.proceed()


def _no_patch(call: InterceptedRequest) -> ScimResponse:
    patch = call.request.method.upper() == "PATCH"
    return error(400, "PATCH is not supported here.") if patch else call.proceed()


def _patch_without_effect(call: InterceptedRequest) -> ScimResponse:
    return call.unchanged() if call.on("Users", "patch") else call.proceed()


def _fault(name: str, summary: str, behave: Behave, *trips: str, also: tuple[str, ...] = ()) -> Fault:
    return Fault(name, "RFC 7644 section 4", GROUP, summary, behave, trips, also)


FAULTS = (
    _fault(
        "rfc-config-flag-as-text",
        'filter.supported is the text "true".',
        feature("filter", supported="true"),
        "rfc7643-5-filter",
    ),
    _fault("rfc-config-in-list", "The configuration comes in a list.", _wrapped, "rfc7644-4-config"),
    replace(
        _fault(
            "rfc-config-replaced",
            "A PUT of the configuration is answered 200.",
            _replaced,
            "rfc7644-4-read-only",
        ),
        edge=True,
    ),
    _fault(
        "rfc-config-limit-missing",
        "bulk has no maxOperations.",
        document(CONFIG, lambda body: body["bulk"].pop("maxOperations")),
        "rfc7643-5-bulk",
    ),
    _fault(
        "rfc-config-limit-zero",
        "bulk.maxOperations is 0.",
        feature("bulk", maxOperations=0),
        "rfc7644-3.7.4-limits",
    ),
    _fault(
        "rfc-config-fraction",
        "bulk.maxOperations is 1000.0.",
        feature("bulk", maxOperations=1000.0),
        "rfc7643-2.3.4-integer",
    ),
    _fault(
        "rfc-config-scheme-nameless",
        "An authentication scheme has no name.",
        document(CONFIG, lambda body: body["authenticationSchemes"][0].pop("name")),
        "rfc7643-5-scheme-fields",
    ),
    _fault(
        "rfc-config-pagination-as-text",
        'pagination.cursor is the text "yes".',
        feature("pagination", cursor="yes"),
        "rfc9865-4-pagination",
        also=("rfc7644-4-silent",),
    ),
    _fault(
        "rfc-schemas-mutability",
        "mutability is ReadOnly in place of readOnly.",
        _attributes(_mutability),
        "rfc7643-7-definition",
    ),
    _fault(
        "rfc-schemas-reference-types",
        "References have no referenceTypes.",
        _attributes(_reference_types),
        "rfc7643-7-reference-types",
    ),
    _fault(
        "rfc-schemas-first-page",
        "/Schemas has only its first page.",
        document(SCHEMAS, _first_page),
        "rfc7644-4-schemas",
        also=("rfc7643-6-schema", "rfc7643-6-extensions", "rfc7643-7-schema-listed", "rfc7643-7-conforms"),
    ),
    _fault("rfc-schemas-paged", "/Schemas obeys startIndex and count.", _paged, "rfc7644-4-no-paging"),
    _fault(
        "rfc-types-filtered",
        "/ResourceTypes obeys a filter.",
        _filtered,
        "rfc7644-4-types",
        also=("rfc7644-4-filter-refused",),
    ),
    _fault(
        "rfc-schemas-without-enterprise",
        "The enterprise extension is used and not listed.",
        document(SCHEMAS, _without_enterprise),
        "rfc7643-6-extensions",
        also=("rfc7643-7-schema-listed", "rfc7643-7-conforms"),
    ),
    _fault(
        "rfc-schemas-any", "A schema that is a message is found.", _any_schema, "rfc7644-4-schema-unknown"
    ),
    _fault(
        "rfc-types-unread", "/ResourceTypes/User is 404 though listed.", _unread, "rfc7644-4-type-by-name"
    ),
    _fault(
        "rfc-types-extension-misspelt",
        "An extension is spelt otherwise than in /Schemas.",
        each(TYPES, _misspelt),
        "rfc7643-6-extensions",
        also=("rfc7643-3-schemas-of-type", "rfc7643-7-conforms"),
    ),
    _fault(
        "rfc-types-absolute-endpoint",
        "A type has a URL for its endpoint.",
        each(TYPES, _nowhere),
        "rfc7643-6-endpoint",
        also=("rfc7643-6-endpoint-answers", "rfc7644-3.2-plural"),
    ),
    _fault(
        "rfc-types-endpoint-gone",
        "The endpoint of a listed type is 404.",
        _gone,
        "rfc7643-6-endpoint-answers",
    ),
    _fault("rfc-bulk-gone", "/Bulk is 404 though declared.", _no_bulk, "rfc7644-4-advertised"),
    _fault(
        "rfc-patch-without-effect",
        "PATCH is declared, answered 200 and does nothing.",
        _patch_without_effect,
        "rfc7644-4-advertised",
        also=("rfc7644-3.5.2-patch-shows-new-state",),
    ),
    _fault(
        "rfc-filter-undeclared-ignored",
        "filter.supported is false and a filtered query shows everyone.",
        both(feature("filter", supported=False), _unfiltered),
        "rfc7644-3.4.2.2-unsupported",
        also=("rfc7644-3.12-not-implemented",),
    ),
    _fault(
        "rfc-filter-undeclared",
        "filter.supported is false and filters work.",
        feature("filter", supported=False),
        "rfc7644-4-silent",
    ),
    _fault(
        "rfc-sort-undeclared",
        "sort.supported is false and lists are sorted.",
        feature("sort", supported=False),
        "rfc7644-4-silent",
    ),
    _fault(
        "rfc-etag-undeclared",
        "etag.supported is false and conditions are obeyed.",
        feature("etag", supported=False),
        "rfc7644-4-silent",
    ),
    _fault(
        "rfc-patch-undeclared-400",
        "patch.supported is false and PATCH is answered 400.",
        both(feature("patch", supported=False), _no_patch),
        "rfc7644-3.12-not-implemented",
    ),
)
