"""Discovery: what the server says of itself, and whether it is said as the RFCs say."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from scimproof.checks import answers
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Case, Check, Expansion, Sequence, Step
from scimproof.core.discovery import Discovery
from scimproof.core.http_message import Json
from scimproof.core.scim import CORE_USER, value_at

from . import discovery_documents as documents
from . import discovery_lists as lists
from .asks import refused

READ_ONLY = refused(405, 501, 404, 403)
PAGED = "startIndex=2&count=1&sortBy=id&sortOrder=descending"


def each_schema(discovery: Discovery) -> list[Case] | str:
    """Every schema that the target lists, by its URN."""
    if "/Schemas" in discovery.assumed:
        return "the target has no usable /Schemas"
    return [Case(key=urn, blanks={"schema": quote(urn, safe=":")}) for urn in discovery.schemas]


def each_type(discovery: Discovery) -> list[Case] | str:
    """Every resource type that the target lists, by its name, and by its id where that is another."""
    if "/ResourceTypes" in discovery.assumed:
        return "the target has no usable /ResourceTypes"
    keys = dict.fromkeys(key for type in discovery.types for key in (type.name, type.id) if key)
    return [Case(key=key, blanks={"name": key}) for key in keys]


def each_endpoint(discovery: Discovery) -> list[Case] | str:
    """The endpoint of every resource type that the target lists."""
    if "/ResourceTypes" in discovery.assumed:
        return "the target has no usable /ResourceTypes"
    return [Case(key=type.name, blanks={"endpoint": type.endpoint}) for type in discovery.types]


EXPANSIONS = {
    "listed-schemas": Expansion(cases=each_schema, blanks=frozenset({"schema"})),
    "listed-types": Expansion(cases=each_type, blanks=frozenset({"name"})),
    "listed-endpoints": Expansion(cases=each_endpoint, blanks=frozenset({"endpoint"})),
}


def parameters(kind: str, what: str, list_rule: str) -> tuple[Step, ...]:
    """Steps that ask a discovery endpoint for a page and for a part, and write to it."""
    filter = "filter=" + quote(f'id eq "{CORE_USER}"')
    return (
        Step(
            id="paged",
            request=f"rfc/{kind}-query.http",
            blanks={"query": PAGED},
            independent=True,
            checks=(Check("rfc7644-4-no-paging", lists.changes_nothing(what)),),
        ),
        Step(
            id="filtered",
            request=f"rfc/{kind}-query.http",
            blanks={"query": filter},
            independent=True,
            checks=(
                Check("rfc7644-4-filter-refused", lists.filter_refused),
                Check(list_rule, lists.not_filtered(what)),
            ),
        ),
        Step(
            id="post",
            request=f"rfc/{kind}-post.http",
            independent=True,
            regardless=True,
            checks=(Check("rfc7644-4-read-only", READ_ONLY),),
        ),
    )


def schemas_of(type: Json) -> list[Json]:
    """The schema that a resource type names."""
    return [value_at(type, "schema")]


def extensions_of(type: Json) -> list[Json]:
    """The extensions that a resource type names."""
    return [value_at(one, "schema") for one in lists.extensions_of(type)]


SEQUENCES = (
    Sequence(
        id="rfc.discovery.config",
        title="ServiceProviderConfig: features, limits, authentication schemes",
        source="RFC 7644 section 4, RFC 7643 section 5",
        alone=True,
        steps=(
            Step(
                id="read",
                request="rfc/config.http",
                checks=(
                    Check("rfc7644-4-config", documents.config, gate=True),
                    Check("rfc7643-5-patch", documents.is_flag("patch")),
                    Check("rfc7643-5-bulk", documents.is_flag("bulk", "maxOperations", "maxPayloadSize")),
                    Check("rfc7643-5-filter", documents.is_flag("filter", "maxResults")),
                    Check("rfc7643-5-change-password", documents.is_flag("changePassword")),
                    Check("rfc7643-5-sort", documents.is_flag("sort")),
                    Check("rfc7643-5-etag", documents.is_flag("etag")),
                    Check("rfc7643-5-schemes", documents.schemes),
                    Check("rfc7643-5-scheme-fields", documents.scheme_fields),
                    Check("rfc7643-5-documentation", documents.documentation),
                    Check("rfc7643-2.3.4-integer", documents.integers),
                    Check("rfc7644-3.7.4-limits", documents.limits),
                    Check("rfc9865-4-pagination", documents.pagination),
                    Check("rfc9865-4-pagination-values", documents.pagination_values),
                ),
            ),
            Step(
                id="read-open",
                request="rfc/config.http",
                authorization="",
                independent=True,
                checks=(Check("rfc7643-5-open", documents.open_to_all),),
            ),
            Step(
                id="post",
                request="rfc/config-post.http",
                independent=True,
                regardless=True,
                checks=(
                    Check("rfc7644-4-read-only", READ_ONLY),
                    Check("rfc9110-15.5.6-allow", documents.allow_with_405),
                ),
            ),
            Step(
                id="put",
                request="rfc/config-put.http",
                independent=True,
                checks=(Check("rfc7644-4-read-only", READ_ONLY),),
            ),
        ),
    ),
    Sequence(
        id="rfc.discovery.schemas",
        title="/Schemas: what the server says of its attributes",
        source="RFC 7644 section 4, RFC 7643 section 7",
        alone=True,
        steps=(
            Step(
                id="read",
                request="rfc/schemas.http",
                independent=True,
                checks=(
                    Check("rfc7644-4-schemas", lists.is_whole_list("schemas")),
                    Check(
                        "rfc7644-3.1-no-messages",
                        lists.every_row("no message among the schemas", lists.is_message),
                    ),
                    Check(
                        "rfc7643-7-schema-id", lists.every_row("each has a URN as its id", lists.without_urn)
                    ),
                    Check(
                        "rfc7643-7-schema-schemas",
                        lists.every_row(
                            f"each has {lists.SCHEMA} in schemas", lists.without_schema_of(lists.SCHEMA)
                        ),
                    ),
                    Check(
                        "rfc7643-7-definition",
                        lists.every_row(
                            "each attribute with name, type, multiValued, and characteristics of the RFC",
                            lists.ill_defined,
                        ),
                    ),
                    Check(
                        "rfc7643-7-type",
                        lists.every_row(f"types {', '.join(lists.TYPES)}", lists.of_no_type),
                    ),
                    Check(
                        "rfc7643-7-sub-attributes",
                        lists.every_row("complex attributes list subAttributes", lists.without_subs),
                    ),
                    Check(
                        "rfc7643-7-reference-types",
                        lists.every_row(
                            "referenceTypes of references, and of nothing else", lists.wrongly_referring
                        ),
                    ),
                    Check(
                        "rfc7643-2.1-names",
                        lists.every_row("names of a letter and letters, digits, -, _, $", lists.ill_named),
                    ),
                    Check(
                        "rfc7643-2.3.8-no-nesting",
                        lists.every_row("nothing complex below a complex one", lists.nested, but_meta=True),
                    ),
                    Check(
                        "rfc7643-2.4-meanings",
                        lists.every_row(
                            "primary boolean, $ref a reference, type and display text",
                            lists.of_other_meaning,
                        ),
                    ),
                ),
            ),
            Step(
                id="one",
                request="rfc/schema.http",
                each="listed-schemas",
                independent=True,
                checks=(Check("rfc7644-4-schema-by-id", lists.each_as_listed("id")),),
            ),
            Step(
                id="message",
                request="rfc/schema.http",
                blanks={"schema": f"{lists.MESSAGES}2.0:ListResponse"},
                independent=True,
                regardless=True,
                checks=(Check("rfc7644-4-schema-unknown", answers(404)),),
            ),
            *parameters("schemas", "schemas", "rfc7644-4-schemas"),
        ),
    ),
    Sequence(
        id="rfc.discovery.types",
        title="/ResourceTypes: which resources there are, and where",
        source="RFC 7644 section 4, RFC 7643 section 6",
        alone=True,
        steps=(
            Step(
                id="read",
                request="rfc/types.http",
                independent=True,
                checks=(
                    Check("rfc7644-4-types", lists.is_whole_list("resource types", lists.RESOURCE_TYPE)),
                    Check("rfc7643-6-name", lists.every_row("each has a name", lists.nameless)),
                    Check("rfc7643-6-endpoint", lists.relative),
                    Check("rfc7643-6-schema", lists.in_schemas("the schema of each type", schemas_of)),
                    Check("rfc7643-6-extensions", lists.in_schemas("each extension", extensions_of)),
                    Check(
                        "rfc7643-6-required",
                        lists.every_row(
                            "schemaExtensions, a list of schema and required", lists.ill_extended
                        ),
                    ),
                    Check(
                        "rfc7643-6-description", lists.every_row("each has a description", lists.undescribed)
                    ),
                    Check(
                        "rfc7644-3.2-core-endpoints",
                        lists.every_row("users at /Users, groups at /Groups", lists.misplaced),
                    ),
                    Check("rfc7644-3.2-plural", lists.plural),
                    Check(
                        "rfc7644-1.3-no-query",
                        lists.every_row("endpoints and locations without a query", lists.with_query),
                    ),
                ),
            ),
            Step(
                id="one",
                request="rfc/type.http",
                each="listed-types",
                independent=True,
                checks=(Check("rfc7644-4-type-by-name", lists.each_as_listed("name")),),
            ),
            Step(
                id="endpoint",
                request="rfc/resources-query.http",
                each="listed-endpoints",
                blanks={"query": "count=1"},
                independent=True,
                checks=(Check("rfc7643-6-endpoint-answers", lists.endpoints_answer),),
            ),
            Step(
                id="unknown",
                request="rfc/type.http",
                blanks={"name": "{{prefix}}Nothing"},
                independent=True,
                regardless=True,
                checks=(Check("rfc7644-4-type-unknown", answers(404)),),
            ),
            *parameters("types", "resource types", "rfc7644-4-types"),
        ),
    ),
)


def config_as_read(scene: ExecutionContext) -> Json:
    """The configuration, to be sent back as it was read."""
    return scene.answer("read")


RULES: dict[str, Callable[[ExecutionContext], Json]] = {"rfc-config-as-read": config_as_read}
