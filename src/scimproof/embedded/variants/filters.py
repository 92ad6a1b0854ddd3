"""Variants of what a filter and a sort order may name."""

from collections.abc import Callable, Iterator

from scim2_models import SCIMException, ScimFilter
from scim2_models.path import CompareOperator, Comparison, FilterNode, LogicalExpr, Not, ValuePath
from scim2_server.responses import ScimResponse

from scimproof.embedded.fault import Behave
from scimproof.embedded.intercepted_request import InterceptedRequest
from scimproof.embedded.responses import error
from scimproof.embedded.variants.definition import Variant


def _asked(call: InterceptedRequest, name: str) -> str:
    """A parameter of a query, or of a search by POST."""
    if call.request.path.endswith("/.search"):
        return str(call.body.get(name) or "")
    return str(call.request.query.get(name, "")) if call.request.method.upper() == "GET" else ""


def _nodes(node: FilterNode) -> Iterator[FilterNode]:
    yield node
    if isinstance(node, Not):
        yield from _nodes(node.expr)
    elif isinstance(node, LogicalExpr):
        for term in node.terms:
            yield from _nodes(term)
    elif isinstance(node, ValuePath):
        yield from _nodes(node.val_filter)


def _declining(declined: Callable[[FilterNode], bool], detail: str) -> Behave:
    """A behaviour that refuses filters in which something is that the target does not offer."""

    def behave(call: InterceptedRequest) -> ScimResponse:
        text = _asked(call, "filter")
        try:
            nodes = list(_nodes(ScimFilter(text).ast)) if text else []
        except (SCIMException, ValueError):
            nodes = []  # the target says what is wrong with it
        if any(map(declined, nodes)):
            return error(400, detail, "invalidFilter")
        return call.proceed()

    return behave


_NO_VALUE_PATHS = _declining(lambda node: isinstance(node, ValuePath), "attr[...] is not supported.")
_NO_CO = _declining(
    lambda node: isinstance(node, Comparison) and node.op == CompareOperator.co, "co is not supported."
)


def _no_value_paths(call: InterceptedRequest) -> ScimResponse:
    if any("[" in str(operation.get("path")) for operation in call.operations):
        return error(400, "attr[...] is not supported.", "invalidPath")
    return _NO_VALUE_PATHS(call)


def _no_order_of_emails(call: InterceptedRequest) -> ScimResponse:
    if "emails" in _asked(call, "sortBy").lower():
        return error(400, "Nothing is sorted by emails.", "invalidPath")
    return call.proceed()


VARIANTS = (
    Variant("shorthand-emails", "emails co stands for emails.value co, as the target has it anyway."),
    Variant(
        "value-paths-declined",
        "attr[...] is refused, in filters and in paths.",
        (
            "rfc7644-3.4.2.2-value-path",
            "rfc7644-3.4.2.2-value-path-logic",
            "rfc7644-3.4.2.2-same-element",
            "rfc7644-3.4.2.2-by-member",
            "rfc7644-3.4.2.2-agrees",
            "rfc7644-3.5.2-patch-status",
            "rfc7644-3.5.2.1-no-match-type",
            "rfc7644-3.5.2.2-absent-type",
            "rfc7644-3.5.2.3-no-match-type",
        ),
        behave=_no_value_paths,
    ),
    Variant(
        "co-declined",
        "A filter with co is refused.",
        (
            "rfc7644-3.4.2.2-operator",
            "rfc7644-3.4.2.2-case",
            "rfc7644-3.4.2.2-complex",
            "rfc7644-3.4.2.2-groups",
            "rfc7644-3.4.2.2-agrees",
        ),
        behave=_NO_CO,
    ),
    Variant(
        "sort-by-emails-declined",
        "A list is not sorted by emails.",
        ("rfc7644-3.4.2.3-primary",),
        behave=_no_order_of_emails,
    ),
)
