"""Creates whose body is not what it should be; none of them may make anybody."""

from __future__ import annotations

import json
from collections.abc import Mapping

from scimproof.checks.attributes import show
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Case, Check, Expansion, Sequence, Step
from scimproof.core.discovery import Discovery
from scimproof.core.http_message import Exchange, Json
from scimproof.core.results import CheckResult, broken, does_not_apply, grave, held
from scimproof.core.scim import value_at

from ..asks import ours, refused, word
from ..people import user_body
from .answers import of_search
from .bodies import PREFIX, body_for

# Bodies that are no JSON object, by the step that sends them.
NO_OBJECT = {"open": "{", "list": "[]", "null": "null", "nothing": "", "text": "hello"}
STRANGE = "urn:ietf:params:scim:schemas:core:2.0:Spaceship"
WRONG: dict[str, Json] = {"name": "x", "emails": "x", "active": "maybe"}
TAG = "broken"  # of all who are sent here, so that one search finds them


def no_object(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """400; 415 to no body at all is understood."""
    return refused(400, understood=() if exchange.request.body else (411, 415, 422))(scene, exchange)


def invalid_syntax(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """A 400 names invalidSyntax."""
    if exchange.status != 400:
        return does_not_apply(f"it was not answered 400: {exchange.status}")
    return word("invalidSyntax")(scene, exchange)


def other_media_type(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    """Tells what becomes of a body of another media type."""
    expected = "415, or 400"
    if exchange.status in (400, 415):
        return held(expected, str(exchange.status))
    return broken(expected, exchange.summary())


def each_wrong(discovery: Discovery) -> list[Case] | str:
    """A body for each of the three attributes that users have, with a value of another JSON type."""
    found = []
    for place, (name, value) in enumerate(WRONG.items()):
        body = body_for(discovery.user, discovery, f"{TAG}{place}x")
        if isinstance(body, dict) and discovery.attribute(discovery.user, name):
            wrong = {**body, name: value}
            found.append(Case(key=name, blanks={"body": json.dumps(wrong)}))
    return found or "users have neither name nor emails nor active"


def wrong_types(scene: ExecutionContext, _: Exchange) -> CheckResult:
    """Each value of the wrong type is refused with 400; one that is stored in some form is worse."""
    expected = "400 to each of " + ", ".join(f"{name} {show(value)}" for name, value in WRONG.items())
    told, worst = [], False
    for seen in scene.exchanges["wrong-type"]:
        body = seen.request.json
        name = next(one for one in WRONG if isinstance(body, Mapping) and body.get(one) == WRONG[one])
        if seen.status == 400 and not seen.error:
            continue
        stored = seen.ok and _holds(value_at(seen.json, name), WRONG[name])
        worst = worst or stored or bool(seen.error) or seen.status >= 500
        told.append(f"{name} {show(WRONG[name])}: {seen.summary()}")
    if not told:
        return held(expected)
    return (grave if worst else broken)(expected, "; ".join(told))


def _holds(found: Json, wrong: Json) -> bool:
    """Whether the wrong value is there in some form; what a server fills in is true, not false."""
    if isinstance(found, list | Mapping):
        return any(_holds(one, wrong) for one in (found.values() if isinstance(found, Mapping) else found))
    return found == wrong or found is False


def nobody_made(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """None of those whose create was answered with an error is found."""
    expected = "none of those whose create was refused"
    refused_ones = {
        str(value_at(seen.request.json, "userName")).casefold(): step
        for step, some in scene.exchanges.items()
        for seen in some
        if seen.request.method == "POST" and not seen.ok
    }
    names = [str(value_at(row, "userName")) for row in ours(scene, exchange)]
    made = [f"{name} of {refused_ones[name.casefold()]}" for name in names if name.casefold() in refused_ones]
    return grave(expected, ", ".join(made)) if made else held(expected)


def without_schemas(scene: ExecutionContext) -> Json:
    """A user's body without schemas."""
    return {key: value for key, value in user_body(scene).items() if key != "schemas"}


def strange_schema(scene: ExecutionContext) -> Json:
    """A user's body whose schemas names one more that users do not have."""
    body = user_body(scene)
    return {**body, "schemas": [*body["schemas"], STRANGE]}


def _named(place: int) -> str:
    """The body of a user who is found by the search for all of them; the target's schemas add the rest."""
    name = f"{PREFIX}.{TAG}{place}y.user{place}@example.com"
    return json.dumps({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name})


def _no_object(id: str, body: str) -> Step:
    return Step(
        id=id,
        request="rfc/user-create-as-is.http",
        creates=id,
        blanks={"body": body},
        independent=True,
        checks=(
            Check("rfc7644-3.12-bad-request", no_object),
            Check("rfc7644-3.12-invalid-syntax", invalid_syntax),
        ),
    )


def _refused(id: str, request: str, place: int, check: Check, **blanks: str) -> Step:
    return Step(
        id=id,
        request=f"rfc/{request}.http",
        creates=id,
        blanks={"body": _named(place), **blanks},
        independent=True,
        checks=(check,),
    )


NEEDS_SCHEMAS = Check("rfc7643-3-schemas-needed", refused(400, harmful=False))
NO_STRANGERS = Check("rfc7643-3-schemas-strange", refused(400, harmful=False))
NO_TEXT = Check("rfc9110-15.5.16-media-type", other_media_type)

SEQUENCES = (
    Sequence(
        id="rfc.create.broken",
        title="Create with a body that is malformed",
        source="RFC 7644 section 3.12",
        needs=("type:User",),
        steps=(
            *(_no_object(id, body) for id, body in NO_OBJECT.items()),
            _refused("no-schemas", "user-create-no-schemas", 0, NEEDS_SCHEMAS),
            _refused("strange-schema", "user-create-strange-schema", 1, NO_STRANGERS),
            Step(
                id="wrong-type",
                request="rfc/user-create-as-is.http",
                creates="wrong",
                each="wrong-types",
                independent=True,
                checks=(Check("rfc7644-3.12-wrong-type", wrong_types),),
            ),
            _refused("not-json", "user-create-labelled", 2, NO_TEXT, label="text/plain"),
            Step(
                id="nobody",
                request="rfc/users-filter.http",
                blanks={"filter": f'userName sw "{PREFIX}.{TAG}"'},
                pages="follow",
                needs=("filter",),
                independent=True,
                checks=(Check("rfc7644-3.12-nobody-made", of_search(nobody_made)),),
            ),
        ),
    ),
)

EXPANSIONS = {"wrong-types": Expansion(cases=each_wrong, blanks=frozenset({"body"}))}
RULES = {"rfc-user-no-schemas": without_schemas, "rfc-user-strange-schema": strange_schema}
