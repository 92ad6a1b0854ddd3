"""HTTP around SCIM: media types, versions in the path, long queries; the subject of the credentials (/Me)."""

from __future__ import annotations

from collections.abc import Callable

from scimproof.checks import answers
from scimproof.checks.attributes import show
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Ask, Check, Sequence, Step
from scimproof.core.http_message import Exchange, Json
from scimproof.core.results import CheckResult, broken, declined, does_not_apply, grave, held
from scimproof.core.scim import ERROR, LIST_RESPONSE, value_at

SCIM = "application/scim+json"
LONG = 8 * 1024  # characters


def label(exchange: Exchange) -> str:
    """The media type of an answer, without its parameters."""
    return (exchange.header("Content-Type") or "absent").partition(";")[0].strip().lower()


def names(exchange: Exchange, urn: str) -> bool:
    """Whether a body has that URN in schemas."""
    found = value_at(exchange.json, "schemas")
    return isinstance(found, list) and urn in found


def served_as(*labels: str) -> Ask:
    """200, labelled as one of these."""

    def ask(_: ExecutionContext, exchange: Exchange) -> CheckResult:
        expected = f"200, labelled {' or '.join(labels)}"
        if exchange.status != 200:
            return broken(expected, exchange.summary())
        return (held if label(exchange) in labels else broken)(expected, label(exchange))

    return ask


def by_default(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    """application/scim+json; application/json is what many have."""
    expected = f"200, labelled {SCIM}"
    if exchange.status != 200:
        return grave(expected, exchange.summary())
    found = label(exchange)
    if found == SCIM:
        return held(expected, found)
    return (broken if found == "application/json" else grave)(expected, found)


def other_version(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    """A refusal; what is no SCIM there (a page for people) is not the target's."""
    expected = "404, or 400"
    if exchange.ok and not names(exchange, LIST_RESPONSE):
        return does_not_apply(f"no SCIM is there: {exchange.status}, {label(exchange)}")
    if exchange.status in (404, 400):
        return held(expected, str(exchange.status))
    return (grave if exchange.ok else declined)(expected, exchange.summary())


def invalid_version(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    if exchange.status != 400:
        return does_not_apply(f"it was not answered 400: {exchange.status}")
    found = value_at(exchange.json, "scimType")
    return (held if found == "invalidVers" else broken)("scimType invalidVers", show(found))


def newest(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    """A list of SCIM 2.0, where a list is served without a version at all."""
    if not exchange.ok or value_at(exchange.json, "Resources") is None:
        return does_not_apply(f"nothing is served there: {exchange.status}")
    right = names(exchange, LIST_RESPONSE)
    return (held if right else broken)(f"a list that names {LIST_RESPONSE}", exchange.summary())


def served_or_refused(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    """An answer, or a refusal; 501 where there are no filters at all."""
    right = not exchange.error and (200 <= exchange.status < 500 or exchange.status == 501)
    return (held if right else broken)("an answer, or a refusal with 4xx", exchange.summary())


def absent(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    """501 with an Error where there is no /Me; credentials that are nobody's may be refused."""
    if exchange.ok or 300 <= exchange.status < 400 or exchange.status in (401, 403):
        return does_not_apply(f"there is something: {exchange.status}")
    right = exchange.status == 501 and names(exchange, ERROR)
    return (held if right else broken)("501 with an Error", exchange.summary())


def redirects(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    if not 300 <= exchange.status < 400:
        return does_not_apply(f"it does not redirect: {exchange.status}")
    found = exchange.header("Location")
    return (held if exchange.status == 308 and found else broken)(
        "308 to the resource", f"{exchange.status} to {show(found)}"
    )


def lasting_location(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    """Location is that of the resource, not of the alias; Content-Location says it too (a warning)."""
    if not exchange.ok:
        return does_not_apply(f"there is no answer of /Me itself: {exchange.status}")
    meta = value_at(exchange.json, "meta.location")
    location, other = exchange.header("Location"), exchange.header("Content-Location")
    expected = "Location and meta.location of the resource, not of /Me"
    told = f"Location {show(location)}, meta.location {show(meta)}"
    found = [one for one in (location or other, meta) if isinstance(one, str)]
    if not found or any(one.rstrip("/").endswith("/Me") for one in found) or len(set(found)) > 1:
        return broken(expected, told)
    if location is None:
        return declined(expected, f"{told}, Content-Location {show(other)}")
    return held(expected, told)


def works(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    return (held if exchange.ok else broken)("as at the resource itself", exchange.summary())


SEQUENCES = (
    Sequence(
        id="rfc.http.negotiation",
        title="Ask for media types, and under other versions of the path",
        source="RFC 7644 sections 3.8, 3.13 and 7.2",
        steps=(
            Step(
                id="scim",
                request="rfc/users-probe.http",
                independent=True,
                checks=(Check("rfc7644-3.8-accept-scim", served_as(SCIM)),),
            ),
            Step(
                id="json",
                request="rfc/users-accept-json.http",
                independent=True,
                checks=(Check("rfc7644-3.8-accept-json", served_as("application/json", SCIM)),),
            ),
            Step(
                id="any",
                request="rfc/users-accept-any.http",
                independent=True,
                checks=(Check("rfc7644-3.8-default", by_default),),
            ),
            Step(
                id="none",
                request="rfc/users-accept-nothing.http",
                independent=True,
                checks=(Check("rfc7644-3.8-default", by_default),),
            ),
            Step(
                id="v9",
                request="rfc/users-of-version.http",
                needs=("base:versioned",),
                independent=True,
                checks=(
                    Check("rfc7644-3.13-version", other_version),
                    Check("rfc7644-3.13-version-type", invalid_version),
                ),
            ),
            Step(
                id="no-version",
                request="rfc/users-without-version.http",
                needs=("base:versioned",),
                independent=True,
                checks=(Check("rfc7644-3.13-no-version", newest),),
            ),
            Step(
                id="plain",
                request="rfc/users-probe.http",
                authorization="",
                needs=("tls", "sent:requests without TLS to a target that has it"),
                independent=True,
                checks=(Check("rfc7644-7.2-tls", answers(301, 307, 308, 400, 403, 404)),),
            ),
            Step(
                id="tls",
                request="rfc/users-probe.http",
                authorization="",
                needs=("tls", "sent:requests with one version of TLS only"),
                independent=True,
                checks=(Check("rfc7644-7.2-tls-1.2", answers(200, 401, 403)),),
            ),
            Step(
                id="large",
                request="rfc/users-filter.http",
                blanks={"filter": 'userName eq "{{prefix}}.' + "x" * LONG + '"', "onward": ""},
                independent=True,
                checks=(Check("rfc7644-3.4.2-long", served_or_refused),),
            ),
            Step(
                id="get-body",
                request="rfc/users-get-body.http",
                independent=True,
                checks=(Check("rfc7644-3.4.2-long", served_or_refused),),
            ),
        ),
    ),
    Sequence(
        id="rfc.me.alias",
        title="The authenticated subject, /Me",
        source="RFC 7644 section 3.11",
        steps=(
            Step(
                id="get",
                request="rfc/me.http",
                independent=True,
                checks=(
                    Check("rfc7644-3.11-absent", absent),
                    Check("rfc7644-3.11-redirect", redirects),
                    Check("rfc7644-3.11-location", lasting_location),
                ),
            ),
            Step(
                id="projection",
                request="rfc/me-query.http",
                blanks={"query": "attributes=userName"},
                needs=("config:me",),
                independent=True,
                checks=(Check("rfc7644-3.11-methods", works),),
            ),
            Step(
                id="patch",
                request="rfc/me-patch.http",
                blanks={"operations": '[{"op":"replace","path":"displayName","value":"{{prefix}} Me"}]'},
                needs=("config:me", "patch", "attr:displayName"),
                independent=True,
                checks=(Check("rfc7644-3.11-methods", works),),
            ),
            Step(
                id="put",
                request="rfc/me-put.http",
                needs=("config:me",),
                independent=True,
                checks=(Check("rfc7644-3.11-methods", works),),
            ),
        ),
    ),
)


def me_as_read(scene: ExecutionContext) -> Json:
    """The subject, to be sent back as it was read."""
    return scene.answer("get")


RULES: dict[str, Callable[[ExecutionContext], Json]] = {"rfc-me-as-read": me_as_read}
