"""Creates: what the server makes of a new resource, whatever its type."""

from __future__ import annotations

from scimproof.checks.attributes import show
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Ask, Case, Check, Expansion, Sequence, Step
from scimproof.core.discovery import Discovery
from scimproof.core.http_message import Exchange
from scimproof.core.results import CheckResult, broken, grave, held
from scimproof.core.scim import id_of

from ..asks import created
from .answers import (
    as_answered,
    assigned,
    external_id_not_invented,
    filled_in,
    itself,
    left_out,
    location,
    location_is_meta,
    never_modified,
    of_shown,
    representation,
    shows_all,
)
from .bodies import body_for, case_for, playable

STEPS = ("create", "follow", "read", "head")


def each_type(discovery: Discovery) -> list[Case]:
    """Every resource type, with the smallest body that its schema allows."""
    found = []
    for type in playable(discovery):
        body = body_for(type, discovery, "minima1")
        bodies = body if isinstance(body, str) else {"body": body}
        found.append(case_for(type, discovery, STEPS, bodies))
    return found


def as_get(read: str) -> Ask:
    """HEAD is answered with the status and the media type of a GET, and without a body."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        earlier = scene.exchange(read)
        wanted = earlier.status if earlier else 200
        expected = f"{wanted} as to GET, without a body"
        if exchange.error or (exchange.status >= 500 and exchange.status != 501):
            return grave(expected, exchange.summary())
        if exchange.status != wanted:
            return broken(expected, exchange.summary())
        if exchange.body or exchange.surplus:
            return broken(expected, f"a body of {len(exchange.body) or exchange.surplus} bytes")
        label = earlier.header("Content-Type") if earlier else None
        told = exchange.header("Content-Type")
        same = told is None or label is None or told == label
        return held(expected) if same else broken(f"Content-Type {label}, as to GET", show(told))

    return ask


def leads_back(create: str) -> Ask:
    """A GET of the Location answers the resource that was made."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        made = id_of(scene.answer(create))
        expected = f"200 with the resource that {create} made"
        found = id_of(exchange.json)
        right = exchange.status == 200 and bool(found) and found == (made or found)
        return held(expected) if right else broken(expected, exchange.summary())

    return ask


EXPANSIONS = {"types": Expansion(cases=each_type, blanks=frozenset({"endpoint", "body"}))}

SEQUENCES = (
    Sequence(
        id="rfc.create.minimal",
        title="Create with the required attributes only",
        source="RFC 7644 section 3.3",
        each="types",
        steps=(
            Step(
                id="create",
                request="rfc/resource-create-as-is.http",
                creates="resource",
                save={"resource.place": "path:Location"},
                checks=(
                    Check("rfc7644-3.3-create-201", created(), gate=True),
                    Check("rfc7644-3.3-representation", representation()),
                    Check("rfc7644-3.3-location", location),
                    Check("rfc7644-3.3-location-is-meta", of_shown(location_is_meta)),
                    Check("rfc7643-3.1-assigned", of_shown(assigned)),
                    Check("rfc7643-3.1-never-modified", of_shown(never_modified)),
                    Check("rfc7643-3.1-external-id-not-invented", of_shown(external_id_not_invented)),
                    Check("rfc7644-3.3-defaults", of_shown(filled_in)),
                    Check("rfc7643-2.5-left-out", of_shown(left_out)),
                ),
            ),
            Step(
                id="follow",
                request="rfc/resource-follow.http",
                independent=True,
                checks=(Check("rfc7644-3.3-location-leads", leads_back("create")),),
            ),
            Step(
                id="read",
                request="rfc/resource-get.http",
                checks=(
                    Check("rfc7644-3.4.1-resource-itself", itself("resource"), gate=True),
                    Check("rfc7644-3.1-write-shows-stored", as_answered("create")),
                    Check("rfc7644-3.4-default-set", shows_all("create")),
                ),
            ),
            Step(
                id="head",
                request="rfc/resource-head.http",
                independent=True,
                checks=(Check("rfc9110-9.1-head", as_get("read")),),
            ),
        ),
    ),
)
