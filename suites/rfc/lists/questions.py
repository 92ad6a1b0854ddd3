"""Questions about searches: whom of ours an answer has, and whether a target keeps what is searched for."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from scimproof.catalog.request_template import filled
from scimproof.checks.attributes import show
from scimproof.checks.schema_equality import equal, nothing
from scimproof.core.context import ExecutionContext
from scimproof.core.definitions import Ask
from scimproof.core.discovery import COMMON
from scimproof.core.http_message import Exchange, Json
from scimproof.core.results import CheckResult, broken, cannot_tell, declined, does_not_apply, grave, held
from scimproof.core.scim import LIST_RESPONSE, id_of, resources, value_at

from ..asks import at, ours
from ..population import ABSENT, BODIES, PEOPLE, limits

CLEAN = (400, 403, 501)  # how something optional is declined
NAMED = ("title", "userType", "nickName", "integer", "decimal")  # for which another attribute may stand


def found(scene: ExecutionContext, exchange: Exchange) -> list[str]:
    """The names of our people and groups in a list, in its order; the id of somebody else of the run."""
    names = {value: name.removesuffix(".id") for name, value in scene.blanks.items() if name.endswith(".id")}
    return [names.get(id_of(row), id_of(row)) for row in ours(scene, exchange)]


def path_of(scene: ExecutionContext, trait: str) -> str:
    """The path of an attribute of the shared people at this target."""
    return scene.blanks.get(trait, trait) if trait in NAMED else trait


def sent_of(scene: ExecutionContext, name: str) -> Json:
    """The body with which that one of the shared people was created."""
    return json.loads(filled(BODIES[name], scene.blanks))


def shown_of(scene: ExecutionContext, name: str) -> Json:
    """What a read showed of that one; None where it showed nothing."""
    return json.loads(scene.blanks.get(f"{name}.shown", "null"))


def unkept(
    scene: ExecutionContext, keeps: Iterable[str] = (), lacks: Iterable[str] = ()
) -> CheckResult | None:
    """Why a search by these attributes tells nothing: not kept, or filled by the target itself."""
    for trait, fills in [(one, False) for one in keeps] + [(one, True) for one in lacks]:
        path = path_of(scene, trait)
        if path.startswith(ABSENT):
            kind = f"{trait} attribute" if trait in ("integer", "decimal") else trait
            return does_not_apply(f"the schema of users has no {kind}, and nothing that can stand for it")
        if not _in_schema(scene, path):
            return does_not_apply(f"the schema of users has no {path}")
        for name in PEOPLE:
            shown = shown_of(scene, name)
            sent, now = _value(sent_of(scene, name), path), _value(shown, path)
            if shown is None or nothing(sent) != fills:
                continue
            if fills and not nothing(now):
                return does_not_apply(f"the target gives {path} a value by itself: {show(now)}")
            if not fills and not _same(scene, path, sent, now):
                told = f"{path} of a user was sent as {show(sent)}, and shown as {show(now)}"
                return cannot_tell("values that were kept", f"not kept, so not to be searched for: {told}")
    return None


def _in_schema(scene: ExecutionContext, path: str) -> bool:
    """Whether users have that attribute, as far as the target says which they have."""
    if scene.discovery is None or path.partition(".")[0] in COMMON or path.startswith("urn:"):
        return True
    return scene.discovery.attribute(scene.discovery.user, path) is not None


def _same(scene: ExecutionContext, path: str, sent: Json, now: Json) -> bool:
    known = scene.discovery
    return equal(sent, now, known.attribute(known.user, path) if known else None)


def _value(body: Json, path: str) -> Json:
    """The value at a path, also where it stands under that very name; of a list those of its elements."""
    whole = value_at(body, path.partition(".")[0])
    if isinstance(whole, list) and "." in path:
        return [found for one in whole if not nothing(found := value_at(one, path.partition(".")[2]))]
    return body[path] if isinstance(body, dict) and path in body else at(body, path)


def values_at(body: Json, path: str) -> list[Json]:
    """The values at a path: of a list each, else the one; none where there is no value."""
    value = _value(body, path)
    return [] if nothing(value) else value if isinstance(value, list) else [value]


@dataclass(frozen=True, kw_only=True)
class Answered:
    """A question whether an answer has exactly these of ours; how a refusal, and nobody, are taken.

    `refusal` is "broken", "declined", "held" or "skipped". Finding `nobody` may be "right" or "mild" (a
    warning at most) beside them. `exact` is an attribute: where letter case counts in it nobody is to be
    found. The filter is `limited` to the six by an operator that may be declined.
    """

    names: tuple[str, ...]
    refusal: str = "broken"
    nobody: str = ""
    keeps: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    exact: str = ""
    limited: bool = False

    def __call__(self, scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        """What the answer says."""
        if why := unkept(scene, self.keeps, self.lacks):
            return why
        wanted = () if self._is_exact(scene, exchange) else self.names
        expected = f"{', '.join(wanted) or 'nobody'} of ours"
        if exchange.status in CLEAN and not exchange.error:
            return self._refused(expected, scene, exchange)
        if not exchange.ok:
            return grave(expected, exchange.summary())
        if not is_list(exchange.json):
            return grave(expected, f"no list: {exchange.summary()}")
        names = found(scene, exchange)
        told = told_of(names)
        if sorted(names) == sorted(wanted) or (self.nobody == "right" and not names):
            return held(expected, told)
        return (declined if self.nobody == "mild" and not names else grave)(expected, told)

    def _refused(self, expected: str, scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        if self.refusal == "skipped":
            return does_not_apply(f"declined: {exchange.summary()}")
        if self.refusal == "broken" and self.limited and not limits(scene):
            return declined(expected, f"{exchange.summary()}; so is sw alone, which it is limited by")
        taken = {"broken": broken, "declined": declined, "held": held}[self.refusal]
        return taken(expected + (", or a refusal" if self.refusal == "held" else ""), exchange.summary())

    def _is_exact(self, scene: ExecutionContext, exchange: Exchange) -> bool:
        known = scene.discovery
        if not self.exact or known is None:
            return False
        groups = "/Groups" in exchange.request.target and known.group
        one = known.attribute(known.group if groups and known.group else known.user, self.exact)
        return one is not None and one.case_exact


def told_of(names: Iterable[str]) -> str:
    """The names in order for a report, the first of many."""
    some = sorted(names)
    more = f" and {len(some) - 8} more" if len(some) > 8 else ""
    return ", ".join(some[:8]) + more or "nobody"


def is_list(body: Json) -> bool:
    """Whether that is a list answer, as far as can be told."""
    schemas = value_at(body, "schemas")
    named = isinstance(schemas, list) and LIST_RESPONSE in schemas
    return (
        named or isinstance(value_at(body, "Resources"), list) or value_at(body, "totalResults") is not None
    )


def hides_total(scene: ExecutionContext, body: Json) -> bool:
    """Whether a list leaves totalResults out, as it may where pages go by cursor (RFC 9865)."""
    by_cursor = scene.discovery is not None and scene.discovery.state("pagination.cursor") is True
    return by_cursor and value_at(body, "totalResults") is None


def no_match() -> Ask:
    """200 with totalResults 0 and without resources."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        expected = "200, totalResults 0, no resources"
        if exchange.status != 200:
            return grave(expected, exchange.summary())
        total, rows = value_at(exchange.json, "totalResults"), resources(exchange.json)
        told = f"totalResults {show(total)}, {len(rows)} resources"
        told_none = str(total) == "0" or hides_total(scene, exchange.json)
        right = is_list(exchange.json) and not rows and told_none
        return held(expected, told) if right else broken(expected, told)

    return ask


def not_understood(*, nobody: str = "", everyone: str = "") -> Ask:
    """The filter is refused with 400; another clean refusal is a warning at most.

    Where `nobody` or `everyone` is "mild", such an answer is a warning at most too.
    """

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        expected = "a refusal with 400"
        if exchange.status == 400:
            return held(expected, exchange.summary())
        if exchange.error or (exchange.status >= 500 and exchange.status != 501):
            return grave(expected, exchange.summary())
        if not exchange.ok:
            return declined(expected, exchange.summary())
        names = found(scene, exchange)
        told = f"{exchange.status}, {len(resources(exchange.json))} resources, of ours {told_of(names)}"
        mild = everyone == "mild" or (nobody == "mild" and not names)
        return (declined if mild else grave)(expected, told)

    return ask


def no_trouble(names: tuple[str, ...]) -> Ask:
    """Any refusal of the client's (4xx), or the right answer; no server error."""
    right = Answered(names=names)

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        if 400 <= exchange.status < 500:
            return held("an answer or a refusal, no server error", exchange.summary())
        return right(scene, exchange)

    return ask


def concluded(step: str) -> Ask:
    """What the dialogue of that step has found."""
    return lambda scene, _: scene.concluded[step]


def page_of(*, start: int, count: int, total: int) -> Ask:
    """A page of the six that begins at `start`, of at most `count`; the counters are of what matches."""

    def ask(scene: ExecutionContext, exchange: Exchange) -> CheckResult:
        expected = f"totalResults {total}, startIndex {start}, 1 to {count} of ours"
        if not exchange.ok:
            return grave(expected, exchange.summary())
        names, rows = found(scene, exchange), resources(exchange.json)
        counters = {name: value_at(exchange.json, name) for name in ("totalResults", "startIndex")}
        told = f"{show(counters)}, {len(rows)} resources, of ours {told_of(names)}"
        right = str(counters["totalResults"]) == str(total) and str(counters["startIndex"]) in (
            str(start),
            "None",
        )
        right = right and 1 <= len(rows) <= count and len(names) == len(rows) and set(names) <= set(PEOPLE)
        return held(expected, told) if right else grave(expected, told)

    return ask
