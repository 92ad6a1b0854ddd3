"""Projections: attributes and excludedAttributes, for one resource, for lists, and for answers to writes."""

from __future__ import annotations

import json
from collections.abc import Iterable

from scimproof.checks.schema_equality import changed, nothing, only
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Ask, Check, Sequence, Step
from scimproof.core.http_message import Exchange, Json
from scimproof.core.results import CheckResult, broken, cannot_tell, declined, does_not_apply, grave, held
from scimproof.core.scim import CORE_USER, ENTERPRISE_USER, value_at

from ..asks import at, is_error, ours, shows
from ..people import USER, create_user
from ..population import OWN, POPULATION
from .questions import CLEAN, found, is_list, shown_of

SECTION = "rfc7644-3.9-"
DEPARTMENT = f"{ENTERPRISE_USER}:department"
ANNA, BOB = "anna", "Bob"


def always(scene: ExecutionContext, paths: Iterable[str] = ()) -> set[str]:
    """In small letters: id and schemas, what is always returned by the schemas, and these paths."""
    known = scene.discovery
    some = known.attributes(known.user) if known else ()
    return {
        "id",
        "schemas",
        *(one.path.lower() for one in some if one.returned == "always"),
        *map(str.lower, paths),
    }


def leaves(row: Json, before: str = "") -> Iterable[str]:
    """The paths of what has a value, in small letters; of an extension behind its URN."""
    for key, value in row.items() if isinstance(row, dict) else ():
        path = f"{before}{key.lower()}"
        if nothing(value):
            continue
        if path.startswith("urn:") and isinstance(value, dict) and not before:
            yield from leaves(value, f"{path}:")
        elif isinstance(value, dict):
            yield from leaves(value, f"{path}.")
        else:
            yield path


def beyond(row: Json, allowed: set[str]) -> tuple[list[str], list[str]]:
    """What a resource shows beside the allowed paths: the grave, and what is a warning at most.

    meta, but for its location alone, is a warning, and so is userName, which a schema may require.
    """
    more = [path for path in leaves(row) if not any(_within(path, one) for one in allowed)]
    mild = [path for path in more if path == "username" or path.startswith("meta.")]
    return [path for path in more if path not in mild], [path for path in mild if path != "meta.location"]


def _within(path: str, one: str) -> bool:
    return path == one or path.startswith((f"{one}.", f"{one}:"))


def judged(scene: ExecutionContext, row: Json, before: Json, wanted: tuple[str, ...]) -> CheckResult:
    """Whether a resource has what was asked for, what is always returned, and no more."""
    expected = f"id, {', '.join(wanted) or 'nothing else'}, and what is always returned"
    shown = ", ".join(sorted(leaves(row)))
    told = shown if len(shown) < 160 else f"{shown[:160]}…"
    if nothing(value_at(row, "id")):
        return broken(expected, f"no id: {told}")
    lost = [path for path in wanted if nothing(at(row, path)) and not nothing(at(before, path))]
    if lost:
        return broken(expected, f"no {', '.join(lost)}: {told}")
    wrong, mild = beyond(row, always(scene, wanted))
    if wrong:
        return broken(expected, f"{', '.join(wrong[:4])} too: {told}")
    if mild or nothing(value_at(row, "schemas")):
        return declined(expected, told)
    return held(expected, told)


def shows_only(*wanted: str, who: str = ANNA, refusal: str = "broken") -> Ask:
    """The one resource, projected; `who` is the one of the six that is read."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        if exchange.status in CLEAN and refusal == "declined":
            return declined("a projection", exchange.summary())
        if not exchange.ok or not isinstance(exchange.json, dict):
            return broken("the resource, projected", exchange.summary())
        return judged(scene, exchange.json, shown_of(scene, who), wanted)

    return ask


def each_shows_only(*wanted: str) -> Ask:
    """Each of ours in the list, projected."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        if exchange.status in CLEAN:
            return declined("a list, projected", exchange.summary())
        if not exchange.ok or not is_list(exchange.json):
            return broken("a list, projected", exchange.summary())
        rows = list(zip(found(scene, exchange), ours(scene, exchange), strict=True))
        if not rows:
            return cannot_tell("a list, projected", "none of ours is in it")
        results = [judged(scene, row, shown_of(scene, name), wanted) for name, row in rows]
        return next((one for one in results if not one.held), results[0])

    return ask


def lacks(*named: str, who: str = ANNA) -> Ask:
    """The one resource without what is named, and with all else that a read shows."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        if not exchange.ok or not isinstance(exchange.json, dict):
            return broken(f"no {', '.join(named)}", exchange.summary())
        return left_out(scene, exchange.json, shown_of(scene, who), named)

    return ask


def each_lacks(*named: str) -> Ask:
    """Each of ours in the list without what is named."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        if exchange.status in CLEAN:
            return declined(f"no {', '.join(named)}", exchange.summary())
        if not exchange.ok or not is_list(exchange.json):
            return broken(f"no {', '.join(named)}", exchange.summary())
        rows = list(zip(found(scene, exchange), ours(scene, exchange), strict=True))
        if not rows:
            return cannot_tell(f"no {', '.join(named)}", "none of ours is in the list")
        results = [left_out(scene, row, shown_of(scene, name), named) for name, row in rows]
        return next((one for one in results if not one.held), results[0])

    return ask


def left_out(scene: ExecutionContext, row: Json, before: Json, named: tuple[str, ...]) -> CheckResult:
    """Whether a resource lacks what is named, and nothing else that it had."""
    expected = f"all that a read shows but {', '.join(named)}"
    if still := [path for path in named if not nothing(at(row, path))]:
        return broken(expected, f"{', '.join(still)} shown")
    known = scene.discovery
    if before is None:
        return held(expected, "without them")
    paths = only(list(changed(before, row, known, known.user if known else None)), named)
    return broken(expected, f"{', '.join(paths[:4])} not as a read shows it") if paths else held(expected)


def _still_there(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """What is always returned stays, whatever is to be left out."""
    before = shown_of(scene, ANNA)
    kept = sorted(path for path in always(scene) if path != "schemas" and not nothing(at(before, path)))
    expected = f"{', '.join(['id', *(path for path in kept if path != 'id')])} all the same"
    if not exchange.ok or not isinstance(exchange.json, dict):
        return broken(expected, exchange.summary())
    gone = [path for path in kept if nothing(at(exchange.json, path))]
    if gone:
        return broken(expected, f"without {', '.join(gone)}")
    without = nothing(value_at(exchange.json, "schemas"))
    return declined(f"{expected}, and schemas", "without schemas") if without else held(expected)


def _of_extension(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """One attribute of an extension, in its container; the whole extension is a warning."""
    before, expected = shown_of(scene, BOB), f"{DEPARTMENT}, in its container"
    if nothing(at(before, DEPARTMENT)):
        return does_not_apply("the department was not kept")
    if exchange.status in CLEAN:
        return declined(expected, exchange.summary())
    if not exchange.ok or not isinstance(exchange.json, dict):
        return broken(expected, exchange.summary())
    if not isinstance(at(exchange.json, ENTERPRISE_USER), dict):
        return broken(expected, "no container of the extension")
    siblings = [path for path in beyond(exchange.json, always(scene, [DEPARTMENT]))[0] if _of(path)]
    if siblings:
        return declined(expected, f"{', '.join(siblings)} too")
    return judged(scene, exchange.json, before, (DEPARTMENT,))


def _of(path: str) -> bool:
    return path.startswith(f"{ENTERPRISE_USER.lower()}:")


def _both(_: ExecutionContext, exchange: Exchange) -> CheckResult:
    expected = "a refusal, or one of the two obeyed"
    if exchange.error or exchange.status >= 500:
        return grave(expected, exchange.summary())
    shown = sorted(leaves(exchange.json)) if exchange.ok else []
    return held(expected, f"{exchange.status}: {', '.join(shown)[:160]}")


def _written(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    """The answer to a write, projected; one without a body shows no more either."""
    if exchange.ok and not exchange.body:
        return does_not_apply(f"an answer without a body: {exchange.status}")
    if not exchange.ok or not isinstance(exchange.json, dict):
        return broken("the resource, projected", exchange.summary())
    return judged(scene, exchange.json, {"userName": "sent"}, ("userName",))


def _with_resource(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
    if exchange.status in (400, 501) and is_error(exchange.json):
        return does_not_apply(f"the PATCH was refused: {exchange.summary()}")
    shown = exchange.json if isinstance(exchange.json, dict) else {}
    right = exchange.status == 200 and value_at(shown, "id") == scene.blanks["user.id"]
    return (held if right else broken)("200 with the resource", exchange.summary())


def read(
    id: str, query: str, requirement: str, ask: Ask, who: str = ANNA, needs: tuple[str, ...] = ()
) -> Step:
    """A read of one of the six with a projection."""
    return Step(
        id=id,
        request="rfc/user-get-query.http",
        cast={"user": who},
        blanks={"query": query},
        independent=True,
        needs=needs,
        checks=(Check(requirement, ask),),
    )


def listed(id: str, query: str, requirement: str, ask: Ask) -> Step:
    """A list of the six with a projection."""
    return Step(
        id=id,
        request="rfc/users-query.http",
        blanks={"query": "filter={{%own}}&" + query, "own": OWN},
        pages="follow",
        independent=True,
        needs=("filter",),
        checks=(Check(requirement, ask),),
    )


def write(id: str, request: str, *checks: Check, needs: tuple[str, ...] = (), **blanks: str) -> Step:
    """A write whose answer is projected."""
    return Step(
        id=id,
        request=request,
        blanks={"query": "attributes=userName", **blanks},
        independent=True,
        needs=needs,
        creates="posted" if id == "post" else "",
        checks=checks,
    )


_CREW = 'displayName eq "{{prefix}}.people crew"'
_POSTED = json.dumps({**json.loads(USER), "userName": "{{prefix}}.projected.post@example.com"})
_CHANGE = '[{"op":"replace","path":"displayName","value":"{{prefix}} D2"}]'
_WRITES = Check(f"{SECTION}writes", _written)

SEQUENCES = (
    Sequence(
        id="rfc.projection.attributes",
        title="Ask for some attributes only",
        source="RFC 7644 section 3.9",
        shares=POPULATION,
        people={"user": "plain"},
        steps=(
            read("one", "attributes=userName", f"{SECTION}minimum", shows_only("userName")),
            read(
                "other",
                "attributes=displayName",
                f"{SECTION}overrides",
                shows_only("displayName"),
                needs=("attr:displayName",),
            ),
            read(
                "several",
                "attributes=userName,displayName",
                f"{SECTION}comma",
                shows_only("userName", "displayName"),
                needs=("attr:displayName",),
            ),
            read(
                "sub",
                "attributes=name.familyName",
                f"{SECTION}sub-attribute",
                shows_only("name.familyName"),
                needs=("attr:name.familyName",),
            ),
            read(
                "case", "attributes=USERNAME", f"{SECTION}names", shows_only("userName", refusal="declined")
            ),
            read(
                "urn",
                f"attributes={CORE_USER}:userName",
                f"{SECTION}names",
                shows_only("userName", refusal="declined"),
            ),
            read(
                "unknown", "attributes=noSuchAttribute", f"{SECTION}unknown", shows_only(refusal="declined")
            ),
            listed("list", "attributes=userName", f"{SECTION}list", each_shows_only("userName")),
            read(
                "extension",
                f"attributes={DEPARTMENT}",
                f"{SECTION}extension",
                _of_extension,
                BOB,
                ("extension:enterprise", f"attr:{DEPARTMENT}"),
            ),
            write("post", "rfc/user-create-query.http", _WRITES, body=_POSTED),
            create_user(),
            write("put", "rfc/user-put-query.http", _WRITES, body=USER),
            write(
                "patch",
                "rfc/user-patch-query.http",
                _WRITES,
                Check("rfc7644-3.5.2-attributes-200", _with_resource),
                needs=("patch", "attr:displayName"),
                operations=_CHANGE,
            ),
            # A projection is of the answer: the write itself is whole.
            Step(
                id="read",
                request="rfc/user-get.http",
                independent=True,
                checks=(Check("rfc7644-3.1-write-shows-stored", shows({"userName": "{{user.userName}}"})),),
            ),
        ),
    ),
    Sequence(
        id="rfc.projection.excluded",
        title="Leave some attributes out",
        source="RFC 7644 section 3.9",
        shares=POPULATION,
        steps=(
            read("one", "excludedAttributes=name,emails", f"{SECTION}excluded", lacks("name", "emails")),
            read(
                "always",
                "excludedAttributes=id,schemas,userName",
                "rfc7644-3.4.2.5-always",
                _still_there,
            ),
            read(
                "sub",
                "excludedAttributes=name.familyName",
                f"{SECTION}excluded-list",
                lacks("name.familyName"),
                needs=("attr:name.familyName",),
            ),
            listed("list", "excludedAttributes=name", f"{SECTION}excluded-list", each_lacks("name")),
            Step(
                id="groups",
                request="rfc/groups-query.http",
                blanks={"query": "filter={{%crew}}&excludedAttributes=members", "crew": _CREW},
                pages="follow",
                independent=True,
                needs=("type:Group", "filter"),
                checks=(Check(f"{SECTION}excluded-list", each_lacks("members")),),
            ),
            Step(
                id="group",
                request="rfc/group-get-query.http",
                cast={"group": "crew"},
                blanks={"query": "excludedAttributes=members"},
                independent=True,
                needs=("type:Group",),
                checks=(Check(f"{SECTION}excluded-list", lacks("members", who="crew")),),
            ),
            read("both", "attributes=userName&excludedAttributes=emails", f"{SECTION}both", _both),
        ),
    ),
)
