"""Types that are neither users nor groups: what their schema describes can be done with them."""

from __future__ import annotations

import json

from scimproof.checks import answers
from scimproof.checks.attributes import show
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Ask, Case, Check, Expansion, Sequence, Step
from scimproof.core.discovery import Attribute, Discovery, ResourceType
from scimproof.core.http_message import Exchange
from scimproof.core.results import CheckResult, broken, held
from scimproof.core.scim import has, id_of, resources

from ..asks import created
from ..values import value_for
from .answers import assigned, itself, not_found, of_search, shows_sent
from .bodies import PREFIX, body_for, case_for, kind_of, name_of, playable

STEPS = ("create", "read", "list", "filter", "put", "patch", "changed", "delete", "gone")
CYCLE = "rfc7643-3.3-type-cycle"
TAG = "custom1"


def each_other(discovery: Discovery) -> list[Case] | str:
    """Each type that is neither User nor Group, with all that a client can set of it."""
    others = [one for one in playable(discovery) if kind_of(one) not in ("User", "Group")]
    return [_case(discovery, one) for one in others] or "there are only users and groups"


def _case(discovery: Discovery, type: ResourceType) -> Case:
    name = name_of(type, discovery)
    free = [one for one in discovery.schema(type.schema) if _settable(one) and one != name]
    values = {one.name: value_for(one, f"{PREFIX}.{TAG}") for one in free}
    others = {one.name: value_for(one, f"{PREFIX}.{TAG}", 1) for one in free if one.mutability == "readWrite"}
    body = body_for(type, discovery, TAG, {key: one for key, one in values.items() if one is not None})
    if isinstance(body, str) or name is None:
        return case_for(type, discovery, STEPS, str(body))
    changed = body | {key: one for key, one in others.items() if one is not None}
    path, value = name.path, body[name.name]
    texts = {
        "listed": f'{path} sw "{PREFIX}.{TAG}"',
        "named": f'{path} eq "{value}"',
        "operations": json.dumps([{"op": "replace", "path": path, "value": f"{value} again"}]),
    }
    bodies = {"body": body, "other": changed}
    return case_for(type, discovery, STEPS, bodies, texts=texts)


def _settable(one: Attribute) -> bool:
    return one.mutability in ("readWrite", "immutable") and one.uniqueness == "none"


def itself_as_sent(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """The read shows the resource, with the values that were sent."""
    right = itself("resource")(scene, exchange)
    return shows_sent("create")(scene, exchange) if right.held else right


def common(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """The common attributes are there: schemas, id and meta."""
    if not has(exchange.json, "schemas"):
        return broken("schemas, id and meta", "without schemas")
    return assigned(scene, exchange)


def listed() -> Ask:
    """The resource is among those that are found."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        id = scene.blanks["resource.id"]
        walked = next((scene.pages[step] for step, some in scene.exchanges.items() if exchange in some), [])
        ids = [one for page in walked for one in page.ids] or [id_of(row) for row in resources(exchange.json)]
        expected = f"a list with {id}"
        return held(expected) if id in ids else broken(expected, show(ids[:5]))

    return ask


def renamed(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """The name is the one that the PATCH gave it; the rest is what the PUT sent."""
    patch = scene.exchange("patch")
    if patch is None or not patch.ok:
        return shows_sent("create", "put")(scene, exchange)
    [operation] = patch.request.json["Operations"]
    expected = f"{operation['path']} = {operation['value']}"
    if not exchange.ok:
        return broken(expected, exchange.summary())
    found = exchange.json.get(str(scene.facts["name"]))
    return held(expected) if found == operation["value"] else broken(expected, show(found))


def _searched(id: str, filter: str, *, pages: bool) -> Step:
    return Step(
        id=id,
        request="rfc/resources-filter.http",
        blanks={"filter": filter},
        pages="follow" if pages else False,
        needs=("filter",),
        independent=True,
        settles=2.0,
        checks=(Check(CYCLE, of_search(listed())),),
    )


SEQUENCES = (
    Sequence(
        id="rfc.type.custom",
        title="Create, read, list, change and remove a resource of another type",
        source="RFC 7643 sections 3.1 and 3.3",
        needs=("type:other",),
        each="other-types",
        steps=(
            Step(
                id="create",
                request="rfc/resource-create-as-is.http",
                creates="resource",
                checks=(Check(CYCLE, created(), gate=True),),
            ),
            Step(
                id="read",
                request="rfc/resource-get.http",
                checks=(
                    Check(CYCLE, itself_as_sent, gate=True),
                    Check("rfc7643-3.1-common", common),
                ),
            ),
            _searched("list", "{{!listed}}", pages=True),
            _searched("filter", "{{!named}}", pages=False),
            Step(
                id="put",
                request="rfc/resource-put-as-is.http",
                blanks={"body": "{{!other}}"},
                independent=True,
                checks=(Check(CYCLE, answers(200, 204)),),
            ),
            Step(
                id="patch",
                request="rfc/resource-patch.http",
                needs=("patch",),
                independent=True,
                checks=(Check(CYCLE, answers(200, 204)),),
            ),
            Step(
                id="changed",
                request="rfc/resource-get.http",
                independent=True,
                checks=(Check(CYCLE, renamed),),
            ),
            Step(
                id="delete",
                request="rfc/resource-delete.http",
                independent=True,
                checks=(Check(CYCLE, answers(204)),),
            ),
            Step(
                id="gone",
                request="rfc/resource-get.http",
                independent=True,
                checks=(Check(CYCLE, not_found(understood=())),),
            ),
        ),
    ),
)

EXPANSIONS = {
    "other-types": Expansion(
        cases=each_other,
        blanks=frozenset({"endpoint", "body", "other", "listed", "named", "operations"}),
    )
}
