"""Creates that lack what the schema requires: left out, empty, null."""

from __future__ import annotations

from collections.abc import Iterator

from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Case, Check, Expansion, Sequence, Step
from scimproof.core.discovery import Attribute, Discovery, ResourceType
from scimproof.core.http_message import Exchange, Json
from scimproof.core.results import CheckResult, declined, does_not_apply

from ..asks import refused, word, writable
from .bodies import PREFIX, body_for, case_for, kind_of, name_of, playable

STEPS = ("absent", "empty", "null", "extension")
USER_NAME = "User:userName"
ELSEWHERE = f"asked with {USER_NAME}"


def required_attributes(discovery: Discovery) -> Iterator[tuple[ResourceType, Attribute]]:
    """Each required attribute of each type that a client gives; userName whatever its schema says."""
    for type in playable(discovery):
        for one in discovery.schema(type.schema):
            user_name = kind_of(type) == "User" and one.name.lower() == "username"
            if (one.required or user_name) and one.mutability != "readOnly":
                yield type, one


def each_required(discovery: Discovery) -> list[Case] | str:
    """A case for each required attribute: three bodies, and for users one without a required extension."""
    found = [
        _case(discovery, type, one, place) for place, (type, one) in enumerate(required_attributes(discovery))
    ]
    return found or "no attribute is required"


def _case(discovery: Discovery, type: ResourceType, one: Attribute, place: int) -> Case:
    key, without = f"{kind_of(type)}:{one.name}", dict[str, str]()
    whole = body_for(type, discovery, f"missing{place}", _beside(type, one, discovery))
    if isinstance(whole, str):
        return case_for(type, discovery, STEPS, whole, key=key)
    without["extension"] = "" if key == USER_NAME else ELSEWHERE
    if one.type != "string" and not one.multi_valued:
        without["empty"] = f"{one.name} is no text and no list, and cannot be empty"
    rest = {name: value for name, value in whole.items() if name.lower() != one.name.lower()}
    extended = {name: value for name, value in whole.items() if name not in type.required}
    extended["schemas"] = [urn for urn in whole["schemas"] if urn not in type.required]
    bodies: dict[str, Json] = {
        "absent": rest,
        "empty": {**rest, one.name: [] if one.multi_valued else ""},
        "null": {**rest, one.name: None},
        "bare": extended,
    }
    return case_for(type, discovery, STEPS, bodies, key=key, without={k: v for k, v in without.items() if v})


def _beside(type: ResourceType, one: Attribute, discovery: Discovery) -> dict[str, Json]:
    """Another text with the run's prefix, so that what a wrong server makes can be found and removed."""
    mark = f"{PREFIX}.missing nobody"
    if kind_of(type) == "User":
        return {"displayName": mark}
    name = name_of(type, discovery)
    others = discovery.schema(type.schema) if name and name.name == one.name else ()
    free = (
        other for other in others
        if other.type == "string" and not other.multi_valued and not other.canonical
        and other.mutability == "readWrite" and other.name != one.name
    )  # fmt: skip
    return {other.name: mark for other in list(free)[:1]} or {"externalId": mark}


def kind_of_error(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """A 400 names invalidValue, or invalidSyntax."""
    if exchange.status != 400:
        return does_not_apply(f"it was not answered 400: {exchange.status}")
    return word("invalidValue", "invalidSyntax")(scene, exchange)


def not_empty(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """An empty text is refused: the RFC says so of userName; of another attribute it is a warning."""
    judged = refused(400)(scene, exchange)
    sent = exchange.request.json
    texts = [name for name, value in sent.items() if value == ""] if isinstance(sent, dict) else []
    mild = exchange.ok and texts and "username" not in (name.lower() for name in texts)
    return declined(judged.expected, judged.observed) if mild else judged


def _without(id: str) -> Step:
    return Step(
        id=id,
        request="rfc/resource-create-as-is.http",
        creates=id,
        blanks={"body": "{{!" + id + "}}"},
        independent=True,
        checks=(
            Check("rfc7643-4.1.1-required", writable(not_empty)),
            Check("rfc7644-3.12-invalid-value", kind_of_error),
        ),
    )


SEQUENCES = (
    Sequence(
        id="rfc.create.missing",
        title="Create without a required attribute",
        source="RFC 7643 sections 2.2 and 4.1.1",
        each="required-attributes",
        steps=(
            _without("absent"),
            _without("empty"),
            _without("null"),
            Step(
                id="extension",
                request="rfc/resource-create-as-is.http",
                creates="extended",
                blanks={"body": "{{!bare}}"},
                needs=("extension:required",),
                independent=True,
                checks=(Check("rfc7643-6-required-extension", refused(400)),),
            ),
        ),
    ),
)

EXPANSIONS = {
    "required-attributes": Expansion(
        cases=each_required, blanks=frozenset({"endpoint", "absent", "empty", "null", "bare"})
    )
}
